"""Messages, as the rules read them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from memfast.extraction.facts import Turn
from memfast.extraction.rules.sentences import split
from memfast.extraction.rules.words import lexicon, terms_of

NAME = r"(?P<name>[A-Z][\w.'\u2019-]*(?: [A-Z][\w.'\u2019-]*){0,2})"
SPEAKER = re.compile(rf"\A{NAME}:[ \t]+(?=\S)")
# A line of a talk that was put down, with the time that some programs write before it.
LINE = re.compile(
    r"^[ \t]*(?:\[?\d[\d:./, -]{3,22}(?:[AaPp][Mm])?\]?[ \t]*(?:- )?)?"
    rf"(?:\*\*)?{NAME}:(?:\*\*)?[ \t]+(?=\S)",
    re.MULTILINE,
)
# What stands before a colon and speaks for nobody.
LABELS = lexicon(
    """
    note notes ps update edit fyi reminder question answer todo warning tip summary result results
    example fact facts source subject re user assistant human ai system tool http https
    correction important context background info details about profile bio name age job location
    address email phone date time place from to cc bcc sent fwd hi hello hey ok okay yes no well so
    first second third finally also btw now today tomorrow yesterday tonight attention request issue
    problem goal goals task tasks plan plans list ingredients instructions steps size colour color
    price monday tuesday wednesday thursday friday saturday sunday morning afternoon evening
    """
)
SILENT = lexicon("system developer tool function")
AGENTS = lexicon("assistant ai model bot agent")
USERS = lexicon("user human me")


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


def read(turn: Turn) -> list[Speech]:
    """Return what is said in a message, in sentences.

    Nothing for a message that nobody says, such as a tool's output; several speeches for a talk
    that was put down in one.
    """
    role = turn.role.lower()
    if role in SILENT:
        return []
    content, name = turn.content, turn.name
    if "\n" in content and role not in AGENTS and (lines := _talk(content)):
        return [_speech_of(turn, *line) for line in lines]
    if match := SPEAKER.match(content):
        said = match["name"]
        if said == name or (name is None and said.lower() not in LABELS):
            name, content = said, content[match.end() :]
    return [Speech(turn, name, role in AGENTS, tuple(split(content)))]


def _talk(content: str) -> list[tuple[str | None, str]]:
    """Return who says what, where a message is a talk: of one who speaks twice, or of two roles."""
    starts = list(LINE.finditer(content))
    names = [match["name"].lower() for match in starts]
    different = set(names)
    roles = different & AGENTS and different & USERS
    repeated = different.isdisjoint(LABELS - AGENTS - USERS) and len(names) > len(different) > 1
    if not (roles or repeated):
        return []
    ends = [*(match.start() for match in starts[1:]), len(content)]
    said: list[tuple[str | None, str]] = [
        (match["name"], content[match.end() : end]) for match, end in zip(starts, ends, strict=True)
    ]
    before = content[: starts[0].start()]
    return [(None, before), *said] if before.strip() else said


def _speech_of(turn: Turn, name: str | None, text: str) -> Speech:
    role = name.lower() if name else ""
    named = None if role in AGENTS | USERS else name
    return Speech(turn, named if name else turn.name, role in AGENTS, tuple(split(text)))


def key_of(text: str) -> tuple[str, ...]:
    """Return what makes texts equal, without the name of who says them."""
    match = SPEAKER.match(text)
    return terms_of(text[match.end() :] if match else text)
