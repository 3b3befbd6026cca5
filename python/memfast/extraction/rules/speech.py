"""Messages split into sentences by speaker."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from memfast.extraction.facts import Turn
from memfast.extraction.rules import dialogue, orders, slots
from memfast.extraction.rules.sentences import FIELD, line_ends, splitting
from memfast.extraction.rules.words import lexicon, terms_of
from memfast.extraction.slices import Slices

NAME = r"(?P<name>[A-Z][\w.'\u2019-]*(?: [A-Z][\w.'\u2019-]*){0,2})"
SPEAKER = re.compile(rf"\A{NAME}:[ \t]+(?=\S)")
# A line of a transcript, with the time that some programs put before it.
LINE = re.compile(
    r"^[ \t]*(?:\[?\d[\d:./, -]{3,22}(?:[AaPp][Mm])?\]?[ \t]*(?:- )?)?"
    rf"(?:\*\*)?{NAME}:(?:\*\*)?[ \t]+(?=\S)",
    re.MULTILINE,
)
# Words before a colon that are not speakers.
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
    """The text of a message, with properties of it computed once for all its sentences.

    Attributes:
        content: The text of the message.
    """

    content: str
    _seen: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def line_ends(self) -> frozenset[str]:
        """The sentences that end a line, except the last line."""
        return line_ends(self.content)

    @cached_property
    def gives_orders(self) -> bool:
        """Whether it gives orders to the assistant: nothing of it supersedes a memory."""
        return orders.gives_orders(self.content)

    def mentions_others(self) -> Slices[bool]:
        """Return whether it mentions others than the speaker."""
        return self._once("others", slots.mentions_others)

    def is_fictional(self) -> Slices[bool]:
        """Return whether it is play, a joke or a story."""
        return self._once("unreal", slots.is_fictional)

    def _once(self, name: str, look: Callable[[str], Slices[bool]]) -> Slices[bool]:
        if name not in self._seen:
            self._seen[name] = yield from look(self.content)
        return self._seen[name]


@dataclass(frozen=True)
class Speech:
    """A message in sentences.

    Attributes:
        turn: The message.
        name: The speaker, if known: from the message, or from "Ann: ..." in its text.
        by_agent: Whether the assistant speaks.
        sentences: Its sentences, without the name, each with the number of its list item; 0 outside
            of lists.
        message: The whole text that they come from.
    """

    turn: Turn
    name: str | None
    by_agent: bool
    sentences: tuple[tuple[str, int], ...]
    message: Message

    @cached_property
    def asked(self) -> str | None:
        """The question at its end, if a short answer to it states a fact."""
        return dialogue.asked(self.last)

    @cached_property
    def claimed(self) -> str | None:
        """Its last statement about the addressee."""
        return dialogue.claimed([sentence for sentence, _ in self.sentences])

    @property
    def last(self) -> str:
        """Its last sentence."""
        return self.sentences[-1][0] if self.sentences else ""

    @property
    def label(self) -> str | None:
        """The speaker as named in its facts; None if unnamed."""
        return self.name or ("Assistant" if self.by_agent else None)

    @property
    def caller(self) -> str:
        """The speaker as named in a dialogue."""
        return self.label or self.turn.role.capitalize()

    @property
    def subject(self) -> str:
        """The subject of the slots it fills."""
        return (self.name or ("assistant" if self.by_agent else "user")).lower()


def read(turn: Turn) -> Slices[list[Speech]]:
    """Split a message into speeches.

    System and tool messages give none, a transcript in one message gives several.
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
    """Return whether each line has a different label before a colon: labels are not speakers."""
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if len(lines) < FEWEST_FIELDS or not all(map(FIELD.match, lines)):
        return False
    return len({line.partition(":")[0].lower() for line in lines}) == len(lines)


def _talk(content: str) -> list[tuple[str | None, str]]:
    """Return the lines of a transcript, in which a speaker repeats or both roles occur; else none."""
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
    """Return the terms of a text without its speaker: equal for equal statements."""
    match = SPEAKER.match(text) if ":" in text else None
    return terms_of(text[match.end() :] if match else text)
