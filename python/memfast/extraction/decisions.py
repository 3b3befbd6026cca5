"""The requested reply: facts, and what each does to the memories in the prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from memfast.extraction.facts import Fact

EVENTS = ("ADD", "UPDATE", "DELETE", "NONE")
KINDS = ("semantic", "episodic", "procedural")
SPEAKERS = ("user", "assistant")

# Flat, small and valid in strict modes: all keys required, no others allowed, null only as one of
# two types.
_PROPERTIES: Mapping[str, object] = {
    "text": {"type": "string"},
    "event": {"type": "string", "enum": list(EVENTS)},
    "id": {"type": ["string", "null"]},
    "sources": {"type": "array", "items": {"type": "integer"}},
    "kind": {"type": "string", "enum": list(KINDS)},
    "time": {"type": ["string", "null"]},
    "categories": {"type": "array", "items": {"type": "string"}},
    "by": {"type": "string", "enum": list(SPEAKERS)},
}
# The keys of an item.
ITEM = tuple(_PROPERTIES)
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": _PROPERTIES,
                "required": list(ITEM),
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A fact, and what to do with it.

    Attributes:
        fact: The fact.
        event: "ADD", "UPDATE", "DELETE" or "NONE" (the fact is known).
        alias: Alias in the prompt of the memory that an UPDATE or DELETE changes. None for an ADD
            and for a NONE that names no memory; for an ADD with `over`, the memory that supersedes
            the fact, if it was stored before.
        over: For an ADD, when the fact ceased to hold; None if it still holds. For an UPDATE, when
            the memory ceased to hold; None for the time of the fact.
        sure: Whether the reply stated the event. False for an ADD chosen because the reply named no
            event, or no memory of the prompt.
        rival: For an ADD, the alias of a memory that the fact may contradict; both hold.
    """

    fact: Fact
    event: str
    alias: str | None = None
    over: datetime | None = None
    sure: bool = True
    rival: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item of a reply that is rejected.

    Attributes:
        reason: Why, in a sentence.
        item: The item as received; a number that is not valid JSON as its text.
    """

    reason: str
    item: object
