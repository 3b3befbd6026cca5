"""From messages to facts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from memfast.extraction.facts import Fact, Turn
from memfast.extraction.rules import agent as agents
from memfast.extraction.rules import chatter, dates, dialogue, kinds, slots
from memfast.extraction.rules.language import is_english
from memfast.extraction.rules.merge import merge
from memfast.extraction.rules.sentences import split
from memfast.extraction.rules.words import words_of

SPEAKER = re.compile(r"\A(?P<name>[A-Z][\w.'’-]*(?:[ ][A-Z][\w.'’-]*){0,2}):[ \t]+(?=\S)")
LABELS = frozenset(
    "note notes ps update edit fyi reminder question answer todo warning tip summary result results "
    "example fact facts source subject re user assistant human ai system tool".split()
)
SILENT = frozenset({"system", "developer", "tool", "function"})
# Statements of one message are kept together up to this many characters: a short one says little
# away from its neighbours.
PASSAGE = 120
FEWEST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Speech:
    """A message, read."""

    turn: Turn
    name: str | None
    by_agent: bool
    sentences: tuple[str, ...]

    @property
    def label(self) -> str | None:
        """How its facts name who speaks; None where nobody is named."""
        return self.name or ("Assistant" if self.by_agent else None)

    @property
    def subject(self) -> str:
        """Whose slots it fills."""
        return (self.name or ("assistant" if self.by_agent else "user")).lower()


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that is kept, with what it needs of the message before."""

    text: str
    words: tuple[str, ...]
    sources: tuple[int, ...]
    context: str | None = None
    slot: str | None = None
    english: bool = True

    @property
    def alone(self) -> bool:
        """Whether it is a fact by itself, whatever stands beside it."""
        return self.slot is not None or not self.english


def extract(
    turns: Sequence[Turn], *, agent: bool = False, recalled: Collection[str] = ()
) -> list[Fact]:
    """Return the facts that messages tell, in the order in which they tell them.

    Rules read English; statements in other languages are kept as they were said. No word is
    changed: a fact is what was said, with the speaker's name before it where one is known, the
    question before it where a short answer needs it, and dates behind relative times.

    Args:
        turns: Messages of a conversation, in order.
        agent: Also keep what the assistant says of itself: who it is, what it promises, what it
            has done. Otherwise it only counts where somebody confirms it.
        recalled: Texts that are known already; equal ones are left out.

    Returns:
        Facts; none where nothing is told. A text of any content raises no error.
    """
    speeches = [_read(turn) for turn in turns if turn.role.lower() not in SILENT]
    names = frozenset(part for speech in speeches if speech.name for part in words_of(speech.name))
    known = frozenset(_key(text) for text in recalled)
    facts: list[Fact] = []
    before: Speech | None = None
    for speech in speeches:
        if speech.by_agent:
            statements = _own(speech) if agent else iter(())
        else:
            statements = _statements(speech, before, names)
        fresh = [item for item in statements if not known or _key(item.text) not in known]
        found = _facts(speech, fresh)
        facts += (fact for fact in found if not known or _key(fact.text) not in known)
        before = speech
    return merge(facts)


def _read(turn: Turn) -> Speech:
    content, name = turn.content, turn.name
    if match := SPEAKER.match(content):
        said = match["name"]
        if (name is None and said.lower() not in LABELS) or said == name:
            name, content = said, content[match.end() :]
    by_agent = turn.role.lower() in {"assistant", "ai", "model", "bot", "agent"}
    return Speech(turn, name, by_agent, tuple(split(content)))


def _key(text: str) -> tuple[str, ...]:
    """Return what makes texts equal: their words, without the name of who says them."""
    match = SPEAKER.match(text)
    return words_of(text[match.end() :] if match else text)


def _statements(
    speech: Speech, before: Speech | None, names: frozenset[str]
) -> Iterator[Statement]:
    own = (speech.turn.index,)
    question = claim = None
    if before is not None and (before.by_agent or before.subject != speech.subject):
        question = dialogue.asked(before.sentences)
        claim = dialogue.claimed(before.sentences) if before.by_agent else None
    for sentence in speech.sentences:
        words = words_of(sentence)
        if sum(map(len, words)) < FEWEST_LETTERS and not any(word.isdigit() for word in words):
            continue
        if not is_english(sentence, words):
            if not chatter.is_question(sentence) and _is_long(words):
                yield Statement(sentence, words, own, english=False)
            continue
        idle = chatter.is_chatter(sentence, words, names)
        if before is not None and (question or claim):
            if question and dialogue.answers(sentence, question, idle=idle):
                yield _answer(sentence, words, question, "asked", before, speech)
                question = claim = None
                continue
            if claim and dialogue.confirms(sentence):
                yield _answer(sentence, words, claim, "said", before, speech)
                question = claim = None
                continue
            if not idle:  # thanks may stand before an answer, nothing else
                question = claim = None
        if chatter.is_question(sentence):
            if not chatter.tells_while_asking(sentence):
                continue
        elif idle or chatter.is_command(sentence):
            continue
        parts = slots.clauses(sentence)
        for clause in parts:
            told = words if len(parts) == 1 else words_of(clause)
            yield Statement(clause, told, own, slot=slots.slot_of(clause, speech.subject))


def _is_long(words: Sequence[str]) -> bool:
    """Tell a statement from a greeting where the words are not known; some scripts have no spaces."""
    return len(words) >= 3 or any(len(word) >= 6 and not word.isascii() for word in words)  # noqa: PLR2004


def _answer(
    sentence: str, words: tuple[str, ...], said: str, verb: str, before: Speech, speech: Speech
) -> Statement:
    context = f"{before.label or before.turn.role.capitalize()} {verb}: {said}"
    sources = before.turn.index, speech.turn.index
    return Statement(sentence, words, sources, context=context)


def _own(speech: Speech) -> Iterator[Statement]:
    for sentence in speech.sentences:
        if not chatter.is_question(sentence) and agents.is_own(sentence):
            slot = slots.slot_of(sentence, speech.subject)
            yield Statement(sentence, words_of(sentence), (speech.turn.index,), slot=slot)


def _facts(speech: Speech, statements: Sequence[Statement]) -> Iterator[Fact]:
    passage: list[Statement] = []
    for statement in statements:
        joined = passage and not (statement.alone or statement.context or passage[-1].alone)
        length = sum(len(item.text) + 1 for item in passage) + len(statement.text)
        if passage and not (joined and length <= PASSAGE):
            yield _fact(speech, passage)
            passage = []
        passage.append(statement)
    if passage:
        yield _fact(speech, passage)


def _fact(speech: Speech, passage: Sequence[Statement]) -> Fact:
    first = passage[0]
    texts: list[str] = []
    event_at = None
    for statement in passage:
        text, when = dates.resolve(
            statement.text, statement.words, speech.turn.at if statement.english else None
        )
        texts.append(text)
        event_at = event_at or when
    said = " ".join(texts)
    plain = " ".join(statement.text for statement in passage)
    words = tuple(word for statement in passage for word in statement.words)
    # A nameless answer is told from its question by its role.
    label = speech.label or (speech.turn.role.capitalize() if first.context else None)
    text = f"{label}: {said}" if label else said
    return Fact(
        text=f"{first.context} {text}" if first.context else text,
        sources=first.sources,
        kind=kinds.kind_of(plain, words, dated=said != plain or event_at is not None),
        event_at=event_at,
        categories=kinds.categories_of(
            (*words_of(first.context), *words) if first.context else words
        ),
        slot=first.slot,
        attributed_to="assistant" if speech.by_agent else "user",
    )
