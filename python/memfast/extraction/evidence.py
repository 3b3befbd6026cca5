"""What of a fact can be wrong: its numbers, its dates and its names must come from somewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from memfast.extraction.days import Calendar, days_in, weekdays_in
from memfast.extraction.facts import Turn
from memfast.extraction.names import Names, are_foreign, names_in
from memfast.extraction.numerals import numbers_in, values_in

_TIME = re.compile(
    r"(?<![\d.,:])(\d{1,2})(?:[:.h](\d\d))?(?::\d\d)?\s?(a\.?m\b|p\.?m\b|uhr\b|h\b|o'clock\b|[点點時时]|시)"
    r"|(?<![\d.,:/])(\d{1,2}):(\d\d)(?::\d\d)?(?!\d)"
)
_AGED = re.compile(
    r"\b(?:years?|yrs?|y\.?o|old|age[ds]?|turn\w*|birthday|born|i'?m|am|since|jahre?n?|alt|geboren|ans|n[ée]e?"
    r"|años?|tengo|nac\w+|ann[oi]|nat[oa]|anos|nasc\w+|jaar|geboren|лет|год\w*|родил\w*)\b|[年岁歲歳살]"
)
_LIST = re.compile(r",|&|\b(?:and|plus|or|und|et|y|e|en|и)\b|[、和と,]")
_MOST_LISTED = 8
# Pairs of units, with how much of the second one of the first is.
_MEASURES: tuple[tuple[str, str, float], ...] = (
    (r"miles?|mi", r"km|kilomet\w+|kilómetros?", 1.609),
    (r"pounds?|lbs?", r"kg|kilos?|kilogram\w*", 0.4536),
    (r"stone|st", r"kg|kilos?|kilogram\w*", 6.35),
    (r"feet|foot|ft", r"m|met(?:er|re)s?", 0.3048),
    (r"inch(?:es)?|in", r"cm|centimet\w+", 2.54),
    (r"m|met(?:er|re)s?", r"cm|centimet\w+", 100),
    (r"km|kilomet\w+", r"m|met(?:er|re)s?", 1_000),
    (r"kg|kilos?", r"g|grams?|gramm", 1_000),
    (r"hours?|hrs?|h|stunden?", r"min\w*", 60),
    (r"days?", r"hours?", 24),
    (r"weeks?|wochen?|semanas?|semaines?", r"days?|tagen?|días?|jours?", 7),
    (r"years?|yrs?|jahre?n?|años?|ans?", r"months?|monaten?|meses|mois", 12),
    (r"decades?", r"years?", 10),
    (r"dozens?", r"\w+", 12),
)
_MEASURE = [
    (re.compile(rf"\b(?:{one})\b"), re.compile(rf"(?:\d|\b)(?:{other})\b"), factor)
    for one, other, factor in _MEASURES
]
_ROUNDING = 0.04
_OLDEST = 120
_FIRST_YEAR, _LAST_YEAR = 1000, 2200
_NOON = 12
_SHOWN = 40


@dataclass
class Evidence:
    """The texts that the numbers, dates and names of facts come from.

    Attributes:
        turns: The messages, and those before them.
        known: Memories that were shown.
        names: Names of speakers, ids of the scope.
        days: Days that were shown with memories, as ISO dates.
    """

    turns: Sequence[Turn]
    known: Collection[str] = ()
    names: Collection[str] = ()
    days: Collection[str] = field(default=())

    def fault_in(self, text: str, told: Sequence[Turn]) -> str | None:
        """Return what a fact holds that follows from nothing; None for nothing.

        Args:
            text: The fact.
            told: The messages that it comes from. A name in another script than theirs may be
                written in any way.
        """
        return self._days_in(text) or self._numbers_in(text) or self._names_in(text, told)

    def may_be_in(self, year: int) -> bool:
        """Return whether a year is stated, follows, or is beside that of a message."""
        if not self._times or any(abs(at.year - year) <= 1 for at in self._times):
            return True
        return float(year) in self._values or year in self._years or self._calendar.holds_year(year)

    @cached_property
    def _texts(self) -> list[str]:
        return [*(turn.content for turn in self.turns), *self.known]

    @cached_property
    def _low(self) -> str:
        return "\n".join([*self._texts, *self.names]).casefold()

    @cached_property
    def _values(self) -> set[float]:
        return values_in(self._low)

    @cached_property
    def _times(self) -> set[datetime]:
        return {turn.at for turn in self.turns if turn.at is not None}

    @cached_property
    def _years(self) -> set[int]:
        """The years that are stated, that messages were said in, and those reckoned from ages."""
        stated = {int(value) for value in self._values if _FIRST_YEAR <= value <= _LAST_YEAR}
        years = {at.year for at in self._times}
        ages = {int(value) for value in self._values if 0 < value <= _OLDEST}
        if not _AGED.search(self._low):
            ages = set()
        reckoned = {year - age - past for year in years for age in ages for past in (0, 1)}
        short = {
            century + int(year)
            for year in re.findall(r"['\u2019](\d\d)\b|\b(\d0)s\b", self._low)
            for year in year
            if year
            for century in (1900, 2000)
        }
        return stated | years | reckoned | short

    @cached_property
    def _calendar(self) -> Calendar:
        calendar = Calendar()
        for turn in self.turns:
            calendar.read(turn.content, turn.at.date() if turn.at else None)
        for text in (*self.known, *self.days):
            calendar.read(text, None, dated=False)
        return calendar

    @cached_property
    def _names(self) -> Names:
        return Names([*self._texts, *self.names])

    def _days_in(self, text: str) -> str | None:
        if not any(sign.isdigit() or sign.isupper() for sign in text) and text.isascii():
            return None
        beside = {at.year + shift for at in self._times for shift in (-1, 1)}
        by_place: dict[tuple[int, int], bool] = {}
        for day in days_in(text):
            place = (day.begin, day.end)
            years = self._years | beside if self._times else None
            held = self._calendar.holds(day, years)
            by_place[place] = by_place.get(place, False) or held
        for (begin, end), held in by_place.items():
            if not held:
                return f"the date {text[begin:end]!r:.{_SHOWN}} does not follow from the messages"
        for weekday, begin, end in weekdays_in(text):
            if not self._calendar.holds_weekday(weekday):
                return f"the day {text[begin:end]!r} does not follow from the messages"
        return None

    def _numbers_in(self, text: str) -> str | None:
        low = text.casefold()
        spans = [(day.begin, day.end) for day in days_in(text)] if len(low) == len(text) else []
        for match in _TIME.finditer(low):
            spans.append(match.span())
            hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
            if not self._has_time(hour, minute):
                return f"the time {match.group()!r:.{_SHOWN}} does not follow from the messages"
        for number in numbers_in(low):
            within = any(begin < number.end and number.begin < end for begin, end in spans)
            if not within and not self._has(number.values, number.parts, low, number.end):
                shown = low[number.begin : number.end]
                return f"the number {shown!r:.{_SHOWN}} does not follow from the messages"
        return None

    def _has_time(self, hour: int, minute: int) -> bool:
        hours = {hour % 24, (hour + _NOON) % 24, hour % _NOON, hour}
        if minute:
            hours |= {one + 1 for one in hours}
        minutes = {0.0, *self._values, *(60 - value for value in self._values)}
        return any(float(one) in self._values for one in hours) and float(minute) in minutes

    def _has(self, values: Collection[float], parts: tuple[int, ...], low: str, end: int) -> bool:
        if any(value == 1 or value in self._values for value in values):
            return True
        whole = [int(value) for value in values if value.is_integer() and value <= _LAST_YEAR]
        if any(
            year in self._years or self._calendar.holds_year(year)
            for year in whole
            if year >= _FIRST_YEAR
        ):
            return True
        if len(parts) > 1 and self._has_time(parts[0], parts[1]) and len(parts) == 2:  # noqa: PLR2004
            return True
        ages = {
            at.year - year - past
            for at in self._times
            for year in self._years
            for past in (0, 1)
            if year != at.year
        }
        if any(age in ages for age in whole) and _AGED.search(low):
            return True
        listed = 1 + len(_LIST.findall(self._low))
        if any(2 <= count <= min(listed, _MOST_LISTED) for count in whole):  # noqa: PLR2004
            return True
        return any(self._has_measure(value, low[end : end + _SHOWN]) for value in values)

    def _has_measure(self, value: float, behind: str) -> bool:
        """Return whether a value with the unit behind it is one of the messages in another unit."""
        for first, second, factor in _MEASURE:
            for unit, other, by in ((second, first, factor), (first, second, 1 / factor)):
                if not unit.match(behind.lstrip(" -")) or not other.search(self._low):
                    continue
                if any(
                    abs(held * by - value) <= _ROUNDING * value for held in self._values | {1.0}
                ):
                    return True
        return False

    def _names_in(self, text: str, told: Sequence[Turn]) -> str | None:
        missing = [name for name in names_in(text) if not self._names.holds(name)]
        if not missing:
            return None
        short = self._names.shortened(text)
        said = [turn.content for turn in told or self.turns]
        for name in missing:
            if name not in short and not are_foreign(said, name):
                return f"the name {name!r:.{_SHOWN}} is not in the messages"
        return None
