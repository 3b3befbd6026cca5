"""Decides by context whether a day or month name is a single date."""

from __future__ import annotations

import re

# A recurring day or month, or one of a named year: not the nearest one.
USUAL = r"used to|usually|always|every|each|normally|traditionally|annual(?:ly)?|yearly"
RECURS = re.compile(rf"\b(?:born|{USUAL}|(?:19|20)\d\d)\b", re.IGNORECASE)
HABIT = re.compile(rf"\b(?:{USUAL}|tradition|most years)\b", re.IGNORECASE)
RECURS_WITHIN = 60
# The same day of each year, unless the sentence is about one of them.
ANNUAL = re.compile(r"\b(?:birthday|anniversary|bday|b-day)\b", re.IGNORECASE)
# A weekday without a preposition is a date after a lower-case word and at the end of a clause:
# neither "Black Friday" nor "the Friday crossword".
BARE = re.compile(
    r"(?:\A|[,;:] |(?<![\w'])(?!(?:the|an?|my|your|his|her|our|their|every|each|other|any|one|no|of"
    r"|most|some|and|or|from|was|were|be|like|ago|after|before)\b)[a-z']+ )\Z"
)
ENDS = re.compile(
    r"\Z|[.,;!)]|(?: (?:at )?\d| at (?:noon|midnight|the|my|our|lunch)| (?:i|we|he|she|they|it|my"
    r"|because|so|but|for|with|when|after|before|around|lol|haha|and)\b)",
    re.IGNORECASE,
)
LED = re.compile(r"\b(?:on|since|by|until|till) \Z", re.IGNORECASE)
BOOKED = re.compile(r"\b(?:for|to) \Z", re.IGNORECASE)
NAMED = re.compile(r"\b(?:is|it's|that's|today's|today is|day|'s) \Z", re.IGNORECASE)
LONGEST_WORD = 20
CONDITION = re.compile(
    r"\b(?:if|whenever|unless|in case|whether|supposing)\b[^.;]*\Z", re.IGNORECASE
)
CONDITION_WITHIN = 80
# "It takes", "the first time in two years": how long, not when.
LASTS = re.compile(
    r"\b(?:can|could|takes?|took|finish|done|once|twice|times?|first|last|best|worst|never|only|not"
    r"|usually|per|every|each|within|ever|\w+n't|\w{3,}est)\b",
    re.IGNORECASE,
)
CLOCK = re.compile(r" (?:at |around |@ ?)?\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\b|\b)", re.IGNORECASE)
# A fragment that tells how it was is about the past.
PRAISE = re.compile(
    r"\b(?:great|fun|amazing|lovely|nice|good|awesome|tough|rough|thanks|thank|sorry|best|worst"
    r"|wonderful|photos?|pics?|incredible|beautiful|fantastic|crazy|blast|such|still|back)\b",
    re.IGNORECASE,
)
LONGEST_FRAGMENT = 60


def recurs(match: re.Match[str]) -> bool:
    """Return whether the text around a day or month makes it other than the nearest one."""
    first = max(0, match.start() - RECURS_WITHIN)
    last = match.end() + RECURS_WITHIN
    return (
        RECURS.search(match.string, first, match.end()) is not None
        or HABIT.search(match.string, match.end(), last) is not None
    )


def is_habit(match: re.Match[str]) -> bool:
    """Return whether the text around a date tells what is so each time."""
    first = max(0, match.start() - RECURS_WITHIN)
    return HABIT.search(match.string, first, match.end() + RECURS_WITHIN) is not None


def is_annual(match: re.Match[str]) -> bool:
    """Return whether a date is a birthday or an anniversary."""
    first = max(0, match.start() - RECURS_WITHIN)
    return ANNUAL.search(match.string, first, match.end() + RECURS_WITHIN) is not None


def is_condition(text: str, begin: int) -> bool:
    """Return whether the words before a date make it part of a condition."""
    return CONDITION.search(text, max(0, begin - CONDITION_WITHIN), begin) is not None


def lasts(match: re.Match[str]) -> bool:
    """Return whether a length of time, "in two days", may tell how long something takes."""
    first = max(0, match.start() - RECURS_WITHIN)
    return LASTS.search(match.string, first, match.start()) is not None


def is_placed(match: re.Match[str]) -> bool:
    """Return whether a weekday is in the position of a date."""
    text, begin = match.string, match.start()
    first = max(0, begin - LONGEST_WORD)
    if LED.search(text, first, begin):
        return True
    return BARE.search(text, first, begin) is not None and ENDS.match(text, match.end()) is not None


def is_booked(match: re.Match[str]) -> bool:
    """Return whether something is set for a day: "booked for Friday"."""
    return BOOKED.search(match.string, max(0, match.start() - 4), match.start()) is not None


def is_named(match: re.Match[str]) -> bool:
    """Return whether a weekday only names a day: "it's Friday"."""
    begin = match.start()
    return NAMED.search(match.string, max(0, begin - LONGEST_WORD), begin) is not None


def is_note(match: re.Match[str]) -> bool:
    """Return whether a weekday without a verb is that of a plan: "Sam's recital Friday at 4"."""
    if PRAISE.search(match.string):
        return False
    return CLOCK.match(match.string, match.end()) is not None or (
        len(match.string) <= LONGEST_FRAGMENT
    )
