"""Chooses among the days that a date without a year can mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from memfast.extraction.rules import spans
from memfast.extraction.rules.spans import Span
from memfast.extraction.rules.tense import Tense

# Two days that are about as far away are ambiguous.
CLOSE = timedelta(days=30)
# How much farther the day on the side of a weak mark may be: "I need to return what I bought on
# 3 March" is not about the next March.
FARTHER = timedelta(days=150)
YEARS_AROUND = 8


def day_of_year(at: datetime, month: int, day: int, tense: Tense) -> Span | None:
    """Return the day that a month and day without a year mean at a moment.

    The latest one not after the moment in the past tense, the earliest one not before it in the
    future; else the nearest.

    Returns:
        The day; None where two are about as near.

    Raises:
        ValueError: If no year has such a day.
    """
    spans.midnight(at).replace(year=2000, month=month, day=day)
    # A 29 February lies up to eight years away.
    around = YEARS_AROUND if (month, day) == (2, 29) else 1
    years = range(at.year - around, at.year + around + 1)
    return named_day(at, lambda _: (month, day), years, tense)


def named_day(
    at: datetime, of: Callable[[int], tuple[int, int]], years: Iterable[int], tense: Tense
) -> Span | None:
    """Return the day of one of some years; see `day_of_year`.

    Args:
        at: The moment.
        of: Returns the month and day of a year.
        years: At least the year of the moment and those beside it.
        tense: The tense around the date.
    """
    days = []
    for year in years:
        month, day = of(year)
        try:
            days.append(spans.midnight(at).replace(year=year, month=month, day=day))
        except ValueError:
            continue
    begin = _choice(spans.midnight(at), days, tense, CLOSE, FARTHER)
    return None if begin is None else spans.day(begin)


def day_of_month(at: datetime, day: int, tense: Tense) -> Span | None:
    """Return the day that "the 20th" means at a moment; None where two are about as near."""
    days = []
    for shift in range(-2, 3):
        begin = spans.month(at, shift).begin
        if begin is not None:
            try:
                days.append(begin.replace(day=day))
            except ValueError:
                continue
    begin = _choice(spans.midnight(at), days, tense, CLOSE / 6, FARTHER / 6)
    return None if begin is None else spans.day(begin)


def day_of_week(at: datetime, weekday: int, tense: Tense) -> Span | None:
    """Return the day that a weekday means at a moment: never its own; None without a tense.."""
    if tense in {"unknown", "open"}:
        return None
    distance = (weekday - at.weekday()) % 7
    if tense in {"past", "rather past"}:
        return spans.day(at, distance - 7)
    return spans.day(at, distance or 7)


def _choice(
    today: datetime,
    days: Iterable[datetime],
    tense: Tense,
    close: timedelta,
    farther: timedelta,
) -> datetime | None:
    days = sorted(days)
    before = max((day for day in days if day <= today), default=None)
    after = min((day for day in days if day >= today), default=None)
    if before is None or after is None:
        return before or after
    back, ahead = today - before, after - today
    takes_back = {
        "past": True,
        "rather past": back - ahead < farther,
        "future": False,
        "rather future": ahead - back >= farther,
        "present": ahead - back >= farther,
    }.get(tense, back < ahead)
    if tense in {"unknown", "open"} and before != after and abs(back - ahead) < close:
        return None
    return before if takes_back else after
