"""Where JSON begins and ends in a text that a language model wrote."""

from __future__ import annotations

import re

# Prose has braces and brackets as well ("{name}", "[1]"); what follows the bracket tells.
START = re.compile(
    r"""\{\s*(?:["'“}]|//|/\*|\#|[^\W\d]\w*\s*:)|\[\s*(?:[\[{"'“\]]|//|/\*|\#)""", re.VERBOSE
)
FENCE = re.compile(r"(?:```|~~~)[\w-]*(.*?)(?:```|~~~)", re.DOTALL)
# Tags as different families of models write them, and the channels of one.
_THOUGHTS = r"(?:think(?:ing)?|thoughts?|reasoning|analysis|reflection|scratchpad)"
THINK = re.compile(
    rf"[<\[\u25c1](?:\|begin_of_|\w+:)?{_THOUGHTS}\b[^<>\[\]\u25b7]*[>\]\u25b7]"
    r"|<\|channel\|>analysis",
    re.IGNORECASE,
)
THOUGHT = re.compile(
    rf"[<\[\u25c1](?:/(?:\w+:)?|\|end_of_){_THOUGHTS}\|?[>\]\u25b7]"
    r"|<\|channel\|>final<\|message\|>",
    re.IGNORECASE,
)

# JSON that lies deeper is no reply; the limit also bounds the work on a heap of brackets.
DEEPEST = 32

_TOKEN = re.compile(r"""\\.|[\[\]{}"'“”\#]|//|/\*""", re.DOTALL)
_AFTER_STRING = re.compile(r"""\s*(?:[,:\]})"“\#]|//|/\*|```|\Z)""")
# What stands for ":" and "," on a Chinese keyboard, between two values.
_WIDE = re.compile(r"""(?<=["\]}\d])[\uff1a\uff0c](?=\s*["\[{\dtfn])""")
_NARROW = {"\uff1a": ":", "\uff0c": ","}
_ESCAPE = re.compile(r'\\(["\\/nt])')
_QUOTE = re.compile(r'(?<!\\)"')
_BEFORE_STRING = re.compile(r"[\[{,:(]\s*\Z")
_CLOSES = {"}": "{", "]": "["}
_MARKS = ("\ufeff", "\ufffe", "\u00ef\u00bb\u00bf", "\u00ff\u00fe", "\u00fe\u00ff", "\ufffd\ufffd")
_BLANK = "\u200b\u200c\u200d\u2060\ufeff"


def clean(text: str) -> str:
    """Take byte order marks, and the NULs of UTF-16 that was read as bytes, out of a text."""
    if text.count("\0") * 4 > len(text):
        text = text.replace("\0", "")
    for mark in _MARKS:
        text = text.removeprefix(mark)
    return text.strip().strip(_BLANK).strip()


def closing(text: str, start: int) -> int | None:
    """Return where the bracket at `start` is closed, one past it; None where it is not.

    Brackets that lie more than `DEEPEST` deep count as not closed. Exact for JSON. In what is not,
    a quote inside a string ends it only where something may follow a string, and a bracket also
    closes those inside it that were left open.
    """
    stack: list[str] = []
    place = start
    while token := _TOKEN.search(text, place):
        mark, place = token.group(), token.end()
        if mark in "{[":
            stack.append(mark)
            if len(stack) > DEEPEST:
                return None
        elif mark in _CLOSES:
            _close(stack, _CLOSES[mark])
            if not stack:
                return place
        elif mark in {"//", "#"}:
            place = _past(text, "\n", place)
        elif mark == "/*":
            place = _past(text, "*/", place)
        elif mark in {'"', "“"} or (mark == "'" and _opens(text, token.start())):
            place = string_end(text, place, "”" if mark == "“" else mark)
    return None


def _close(stack: list[str], opened: str) -> None:
    if opened in stack:
        while stack.pop() != opened:
            pass


def _past(text: str, mark: str, place: int) -> int:
    found = text.find(mark, place)
    return len(text) if found < 0 else found + len(mark)


def _opens(text: str, place: int) -> bool:
    return _BEFORE_STRING.search(text[max(0, place - 40) : place]) is not None


def string_end(text: str, place: int, quote: str) -> int:
    """Return where the string that begins at `place` ends, past its quote; or else the text."""
    while True:
        found = text.find(quote, place)
        if found < 0:
            return len(text)
        slashes = found - len(text[place:found].rstrip("\\")) - place
        place = found + 1
        if slashes % 2 == 0 and _AFTER_STRING.match(text, place):
            return place


def decoded(text: str) -> str:
    """Return the inside of a JSON string as the text it stands for, where it is JSON itself."""
    if '{\\"' not in text or '{"' in text:
        return text
    # Without the quote that begins the string, only the quotes in it were escaped.
    return _ESCAPE.sub(_plain, text) if text[0] == '"' else text.replace('\\"', '"')


def _plain(escape: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(escape[1], escape[1])


def narrowed(text: str) -> str:
    """Return a text with the marks of JSON where it has those of a Chinese keyboard."""
    return _WIDE.sub(lambda mark: _NARROW[mark.group()], text)


def with_quotes_escaped(text: str) -> str:
    """Return a text in which the quotes inside strings, but for those that end one, are escaped."""
    parts: list[str] = []
    place = 0
    while (start := text.find('"', place)) >= 0:
        end = string_end(text, start + 1, '"')
        inner = text[start + 1 : end]
        ended = inner.endswith('"')
        parts += [text[place : start + 1], _QUOTE.sub('\\\\"', inner[: len(inner) - ended])]
        parts += ['"'] * ended
        place = end
    return "".join([*parts, text[place:]])


def without_thoughts(text: str) -> tuple[str, bool]:
    """Return a text without the thoughts before its answer, and whether they never end.

    A tag inside the answer is part of it.
    """
    answer = START.search(text)
    opening = THINK.search(text)
    if opening and (answer is None or opening.start() < answer.start()):
        endings = list(THOUGHT.finditer(text, opening.end()))
        if not endings:
            return text[opening.end() :], True
    else:
        endings = list(THOUGHT.finditer(text))
    if last := _last_before_json(text, endings):
        return text[last.end() :].strip(), False
    if opening and endings and (answer is None or opening.start() < answer.start()):
        # What stands in thoughts alone is a draft.
        return text[endings[-1].end() :].strip(), False
    return text, False


def _last_before_json(text: str, endings: list[re.Match[str]]) -> re.Match[str] | None:
    """Return the last of some tags behind which JSON begins; no part of the text is read twice."""
    found: re.Match[str] | None = None
    start = 0
    for ending in endings:
        if ending.end() > start or found is None:
            answer = START.search(text, ending.end())
            if answer is None:
                break
            start = answer.start()
        found = ending
    return found
