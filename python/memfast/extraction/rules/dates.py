"""Resolves relative dates against the time of the message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from itertools import islice

from memfast.extraction.rules import foreign, spellings
from memfast.extraction.rules.date_context import is_condition
from memfast.extraction.rules.date_rules import RULES
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS, Span
from memfast.extraction.rules.tense import PAST_TENSES, Tense, tense_at, weaker
from memfast.extraction.rules.words import WORD, lexicon, lowered

SHORT = "jan|feb|apr|jun|jul|aug|sep|oct|nov|dec"
DAYS = "|".join(WEEKDAYS)
NAMED = (
    "christmas|new year|halloween|valentine|easter|thanksgiving|boxing|good friday|april fool"
    "|patrick|juneteenth|bonfire|guy fawkes"
)
# The groups found decide which rules are tried.
HINTS = (
    r"\b(?:(?P<day>yesterday|today|tonight|tomorrow|last night|this (?:morning|afternoon|evening))"
    r"|(?P<ago>ago|back|from (?:now|today|tomorrow))\b"
    r"|(?P<turn>(?:last|past|next|this|coming) "
    rf"(?:past|coming|week|month|year|decade|{DAYS}|{SHORT}|mar|may)|(?:before last|after next)\b)"
    rf"|(?P<named>{NAMED})"
    rf"|(?P<weekday>{DAYS})\b"
    rf"|(?P<month>{SHORT}|(?-i:Mar|MAR|May|MAY))"
    r"|(?P<iso>\d{4}-\d\d-\d\d)|(?P<slash>\d{1,2}/\d)|(?P<nth>\d{1,2}(?:st|nd|rd|th)\b)"
    r"|(?P<end>end of )"
    r"|(?P<in>in (?:about |around )?(?:\d{1,4}|[a-z]+|a couple(?: of)?) "
    r"(?:day|week|fortnight|month|year|decade|hour|minute)))"
)
HINT = re.compile(HINTS, re.IGNORECASE)
# Superset of `HINT` for lower-case text, and faster: run first.
LIKE_HINT = re.compile(HINTS.replace("(?-i:Mar|MAR|May|MAY)", "mar|may"))
WORDS = lexicon(
    """
    yesterday today tonight tomorrow ago back last past next this coming from in end sept mar
    christmas halloween valentine valentines easter thanksgiving boxing eve year years fool fools
    patrick juneteenth bonfire fawkes
    """
)
WORDS |= {*WEEKDAYS, *SHORT.split("|"), *map(str.lower, MONTHS)}
ORDINALS = {f"{day}{end}" for day in range(1, 32) for end in ("st", "nd", "rd", "th")}
CAPITALIZED = lexicon("yesterday today tonight tomorrow last past next this the")
DIGITS = re.compile(r"\d[-/]\d")
CLAUSE = re.compile(
    r"[,;] | [-\u2013\u2014] | (?:and|but|so|because|cause|cuz|that|then) ", re.IGNORECASE
)
# Most matches of one rule in a sentence; bounds the work on texts made of dates.
MOST = 16
# Characters before and after a date that decide its tense.
NEAR = 300
POSSESSIVE = re.compile(r"'s\b")
# Words before a date that change its direction: "booked for Friday", "ill since Friday".
SINCE = re.compile(r"\bsince (?:early |mid-? ?|late )?(?:the )?\Z", re.IGNORECASE)
UNTIL = re.compile(r"\b(?:until|till|by|due|due on|due by) (?:the )?\Z", re.IGNORECASE)
LIMIT = re.compile(r"\b(?:for|until|till|by|before|to|through) (?:the )?\Z", re.IGNORECASE)
PREPOSITION = re.compile(r"(?:in|on|since|during|by|until|till) (?:the )?", re.IGNORECASE)
LONGEST_PREPOSITION = 16
# A range: "from Monday to Friday".
RANGE = re.compile(r"\bfrom [^,.]{3,20} (?:to|till|until) (?:the )?\Z", re.IGNORECASE)


@cache
def _triggers() -> frozenset[str]:
    """Return the trigger words: a sentence without any of them has no date to resolve."""
    words = WORDS | spellings.words() | ORDINALS
    return frozenset(words) | {f"{word}'s" for word in words}


def resolve(
    sentence: str, words: Sequence[str], at: datetime | None, *, english: bool = True
) -> tuple[str, datetime | None]:
    """Append the absolute date to each relative date of a sentence.

    "yesterday" becomes "yesterday (7 May 2023)", "last week" becomes "last week (week of 1 May
    2023)". "next Friday" is the Friday of the next calendar week, "this Friday" that of this one.
    "on Friday" and a month without a year are resolved only where the tense tells which is meant,
    "7 May" also where one such day is clearly nearer than the others.

    Args:
        sentence: One sentence, with single spaces.
        words: Its words.
        at: Time of the message; None resolves nothing.
        english: Whether it is English; if not, dates are read in the languages of `foreign`.

    Returns:
        The sentence, and the beginning of its first date, or of a closer one inside it; None if it has none or only spans
        longer than a month.
    """
    if at is None:
        return sentence, None
    if not english or foreign.may_be_foreign(words, sure=True):
        found = foreign.read(sentence.replace("\u2019", "'"), words, at)
        if found or not english:
            return _written(sentence, found)
    if _triggers().isdisjoint(words) and not DIGITS.search(sentence):
        return sentence, None
    plain = spellings.plain(sentence.replace("\u2019", "'"), words)
    if LIKE_HINT.search(lowered(plain.text)) is None:
        return sentence, None
    here = sorted(_found(plain.text, at), key=lambda place: place[0])
    found = [(plain.place(end), span, whole) for end, span, whole in here]
    if not found and foreign.may_be_foreign(words, sure=False):
        found = foreign.read(sentence.replace("\u2019", "'"), words, at)
    return _written(sentence, found)


def _written(sentence: str, found: Sequence[tuple[int, Span, bool]]) -> tuple[str, datetime | None]:
    """Append the names of spans to a sentence, each at its place unless it is absolute already."""
    for end, span, whole in reversed(found):
        if not whole and not sentence[end:].lstrip().startswith("("):
            sentence = f"{sentence[:end]} ({span.label}){sentence[end:]}"
    told = [span for _, span, _ in found if span.begin]
    if not told:
        return sentence, None
    # "Last month, on 17 May" is about the day.
    return sentence, next((span for span in told if told[0].holds(span)), told[0]).begin


def _found(sentence: str, at: datetime) -> Iterator[tuple[int, Span, bool]]:
    """Yield the end of each date, its meaning, and whether it is absolute already."""
    has = {match.lastgroup for match in HINT.finditer(sentence)}
    low = lowered(sentence)
    taken: list[tuple[int, int]] = []
    for rule in RULES:
        if rule.needs not in has:
            continue
        for match in islice(rule.pattern.finditer(sentence if rule.cased else low), MOST):
            if any(match.start() < end and begin < match.end() for begin, end in taken):
                continue
            begin = match.start()
            if (
                _is_named(sentence, begin)
                or _is_quoted(sentence, begin)
                or is_condition(sentence, begin)
            ):
                taken.append(match.span())
                continue
            try:
                span = rule.reader(match, at, partial(_tense_around, sentence, match))
            except (ValueError, OverflowError):  # no such day, or out of the calendar
                span = None
                taken.append(match.span())
            if span is not None:
                taken.append(match.span())
                owner = POSSESSIVE.match(sentence, match.end())
                yield owner.end() if owner else match.end(), span, rule.whole


def _is_named(sentence: str, begin: int) -> bool:
    """Return whether a date is part of a capitalized name: "Last Friday Night"."""
    word = WORD.match(sentence, begin)
    if begin < 2 or not word or not word.group().istitle():  # noqa: PLR2004 - a word and a space
        return False
    named = word.group().lower()
    before = sentence[begin - 2 : begin]
    return named in CAPITALIZED and before[0].isalnum() and before[1] == " "


def _is_quoted(sentence: str, begin: int) -> bool:
    """Return whether a date is quoted: it is relative to another time."""
    first = max(0, begin - NEAR)
    opened = sentence.count('"', first, begin) % 2 and sentence.find('"', begin) > 0
    return bool(opened) or sentence.rfind("\u201c", first, begin) > sentence.rfind(
        "\u201d", first, begin
    )


def _tense_around(sentence: str, match: re.Match[str]) -> Tense:
    """Return the tense of a date: by its preposition, else by its clause, else by its context."""
    begin = min(at for name in match.groupdict() if (at := match.start(name)) >= 0)
    near = max(0, begin - LONGEST_PREPOSITION)
    if SINCE.search(sentence, near, begin):
        return "past"
    tense = _tense_of_clause(sentence, begin, match.end())
    if tense in PAST_TENSES and LIMIT.search(sentence, near, begin):
        return "open"
    soon = tense in {"unknown", "present"} and UNTIL.search(sentence, near, begin)
    if soon and not RANGE.search(sentence, max(0, begin - 2 * LONGEST_PREPOSITION), begin):
        return "future"
    return tense


def _tense_of_clause(sentence: str, begin: int, end: int) -> Tense:
    first, last = max(0, begin - NEAR), end + NEAR
    cuts = [cut.end() for cut in CLAUSE.finditer(sentence, first, begin)]
    start = cuts[-1] if cuts else first
    cut = CLAUSE.search(sentence, end, last)
    clause = sentence[start : cut.start() if cut else last]
    tense = tense_at(clause, begin - start, end - start)
    if tense == "unknown":
        return weaker(tense_at(sentence[first:last], begin - first, end - first))
    return tense
