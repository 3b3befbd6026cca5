"""Extracts facts from messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from memfast.extraction.facts import Fact, Turn
from memfast.extraction.rules import dates, kinds, worth
from memfast.extraction.rules.chatter import FILLERS
from memfast.extraction.rules.conversation import Conversation, Corrected
from memfast.extraction.rules.facets import facets_of
from memfast.extraction.rules.merge import Merged
from memfast.extraction.rules.speech import Speech, key_of, read
from memfast.extraction.rules.statements import ANSWER, Statement
from memfast.extraction.rules.words import terms_of, words_of
from memfast.extraction.slices import Slices, at_once


def extract(
    turns: Sequence[Turn],
    *,
    earlier: Sequence[Turn] = (),
    agent: bool = False,
    recalled: Collection[str] = (),
) -> list[Fact]:
    """Return the facts in messages; see `extracting`."""
    return at_once(extracting(turns, earlier=earlier, agent=agent, recalled=recalled))


def extracting(
    turns: Sequence[Turn],
    *,
    earlier: Sequence[Turn] = (),
    agent: bool = False,
    recalled: Collection[str] = (),
) -> Slices[list[Fact]]:
    """Return the facts in messages, in the order of their statements.

    The rules are for English; of statements in other languages only dates are read. No word is changed:
    a fact is the statement, preceded by the speaker's name if known, by the question that a short
    answer needs and by the heading of its list, with absolute dates after relative ones, and with
    the name behind a pronoun where one fits. Of a statement that is corrected the wrong value is
    replaced by the right one. The time is linear in the length of the messages.

    Args:
        turns: Messages of a conversation, in order.
        earlier: The messages before them. They give no facts, and tell what is answered, meant or
            corrected.
        agent: Also keep what the assistant says about itself: identity, promises, results. By
            default its claims are kept only when a person confirms them.
        recalled: Known texts; facts equal to one are left out.

    Returns:
        Facts; empty if there are none. No text raises an error.
    """
    before: list[Speech] = []
    for turn in earlier:
        before += yield from read(turn)
    speeches: list[Speech] = []
    for turn in turns:
        speeches += yield from read(turn)
    names = frozenset(speech.name for speech in (*before, *speeches) if speech.name)
    talk = Conversation(_fillers(names), frozenset(map(str.lower, names)), agent=agent)
    for speech in before:
        talk.hear(speech)
    known = frozenset(map(key_of, recalled))
    merged = Merged()
    for speech in speeches:
        heard = talk.hear(speech)
        corrected = yield from talk.corrected(heard)
        if corrected is not None:
            fact, terms = _corrected(heard.speech, corrected)
            merged.correct(fact, terms)
        yield from talk.read(heard, known)
        for passage in heard.passages or ():
            fact, terms = _fact(heard.speech, passage)
            yield
            if fact.worth >= worth.LEAST and not (known and key_of(fact.text) in known):
                merged.add(fact, terms)
    return merged.facts


def _corrected(speech: Speech, corrected: Corrected) -> tuple[Fact, tuple[str, ...]]:
    """Return the fact that takes the place of a wrong one, with its terms."""
    wrong, _ = _fact(*corrected.wrong)
    fact, terms = _fact(speech, corrected.passage)
    sources = tuple(dict.fromkeys((*wrong.sources, speech.turn.index)))
    value = max(fact.worth, worth.LEAST)
    return replace(fact, sources=sources, corrects=wrong.text, worth=value), terms


@lru_cache(maxsize=256)
def _fillers(names: frozenset[str]) -> frozenset[str]:
    """Return the words without content, with the names of the speakers."""
    return FILLERS.union(part for name in names for part in words_of(name))


def _fact(speech: Speech, passage: Sequence[Statement]) -> tuple[Fact, tuple[str, ...]]:
    first = passage[0]
    at = speech.turn.at
    plain, words, said, event_at = first.text, first.words, "", None
    if len(passage) > 1:
        plain = " ".join([item.text for item in passage])
        words = tuple(chain.from_iterable([item.words for item in passage]))
    if at is None:
        said = plain
    else:
        resolved = [
            dates.resolve(item.text, item.words, at, english=item.english) for item in passage
        ]
        said = " ".join([text for text, _ in resolved])
        event_at = next((when for _, when in resolved if when), None)
    dated = said != plain
    if first.item == ANSWER:
        event_at = event_at or at
    context = words_of(first.context) if first.context else ()
    # Beside its question an unnamed speaker is given by role.
    label = speech.caller if first.context else speech.label
    text = f"{label}: {said}" if label else said
    if first.context:
        text = f"{first.context} {text}"
    name = words_of(label) if label else ()
    fact_words = (*context, *name, *(words_of(said) if dated else words))
    categories = kinds.categories_of((*context, *words) if context else words)
    kind = kinds.kind_of(plain, words, dated=dated or event_at is not None)
    value = worth.worth_of(
        plain, words, len(categories), answers=bool(context) or any(item.meant for item in passage)
    )
    if speech.by_agent or kind == "procedural" or first.alone or dated:
        value = max(value, worth.LEAST)
    trusted = not speech.message.gives_orders
    fact = Fact(
        text=text,
        sources=first.sources,
        kind=kind,
        event_at=event_at,
        categories=categories,
        # What fills a slot supersedes what filled it.
        slot=first.slot if trusted else None,
        attributed_to="assistant" if speech.by_agent else "user",
        facets=facets_of(plain, speech.subject, first.slot),
        worth=value,
        trusted=trusted,
    )
    return fact, terms_of(text, fact_words)
