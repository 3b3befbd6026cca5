"""Finds where JSON begins and ends in the text of a language model."""

from __future__ import annotations

import re

# Prose has brackets too ("{name}", "[1]"): what follows the bracket distinguishes JSON.
START = re.compile(
    r"""\{\s*(?:["'“}]|//|/\*|\#|[^\W\d]\w*\s*:)|\[\s*(?:[\[{"'“\]]|//|/\*|\#)""", re.VERBOSE
)
FENCE = re.compile(r"(?:```|~~~)[\w-]*(.*?)(?:```|~~~)", re.DOTALL)
# Tags of different families of models, and the channels of one.
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

# Deeper JSON is not a reply; the limit also bounds the work on many brackets.
DEEPEST = 32

_TOKEN = re.compile(r"""\\.|[\[\]{}"'“”\#]|//|/\*""", re.DOTALL)
_AFTER_STRING = re.compile(r"""\s*(?:[,:\]})"“\#]|//|/\*|```|\Z)""")
# ":" and "," of a Chinese keyboard, between two values.
_FULL_WIDTH = re.compile(r"""(?<=["\]}\d])[\uff1a\uff0c](?=\s*["\[{\dtfn])""")
_ASCII = {"\uff1a": ":", "\uff0c": ","}
_ESCAPE = re.compile(r'\\(["\\/nt])')
_QUOTE = re.compile(r'(?<!\\)"')
_BEFORE_STRING = re.compile(r"[\[{,:(]\s*\Z")
_CLOSES = {"}": "{", "]": "["}
_MARKS = ("\ufeff", "\ufffe", "\u00ef\u00bb\u00bf", "\u00ff\u00fe", "\u00fe\u00ff", "\ufffd\ufffd")
_BLANK = "\u200b\u200c\u200d\u2060\ufeff"


def clean(text: str) -> str:
    """Remove byte order marks, and the NULs of UTF-16 that was read as bytes."""
    if text.count("\0") * 4 > len(text):
        text = text.replace("\0", "")
    for mark in _MARKS:
        text = text.removeprefix(mark)
    return text.strip().strip(_BLANK).strip()


def closing(text: str, start: int) -> int | None:
    """Return the index after the bracket that closes the one at `start`; None if there is none.

    Exact for JSON. In other text a quote ends a string only where something may follow a string,
    and a bracket also closes the open brackets inside it. Nesting deeper than `DEEPEST` counts as
    not closed.
    """
    stack: list[str] = []
    at = start
    while token := _TOKEN.search(text, at):
        mark, at = token.group(), token.end()
        if mark in "{[":
            stack.append(mark)
            if len(stack) > DEEPEST:
                return None
        elif mark in _CLOSES:
            _close(stack, _CLOSES[mark])
            if not stack:
                return at
        elif mark in {"//", "#"}:
            at = _past(text, "\n", at)
        elif mark == "/*":
            at = _past(text, "*/", at)
        elif mark in {'"', "“"} or (mark == "'" and _opens(text, token.start())):
            at = string_end(text, at, "”" if mark == "“" else mark)
    return None


def _close(stack: list[str], opened: str) -> None:
    if opened in stack:
        while stack.pop() != opened:
            pass


def _past(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return len(text) if found < 0 else found + len(mark)


def _opens(text: str, at: int) -> bool:
    return _BEFORE_STRING.search(text[max(0, at - 40) : at]) is not None


def string_end(text: str, at: int, quote: str) -> int:
    """Return the index after the quote that ends the string at `at`, or else the end of text."""
    while True:
        found = text.find(quote, at)
        if found < 0:
            return len(text)
        slashes = found - len(text[at:found].rstrip("\\")) - at
        at = found + 1
        if slashes % 2 == 0 and _AFTER_STRING.match(text, at):
            return at


def unescaped(text: str) -> str:
    """Return the content of a JSON string that holds JSON, with its escapes removed."""
    if '{\\"' not in text or '{"' in text:
        return text
    # Without its first quote it is not a JSON string: only its quotes were escaped.
    return _ESCAPE.sub(_plain, text) if text[0] == '"' else text.replace('\\"', '"')


def _plain(escape: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(escape[1], escape[1])


def with_ascii_marks(text: str) -> str:
    """Return a text with ASCII marks in at of those of a Chinese keyboard."""
    return _FULL_WIDTH.sub(lambda mark: _ASCII[mark.group()], text)


def with_quotes_escaped(text: str) -> str:
    """Return a text with the quotes inside its strings escaped."""
    parts: list[str] = []
    at = 0
    while (start := text.find('"', at)) >= 0:
        end = string_end(text, start + 1, '"')
        inner = text[start + 1 : end]
        ended = inner.endswith('"')
        parts += [text[at : start + 1], _QUOTE.sub('\\\\"', inner[: len(inner) - ended])]
        parts += ['"'] * ended
        at = end
    return "".join([*parts, text[at:]])


def without_thoughts(text: str) -> tuple[str, bool]:
    """Return a text without the thoughts before its answer, and whether the thoughts never end.

    A tag inside the answer belongs to the answer.
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
        # JSON inside the thoughts is a draft.
        return text[endings[-1].end() :].strip(), False
    return text, False


def _last_before_json(text: str, endings: list[re.Match[str]]) -> re.Match[str] | None:
    """Return the last of some tags that is followed by JSON; no text is read twice."""
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
