"""A fact, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as an extractor reads it.

    Attributes:
        index: Its place among the messages of the call; the first is 0.
        role: "user", "assistant", "tool" or another.
        content: Its text.
        name: Who speaks, where known.
        at: When it was said, with an offset; None where that is not known.
    """

    index: int
    role: str
    content: str
    name: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement worth keeping, readable without the conversation it comes from.

    Attributes:
        text: The statement.
        sources: Indexes of the messages that tell it; never empty.
        kind: "semantic", "episodic" or "procedural".
        event_at: When what it tells happened or will happen; None where it tells no time.
        categories: Short labels, in lower case.
        slot: What it fills for its subject, such as "user favourite colour"; facts with one slot
            and different texts contradict each other. None where it fills none.
        attributed_to: "user" or "assistant": who said it.
    """

    text: str
    sources: tuple[int, ...]
    kind: str = "semantic"
    event_at: datetime | None = None
    categories: tuple[str, ...] = field(default=())
    slot: str | None = None
    attributed_to: str = "user"
