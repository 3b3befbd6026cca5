"""What a language says about dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from memfast.extraction.rules.tense import Tense

# Alternatives of a pattern, and what each means.
Words = Mapping[str, int]
SINCE_WITHIN = 24
CLAUSE = re.compile(r"[,;:!?.\u3002\uff0c\u3001\uff01](?=\s|\Z|[\u3040-\u9fff])")
NEAR = 150


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """A language: patterns of its words for dates.

    Attributes:
        hints: Trigger words; a text without any of them has no date.
        common: Frequent words; they tell the language.
        months: Of the twelve months, from January.
        weekdays: Of the seven days, from Monday.
        days: Phrases for days, and how far these are from today.
        numbers: Words for numbers.
        units: Patterns of units, and their English names.
        ago: Forms of "{n} {unit} ago".
        ahead: Forms of "in {n} {unit}".
        dates: Forms of "{day} {month}"; `{year}` may follow.
        slashed: A form of a date in digits, with the groups `day`, `m` and `year`.
        alone: Forms of "the 20th".
        on: What stands before a weekday that is a date.
        months_in: What stands before a month that is a date.
        turned: Forms of "{turn} {what}".
        week_days: Forms of "{weekday} of {turn} week".
        turns: Patterns of "last", "this" and "next", and how far these turn.
        periods: Phrases for a whole unit, each with the unit and how far it is.
        named: Patterns of names of days, and their English names.
        past: Marks of the past.
        future: Marks of the future.
        since: What makes a date one of the past, right before it.
        until: What makes a date one of the future, right before it.
        habit: What makes a day recur.
        condition: What begins a condition.
        spaced: Whether there are blanks between words.
    """

    hints: frozenset[str]
    common: frozenset[str]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    days: Words
    numbers: Words
    units: Mapping[str, str]
    ago: tuple[str, ...]
    ahead: tuple[str, ...]
    dates: tuple[str, ...]
    slashed: str
    alone: tuple[str, ...]
    on: str
    months_in: str
    turned: tuple[str, ...]
    week_days: tuple[str, ...]
    turns: Words
    periods: Mapping[str, tuple[str, int]]
    named: Mapping[str, str]
    past: str
    future: str
    since: str
    until: str
    habit: str
    condition: str
    spaced: bool = True


class Grammar:
    """The patterns of a vocabulary that tell tense, habit and condition."""

    def __init__(self, words: Vocabulary) -> None:
        edge = r"\b" if words.spaced else ""
        self._marks = re.compile(
            rf"(?P<future>{edge}(?:{words.future}){edge})|(?P<past>{edge}(?:{words.past}){edge})",
            re.IGNORECASE,
        )
        self._since = re.compile(rf"{edge}(?:{words.since})\s?\Z", re.IGNORECASE)
        self._until = re.compile(rf"{edge}(?:{words.until})\s?\Z", re.IGNORECASE)
        self._habit = re.compile(rf"{edge}(?:{words.habit}){edge}", re.IGNORECASE)
        self._condition = re.compile(rf"{edge}(?:{words.condition}){edge}[^.;]*\Z", re.IGNORECASE)

    def tense(self, text: str, begin: int, end: int) -> Tense:
        """Return the tense of a date between two places of a text."""
        near = max(0, begin - SINCE_WITHIN)
        if self._since.search(text, near, begin):
            return "past"
        first, last = max(0, begin - NEAR), min(len(text), end + NEAR)
        cuts = [cut.end() for cut in CLAUSE.finditer(text, first, begin)]
        cut = CLAUSE.search(text, end, last)
        tense = self._marked(text, cuts[-1] if cuts else first, cut.start() if cut else last, begin)
        if tense == "unknown" and self._until.search(text, near, begin):
            return "future"
        if tense != "unknown":
            return tense
        return "past" if self._marked(text, first, last, begin) == "past" else "unknown"

    def _marked(self, text: str, first: int, last: int, begin: int) -> Tense:
        best: Tense = "unknown"
        for match in self._marks.finditer(text, first, last):
            if match.start() >= begin and best != "unknown":
                break
            best = "future" if match.lastgroup == "future" else "past"
        return best

    def recurs(self, text: str, begin: int, end: int) -> bool:
        """Return whether the words around a date make it a recurring one."""
        return self._habit.search(text, max(0, begin - 40), end + 40) is not None

    def is_condition(self, text: str, begin: int) -> bool:
        """Return whether the words before a date make it part of a condition."""
        return self._condition.search(text, max(0, begin - 60), begin) is not None
