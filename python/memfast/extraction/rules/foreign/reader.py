"""Reads relative dates by the vocabulary of a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from typing import TypeVar

from memfast.extraction.rules import named_days, spans, yearless
from memfast.extraction.rules.date_readers import FARTHEST_MONTH, MONTHS_A_YEAR, shifted
from memfast.extraction.rules.foreign.eastern import KANJI
from memfast.extraction.rules.foreign.vocabulary import Grammar, Vocabulary
from memfast.extraction.rules.spans import Span
from memfast.extraction.rules.tense import FUTURE_TENSES, PAST_TENSES, Tense

# Most matches of one form in a text; bounds the work on texts made of dates.
MOST = 16
CENTURY = 100
MILLENNIUM = 2000
TEN = 10
WEEKDAY_END = r"(?:abend|morgen|nachmittag|mittag)?(?:(?i: (?:soir|matin|noche|tarde|sera)))?"
DAY = {True: r"(?P<day>\d{1,2})", False: rf"(?P<day>\d{{1,2}}|[{KANJI}]{{1,3}})"}
# Returns the meaning of a match at a moment; the flag says whether it is absolute already.
T = TypeVar("T")
Reading = Callable[[re.Match[str], datetime], Span | None]


def _group(name: str, patterns: Iterable[str]) -> str:
    ordered = sorted(patterns, key=len, reverse=True)
    return f"(?P<{name}>{'|'.join(f'(?:{pattern})' for pattern in ordered)})"


def _meaning(words: Mapping[str, T], text: str) -> T:
    """Return what a text means that one of these patterns matches."""
    return next(
        meaning for pattern, meaning in words.items() if re.fullmatch(pattern, text, re.IGNORECASE)
    )


def _place(patterns: tuple[str, ...], text: str) -> int:
    return next(
        at
        for at, pattern in enumerate(patterns)
        if re.fullmatch(_anywhere(pattern), text, re.IGNORECASE)
    )


def _anywhere(pattern: str) -> str:
    """Return a pattern without what it asks of the text before."""
    return re.sub(r"\(\?<!.*?\)", "", pattern)


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, found, units = text.partition("\u5341")
    if found:
        return (KANJI.index(tens) + 1 if tens else 1) * TEN + (
            KANJI.index(units) + 1 if units else 0
        )
    return KANJI.index(text) + 1


class Reader:
    """The forms of a language."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self._grammar = Grammar(words)
        self._forms = [
            (re.compile(self._edged(pattern), re.IGNORECASE), reading, whole)
            for pattern, reading, whole in self._table()
        ]

    def _edged(self, pattern: str) -> str:
        edge = r"(?<!\w)" if self._words.spaced else ""
        return rf"{edge}(?:{pattern})" + (r"(?!\w)" if self._words.spaced else "")

    def _table(self) -> Iterator[tuple[str, Reading, bool]]:
        words = self._words
        n = rf"(?P<n>\d{{1,4}}|{'|'.join(words.numbers)})"
        unit, month = _group("unit", words.units), _group("month", words.months)
        weekday, turn = _group("weekday", words.weekdays), _group("turn", words.turns)
        day, year = DAY[words.spaced], r"(?P<year>(?:19|20)\d\d)"
        dates = [form.format(day=day, month=month) for form in words.dates]
        yield words.slashed, self._slashed, True
        if words.spaced:
            yield from ((rf"{date},? (?:de |del )?{year}", self._full, True) for date in dates)
            yield rf"{month} (?:de |del )?{year}", self._month_year, True
        yield from ((date, self._day_month, False) for date in dates)
        yield _group("name", words.named), self._named, False
        for forms, reading in ((words.ago, self._ago), (words.ahead, self._ahead)):
            yield from ((form.format(n=n, unit=unit), reading, False) for form in forms)
        for form in words.week_days:
            yield form.format(turn=turn, weekday=weekday), self._week_day, False
        for form in words.turned:
            what = rf"(?:{weekday}|{unit}|{month})" if words.spaced else weekday
            yield form.format(turn=turn, what=what), self._turned, False
        yield _group("period", words.periods), self._period, False
        yield _group("word", words.days), self._day_word, False
        if words.spaced:
            yield rf"(?P<on>{words.on}) ?{weekday}{WEEKDAY_END}", self._weekday, False
            yield rf"(?:{words.months_in}) {month}(?! \d)", self._month, False
        else:
            yield weekday, self._weekday, False
        yield from ((form.format(day=day), self._day_only, False) for form in words.alone)

    def read(self, text: str, at: datetime) -> list[tuple[int, Span, bool]]:
        """Return the end of each date, its meaning, and whether it is absolute already."""
        taken: list[tuple[int, int]] = []
        found: list[tuple[int, Span, bool]] = []
        for pattern, reading, whole in self._forms:
            for match in islice(pattern.finditer(text), MOST):
                begin, end = match.span()
                if any(begin < last and first < end for first, last in taken):
                    continue
                taken.append((begin, end))
                if self._grammar.is_condition(text, begin):
                    continue
                try:
                    span = reading(match, at)
                except (ValueError, OverflowError):  # no such day, or out of the calendar
                    span = None
                if span is not None:
                    found.append((end, span, whole))
                elif whole or match.groupdict().get("day") is None:
                    taken.pop()
        return sorted(found, key=lambda place: place[0])

    def _tense(self, match: re.Match[str]) -> Tense:
        begin = min(at for name in match.groupdict() if (at := match.start(name)) >= 0)
        if match.groupdict().get("on") is not None:
            begin = match.end("on")
        return self._grammar.tense(match.string, begin, match.end())

    def _recurs(self, match: re.Match[str]) -> bool:
        return self._grammar.recurs(match.string, match.start(), match.end())

    def _month_number(self, match: re.Match[str]) -> int:
        return _place(self._words.months, match["month"]) + 1

    def _slashed(self, match: re.Match[str], at: datetime) -> Span | None:
        month, day = int(match["m"]), int(match["day"])
        if match["year"]:
            year = int(match["year"])
            return spans.date(at, year + (MILLENNIUM if year < CENTURY else 0), month, day)
        if self._recurs(match):
            return None
        return yearless.day_of_year(at, month, day, self._tense(match))

    def _full(self, match: re.Match[str], at: datetime) -> Span | None:
        return spans.date(at, int(match["year"]), self._month_number(match), int(match["day"]))

    def _month_year(self, match: re.Match[str], at: datetime) -> Span | None:
        month = self._month_number(match)
        return spans.month(at.replace(year=int(match["year"]), month=month, day=1))

    def _day_month(self, match: re.Match[str], at: datetime) -> Span | None:
        if self._recurs(match):
            return None
        day = _number(match["day"])
        return yearless.day_of_year(at, self._month_number(match), day, self._tense(match))

    def _named(self, match: re.Match[str], at: datetime) -> Span | None:
        tense = self._tense(match)
        if self._recurs(match) or tense == "unknown":
            return None
        of = named_days.of_name(_meaning(self._words.named, match["name"]))
        return yearless.named_day(at, of, range(at.year - 1, at.year + 2), tense)

    def _count(self, match: re.Match[str]) -> int:
        text = match["n"]
        return int(text) if text.isdigit() else _meaning(self._words.numbers, text)

    def _unit(self, match: re.Match[str]) -> str:
        return _meaning(self._words.units, match["unit"])

    def _ago(self, match: re.Match[str], at: datetime) -> Span | None:
        return shifted(self._unit(match), -self._count(match), at)

    def _ahead(self, match: re.Match[str], at: datetime) -> Span | None:
        if self._tense(match) in PAST_TENSES or self._recurs(match):
            return None
        return shifted(self._unit(match), self._count(match), at)

    def _week_day(self, match: re.Match[str], at: datetime) -> Span | None:
        distance = _place(self._words.weekdays, match["weekday"]) - at.weekday()
        return spans.day(at, distance + 7 * _meaning(self._words.turns, match["turn"]))

    def _turned(self, match: re.Match[str], at: datetime) -> Span | None:
        turn = _meaning(self._words.turns, match["turn"])
        if match["weekday"]:
            distance = _place(self._words.weekdays, match["weekday"]) - at.weekday()
            # Without blanks the week is named: "the Friday of next week".
            if not self._words.spaced or turn == 0:
                return spans.day(at, distance + 7 * turn)
            if turn < 0:
                return spans.day(at, distance - 7 if distance >= 0 else distance)
            return spans.day(at, distance if distance > 0 else distance + 7)
        if match["month"]:
            distance = self._month_number(match) - at.month
            distance -= MONTHS_A_YEAR if turn < 0 and distance >= 0 else 0
            distance += MONTHS_A_YEAR if turn > 0 and distance <= 0 else 0
            return spans.month(at, distance)
        return shifted(self._unit(match), turn, at)

    def _period(self, match: re.Match[str], at: datetime) -> Span | None:
        unit, turn = _meaning(self._words.periods, match["period"])
        if unit == "weekend" and turn == 0 and self._tense(match) in PAST_TENSES:
            turn = -(at.weekday() < spans.SATURDAY)
        return shifted(unit, turn, at)

    def _day_word(self, match: re.Match[str], at: datetime) -> Span | None:
        text = match["word"]
        shift = next(
            shift
            for pattern, shift in self._words.days.items()
            if re.fullmatch(_anywhere(pattern), text, re.IGNORECASE)
        )
        return spans.day(at, shift)

    def _weekday(self, match: re.Match[str], at: datetime) -> Span | None:
        if self._recurs(match):
            return None
        tense = self._tense(match)
        weekday = _place(self._words.weekdays, match["weekday"])
        return yearless.day_of_week(at, weekday, "rather future" if tense == "unknown" else tense)

    def _month(self, match: re.Match[str], at: datetime) -> Span | None:
        tense = self._tense(match)
        distance = self._month_number(match) - at.month
        if self._recurs(match):
            return None
        if tense in PAST_TENSES:
            return spans.month(at, distance - MONTHS_A_YEAR if distance > 0 else distance)
        distance += MONTHS_A_YEAR if distance < 0 else 0
        if tense in FUTURE_TENSES and distance <= FARTHEST_MONTH:
            return spans.month(at, distance)
        return None

    def _day_only(self, match: re.Match[str], at: datetime) -> Span | None:
        if self._recurs(match):
            return None
        tense = self._tense(match)
        return yearless.day_of_month(
            at, _number(match["day"]), "present" if tense == "unknown" else tense
        )


@cache
def reader_of(words: Vocabulary) -> Reader:
    """Return the forms of a language; they are compiled at its first date."""
    return Reader(words)
