"""What forms of relative dates mean at a given moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from memfast.extraction.rules import date_context, named_days, spans, yearless
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS, Span
from memfast.extraction.rules.tense import FUTURE_TENSES, PAST_TENSES, Tense
from memfast.extraction.rules.words import lowered

NUMERALS = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
NUMBERS = {name: value for value, name in enumerate(NUMERALS, start=1)}
NUMBERS |= {"fifteen": 15, "twenty": 20, "thirty": 30, "ninety": 90}
NUMBERS |= {"a": 1, "an": 1, "a couple of": 2, "a couple": 2, "couple of": 2}
TURNS = {"last": -1, "past": -1, "this": 0, "next": 1, "coming": 1}
FORTNIGHT = 14
MONTHS_A_YEAR = 12
# A month on the side of a weak mark may be so many months away.
FARTHEST_MONTH = 8
SOON = 60

SHIFTS: dict[str, Callable[[datetime, int], Span]] = {
    "day": spans.day,
    "night": spans.day,
    "week": spans.week,
    "weekend": spans.weekend,
    "month": spans.month,
    "year": spans.year,
}
# Returns the tense around a time. A function, so that only readers that need it compute it.
TenseLookup = Callable[[], Tense]
Reader = Callable[[re.Match[str], datetime, TenseLookup], Span | None]


def _number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS[lowered(text)]


def shifted(unit: str, count: int, at: datetime) -> Span:
    """Return the unit, or the day, that lies so many units from a moment."""
    if unit in {"hour", "minute"}:
        moment = at + timedelta(**{f"{unit}s": count})
        return Span(spans.day(moment).label, moment)
    if unit == "decade":
        return spans.year(at, 10 * count)
    if unit == "fortnight":
        return spans.day(at, FORTNIGHT * count)
    return SHIFTS[unit](at, count)


def day_word(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "yesterday"."""
    word = lowered(match["word"])
    shifts = {
        "day before yesterday": -2,
        "yesterday": -1,
        "last night": -1,
        "tomorrow": 1,
        "day after tomorrow": 2,
    }
    return spans.day(at, shifts.get(word.removeprefix("the "), 0))


