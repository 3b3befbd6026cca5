"""Messages, as the rules read them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from memfast.extraction.facts import Turn
from memfast.extraction.rules.sentences import split
from memfast.extraction.rules.words import lexicon, terms_of

SPEAKER = re.compile(r"\A(?P<name>[A-Z][\w.'\u2019-]*(?: [A-Z][\w.'\u2019-]*){0,2}):[ \t]+(?=\S)")
# What stands before a colon and speaks for nobody.
LABELS = lexicon(
    """
    note notes ps update edit fyi reminder question answer todo warning tip summary result results
    example fact facts source subject re user assistant human ai system tool http https
    """
)
SILENT = lexicon("system developer tool function")
AGENTS = lexicon("assistant ai model bot agent")


@dataclass(frozen=True, slots=True)
class Speech:
    """A message in sentences.

    Attributes:
        turn: The message.
        name: Who speaks, where known: from the message, or from "Ann: ..." in its text.
        by_agent: Whether the assistant speaks.
        sentences: Its sentences, without the name.
    """

    turn: Turn
    name: str | None
    by_agent: bool
    sentences: tuple[str, ...]

    @property
    def label(self) -> str | None:
        """How its facts name who speaks; None where nobody is named."""
        return self.name or ("Assistant" if self.by_agent else None)

    @property
    def caller(self) -> str:
        """How a dialogue names who speaks."""
        return self.label or self.turn.role.capitalize()

    @property
    def subject(self) -> str:
        """Whose slots it fills."""
        return (self.name or ("assistant" if self.by_agent else "user")).lower()


def read(turn: Turn) -> Speech | None:
    """Return a message in sentences; None for one that nobody says, such as a tool's output."""
    role = turn.role.lower()
    if role in SILENT:
        return None
    content, name = turn.content, turn.name
    if match := SPEAKER.match(content):
        said = match["name"]
        if said == name or (name is None and said.lower() not in LABELS):
            name, content = said, content[match.end() :]
    return Speech(turn, name, role in AGENTS, tuple(split(content)))


def key_of(text: str) -> tuple[str, ...]:
    """Return what makes texts equal, without the name of who says them."""
    match = SPEAKER.match(text)
    return terms_of(text[match.end() :] if match else text)
