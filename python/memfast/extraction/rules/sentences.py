"""Splits text into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from memfast.extraction.rules.pasted import is_pasted, without_blocks
from memfast.extraction.rules.spans import MONTHS, MONTHS_ELSEWHERE
from memfast.extraction.rules.words import lexicon
from memfast.extraction.slices import Slices

BULLET = re.compile(
    r"[ \t]*(?:[-*+\u2022\u2023\u25e6\u2013\u2014][ \t]+|\(?\d{1,3}[.)][ \t]+|#{1,6}[ \t]+"
    r"|\[[ xX]\][ \t]+)"
)
BULLETS = frozenset(" \t-*+\u2022\u2023\u25e6\u2013\u2014(#[") | frozenset(map(str, range(10)))
# A line with a label: "age: 30".
FIELD = re.compile(r"[^\W\d_][\w'/-]*(?: [\w'/-]+){0,3}:[ \t]+\S")
PICTURES = r"\u2600-\u27bf\U0001f000-\U0001faff"
VARIANTS = r"[\ufe0f\u200d]*"
EMOJI = rf"[{PICTURES}]{VARIANTS}"
CLOSING = r"[\"'\u201d\u2019)\]]*"
# Possible ends of a sentence: punctuation with closing quotes before a space, punctuation of
# scripts without spaces, and emoji before a capital letter. The set at the front holds all first
# characters: the engine skips to them.
END = re.compile(
    rf"[.!?\u2026\u3002\uff01\uff1f\uff61\u0964\u061f\u06d4{PICTURES}](?:"
    rf"(?<=[.!?\u2026])(?<![.!?\u2026].)(?P<marks>[.!?\u2026]*){CLOSING}(?:\s*{EMOJI})*(?=\s)"
    r"|(?<=[\u3002\uff01\uff1f\uff61])[\u3002\uff01\uff1f\uff61]*[\u300d\u300f\u201d]*"
    r"|(?<=[\u0964\u061f\u06d4])(?<![\u0964\u061f\u06d4].)[\u0964\u061f\u06d4]*(?=\s)"
    rf"|(?<=[{PICTURES}]){VARIANTS}(?=\s+[A-Z]))"
)
TITLES = lexicon(
    """
    mr mrs ms dr prof rev hon sr jr st mt ft gen col sgt capt lt gov sen rep
    vs e.g i.e cf approx ca est fig vol ed eds dept univ assn
    """
)
# Abbreviations that are also words or can end a sentence: no end only before a number, or before
# a lower-case letter.
BEFORE_NUMBER = lexicon(
    "no nr pp p art sec ch tel jan feb mar apr jun jul aug sep sept oct nov dec"
)
BEFORE_LOWER = lexicon("etc inc ltd co corp am pm ph.d b.sc m.sc al")
ABBREVIATIONS = TITLES | BEFORE_NUMBER | BEFORE_LOWER
# Only these words begin a sentence after an acronym: "at 10 a.m. We", but not "U.S. Army".
ACRONYM = re.compile(r"(?:[a-z]\.)+[a-z]")
OPENS = re.compile(
    r"(?:I|My|We|Our|You|Your|He|His|She|Her|It|They|Their|The|An?|This|That|These|Those|There|Then"
    r"|And|But|So|Also|In|On|At|When|While|After|Before|If|Since|Because|Not|No|Yes|What|How"
    r"|Please|Last|Next|Now)\b"
)
# "am 12. Juli"
OF_MONTH = re.compile(rf"(?:{'|'.join((*MONTHS, *MONTHS_ELSEWHERE))})\b", re.IGNORECASE)
# "bis zum 20. zahlen"
GERMAN_DAY = re.compile(r"(?<![\d.,])\d{1,2}(?:\.\d{1,2})?\Z")
GERMAN_LEAD = re.compile(r"\b(?:(?<!I )(?<!i )am|zum|den|vom|dem|ab|seit) [\d.]+\Z", re.IGNORECASE)
LONGEST_NOTE = 300
# Longest sentence, in characters. Some patterns take quadratic time, so longer sentences are split,
# after a comma or else between words where possible.
LONGEST = 400
SUBJECT = re.compile(r"\b(?:I|[Ww]e) \Z")
LAST_WORD = re.compile(r"[\w.]*\w\Z")


def splitting(text: str) -> Slices[list[tuple[str, int]]]:
    """Return the sentences of a text, in order, with single spaces.

    Code, quoted lines (">") and e-mail headers are dropped; markers of lists and headings are
    removed. A bracketed note such as "[image: a dog]" stays with the sentence before it.

    Returns:
        Each sentence with the number of its list item; 0 outside of lists.
    """
    sentences: list[tuple[str, int]] = []
    held: list[str] = []
    item = 0
    lines = (yield from without_blocks(text)).splitlines()
    for paragraph, number in _paragraphs(lines):
        for sentence in _sentences(paragraph):
            yield
            if held and sentence[0] == "[" and sentence[-1] == "]":
                held.append(sentence)
                continue
            _keep(sentences, held, item)
            held, item = [sentence], number
        yield
    _keep(sentences, held, item)
    return sentences


def _keep(sentences: list[tuple[str, int]], held: Sequence[str], item: int) -> None:
    sentence = held[0] if len(held) == 1 else " ".join(held)
    if len(sentence) > LONGEST:
        sentences += ((piece, item) for piece in _pieces(sentence))
    elif sentence:
        sentences.append((sentence, item))


def line_ends(text: str) -> frozenset[str]:
    """Return the last sentence of each line but the last line."""
    lines = text.splitlines()[:-1]
    return frozenset(sentence for line in lines for sentence in [*_sentences(line)][-1:])


def _pieces(sentence: str) -> Iterator[str]:
    """Yield a sentence, or the parts of one longer than `LONGEST`; no character is lost."""
    begin = 0
    while len(sentence) - begin > LONGEST:
        end = begin + LONGEST
        comma = sentence.rfind(", ", begin + LONGEST // 2, end - 1)
        blank = sentence.rfind(" ", begin + LONGEST // 2, end)
        end = comma + 2 if comma >= 0 else blank + 1 if blank >= 0 else end
        yield sentence[begin:end].rstrip()
        begin = end
    if begin < len(sentence):
        yield sentence[begin:]


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield lines, with wrapped lines joined; empty ones too.

    Each comes with the number of its list item, "- likes tea" or "name: Ana", or 0.
    """
    held: list[str] = []
    items = item = 0
    for line in lines:
        stripped = "" if is_pasted(line) else line.strip()
        bullet = BULLET.match(line) if line[:1] in BULLETS or line[:1] > "\x7f" else None
        opens = not held or bool(item) or held[-1][-1] == ":" or not stripped[:1].islower()
        field = opens and not bullet and ":" in stripped and FIELD.match(stripped) is not None
        continues = stripped[:1].islower() and not (bullet or field)
        if held and continues and held[-1][-1] not in ".!?:;\u2026":
            held.append(stripped)
            continue
        yield " ".join(held), item
        content = stripped and line[bullet.end() if bullet else 0 :].strip()
        held = [content] if content else []
        item = 0
        if held and len(lines) > 1 and (bullet or field):
            items += 1
            item = items
    yield " ".join(held), item


