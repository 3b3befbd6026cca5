"""Forms of relative dates and their meaning at a given moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from memfast.extraction.rules import spans
from memfast.extraction.rules.date_context import is_placed, recurs
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS, Span
from memfast.extraction.rules.tense import Tense
from memfast.extraction.rules.words import lowered

NUMERALS = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
NUMBERS = {name: value for value, name in enumerate(NUMERALS, start=1)}
NUMBERS |= {"a": 1, "an": 1, "a couple of": 2, "a couple": 2, "couple of": 2}
NUMBER = rf"(?P<n>\d{{1,4}}|an? couple(?: of)?|couple of|an?|{'|'.join(NUMERALS)})"
UNIT = r"(?P<unit>day|week|weekend|month|year|decade|hour|minute)s?"
WEEKDAY = r"(?P<weekday>" + "|".join(WEEKDAYS) + ")"
# In lower case "may" and "march" are verbs.
MONTH = (
    r"(?P<month>(?!(?-i:may|mar))(?:"
    + "|".join(MONTHS)
    + r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec))\b(?:\.(?= ?\d))?"
)
A_MONTH = MONTH.replace("?P<month>", "?:")
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
# "3-12 March" is resolved to its first day.
DAYS = rf"{DAY}(?: ?[-\u2013] ?\d{{1,2}}(?:st|nd|rd|th)?)?\b"
YEAR = r"(?P<year>(?:19|20)\d\d)"
PART = r"(?: (?:morning|afternoon|evening|night)\b)?(?! (?:morning|afternoon|evening|night)s)"
# "The last week" is ambiguous: the last one of something, or the past seven days.
TURN = r"(?P<turn>(?<!the )(?:last|past|next)|this|coming)"
TURNS = {"last": -1, "past": -1, "this": 0, "next": 1, "coming": 1}
# Near a date the past tense can refer to this year: "The concert on 20 May was moved".
SOON = timedelta(days=90)

SHIFTS: dict[str, Callable[[datetime, int], Span]] = {
    "day": spans.day,
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


def _shifted(unit: str, count: int, at: datetime) -> Span:
    if unit in {"hour", "minute"}:
        moment = at + timedelta(**{f"{unit}s": count})
        return Span(spans.day(moment).label, moment)
    if unit == "decade":
        return spans.year(at, 10 * count)
    return SHIFTS[unit](at, count)


def _day_word(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    word = lowered(match["word"])
    shifts = {
        "the day before yesterday": -2,
        "yesterday": -1,
        "last night": -1,
        "tomorrow": 1,
        "the day after tomorrow": 2,
    }
    return spans.day(at, shifts.get(word, 0))


def _ago(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    return _shifted(lowered(match["unit"]), -_number(match["n"]), at)


def _ahead(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    # "I read it in two days" tells how long, not when.
    if find_tense() != "future":
        return None
    return _shifted(lowered(match["unit"]), _number(match["n"]), at)


def _from_now(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    return _shifted(lowered(match["unit"]), _number(match["n"]), at)


def _turned(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    shift = TURNS[lowered(match["turn"])]
    unit = lowered(match["unit"])
    if unit == "weekend" and lowered(match["turn"]) == "coming":
        shift = 0
    if unit == "weekend" and lowered(match["turn"]) == "this" and find_tense() == "past":
        shift = -(at.weekday() < spans.SATURDAY)
    return _shifted(unit, shift, at)


def _before_last(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    return _shifted(lowered(match["unit"]), -2, at)


def _turned_weekday(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    turn = lowered(match["turn"])
    distance = _distance(match, at)
    if "last" in turn or "past" in turn or (turn == "this" and find_tense() == "past"):
        return spans.day(at, distance - 7 if distance >= 0 else distance)
    if "coming" in turn:
        return spans.day(at, distance if distance > 0 else distance + 7)
    return spans.day(at, distance + (7 if turn == "next" else 0))


def _weekday_of_week(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    return spans.day(at, _distance(match, at) + 7 * TURNS[lowered(match["turn"])])


def _distance(match: re.Match[str], at: datetime) -> int:
    return WEEKDAYS.index(lowered(match["weekday"])) - at.weekday()


def _plain_weekday(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    if recurs(match) or not is_placed(match):
        return None
    distance = _distance(match, at)
    tense = find_tense()
    if tense == "past":
        return spans.day(at, distance - 7 if distance >= 0 else distance)
    if tense == "future":
        return spans.day(at, distance if distance > 0 else distance + 7)
    return None


def _month_number(match: re.Match[str]) -> int:
    return next(
        number
        for number, name in enumerate(MONTHS, start=1)
        if name.lower().startswith(lowered(match["month"])[:3])
    )


def _iso(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    return spans.date(at, int(match["year"]), int(match["m"]), int(match["day"]))


def _full_date(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    return spans.date(at, int(match["year"]), _month_number(match), int(match["day"]))


def _month_year(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    return spans.month(at.replace(year=int(match["year"]), month=_month_number(match), day=1))


def _day_month(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    here = spans.date(at, at.year, _month_number(match), int(match["day"]))
    tense = find_tense()
    ahead = here.begin is not None and here.begin > spans.midnight(at)
    year = at.year + (-1 if tense == "past" and ahead else tense == "future" and not ahead)
    near = here.begin is not None and here.begin - at < SOON
    if tense == "unknown" or recurs(match) or (tense == "past" and ahead and near):
        return None
    return spans.date(at, year, _month_number(match), int(match["day"]))


def _month_of_year(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    return spans.month(at, 12 * TURNS[lowered(match["turn"])] + _month_number(match) - at.month)


def _turned_month(match: re.Match[str], at: datetime, _: TenseLookup) -> Span | None:
    distance = _month_number(match) - at.month
    if lowered(match["turn"]) == "last":
        distance -= 12 if distance >= 0 else 0
    elif lowered(match["turn"]) == "next":
        distance += 12 if distance <= 0 else 0
    return spans.month(at, distance)


def _plain_month(match: re.Match[str], at: datetime, find_tense: TenseLookup) -> Span | None:
    distance = _month_number(match) - at.month
    if recurs(match):
        return None
    tense = find_tense()
    if tense == "past":
        return spans.month(at, distance - 12 if distance > 0 else distance)
    if tense == "future":
        return spans.month(at, distance + 12 if distance < 0 else distance)
    return None


class Rule(NamedTuple):
    """A form of a relative date.

    Attributes:
        needs: Group of `HINT` without which the rule is skipped.
        pattern: Its pattern.
        reader: Returns its meaning; None if ambiguous.
        whole: Whether the expression is an absolute date already.
        cased: Whether the pattern needs the original case; others read lower-case text.
    """

    needs: str
    pattern: re.Pattern[str]
    reader: Reader
    whole: bool
    cased: bool


def _rule(needs: str, pattern: str, reader: Reader, whole: bool) -> Rule:
    cased = needs in {"month", "weekday"} or MONTH in pattern
    return Rule(needs, re.compile(pattern, re.IGNORECASE if cased else 0), reader, whole, cased)


# The first rule that matches a position wins, so longer forms come before shorter ones.
RULES = tuple(
    _rule(*rule)
    for rule in (
        ("iso", rf"\b{YEAR}-(?P<m>\d\d)-(?P<day>\d\d)\b", _iso, True),
        ("month", rf"\b(?:the )?{DAYS} (?:of )?{MONTH},? {YEAR}\b", _full_date, True),
        ("month", rf"\b{MONTH} (?:the )?{DAYS},? {YEAR}\b", _full_date, True),
        ("month", rf"\b{MONTH},? (?:of )?{YEAR}\b", _month_year, True),
        (
            "turn",
            rf"\b(?P<turn>last|this|next) year,? in {MONTH}",
            _month_of_year,
            False,
        ),
        (
            "turn",
            rf"\b{MONTH} (?:of )?(?P<turn>last|this|next) year\b",
            _month_of_year,
            False,
        ),
        ("month", rf"\b(?:the )?{DAYS} (?:of )?{MONTH}", _day_month, False),
        ("month", rf"\b{MONTH} (?:the )?{DAYS}(?! ?(?:%|percent|people))", _day_month, False),
        (
            "day",
            # "It feels like yesterday" names no day.
            (
                r"(?<!like )(?<!like just )(?<!like only )\b"
                rf"(?P<word>the day (?:before yesterday|after tomorrow)|yesterday|tomorrow)\b{PART}"
            ),
            _day_word,
            False,
        ),
        (
            "day",
            (
                r"\b(?P<word>last night|tonight|this (?:morning|afternoon|evening)"
                r"|(?:earlier |later )?(?<!ago )today(?!'s))\b"
            ),
            _day_word,
            False,
        ),
        ("ago", rf"(?<!half )\b{NUMBER} {UNIT} ago\b", _ago, False),
        (
            "in",
            rf"\bin (?:about |around )?{NUMBER} {UNIT}(?:'s? time)?\b",
            _ahead,
            False,
        ),
        ("ago", rf"\b{NUMBER} {UNIT} from now\b", _from_now, False),
        (
            "turn",
            rf"\b(?P<turn>last|this|next) week,? (?:on )?{WEEKDAY}\b{PART}",
            _weekday_of_week,
            False,
        ),
        (
            "turn",
            rf"\b{WEEKDAY}{PART} (?:of )?(?P<turn>last|this|next) week\b",
            _weekday_of_week,
            False,
        ),
        (
            "turn",
            (
                r"\b(?P<turn>this past|this coming|(?<!the )(?:last|past|next)|this|coming)"
                rf" {WEEKDAY}\b{PART}"
            ),
            _turned_weekday,
            False,
        ),
        (
            "turn",
            (
                r"\bthe (?P<unit>week|weekend|month|year) before last\b"
                r"(?=[.,;!)]|\Z| (?:i|we|he|she|they|my|and|but)\b)"
            ),
            _before_last,
            False,
        ),
        ("turn", rf"\b{TURN} (?P<unit>week|weekend|month|year|decade)\b", _turned, False),
        ("turn", rf"\b(?P<turn>last|this|next) {MONTH}", _turned_month, False),
        (
            "weekday",
            (
                rf"\b{WEEKDAY}\b{PART}"
                rf"(?!,? (?:the )?(?:\d{{1,2}}(?:st|nd|rd|th| {A_MONTH})|{A_MONTH}))"
            ),
            _plain_weekday,
            False,
        ),
        (
            "month",
            rf"\b(?:in|since|during|by|until|till) (?:early |mid-? ?|late )?{MONTH}",
            _plain_month,
            False,
        ),
    )
)
