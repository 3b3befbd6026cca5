"""The fields of an item of a reply, parsed leniently."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, tzinfo

from memfast.extraction.decisions import EVENTS, KINDS

MOST_CATEGORIES = 8
LONGEST_CATEGORY = 40

_NOTHING = frozenset({"NOOP", "NO-OP", "NO_OP", "NOTHING", "KEEP", "SKIP", "IGNORE", "UNCHANGED"})
_REMOVES = frozenset({"REMOVE", "FORGET", "ERASE", "DROP", "INVALIDATE", "EXPIRE"})


def event_of(value: object) -> str | None:
    """Return an event; "REMOVE" for an unknown verb of removal, None for any other value."""
    name = value.strip().upper() if isinstance(value, str) else ""
    if name in EVENTS:
        return name
    if name in _NOTHING:
        return "NONE"
    return "REMOVE" if name in _REMOVES else None


def alias_of(value: object, aliases: Collection[str]) -> str | None:
    """Return the alias that a value names; None if it names none of them."""
    if not isinstance(value, str):
        return None
    name = value.strip().strip("[]").strip().casefold()
    return next((alias for alias in aliases if alias.casefold() == name), None)


def sources_of(value: object, known: Collection[int]) -> list[int]:
    """Return the existing message numbers in a value, without duplicates."""
    found: list[int] = []
    for item in value if isinstance(value, list) else [value]:
        number = _whole(item)
        if number is not None and number in known and number not in found:
            found.append(number)
    return found


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value) if len(value) < len(str(2**63)) else None
    return None


def kind_of(value: object, warnings: list[str]) -> str:
    """Return the kind of a fact; "semantic" by default."""
    name = value.strip().casefold() if isinstance(value, str) else ""
    if name in KINDS:
        return name
    if name:
        warnings.append(f"unknown kind {value!r:.60} was read as 'semantic'")
    return KINDS[0]


def time_of(value: object, zone: tzinfo | None, warnings: list[str]) -> datetime | None:
    """Parse an ISO 8601 time; without an offset it is in `zone`, or UTC."""
    if value is None or (isinstance(value, str) and value.strip().casefold() in {"", "null"}):
        return None
    try:
        instant = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        if instant is not None:
            instant = instant if instant.tzinfo else instant.replace(tzinfo=zone or UTC)
            instant.astimezone(UTC)  # raises at the ends of the calendar
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        warnings.append(f"the time {value!r:.60} is not ISO 8601 and was dropped")
    return instant


def categories_of(value: object) -> tuple[str, ...]:
    """Return short labels in lower case, without duplicates."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list):
        return ()
    labels = (" ".join(name.casefold().split()) for name in names if isinstance(name, str))
    kept = dict.fromkeys(label for label in labels if 0 < len(label) <= LONGEST_CATEGORY)
    return tuple(kept)[:MOST_CATEGORIES]
