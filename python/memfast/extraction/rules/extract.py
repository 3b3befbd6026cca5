"""From messages to facts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from memfast.extraction.facts import Fact, Turn
from memfast.extraction.rules import dates, kinds
from memfast.extraction.rules.merge import merge
from memfast.extraction.rules.speech import Speech, key_of, read
from memfast.extraction.rules.statements import Statement, of_agent, of_user
from memfast.extraction.rules.words import words_of

# Statements of one message are kept together up to this many characters: a short one says little
# away from its neighbours.
PASSAGE = 120


def extract(
    turns: Sequence[Turn], *, agent: bool = False, recalled: Collection[str] = ()
) -> list[Fact]:
    """Return the facts that messages tell, in the order in which they tell them.

    The rules read English; statements in other languages are kept as they were said. No word is
    changed: a fact is what was said, with the speaker's name before it where one is known, the
    question before it where a short answer needs it, and dates behind relative times.

    Args:
        turns: Messages of a conversation, in order.
        agent: Also keep what the assistant says of itself: who it is, what it promises, what it
            has done. Otherwise it only counts where somebody confirms it.
        recalled: Texts that are known already; equal ones are left out.

    Returns:
        Facts; none where nothing is told. No text raises an error.
    """
    speeches = [speech for turn in turns for speech in read(turn)]
    names = frozenset(part for speech in speeches for part in words_of(speech.name or ""))
    known = frozenset(map(key_of, recalled))
    facts: list[Fact] = []
    before: Speech | None = None
    for speech in speeches:
        if not speech.by_agent:
            statements = of_user(speech, before, names)
        else:
            statements = of_agent(speech) if agent else iter(())
        fresh = [item for item in statements if not known or key_of(item.text) not in known]
        found = _facts(speech, fresh)
        facts += (fact for fact in found if not known or key_of(fact.text) not in known)
        before = speech
    return merge(facts)


def _facts(speech: Speech, statements: Sequence[Statement]) -> Iterator[Fact]:
    passage: list[Statement] = []
    for statement in statements:
        length = sum(len(item.text) + 1 for item in passage) + len(statement.text)
        joined = length <= PASSAGE and not (statement.alone or statement.context)
        if passage and (not joined or passage[-1].alone):
            yield _fact(speech, passage)
            passage = []
        passage.append(statement)
    if passage:
        yield _fact(speech, passage)


def _fact(speech: Speech, passage: Sequence[Statement]) -> Fact:
    first = passage[0]
    resolved = [
        dates.resolve(item.text, item.words, speech.turn.at if item.english else None)
        for item in passage
    ]
    said = " ".join(text for text, _ in resolved)
    event_at = next((when for _, when in resolved if when), None)
    plain = " ".join(item.text for item in passage)
    words = tuple(word for item in passage for word in item.words)
    # A nameless answer is told from its question by its role.
    label = speech.caller if first.context else speech.label
    text = f"{label}: {said}" if label else said
    return Fact(
        text=f"{first.context} {text}" if first.context else text,
        sources=first.sources,
        kind=kinds.kind_of(plain, words, dated=said != plain or event_at is not None),
        event_at=event_at,
        categories=kinds.categories_of((*words_of(first.context or ""), *words)),
        slot=first.slot,
        attributed_to="assistant" if speech.by_agent else "user",
    )
