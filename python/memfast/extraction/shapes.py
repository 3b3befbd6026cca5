"""Finds the items of a reply in the shapes that models give it."""

from __future__ import annotations

import re
from collections.abc import Mapping

KEYS = ("facts", "memory", "memories", "results")
TEXT_KEYS = ("text", "fact", "memory", "statement", "content")
_TEXT_KEYS = frozenset(TEXT_KEYS)
_WRAPPERS = frozenset(
    {
        "result", "response", "reply", "output", "data", "answer", "json", "content", "arguments",
        "parameters", "input",
    }
)  # fmt: skip
_SCHEMA_KEYS = frozenset({"$schema", "properties", "additionalproperties", "$defs"})
_DEEPEST = 5
_NUMBERED = re.compile(r"[a-z]*[ _-]?\d+", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*\u2022]|\d{1,2}[.)])\s+")
# The keys in the schema: they need no folding.
_FACT_KEYS = frozenset({"text", "event", "id", "sources", "kind", "time", "categories", "by"})
_FOLDED = _FACT_KEYS | {"facts"}


def is_by_schema(value: object) -> bool:
    """Return whether a reply follows the schema exactly, so that nothing needs a correction."""
    if not isinstance(value, dict) or value.keys() != {"facts"}:
        return False
    facts = value["facts"]
    return isinstance(facts, list) and bool(facts) and all(map(_is_fact_by_schema, facts))


def _is_fact_by_schema(fact: object) -> bool:
    if type(fact) is not dict or fact.keys() != _FACT_KEYS:
        return False
    texts = [fact["text"], fact["event"], fact["kind"], fact["by"]]
    texts += [text for text in (fact["id"], fact["time"]) if text is not None]
    sources, categories = fact["sources"], fact["categories"]
    return (
        type(sources) is type(categories) is list
        and all(type(source) is int for source in sources)
        and all(type(text) is str and text.isprintable() for text in texts + categories)
        # Such a text may hold JSON.
        and fact["text"].lstrip()[:1] not in {"{", "[", '"'}
    )


def folded(value: Mapping[str, object]) -> Mapping[str, object]:
    """Return a dict with keys in lower case, without spaces around them."""
    if value.keys() <= _FOLDED:
        return value
    return {str(key).strip().casefold(): item for key, item in value.items()}


def is_item(value: object) -> bool:
    """Return whether a value has the text of a fact."""
    return isinstance(value, dict) and not _TEXT_KEYS.isdisjoint(folded(value))


def is_schema(value: object) -> bool:
    """Return whether a value is a repeated JSON schema."""
    return isinstance(value, dict) and not _SCHEMA_KEYS.isdisjoint(folded(value))


def is_keyed(value: object, depth: int = 0) -> bool:
    """Return whether a value, or a value inside it, has a key for facts."""
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return False
    if isinstance(value, list):
        return any(is_keyed(item, depth + 1) for item in value)
    held = folded(value)
    if any(isinstance(held.get(key), list | dict) for key in KEYS):
        return True
    return any(is_keyed(item, depth + 1) for item in held.values())


def is_empty(value: object, depth: int = 0) -> bool:
    """Return whether a reply is empty JSON: `{}`, `[]`, `{"facts": null}`."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, list):
        return all(isinstance(item, list) and is_empty(item, depth + 1) for item in value)
    if not isinstance(value, dict):
        return False
    held = folded(value)
    named = [held[key] for key in KEYS if key in held]
    if not named and len(held) == 1:
        named = [item for key, item in held.items() if key in _WRAPPERS]
    return not held or (bool(named) and all(_is_blank(item, depth) for item in named))


def _is_blank(value: object, depth: int) -> bool:
    return value is None or value == "" or is_empty(value, depth + 1)


def items_of(value: object, depth: int = 0) -> list[object] | None:
    """Return the items of a reply; None for any other value, and for an empty list without key."""
    if depth > _DEEPEST or is_schema(value):
        return None
    if isinstance(value, list):
        return _of_list(value, depth) or None
    if not isinstance(value, dict):
        return None
    keyed = _of_keys(value, depth)
    if keyed is not None:
        return keyed
    inner = folded(value)
    named = [item for item in inner.values() if is_keyed(item)]
    if not named and is_item(value):
        return [value]
    wrapped = (
        item
        for key, item in inner.items()
        if isinstance(item, dict | list)
        and (key in _WRAPPERS or (len(inner) == 1 and isinstance(item, dict)))
    )
    found = (items_of(item, depth + 1) for item in (*named, *wrapped))
    return next((items for items in found if items is not None), None)


def _of_list(values: list[object], depth: int) -> list[object]:
    items: list[object] = []
    for value in values:
        inner = items_of(value, depth + 1) if isinstance(value, list) or is_keyed(value) else None
        items.extend([_unwrapped(value)] if inner is None else inner)
    return items


def _unwrapped(value: object) -> object:
    """Return the only item inside an item, or else the item itself."""
    if isinstance(value, dict) and len(value) == 1:
        (inner,) = value.values()
        return inner if is_item(inner) else value
    return value


def _of_keys(value: Mapping[str, object], depth: int) -> list[object] | None:
    items: list[object] | None = None
    for key, held in folded(value).items():
        if key not in KEYS:
            continue
        if isinstance(held, list):
            items = (items or []) + (_of_list(held, depth) if depth < _DEEPEST else held)
        elif isinstance(held, dict):
            inner = items_of(held, depth + 1)
            inner = _of_groups(held, depth) if inner is None else inner
            items = items if inner is None else (items or []) + inner
        elif isinstance(held, str) and held.strip() and key != "memory":
            items = [*(items or []), *filter(None, map(_bare, held.splitlines()))]
    return items


def _of_groups(held: Mapping[str, object], depth: int) -> list[object] | None:
    """Return the items of a dict that numbers them or lists them by subject."""
    values = list(held.values())
    numbered = all(map(_NUMBERED.fullmatch, map(str, held)))
    if not values or depth >= _DEEPEST:
        return None
    if all(map(is_item, values)) or (numbered and all(isinstance(one, str) for one in values)):
        return values
    if all(isinstance(one, list) for one in values):
        return _of_list(values, depth)
    return None


def _bare(line: str) -> str:
    """Return a line of a list in prose without its bullet or number."""
    return _BULLET.sub("", line).strip()
