"""Days, weeks, months and years relative to a moment, with their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# In lower case, as other languages and short forms have them.
ELSEWHERE = """
    januar februar märz mai juni juli oktober dezember enero febrero marzo abril mayo junio
    julio agosto septiembre octubre noviembre diciembre janvier février mars avril juin
    juillet août septembre octobre novembre décembre gennaio febbraio aprile maggio giugno
    luglio settembre ottobre dicembre janeiro fevereiro março maio junho julho setembro
    outubro novembro dezembro jan feb apr jun jul aug sept oct nov dec
"""
MONTHS_ELSEWHERE = ELSEWHERE.split()
SATURDAY = 5
# The most days of a week and of a month.
WEEK, MONTH = 7, 31


@dataclass(frozen=True, slots=True)
class Span:
    """A span of the calendar.

    Attributes:
        label: Its name, such as "week of 1 May 2023".
        begin: Its beginning; None for spans longer than a month.
        days: How many days it may last.
    """

    label: str
    begin: datetime | None
    days: int = 1

    def holds(self, other: Span) -> bool:
        """Return whether another span begins inside this one and is shorter."""
        if self.begin is None or other.begin is None or other.days >= self.days:
            return False
        return self.begin <= other.begin < self.begin + timedelta(days=self.days)


def midnight(at: datetime) -> datetime:
    """Return the beginning of the day of a moment."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def day(at: datetime, shift: int = 0) -> Span:
    """Return the day that lies `shift` days from a moment."""
    begin = midnight(at) + timedelta(days=shift)
    return Span(_date(begin), begin)


def week(at: datetime, shift: int = 0) -> Span:
    """Return the week from Monday, `shift` weeks from that of a moment."""
    begin = midnight(at) + timedelta(days=7 * shift - at.weekday())
    return Span(f"week of {_date(begin)}", begin, WEEK)


def weekend(at: datetime, shift: int = 0) -> Span:
    """Return the weekend of the week that lies `shift` weeks from that of a moment."""
    begin = midnight(at) + timedelta(days=7 * shift + SATURDAY - at.weekday())
    return Span(f"weekend of {_date(begin)}", begin, 2)


def month(at: datetime, shift: int = 0) -> Span:
    """Return the month that lies `shift` months from that of a moment."""
    count = at.year * 12 + at.month - 1 + shift
    begin = midnight(at).replace(year=count // 12, month=count % 12 + 1, day=1)
    return Span(f"{MONTHS[begin.month - 1]} {begin.year}", begin, MONTH)


def month_end(at: datetime, shift: int = 0) -> Span:
    """Return the last day of the month that lies `shift` months from that of a moment."""
    count = at.year * 12 + at.month + shift
    begin = midnight(at).replace(year=count // 12, month=count % 12 + 1, day=1)
    return day(begin, -1)


def year(at: datetime, shift: int = 0) -> Span:
    """Return the year that lies `shift` years from that of a moment."""
    return Span(str(at.replace(year=at.year + shift, month=1, day=1).year), None)


def date(at: datetime, year: int, month: int, day: int) -> Span:
    """Return a day of the calendar, in a moment's time zone."""
    begin = midnight(at).replace(year=year, month=month, day=day)
    return Span(_date(begin), begin)


def _date(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"
