"""Merges facts that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from memfast.extraction.facts import Fact
from memfast.extraction.rules.words import WEAK, is_part, terms_of

# Most facts with the same set of words that a new fact is compared with.
MOST_ALIKE = 16


class Merged:
    """Facts, merged where one contains all significant words of another in the same order.

    The longer text stays, at the position of the first, with all sources. Two statements of one
    value are not merged across a statement of another value: the last statement holds.

    Attributes:
        facts: The facts, in the order of their first statement.
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self._terms: list[tuple[str, ...]] = []
        self._places: dict[tuple[str, frozenset[str]], list[int]] = {}
        self._latest: dict[str, int] = {}

    def add(self, fact: Fact, terms: tuple[str, ...]) -> None:
        """Add a fact, or merge it with one that says the same.

        Args:
            fact: The fact.
            terms: `terms_of` its text.
        """
        places = self._places.setdefault((fact.attributed_to, _essence(terms)), [])
        if places and self._join(fact, terms, places):
            return
        places.append(len(self.facts))
        if fact.slot:
            self._latest[fact.slot] = len(self.facts)
        self.facts.append(fact)
        self._terms.append(terms)

    def correct(self, fact: Fact, terms: tuple[str, ...]) -> None:
        """Put a fact in place of the one that it corrects, where that is among them."""
        for place, known in enumerate(self.facts):
            if known.text == fact.corrects:
                self.facts[place] = replace(fact, corrects=known.corrects)
                self._terms[place] = terms
                self._places.setdefault((fact.attributed_to, _essence(terms)), []).append(place)
                self._unplace(known, place)
                return
        self.add(fact, terms)

    def _unplace(self, known: Fact, place: int) -> None:
        """Forget that a fact has the words of another one."""
        places = self._places.get((known.attributed_to, _essence(terms_of(known.text))), [])
        if place in places:
            places.remove(place)

    def _join(self, fact: Fact, terms: tuple[str, ...], places: list[int]) -> bool:
        # A fact superseded by another value is not merged with.
        places[:] = [place for place in places if self._holds(place)][-MOST_ALIKE:]
        for place in places:
            known = self.facts[place]
            if is_part(terms, self._terms[place]):
                self.facts[place] = _joined(known, fact)
                return True
            if is_part(self._terms[place], terms):
                self.facts[place] = _joined(fact, known)
                self._terms[place] = terms
                return True
        return False

    def _holds(self, place: int) -> bool:
        slot = self.facts[place].slot
        return slot is None or self._latest.get(slot, place) == place


def says_the_same(one: str, other: str) -> bool:
    """Return whether one of two texts contains all significant words of the other in order."""
    (mine, my_essence), (theirs, their_essence) = essence_of(one), essence_of(other)
    return my_essence == their_essence and (is_part(mine, theirs) or is_part(theirs, mine))


@lru_cache(maxsize=4096)
def essence_of(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the words of a text, and the set of its significant words."""
    words = terms_of(text)
    return words, _essence(words)


def _essence(words: Sequence[str]) -> frozenset[str]:
    every = frozenset(words)
    return every - WEAK or every


def _joined(longer: Fact, other: Fact) -> Fact:
    sources = tuple(sorted({*longer.sources, *other.sources}))
    event_at = longer.event_at or other.event_at
    slot = longer.slot or other.slot
    if (sources, event_at, slot) == (longer.sources, longer.event_at, longer.slot):
        return longer
    return replace(longer, sources=sources, event_at=event_at, slot=slot)