def _sentences(paragraph: str) -> Iterator[str]:
    begin = 0
    last_note = paragraph.rfind("]")
    for match in END.finditer(paragraph):
        if not _ends(paragraph, match):
            continue
        if match.end() <= last_note and _in_note(paragraph, begin, match.end()):
            continue
        if sentence := _single_spaced(paragraph[begin : match.end()]):
            yield sentence
        begin = match.end()
    if sentence := _single_spaced(paragraph[begin:]):
        yield sentence


def _in_note(text: str, begin: int, place: int) -> bool:
    begin = max(begin, place - LONGEST_NOTE)
    return text.rfind("[", begin, place) > text.rfind("]", begin, place)


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def _ends(text: str, match: re.Match[str]) -> bool:
    begin = match.start()
    end = match.end("marks")
    if end < 0:
        # In "I \u2764 NY" the emoji is the verb.
        return not SUBJECT.search(text, max(0, begin - 4), begin)
    marks = text[begin:end]
    if marks == ".":
        first = max(0, begin - 20)
        word = text[first:begin].rpartition(" ")[2]
        if word[:1].isdigit() and _is_german_day(text[first:begin], _behind(text, match)):
            return False
        if len(word) > 1 and word.isalnum() and word.lower() not in ABBREVIATIONS:
            return True
        before = LAST_WORD.search(text, first, begin)
        return not _is_shortened(before.group() if before else "", _behind(text, match))
    if marks in {"...", "\u2026", ".."}:
        return not _behind(text, match)[:1].islower()
    return True


def _is_german_day(before: str, behind: str) -> bool:
    """Return whether a number before a period is the day of a date: "am 20. Mai"."""
    if GERMAN_DAY.search(before) is None:
        return False
    return OF_MONTH.match(behind) is not None or (
        behind[:1].islower() and GERMAN_LEAD.search(before) is not None
    )


def _behind(text: str, match: re.Match[str]) -> str:
    return text[match.end() : match.end() + 12].lstrip()


def _is_shortened(word: str, behind: str) -> bool:
    """Return whether a word is an abbreviation whose period does not end a sentence."""
    plain = word.lower()
    if plain in TITLES or (len(word) == 1 and word.isupper() and word != "I"):
        return True
    if ACRONYM.fullmatch(plain):
        return bool(behind) and OPENS.match(behind) is None
    if plain in BEFORE_NUMBER:
        return behind[:1].isdigit()
    return plain in BEFORE_LOWER and behind[:1].islower()
