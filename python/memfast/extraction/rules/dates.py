"""Relative dates, resolved against the moment when they were said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from memfast.extraction.rules import spans
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS, Span
from memfast.extraction.rules.tense import Tense, tense_of

NUMBERS = {
    name: value
    for value, name in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
} | {"a": 1, "an": 1, "a couple of": 2, "a couple": 2, "couple of": 2}
NUMBER = (
    r"(?P<n>\d{1,4}|an?\s+couple(?:\s+of)?|couple\s+of|an?|" + "|".join(list(NUMBERS)[:12]) + ")"
)
UNIT = r"(?P<unit>day|week|weekend|month|year|decade|hour|minute)s?"
WEEKDAY = r"(?P<weekday>" + "|".join(WEEKDAYS) + ")"
# In small letters "may" and "march" are verbs.
MONTH = (
    r"(?P<month>(?!(?-i:may|mar))(?:"
    + "|".join(MONTHS)
    + r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec))\b"
)
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
YEAR = r"(?P<year>(?:19|20)\d\d)"
PART = r"(?:\s+(?:morning|afternoon|evening|night))?"

SHIFTS: dict[str, Callable[[datetime, int], Span]] = {
    "day": spans.day,
    "week": spans.week,
    "weekend": spans.weekend,
    "month": spans.month,
    "year": spans.year,
}
Reader = Callable[[re.Match[str], datetime, Tense], Span | None]


def _number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS[" ".join(text.lower().split())]


def _shifted(unit: str, count: int, at: datetime) -> Span:
    if unit in {"hour", "minute"}:
        moment = at + timedelta(**{f"{unit}s": count})
        return Span(spans.day(moment).label, moment)
    if unit == "decade":
        return spans.year(at, 10 * count)
    return SHIFTS[unit](at, count)


def _day_word(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    word = " ".join(match["word"].lower().split())
    shifts = {
        "the day before yesterday": -2,
        "yesterday": -1,
        "last night": -1,
        "tomorrow": 1,
        "the day after tomorrow": 2,
    }
    return spans.day(at, shifts.get(word, 0))


def _ago(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    return _shifted(match["unit"].lower(), -_number(match["n"]), at)


def _ahead(match: re.Match[str], at: datetime, tense: Tense) -> Span | None:
    # "I read it in two days" tells how long, not when.
    return _shifted(match["unit"].lower(), _number(match["n"]), at) if tense == "future" else None


def _from_now(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    return _shifted(match["unit"].lower(), _number(match["n"]), at)


def _turned(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    shift = {"last": -1, "past": -1, "this": 0, "next": 1, "coming": 1}[match["turn"].lower()]
    unit = match["unit"].lower()
    if unit == "weekend" and match["turn"].lower() == "coming":
        shift = 0
    return _shifted(unit, shift, at)


def _turned_weekday(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    turn = match["turn"].lower()
    distance = WEEKDAYS.index(match["weekday"].lower()) - at.weekday()
    if "last" in turn or "past" in turn:
        return spans.day(at, distance - 7 if distance >= 0 else distance)
    if "coming" in turn:
        return spans.day(at, distance if distance > 0 else distance + 7)
    return spans.day(at, distance + (7 if turn == "next" else 0))


def _plain_weekday(match: re.Match[str], at: datetime, tense: Tense) -> Span | None:
    distance = WEEKDAYS.index(match["weekday"].lower()) - at.weekday()
    if tense == "past":
        return spans.day(at, distance - 7 if distance >= 0 else distance)
    if tense == "future":
        return spans.day(at, distance if distance > 0 else distance + 7)
    return None


def _month_number(match: re.Match[str]) -> int:
    return next(
        number
        for number, name in enumerate(MONTHS, start=1)
        if name.lower().startswith(match["month"].lower()[:3])
    )


def _iso(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    return spans.date(at, int(match["year"]), int(match["m"]), int(match["day"]))


def _full_date(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    return spans.date(at, int(match["year"]), _month_number(match), int(match["day"]))


def _month_year(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    return spans.month(at.replace(year=int(match["year"]), month=_month_number(match), day=1))


def _day_month(match: re.Match[str], at: datetime, tense: Tense) -> Span | None:
    here = spans.date(at, at.year, _month_number(match), int(match["day"]))
    ahead = here.begin is not None and here.begin > spans.midnight(at)
    year = at.year + (-1 if tense == "past" and ahead else tense == "future" and not ahead)
    if tense == "unknown":
        return None
    return spans.date(at, year, _month_number(match), int(match["day"]))


def _turned_month(match: re.Match[str], at: datetime, _: Tense) -> Span | None:
    distance = _month_number(match) - at.month
    if match["turn"].lower() == "last":
        distance -= 12 if distance >= 0 else 0
    elif match["turn"].lower() == "next":
        distance += 12 if distance <= 0 else 0
    return spans.month(at, distance)


def _plain_month(match: re.Match[str], at: datetime, tense: Tense) -> Span | None:
    distance = _month_number(match) - at.month
    if tense == "past":
        return spans.month(at, distance - 12 if distance > 0 else distance)
    if tense == "future":
        return spans.month(at, distance + 12 if distance < 0 else distance)
    return None


# What a sentence must have for a rule to be tried, pattern, reader, and whether the expression
# already says all of it. The first that matches a place has it, so the longer forms stand before
# the shorter.
RULES: tuple[tuple[str, re.Pattern[str], Reader, bool], ...] = tuple(
    (needs, re.compile(pattern, re.IGNORECASE), reader, whole)
    for needs, pattern, reader, whole in (
        ("iso", rf"\b{YEAR}-(?P<m>\d\d)-(?P<day>\d\d)\b", _iso, True),
        ("month", rf"\b(?:the\s+)?{DAY}\s+(?:of\s+)?{MONTH},?\s+{YEAR}\b", _full_date, True),
        ("month", rf"\b{MONTH}\s+(?:the\s+)?{DAY},?\s+{YEAR}\b", _full_date, True),
        ("month", rf"\b{MONTH},?\s+(?:of\s+)?{YEAR}\b", _month_year, True),
        ("month", rf"\b(?:the\s+)?{DAY}\s+(?:of\s+)?{MONTH}", _day_month, False),
        ("month", rf"\b{MONTH}\s+(?:the\s+)?{DAY}\b(?!\s*(?:%|percent|people))", _day_month, False),
        (
            "day",
            r"(?<!like )(?<!just )(?<!only )\b(?P<word>the\s+day\s+before\s+yesterday"
            r"|the\s+day\s+after\s+tomorrow|yesterday|tomorrow)\b" + PART,
            _day_word,
            False,
        ),
        (
            "day",
            r"\b(?P<word>last\s+night|tonight|this\s+(?:morning|afternoon|evening)"
            r"|(?:earlier\s+|later\s+)?today(?!['’]s))\b",
            _day_word,
            False,
        ),
        ("ago", rf"(?<!half )\b{NUMBER}\s+{UNIT}\s+ago\b", _ago, False),
        (
            "in",
            rf"\bin\s+(?:about\s+|around\s+)?{NUMBER}\s+{UNIT}(?:['’]s?\s+time)?\b",
            _ahead,
            False,
        ),
        ("ago", rf"\b{NUMBER}\s+{UNIT}\s+from\s+now\b", _from_now, False),
        (
            "turn",
            rf"\b(?P<turn>this\s+past|this\s+coming|last|past|this|next|coming)\s+{WEEKDAY}\b{PART}",
            _turned_weekday,
            False,
        ),
        (
            "turn",
            r"\b(?P<turn>last|past|this|next|coming)\s+(?P<unit>week|weekend|month|year|decade)\b",
            _turned,
            False,
        ),
        ("turn", rf"\b(?P<turn>last|this|next)\s+{MONTH}", _turned_month, False),
        ("weekday", rf"\bon\s+{WEEKDAY}\b{PART}", _plain_weekday, False),
        (
            "month",
            rf"\b(?:in|since|during)\s+(?:early\s+|mid-?\s*|late\s+)?{MONTH}",
            _plain_month,
            False,
        ),
    )
)
HINT = re.compile(
    r"\b(?:(?P<day>yesterday|today|tonight|tomorrow|last\s+night|this\s+(?:morning|afternoon|evening))"
    r"|(?P<ago>ago|from\s+now)\b"
    r"|(?P<turn>(?:last|past|next|this|coming)\s+"
    rf"(?:past|coming|week|month|year|decade|{'|'.join(WEEKDAYS)}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
    rf"|(?P<weekday>{'|'.join(WEEKDAYS)})\b"
    r"|(?P<month>jan|feb|(?-i:Mar|MAR|May|MAY)|apr|jun|jul|aug|sep|oct|nov|dec)"
    r"|(?P<iso>\d{4}-\d\d-\d\d)|(?P<in>in\s+(?:about\s+|around\s+)?(?:\d{1,4}|[a-z]+|a\s+couple(?:\s+of)?)\s+(?:day|week|month|year|decade|hour|minute)))",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[,;:]\s|\s[-–—]\s|\s(?:and|but|so|because)\s", re.IGNORECASE)
# Words without one of which no rule can match.
WORDS = frozenset(
    "yesterday today tonight tomorrow ago last past next this coming from in jan feb mar apr jun jul aug "
    "sep sept oct nov dec".split()
    + [month.lower() for month in MONTHS]
    + list(WEEKDAYS)
)
TRIGGERS = WORDS | {f"{word}'s" for word in WORDS}
POSSESSIVE = re.compile(r"['’]s\b")


def _tense_around(sentence: str, match: re.Match[str]) -> Tense:
    """Return the tense of the clause that names a time, or of the sentence where it has none."""
    begin = max((cut.end() for cut in CLAUSE.finditer(sentence, 0, match.start())), default=0)
    cut = CLAUSE.search(sentence, match.end())
    clause = sentence[begin : cut.start() if cut else len(sentence)]
    tense = tense_of(clause)
    return tense_of(sentence) if tense == "unknown" else tense


def resolve(
    sentence: str, words: Sequence[str], at: datetime | None
) -> tuple[str, datetime | None]:
    """Write the date behind each relative date of a sentence.

    "yesterday" becomes "yesterday (7 May 2023)", "last week" becomes "last week (week of 1 May
    2023)". "next Friday" is the Friday of the next calendar week, "this Friday" that of this one.
    "on Friday" and a month or day without a year are resolved only where the tense tells which
    is meant.

    Args:
        sentence: One sentence.
        words: Its words.
        at: When it was said. None resolves nothing.

    Returns:
        The sentence, and the begin of the first time it names; None where it names none, or
        only a span longer than a month.
    """
    if at is None or (TRIGGERS.isdisjoint(words) and "-" not in sentence):
        return sentence, None
    has = {match.lastgroup for match in HINT.finditer(sentence)}
    if not has:
        return sentence, None
    found: list[tuple[int, int, Span, bool]] = []
    for needs, pattern, reader, whole in RULES:
        if needs not in has:
            continue
        for match in pattern.finditer(sentence):
            if any(match.start() < end and begin < match.end() for begin, end, _, _ in found):
                continue
            try:
                span = reader(match, at, _tense_around(sentence, match))
            except (ValueError, OverflowError):  # no such day, or out of the calendar
                continue
            if span is not None:
                owner = POSSESSIVE.match(sentence, match.end())
                end = owner.end() if owner else match.end()
                found.append((match.start(), end, span, whole))
    found.sort(key=lambda place: place[:2])
    for _, end, span, whole in reversed(found):
        if not whole and not sentence[end:].lstrip().startswith("("):
            sentence = f"{sentence[:end]} ({span.label}){sentence[end:]}"
    return sentence, next((span.begin for _, _, span, _ in found if span.begin), None)
