"""Reads the items in the text of a reply: strict JSON, then repair, then the complete items.

json-repair guesses what is missing. So it gets only text up to its closing bracket, and the reader
of an item compares the item's words with those of the reply.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from memfast.extraction.scanning import (
    DEEPEST,
    FENCE,
    START,
    clean,
    closing,
    string_end,
    unescaped,
    with_ascii_marks,
    with_quotes_escaped,
    without_thoughts,
)
from memfast.extraction.shapes import (
    KEYS,
    is_by_schema,
    is_empty,
    is_item,
    is_keyed,
    is_schema,
    items_of,
)

LONGEST_REPAIR = 128 * 1024
# Characters left at each failed start of a value, summed; a few starts are always tried.
MOST_WORK = 1024 * 1024
FEWEST_STARTS = 8
LONGEST_INTEGER = 18
# Levels at which JSON is decoded inside strings, such as facts in the arguments of a tool call.
ENCLOSED = 8
# Most items that are read; a reply has far fewer facts.
MOST_ITEMS = 10_000
# json-repair takes time with the square of the quotes that neither begin nor end a string.
MOST_STRAY_QUOTES = 1000

_LIST = re.compile(rf"""["'“]?(?:{"|".join(KEYS)})["'”]?\s*:\s*\[""", re.IGNORECASE)
_GAP = re.compile(r"(?:[\s,;]|//[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_STRAY_QUOTE = re.compile(r"""(?:(?<=[^\[{(,:\s])|(?<=[^\[{(,:\s] ))["'](?!\s*[,:\]})])""")
_BAD_ESCAPE = re.compile(r"(\\\\)|\\u(?![0-9a-fA-F]{4})[0-9a-fA-F]{0,3}")


@dataclass
class Parsed:
    """The content of a reply.

    Attributes:
        items: Its items; None if it holds no list of facts.
        cut: Whether its end is missing.
        repaired: Whether its JSON was repaired.
        schema: Whether it repeats the schema.
        warnings: Faults that were corrected.
    """

    items: list[object] | None = None
    cut: bool = False
    repaired: bool = False
    schema: bool = False
    warnings: list[str] = field(default_factory=list)

    @cached_property
    def decoder(self) -> json.JSONDecoder:
        """Decodes strict JSON, and adds to the warnings."""
        return _decoder(self.warnings)


def parse(text: str, *, cut: bool) -> Parsed:
    """Return the items in the text of a reply.

    Args:
        text: The text.
        cut: Whether the provider reports that the length limit was reached.
    """
    text = clean(text)
    exact = Parsed()
    value = _plain(text, exact)
    if is_by_schema(value):
        exact.items = value["facts"]
        return exact
    for whole in (text, *(match.group(1) for match in FENCE.finditer(text[:LONGEST_REPAIR]))):
        parsed = Parsed()
        value = _decoded(_strict(whole, parsed), parsed)
        parsed.items = [] if not cut and is_empty(value) else items_of(value)
        if parsed.items is not None:
            # Of a reply with one item per line, the first may be all that arrived.
            parsed.cut = cut and is_item(value) and not is_keyed(value)
            return parsed
    answer, unfinished = without_thoughts(with_ascii_marks(text))
    if unfinished and cut:
        return Parsed(cut=True)
    if answer != text and not (unfinished or cut) and is_empty(_strict(answer, Parsed())):
        return Parsed(items=[])
    return _search(unescaped(answer), cut=cut, at_end=unfinished)


def _search(text: str, *, cut: bool, at_end: bool) -> Parsed:
    """Find JSON in prose; with `at_end`, only a value that ends the text."""
    # A value with a key for facts ranks before bare items, and these before lists of texts.
    ranks = (Parsed(), Parsed(), Parsed())
    at, failed, work, dangling, schema = 0, 0, 0, False, False
    last = len(text.rstrip(" \n\t\r`~"))
    while (work < MOST_WORK or failed < FEWEST_STARTS) and (start := START.search(text, at)):
        begin = start.start()
        found = Parsed()
        value, end = _value(text, begin, found)
        if end is None:
            found.items = _complete_items(text[begin:], found, cut=cut)
            dangling = dangling or found.items is None
        else:
            value = _decoded(value, found)
            found.items = items_of(value)
            schema = schema or is_schema(value)
        stop = len(text) if end is None else end
        if found.items is not None and (not at_end or stop >= last):
            rank = _rank(value, found.items, named=end is None or is_keyed(value))
            if rank < len(ranks) - 1 or _introduced(text[max(0, begin - 40) : begin]):
                found.cut = found.cut or (cut and rank > 0)
                _merge(ranks[rank], found)
            at = stop
        else:
            failed, work = failed + 1, work + len(text) - begin
            at = begin + 1 if end is None or value is None else end
    chosen = next((rank for rank in ranks if rank.items is not None), Parsed())
    chosen.cut = chosen.cut or (dangling and (cut or chosen is not ranks[0]))
    chosen.schema = schema
    return chosen


def _rank(value: object, items: list[object] | None, *, named: bool) -> int:
    if named:
        return 0
    return 1 if is_item(value) or any(is_item(item) for item in items or ()) else 2


def _introduced(before: str) -> bool:
    """Return whether a list follows a colon or starts the text: it is not inside a sentence."""
    return before.rstrip().rstrip("`~jsonJSON").rstrip()[-1:] in {"", ":"}


def _merge(target: Parsed, found: Parsed) -> None:
    if target.items is not None:
        target.warnings.append("the reply holds several JSON values; their facts were merged")
    target.items = [*(target.items or []), *(found.items or [])]
    target.cut = found.cut
    target.repaired = target.repaired or found.repaired
    target.warnings.extend(found.warnings)


def _value(text: str, begin: int, parsed: Parsed) -> tuple[object, int | None]:
    """Return the value at a bracket and its end; the end is None if no bracket closes it."""
    try:
        value, end = parsed.decoder.raw_decode(text, begin)
    except (ValueError, RecursionError):
        ended = closing(text, begin)
        return (None, None) if ended is None else (_repaired(text[begin:ended], parsed), ended)
    return _valid(value), end


def _complete_items(text: str, parsed: Parsed, *, cut: bool) -> list[object] | None:
    """Return the complete items of a list without its closing bracket."""
    listed = _LIST.search(text)
    if listed is None and not text.startswith("["):
        return None
    at = listed.end() if listed else 1
    for _ in range(DEEPEST):
        gap = _GAP.match(text, at)
        if gap is None or not text.startswith("[", gap.end()):
            break
        at = gap.end() + 1
    items: list[object] = []
    while True:
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        rest = text[at : at + 1]
        if rest in {"", "]", "}", "`"}:
            # A closed list is complete, though the object around it is not.
            more_follows = rest != "]" and gap is not None and "," in gap.group()
            parsed.cut = rest != "]" and (cut or more_follows or not items)
            if listed is None and not items:
                return None
            parsed.warnings.append("the reply ends without its closing brackets")
            return items
        value, end = _item(text, at, parsed)
        # A string that ends where the text was cut may have been longer.
        uncertain = cut and end == len(text) and isinstance(value, str)
        if end is None or uncertain or len(items) == MOST_ITEMS:
            parsed.cut = True
            return items
        items.append(value)
        at = end


def _item(text: str, at: int, parsed: Parsed) -> tuple[object, int | None]:
    if text[at] in "{[":
        return _value(text, at, parsed)
    if text[at] == '"':
        end = string_end(text, at + 1, '"')
        string = text[at:end]
        if end < len(text):
            string = with_quotes_escaped(string)
        value = _strict(string, parsed)
        return value, None if value is None else end
    try:
        value, end = parsed.decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, None
    # "000" is not three numbers.
    return (None, None) if text[end : end + 1].isalnum() else (_valid(value), end)


def _plain(text: str, parsed: Parsed) -> Any:
    try:
        return parsed.decoder.decode(text.strip())
    except (ValueError, RecursionError):
        return None


def _strict(text: str, parsed: Parsed) -> object:
    try:
        return _valid(_plain(text, parsed))
    except (ValueError, RecursionError):
        return None


def _decoded(value: object, parsed: Parsed, depth: int = 0) -> object:
    """Decode JSON inside strings, at any depth, if it holds facts."""
    if depth > ENCLOSED:
        return value
    if isinstance(value, str):
        if value.lstrip()[:1] not in {"{", "[", '"'}:
            return value
        inner = _decoded(_strict(value, parsed), parsed, depth + 1)
        return value if items_of(inner) is None else inner
    if isinstance(value, dict):
        return {key: _decoded(item, parsed, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_decoded(item, parsed, depth + 1) for item in value]
    return value


def _repaired(text: str, parsed: Parsed) -> object:
    """Return the value that repair finds in a text; None if there is none."""
    if len(text) > LONGEST_REPAIR or _depth(text) > DEEPEST:
        return None
    if len(_STRAY_QUOTE.findall(text)) > MOST_STRAY_QUOTES:
        return None
    text = _BAD_ESCAPE.sub(lambda found: found.group(1) or "\ufffd", text)
    # json-repair splits a string at the quotes inside it.
    value = _strict(with_quotes_escaped(text), parsed)
    if value is None:
        # Imported here: it takes long to load, and most replies are JSON.
        import json_repair

        try:
            value = _valid(json_repair.loads(text, skip_json_loads=True))
        except (ValueError, RecursionError, IndexError, TypeError, AttributeError):
            return None
    parsed.repaired = True
    parsed.warnings.append("the reply is not JSON and was repaired")
    return value


def _depth(text: str) -> int:
    """Return an upper bound of the depth of brackets."""
    deepest = depth = 0
    for mark in re.finditer(r"[\[\]{}()]", text):
        depth = depth + 1 if mark.group() in "[{(" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _decoder(warnings: list[str]) -> json.JSONDecoder:
    def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            warnings.append("a key occurs twice in an object; the last value is used")
        return made

    return json.JSONDecoder(
        object_pairs_hook=paired,
        parse_constant=Unreadable,
        parse_int=lambda digits: (
            int(digits) if len(digits) <= LONGEST_INTEGER else Unreadable(digits)
        ),
        strict=False,
    )


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A number that no field can hold: NaN, an infinity, an integer of too many digits."""

    text: str


def _valid(value: object, depth: int = 0) -> object:
    """Return a value with U+FFFD for control characters, and `Unreadable` for invalid numbers."""
    if isinstance(value, str):
        return value if value.isprintable() else _CONTROL.sub("\ufffd", value)
    if isinstance(value, dict | list | tuple):
        if depth >= DEEPEST:
            raise ValueError("nested too deep")
        if isinstance(value, dict):
            return {str(key): _valid(item, depth + 1) for key, item in value.items()}
        return [_valid(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return Unreadable(str(value))
    too_long = isinstance(value, int) and abs(value) >= 10**LONGEST_INTEGER
    return Unreadable("integer") if too_long else value
