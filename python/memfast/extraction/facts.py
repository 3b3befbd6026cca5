"""Messages and facts, as both extractors exchange them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as an extractor reads it.

    Attributes:
        index: Index among the messages of the call, from 0.
        role: "user", "assistant", "tool" or another.
        content: Its text.
        name: Name of the speaker, if known.
        at: Time of the message, with an offset; None if unknown.
        id: Id under which an earlier attempt has kept it; None where none has.
    """

    index: int
    role: str
    content: str
    name: str | None = None
    at: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Facets:
    """What a fact is about, as far as that is known; empty texts where it is not.

    Attributes:
        subject: Whose attribute it states: "user", "user's sister", "Marek", "the wedding".
        attribute: Which one, in the words of the statement: "live", "own caravan", "date".
        value: Its value: "Leipzig", "85", "3 July".
        entities: The names in the fact, as they are written.
    """

    subject: str = ""
    attribute: str = ""
    value: str = ""
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement worth keeping, readable without the conversation it comes from.

    Attributes:
        text: The statement.
        sources: Indexes of the messages that state it; never empty.
        kind: "semantic", "episodic" or "procedural".
        event_at: Time of the event it describes; None if it names none.
        categories: Short labels, in lower case.
        slot: The single-valued attribute it sets, such as "user favourite colour"; facts with the
            same slot and different texts contradict each other. None if it sets none.
        attributed_to: Who said it: "user" or "assistant".
        corrects: The text of the fact, as it was found, whose wrong value this one replaces; empty
            where it corrects none.
        facets: What it is about.
        worth: How useful it is on its own, from 0 to 1.
        trusted: False for text that gives orders to the assistant: it never supersedes a memory.
    """

    text: str
    sources: tuple[int, ...]
    kind: str = "semantic"
    event_at: datetime | None = None
    categories: tuple[str, ...] = field(default=())
    slot: str | None = None
    attributed_to: str = "user"
    corrects: str = ""
    facets: Facets = Facets()
    worth: float = 0.0
    trusted: bool = True