def ago(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "3 days ago"."""
    return shifted(lowered(match["unit"]), -_number(match["n"]), at)


def ahead(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "in 3 days"; "I read it in two days" tells how long, not when."""
    tense = find_tense()
    if tense in PAST_TENSES or (tense != "future" and date_context.lasts(match)):
        return None
    return shifted(lowered(match["unit"]), _number(match["n"]), at)


def from_now(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "3 days from now" and "10 days from tomorrow"."""
    unit, count = lowered(match["unit"]), _number(match["n"])
    start = at + timedelta(days=lowered(match["start"]) == "tomorrow")
    # Counted from a day, a number of weeks ends at a day.
    if lowered(match["start"]) != "now" and unit == "week":
        return spans.day(start, 7 * count)
    return shifted(unit, count, start)


def from_weekday(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "a week from Friday"."""
    distance = _distance(match, at) % 7 or 7
    days = FORTNIGHT // 2 if lowered(match["unit"]) == "week" else FORTNIGHT
    return spans.day(at, distance + days * _number(match["n"]))


def turned(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "last week"."""
    turn = lowered(match["turn"]).removeprefix("this ")
    shift = TURNS[turn]
    unit = lowered(match["unit"])
    if unit == "weekend" and turn == "coming":
        shift = 0
    if unit == "weekend" and turn == "this" and find_tense() in PAST_TENSES:
        shift = -(at.weekday() < spans.SATURDAY)
    return shifted(unit, shift, at)


def before_last(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "the week before last" and "the week after next"."""
    return shifted(lowered(match["unit"]), -2 if lowered(match["turn"]) == "last" else 2, at)


def end_of(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "the end of the month"."""
    turn = TURNS.get(lowered(match["turn"]), 0)
    if turn == 0 and find_tense() in PAST_TENSES:
        return None
    return spans.month_end(at, turn)


def end_of_month(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "the end of May"."""
    month = plain_month(match, at, find_tense)
    return None if month is None or month.begin is None else spans.month_end(month.begin)


def turned_weekday(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "next Friday"."""
    turn = lowered(match["turn"])
    distance = _distance(match, at)
    if "last" in turn or "past" in turn or (turn == "this" and find_tense() in PAST_TENSES):
        return spans.day(at, distance - 7 if distance >= 0 else distance)
    if "coming" in turn:
        return spans.day(at, distance if distance > 0 else distance + 7)
    return spans.day(at, distance + (7 if turn == "next" else 0))


def weekday_of_week(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "next week on Friday"."""
    return spans.day(at, _distance(match, at) + 7 * TURNS[lowered(match["turn"])])


def _distance(match: re.Match[str], at: datetime) -> int:
    return WEEKDAYS.index(lowered(match["weekday"])) - at.weekday()


def plain_weekday(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "on Friday"."""
    if date_context.is_habit(match):
        return None
    tense: Tense | None = None
    if not date_context.is_placed(match):
        if not date_context.is_booked(match):
            return None
        tense = find_tense()
        if tense not in {"rather future", "future"}:
            return None
    tense = tense or find_tense()
    if tense == "present" and date_context.is_named(match):
        return None
    if tense == "unknown" and date_context.is_note(match):
        tense = "rather future"
    return yearless.day_of_week(at, WEEKDAYS.index(lowered(match["weekday"])), tense)


def month_number(name: str) -> int:
    """Return the number of the month with this name or abbreviation."""
    low = lowered(name)[:3]
    return next(at for at, month in enumerate(MONTHS, start=1) if month.lower().startswith(low))


def iso(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "2023-05-07"."""
    return spans.date(at, int(match["year"]), int(match["m"]), int(match["day"]))


def full_date(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "7 May 2023"."""
    return spans.date(at, int(match["year"]), month_number(match["month"]), int(match["day"]))


def month_year(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "May 2023"."""
    month = month_number(match["month"])
    return spans.month(at.replace(year=int(match["year"]), month=month, day=1))


def slashed(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "5/20", where only one of the numbers can be the month."""
    one, two = int(match["one"]), int(match["two"])
    if one <= MONTHS_A_YEAR and two <= MONTHS_A_YEAR and one != two:
        return None
    month, day = (two, one) if one > MONTHS_A_YEAR else (one, two)
    if match["year"]:
        year = int(match["year"])
        return spans.date(at, year + (2000 if year < 100 else 0), month, day)  # noqa: PLR2004
    if date_context.recurs(match):
        return None
    return yearless.day_of_year(at, month, day, find_tense())


def day_month(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "7 May"."""
    if date_context.recurs(match):
        return None
    tense = find_tense()
    if tense in {"present", "unknown"} and date_context.is_annual(match):
        return None
    return yearless.day_of_year(at, month_number(match["month"]), int(match["day"]), tense)


def day_only(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "the 20th"."""
    if date_context.is_habit(match):
        return None
    return yearless.day_of_month(at, int(match["day"]), find_tense())


def day_of_month(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "the 20th of next month"."""
    begin = spans.month(at, TURNS[lowered(match["turn"])]).begin or at
    return spans.date(at, begin.year, begin.month, int(match["day"]))


def named(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "Christmas Eve"."""
    if date_context.recurs(match):
        return None
    turn = lowered(match["turn"] or "")
    tense: Tense = find_tense()
    if turn == "last":
        tense = "past"
    elif turn in {"next", "coming", "this coming"}:
        tense = "future"
    of, years = named_days.of_name(match["name"]), range(at.year - 1, at.year + 2)
    if tense in {"past", "rather past", "future", "rather future"}:
        return yearless.named_day(at, of, years, tense)
    near = yearless.named_day(at, of, years, "unknown")
    # "We eat carp on Christmas Eve" is a habit, but for a day soon or just gone.
    if near and near.begin and abs((near.begin - spans.midnight(at)).days) <= SOON:
        return near
    return None


def month_of_year(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "May of last year"."""
    years = TURNS[lowered(match["turn"])]
    return spans.month(at, MONTHS_A_YEAR * years + month_number(match["month"]) - at.month)


def turned_month(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    """Read "last May"."""
    distance = month_number(match["month"]) - at.month
    if lowered(match["turn"]) == "last":
        distance -= MONTHS_A_YEAR if distance >= 0 else 0
    elif lowered(match["turn"]) == "next":
        distance += MONTHS_A_YEAR if distance <= 0 else 0
    return spans.month(at, distance)


def plain_month(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    """Read "in May"."""
    distance = month_number(match["month"]) - at.month
    if date_context.recurs(match):
        return None
    tense = find_tense()
    if tense in PAST_TENSES:
        return spans.month(at, distance - MONTHS_A_YEAR if distance > 0 else distance)
    if tense in FUTURE_TENSES:
        distance += MONTHS_A_YEAR if distance < 0 else 0
        if tense == "future" or distance <= FARTHEST_MONTH:
            return spans.month(at, distance)
    return None
