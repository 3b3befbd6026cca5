"""Messages, as the rules read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from memfast.extraction.facts import Turn
from memfast.extraction.rules import dialogue, slots
from memfast.extraction.rules.sentences import FIELD, line_ends, splitting
from memfast.extraction.rules.words import lexicon, terms_of
from memfast.extraction.slices import Slices

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
FEWEST_FIELDS = 2


@dataclass(frozen=True)
class Message:
    """What stands around the sentences of a message, looked at once for all of them.

    Attributes:
        content: The text of the message.
    """

    content: str
    _seen: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def line_ends(self) -> frozenset[str]:
        """The sentences behind which another line begins."""
        return line_ends(self.content)

    def tells_of_others(self) -> Slices[bool]:
        """Tell whether it tells of somebody else than who writes it."""
        return self._once("others", slots.tells_of_others)

    def is_unreal(self) -> Slices[bool]:
        """Tell whether it plays, jokes or tells a story."""
        return self._once("unreal", slots.is_unreal)

    def _once(self, name: str, look: Callable[[str], Slices[bool]]) -> Slices[bool]:
        if name not in self._seen:
            self._seen[name] = yield from look(self.content)
        return self._seen[name]


@dataclass(frozen=True)
class Speech:
    """A message in sentences.

    Attributes:
        turn: The message.
        name: Who speaks, where known: from the message, or from "Ann: ..." in its text.
        by_agent: Whether the assistant speaks.
        sentences: Its sentences, without the name, each with the number of the list item that it
            stands in; 0 for none.
        message: What stands around them.
    """

    turn: Turn
    name: str | None
    by_agent: bool
    sentences: tuple[tuple[str, int], ...]
    message: Message

    @cached_property
    def asked(self) -> str | None:
        """The question that it ends with, if its bare answer would tell a fact."""
        return dialogue.asked(self.last)

    @cached_property
    def claimed(self) -> str | None:
        """What it says last of the one who is spoken to."""
        return dialogue.claimed([sentence for sentence, _ in self.sentences])

    @property
    def last(self) -> str:
        """Its last sentence."""
        return self.sentences[-1][0] if self.sentences else ""

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


def read(turn: Turn) -> Slices[list[Speech]]:
    """Return what is said in a message, in sentences.

    Nothing for a message that nobody says, such as a tool's output; several speeches for a talk
    that was put down in one.
    """
    role = turn.role.lower()
    if role in SILENT:
        return []
    message = Message(turn.content)
    content, name = turn.content, turn.name
    if "\n" in content and role not in AGENTS:
        lines = _talk(content)
        yield
        if lines:
            return (yield from _speeches_of(turn, message, lines))
        if _is_form(content):
            sentences = yield from splitting(content)
            return [Speech(turn, name, False, tuple(sentences), message)]
    if match := SPEAKER.match(content):
        said = match["name"]
        if said == name or (name is None and said.lower() not in LABELS):
            name, content = said, content[match.end() :]
    sentences = yield from splitting(content)
    return [Speech(turn, name, role in AGENTS, tuple(sentences), message)]


def _is_form(content: str) -> bool:
    """Tell whether each line names another thing before a colon: none of them speaks."""
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if len(lines) < FEWEST_FIELDS or not all(map(FIELD.match, lines)):
        return False
    return len({line.partition(":")[0].lower() for line in lines}) == len(lines)


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


def _speeches_of(
    turn: Turn, message: Message, lines: Sequence[tuple[str | None, str]]
) -> Slices[list[Speech]]:
    speeches: list[Speech] = []
    for name, text in lines:
        role = name.lower() if name else ""
        named = None if role in AGENTS | USERS else name
        sentences = tuple((yield from splitting(text)))
        who = named if name else turn.name
        speeches += [Speech(turn, who, role in AGENTS, sentences, message)]
    return speeches


def key_of(text: str) -> tuple[str, ...]:
    """Return what makes texts equal, without the name of who says them."""
    match = SPEAKER.match(text) if ":" in text else None
    return terms_of(text[match.end() :] if match else text)
