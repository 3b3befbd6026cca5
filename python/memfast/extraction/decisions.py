"""The reply that is asked for: facts, and what each does to the memories that were shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from memfast.extraction.facts import Fact

EVENTS = ("ADD", "UPDATE", "DELETE", "NONE")
KINDS = ("semantic", "episodic", "procedural")
SPEAKERS = ("user", "assistant")

# Flat and small, and within what strict modes allow: all keys required, none besides them, null as
# one of two types.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "event": {"type": "string", "enum": list(EVENTS)},
                    "id": {"type": ["string", "null"]},
                    "sources": {"type": "array", "items": {"type": "integer"}},
                    "kind": {"type": "string", "enum": list(KINDS)},
                    "time": {"type": ["string", "null"]},
                    "categories": {"type": "array", "items": {"type": "string"}},
                    "by": {"type": "string", "enum": list(SPEAKERS)},
                },
                "required": [
                    "text", "event", "id", "sources", "kind", "time", "categories", "by",
                ],
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}  # fmt: skip
# The keys of an item.
ITEM = tuple(SCHEMA["properties"]["facts"]["items"]["properties"])


@dataclass(frozen=True, slots=True)
class Decision:
    """A fact, and what to do with it.

    Attributes:
        fact: The fact.
        event: "ADD", "UPDATE", "DELETE" or "NONE" (it is known already).
        alias: The memory that an UPDATE or a DELETE changes, by the alias it had in the prompt;
            None for a NONE that names no memory, and for an ADD, unless it is `over`: then it is
            the memory that took its place, if that was there before.
        over: For an ADD, when the fact ceased to hold; None where it holds. For an UPDATE, when the
            memory did; None where that was when the fact was said.
        sure: Whether the reply said so; where it named no event, or no memory that was shown, an
            ADD is but what loses nothing.
    """

    fact: Fact
    event: str
    alias: str | None = None
    over: datetime | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item of a reply that is not acted upon.

    Attributes:
        reason: Why, in a sentence.
        item: The item as it came; a number that JSON does not know stands there as its text.
    """

    reason: str
    item: object
