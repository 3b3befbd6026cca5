"""Days of the year that have a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

DayOfYear = Callable[[int], tuple[int, int]]
THURSDAY = 3


def _fixed(month: int, day: int) -> DayOfYear:
    return lambda _: (month, day)


def easter(year: int) -> date:
    """Return Easter Sunday of the western churches (Anonymous Gregorian algorithm, Nature 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _by_easter(shift: int) -> DayOfYear:
    def of(year: int) -> tuple[int, int]:
        day = easter(year) + timedelta(days=shift)
        return day.month, day.day

    return of


def _thanksgiving(year: int) -> tuple[int, int]:
    first = date(year, 11, 1).weekday()
    return 11, 22 + (THURSDAY - first) % 7


# The name that other languages are translated to, and its day.
DAYS: dict[str, DayOfYear] = {
    "christmas eve": _fixed(12, 24),
    "christmas": _fixed(12, 25),
    "boxing day": _fixed(12, 26),
    "new year's eve": _fixed(12, 31),
    "new year's day": _fixed(1, 1),
    "valentine's": _fixed(2, 14),
    "patrick's": _fixed(3, 17),
    "april fool": _fixed(4, 1),
    "juneteenth": _fixed(6, 19),
    "halloween": _fixed(10, 31),
    "bonfire night": _fixed(11, 5),
    "guy fawkes": _fixed(11, 5),
    "good friday": _by_easter(-2),
    "easter monday": _by_easter(1),
    "easter": _by_easter(0),
    "thanksgiving": _thanksgiving,
}
NAMES = (
    r"christmas eve|christmas(?: day)?|boxing day|new year'?s eve|new year'?s day"
    r"|(?:st\.? |saint )?valentine'?s(?: day)?|(?:st\.? |saint )patrick'?s day|april fools?'?s?(?: day)?"
    r"|juneteenth|halloween|bonfire night|guy fawkes(?: night)?|good friday|easter monday"
    r"|easter(?: sunday)?|thanksgiving(?: day)?"
)


def of_name(name: str) -> DayOfYear:
    """Return the day that a text has which `NAMES` matches in lower case."""
    plain = name.replace("valentines", "valentine's").replace("patricks", "patrick's")
    plain = plain.replace("years", "year's")
    return next(day for known, day in DAYS.items() if known in plain)
