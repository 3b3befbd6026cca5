"""Text into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

FENCE = re.compile(r"(?ms)^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)")
BULLET = re.compile(r"[ \t]*(?:[-*+•‣◦–—][ \t]+|\(?\d{1,3}[.)][ \t]+|#{1,6}[ \t]+|\[[ xX]\][ \t]+)")
EMOJI = r"[\u2600-\u27bf\U0001f000-\U0001faff]"
# Where a sentence may end: marks with their closing quotes before a space, marks of scripts that
# write no space, and emoji before a capital letter.
END = re.compile(
    r"(?P<marks>[.!?…]+)[\"'”’)\]]*(?:\s*" + EMOJI + r"[\ufe0f\u200d]*)*(?=\s)"
    r"|[。！？｡]+[」』”]*|[।؟۔]+(?=\s)"
    r"|" + EMOJI + r"[\ufe0f\u200d]*(?=\s+[A-Z])"
)
TITLES = frozenset(
    "mr mrs ms dr prof rev hon sr jr st mt ft gen col sgt capt lt gov sen rep "
    "vs e.g i.e cf approx ca est fig vol ed eds dept univ assn".split()
)
# Abbreviations that also end sentences, or are words: they go on only before what is named here.
BEFORE_NUMBER = frozenset(
    "no nr pp p art sec ch tel jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
BEFORE_LOWER = frozenset("etc inc ltd co corp a.m p.m am pm u.s u.k e.u ph.d b.sc m.sc al".split())
LAST_WORD = re.compile(r"[\w.]*\w\Z")


def split(text: str) -> list[str]:
    """Return the sentences of a text, in order and as they were written.

    Code blocks and quoted lines (">") are left out, marks of lists and headings are taken off.
    A bracketed note such as "[image: a dog]" stays with the sentence before it.
    """
    sentences: list[str] = []
    for paragraph in _paragraphs(text):
        for sentence in _sentences(paragraph):
            if sentences and sentence[0] == "[" and sentence[-1] == "]":
                sentences[-1] += f" {sentence}"
            else:
                sentences.append(sentence)
    return sentences


def _paragraphs(text: str) -> Iterator[str]:
    """Yield lines, those that were only wrapped put together again."""
    if "```" in text or "~~~" in text:
        text = FENCE.sub("\n", text)
    if "\n" not in text and "\r" not in text:
        yield BULLET.sub("", text, count=1)
        return
    held = ""
    for line in text.splitlines():
        stripped = line.strip()
        bullet = BULLET.match(line)
        wrapped = held and not bullet and stripped[:1].islower() and held[-1] not in ".!?:;…"
        if wrapped:
            held += f" {stripped}"
            continue
        if held:
            yield held
        held = "" if stripped.startswith(">") else line[bullet.end() if bullet else 0 :].strip()
    if held:
        yield held


def _sentences(paragraph: str) -> Iterator[str]:
    begin = 0
    for match in END.finditer(paragraph):
        if match["marks"] and not _ends(paragraph, match):
            continue
        if sentence := paragraph[begin : match.end()].strip():
            yield sentence
        begin = match.end()
    if sentence := paragraph[begin:].strip():
        yield sentence


def _ends(text: str, match: re.Match[str]) -> bool:
    marks = match["marks"]
    following = text[match.end() : match.end() + 12].lstrip()[:1]
    if marks in {"...", "…", ".."}:
        return not following.islower()
    if marks != ".":
        return True
    before = LAST_WORD.search(text, max(0, match.start() - 20), match.start())
    word = before.group() if before else ""
    plain = word.lower()
    if plain in TITLES or (len(word) == 1 and word.isupper() and word != "I"):
        return False
    if plain in BEFORE_NUMBER:
        return not following.isdigit()
    if plain in BEFORE_LOWER:
        return not following.islower()
    return True
