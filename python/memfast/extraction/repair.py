"""From the text of a reply to its items: strict JSON, then repair, then what is whole of the rest.

json-repair guesses what is missing, so it is given only what a bracket closes, and its words are
held against those of the text by `Words`.
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
    decoded,
    narrowed,
    string_end,
    with_quotes_escaped,
    without_thoughts,
)
from memfast.extraction.shapes import (
    KEYS,
    is_as_asked,
    is_item,
    is_keyed,
    is_schema,
    is_void,
    items_of,
)

LONGEST_REPAIR = 128 * 1024
# Starts of values that are no reply, times the text left to look through; some are always tried.
MOST_WORK = 1024 * 1024
FEWEST_STARTS = 8
LONGEST_INTEGER = 18
# Values in values, down to facts that stand as text in the calls of a tool.
ENCLOSED = 8
# Items of a reply that are read; facts are far fewer.
MOST_ITEMS = 10_000
# json-repair takes time with the square of the quotes that stand where no string begins or ends.
MOST_STRAY_QUOTES = 1000

_LIST = re.compile(rf"""["'“]?(?:{"|".join(KEYS)})["'”]?\s*:\s*\[""", re.IGNORECASE)
_GAP = re.compile(r"(?:[\s,;]|//[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_STRAY_QUOTE = re.compile(r"""(?:(?<=[^\[{(,:\s])|(?<=[^\[{(,:\s] ))["'](?!\s*[,:\]})])""")
_BAD_ESCAPE = re.compile(r"(\\\\)|\\u(?![0-9a-fA-F]{4})[0-9a-fA-F]{0,3}")


@dataclass
class Parsed:
    """What a reply holds.

    Attributes:
        items: Its items; None where it holds no list of facts.
        cut: Whether its end is missing.
        repaired: Whether json-repair had a hand in it.
        schema: Whether it gave the schema back.
        warnings: What was amiss and could be mended.
    """

    items: list[object] | None = None
    cut: bool = False
    repaired: bool = False
    schema: bool = False
    warnings: list[str] = field(default_factory=list)

    @cached_property
    def decoder(self) -> json.JSONDecoder:
        """Decodes strict JSON, and warns here."""
        return _decoder(self.warnings)


def parse(text: str, *, cut: bool) -> Parsed:
    """Return the items in the text of a reply.

    Args:
        text: The text.
        cut: Whether the provider says that it stopped for length.
    """
    text = clean(text)
    asked = Parsed()
    value = _plain(text, asked)
    if is_as_asked(value):
        asked.items = value["facts"]
        return asked
    for whole in (text, *(match.group(1) for match in FENCE.finditer(text[:LONGEST_REPAIR]))):
        parsed = Parsed()
        value = _decoded(_strict(whole, parsed), parsed)
        parsed.items = [] if not cut and is_void(value) else items_of(value)
        if parsed.items is not None:
            # Of items that stand line by line, the first may be all that came.
            parsed.cut = cut and is_item(value) and not is_keyed(value)
            return parsed
    answer, endless = without_thoughts(narrowed(text))
    if endless and cut:
        return Parsed(cut=True)
    if answer != text and not (endless or cut) and is_void(_strict(answer, Parsed())):
        return Parsed(items=[])
    return _search(decoded(answer), cut=cut, at_end=endless)


def _search(text: str, *, cut: bool, at_end: bool) -> Parsed:
    """Look for JSON between prose; `at_end`, only for what the text ends with."""
    # Values that name their facts count before bare items, and those before lists of texts.
    ranks = (Parsed(), Parsed(), Parsed())
    place, failed, work, dangling, schema = 0, 0, 0, False, False
    last = len(text.rstrip(" \n\t\r`~"))
    while (work < MOST_WORK or failed < FEWEST_STARTS) and (start := START.search(text, place)):
        begin = start.start()
        found = Parsed()
        value, end = _value(text, begin, found)
        if end is None:
            found.items = _salvage(text[begin:], found, cut=cut)
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
            place = stop
        else:
            failed, work = failed + 1, work + len(text) - begin
            place = begin + 1 if end is None or value is None else end
    chosen = next((rank for rank in ranks if rank.items is not None), Parsed())
    chosen.cut = chosen.cut or (dangling and (cut or chosen is not ranks[0]))
    chosen.schema = schema
    return chosen


def _rank(value: object, items: list[object] | None, *, named: bool) -> int:
    if named:
        return 0
    return 1 if is_item(value) or any(is_item(item) for item in items or ()) else 2


def _introduced(before: str) -> bool:
    """Tell whether a list stands for itself, and not inside a sentence."""
    return before.rstrip().rstrip("`~jsonJSON").rstrip()[-1:] in {"", ":"}


def _merge(target: Parsed, found: Parsed) -> None:
    if target.items is not None:
        target.warnings.append("the reply holds several JSON values; their facts were merged")
    target.items = [*(target.items or []), *(found.items or [])]
    target.cut = found.cut
    target.repaired = target.repaired or found.repaired
    target.warnings.extend(found.warnings)


def _value(text: str, begin: int, parsed: Parsed) -> tuple[object, int | None]:
    """Return the value at a bracket, and where it ends; None where no bracket closes it."""
    try:
        value, end = parsed.decoder.raw_decode(text, begin)
    except (ValueError, RecursionError):
        ended = closing(text, begin)
        return (None, None) if ended is None else (_repaired(text[begin:ended], parsed), ended)
    return _settled(value), end


def _salvage(text: str, parsed: Parsed, *, cut: bool) -> list[object] | None:
    """Return the whole items of a list that nothing closes."""
    listed = _LIST.search(text)
    if listed is None and not text.startswith("["):
        return None
    place = listed.end() if listed else 1
    for _ in range(DEEPEST):
        gap = _GAP.match(text, place)
        if gap is None or not text.startswith("[", gap.end()):
            break
        place = gap.end() + 1
    items: list[object] = []
    while True:
        gap = _GAP.match(text, place)
        place = gap.end() if gap else place
        rest = text[place : place + 1]
        if rest in {"", "]", "}", "`"}:
            # A list that is closed is whole, though what holds it is not.
            goes_on = rest != "]" and gap is not None and "," in gap.group()
            parsed.cut = rest != "]" and (cut or goes_on or not items)
            if listed is None and not items:
                return None
            parsed.warnings.append("the reply ends without its closing brackets")
            return items
        value, end = _item(text, place, parsed)
        # Of a string that ends where the text was cut nobody knows whether it ends there.
        unsure = cut and end == len(text) and isinstance(value, str)
        if end is None or unsure or len(items) == MOST_ITEMS:
            parsed.cut = True
            return items
        items.append(value)
        place = end


def _item(text: str, place: int, parsed: Parsed) -> tuple[object, int | None]:
    if text[place] in "{[":
        return _value(text, place, parsed)
    if text[place] == '"':
        end = string_end(text, place + 1, '"')
        string = text[place:end]
        if end < len(text):
            string = with_quotes_escaped(string)
        value = _strict(string, parsed)
        return value, None if value is None else end
    try:
        value, end = parsed.decoder.raw_decode(text, place)
    except (ValueError, RecursionError):
        return None, None
    # "000" is no list of numbers.
    return (None, None) if text[end : end + 1].isalnum() else (_settled(value), end)


def _plain(text: str, parsed: Parsed) -> Any:
    try:
        return parsed.decoder.decode(text.strip())
    except (ValueError, RecursionError):
        return None


def _strict(text: str, parsed: Parsed) -> object:
    try:
        return _settled(_plain(text, parsed))
    except (ValueError, RecursionError):
        return None


def _decoded(value: object, parsed: Parsed, depth: int = 0) -> object:
    """Decode the facts that stand as JSON in texts, at any depth that a reply has."""
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
    """Return what json-repair reads in a text; None for what it cannot."""
    if len(text) > LONGEST_REPAIR or _depth(text) > DEEPEST:
        return None
    if len(_STRAY_QUOTE.findall(text)) > MOST_STRAY_QUOTES:
        return None
    text = _BAD_ESCAPE.sub(lambda found: found.group(1) or "\ufffd", text)
    # json-repair takes a string with quotes inside it for several.
    settled = _strict(with_quotes_escaped(text), parsed)
    if settled is None:
        # It is imported here because it takes long to load, and most replies are JSON.
        import json_repair

        try:
            settled = _settled(json_repair.loads(text, skip_json_loads=True))
        except (ValueError, RecursionError, IndexError, TypeError, AttributeError):
            return None
    parsed.repaired = True
    parsed.warnings.append("the reply is not JSON and was repaired")
    return settled


def _depth(text: str) -> int:
    """Return how deep brackets may lie in each other at most."""
    deepest = depth = 0
    for mark in re.finditer(r"[\[\]{}()]", text):
        depth = depth + 1 if mark.group() in "[{(" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _decoder(warnings: list[str]) -> json.JSONDecoder:
    def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            warnings.append("a key stands twice in an object; the last one holds")
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
    """A number that no field can take: NaN, an infinity, an endless integer."""

    text: str


def _settled(value: object, depth: int = 0) -> object:
    """Return a value with U+FFFD for what is no text, and `Unreadable` for what is no number."""
    if isinstance(value, str):
        return value if value.isprintable() else _CONTROL.sub("\ufffd", value)
    if isinstance(value, dict | list | tuple):
        if depth >= DEEPEST:
            raise ValueError("nested too deep")
        if isinstance(value, dict):
            return {str(key): _settled(item, depth + 1) for key, item in value.items()}
        return [_settled(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return Unreadable(str(value))
    endless = isinstance(value, int) and abs(value) >= 10**LONGEST_INTEGER
    return Unreadable("integer") if endless else value
