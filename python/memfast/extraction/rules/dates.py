"""Resolves relative dates against the time of the message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from memfast.extraction.rules.date_rules import RULES
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS, Span
from memfast.extraction.rules.tense import Tense, tense_of
from memfast.extraction.rules.words import WORD, lexicon, lowered

SHORT = "jan|feb|apr|jun|jul|aug|sep|oct|nov|dec"
DAYS = "|".join(WEEKDAYS)
# The groups found decide which rules are tried.
HINTS = (
    r"\b(?:(?P<day>yesterday|today|tonight|tomorrow|last night|this (?:morning|afternoon|evening))"
    r"|(?P<ago>ago|from now)\b"
    r"|(?P<turn>(?:last|past|next|this|coming) "
    rf"(?:past|coming|week|month|year|decade|{DAYS}|{SHORT}|mar|may)|before last\b)"
    rf"|(?P<weekday>{DAYS})\b"
    rf"|(?P<month>{SHORT}|(?-i:Mar|MAR|May|MAY))"
    r"|(?P<iso>\d{4}-\d\d-\d\d)"
    r"|(?P<in>in (?:about |around )?(?:\d{1,4}|[a-z]+|a couple(?: of)?) "
    r"(?:day|week|month|year|decade|hour|minute)))"
)
HINT = re.compile(HINTS, re.IGNORECASE)
# Superset of `HINT` for lower-case text, and faster: run first.
LIKE_HINT = re.compile(HINTS.replace("(?-i:Mar|MAR|May|MAY)", "mar|may"))
WORDS = lexicon("yesterday today tonight tomorrow ago last past next this coming from in sept mar")
WORDS |= {*WEEKDAYS, *SHORT.split("|"), *map(str.lower, MONTHS)}
CAPITALIZED = lexicon("yesterday today tonight tomorrow last past next this the")
TRIGGERS = WORDS | {f"{word}'s" for word in WORDS}
CLAUSE = re.compile(r"[,;:] | [-\u2013\u2014] | (?:and|but|so|because|that) ", re.IGNORECASE)
# Most matches of one rule in a sentence; bounds the work on texts made of dates.
MOST = 16
# Characters before and after a date that decide its tense.
NEAR = 300
POSSESSIVE = re.compile(r"'s\b")
# Words before a date that change its direction: "booked for Friday", "ill since Friday".
SINCE = re.compile(r"\bsince (?:early |mid-? ?|late )?\Z", re.IGNORECASE)
UNTIL = re.compile(r"\b(?:until|till|by) (?:the )?\Z", re.IGNORECASE)
LIMIT = re.compile(r"\b(?:for|until|till|by|before|to|through) (?:the )?\Z", re.IGNORECASE)
PREPOSITION = re.compile(r"(?:in|on|since|during|by|until|till) (?:the )?", re.IGNORECASE)
LONGEST_PREPOSITION = 16


def resolve(
    sentence: str, words: Sequence[str], at: datetime | None
) -> tuple[str, datetime | None]:
    """Append the absolute date to each relative date of a sentence.

    "yesterday" becomes "yesterday (7 May 2023)", "last week" becomes "last week (week of 1 May
    2023)". "next Friday" is the Friday of the next calendar week, "this Friday" that of this one.
    "on Friday" and a month or day without a year are resolved only where the tense tells which
    is meant.

    Args:
        sentence: One sentence, with single spaces.
        words: Its words.
        at: Time of the message; None resolves nothing.

    Returns:
        The sentence, and the beginning of its first date; None if it has none or only spans
        longer than a month.
    """
    if at is None or (TRIGGERS.isdisjoint(words) and "-" not in sentence):
        return sentence, None
    plain = sentence.replace("\u2019", "'")
    if LIKE_HINT.search(lowered(plain)) is None:
        return sentence, None
    found = sorted(_found(plain, at), key=lambda place: place[0])
    for end, span, whole in reversed(found):
        if not whole and not sentence[end:].lstrip().startswith("("):
            sentence = f"{sentence[:end]} ({span.label}){sentence[end:]}"
    return sentence, next((span.begin for _, span, _ in found if span.begin), None)


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
            if _is_named(sentence, match.start()) or _is_quoted(sentence, match.start()):
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
    begin = match.start()
    if lead := PREPOSITION.match(sentence, begin):
        begin = lead.end()
    near = max(0, begin - LONGEST_PREPOSITION)
    if SINCE.search(sentence, near, begin):
        return "past"
    tense = _tense_of_clause(sentence, match)
    if tense == "past" and LIMIT.search(sentence, near, begin):
        return "unknown"
    return "future" if tense == "unknown" and UNTIL.search(sentence, near, begin) else tense


def _tense_of_clause(sentence: str, match: re.Match[str]) -> Tense:
    first, last = max(0, match.start() - NEAR), match.end() + NEAR
    begin = max(
        (cut.end() for cut in CLAUSE.finditer(sentence, first, match.start())), default=first
    )
    cut = CLAUSE.search(sentence, match.end(), last)
    tense = tense_of(sentence[begin : cut.start() if cut else last])
    return tense_of(sentence[first:last]) if tense == "unknown" else tense
