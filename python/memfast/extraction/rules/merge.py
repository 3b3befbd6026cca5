"""Facts that say the same become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memfast.extraction.facts import Fact
from memfast.extraction.rules.words import WEAK, is_part, terms_of


def merge(facts: Sequence[Fact]) -> list[Fact]:
    """Join facts of which one says, in the same order, all that matters of another.

    The longer text stays, in the place of the first, with all sources. Between two statements of
    one value must stand none of another: the last that was said holds.
    """
    merged: list[Fact] = []
    places: dict[tuple[str, frozenset[str]], list[int]] = {}
    latest: dict[str, int] = {}
    for fact in facts:
        words = terms_of(fact.text)
        key = fact.attributed_to, frozenset(words) - WEAK or frozenset(words)
        for place in places.setdefault(key, []):
            known = merged[place]
            if known.slot and latest.get(known.slot, place) != place:
                continue
            if is_part(words, known_words := terms_of(known.text)):
                merged[place] = _joined(known, fact)
                break
            if is_part(known_words, words):
                merged[place] = _joined(fact, known)
                break
        else:
            places[key].append(len(merged))
            if fact.slot:
                latest[fact.slot] = len(merged)
            merged.append(fact)
    return merged


def says_the_same(one: str, other: str) -> bool:
    """Tell whether one of two texts says, in the same order, all that matters of the other."""
    mine, theirs = terms_of(one), terms_of(other)
    if (frozenset(mine) - WEAK or frozenset(mine)) != (
        frozenset(theirs) - WEAK or frozenset(theirs)
    ):
        return False
    return is_part(mine, theirs) or is_part(theirs, mine)


def _joined(longer: Fact, other: Fact) -> Fact:
    return replace(
        longer,
        sources=tuple(sorted({*longer.sources, *other.sources})),
        event_at=longer.event_at or other.event_at,
        slot=longer.slot or other.slot,
    )
