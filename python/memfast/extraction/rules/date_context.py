"""Decides by context whether a day or month name is a single date."""

from __future__ import annotations

import re

# A recurring day or month, or one of a named year: not the nearest one.
RECURS = re.compile(r"\b(?:born|used to|usually|always|every|each|(?:19|20)\d\d)\b", re.IGNORECASE)
RECURS_WITHIN = 60
# A weekday without a preposition is a date after a lower-case word and at the end of a clause:
# neither "Black Friday" nor "the Friday crossword".
BARE = re.compile(
    r"(?:\A|[,;:] |(?<![\w'])(?!(?:the|an?|my|your|his|her|our|their|every|each|other|any|one|no|of"
    r"|most|some|and|or|from|was|were|be|like|ago|after|before)\b)[a-z']+ )\Z"
)
ENDS = re.compile(
    r"\Z|[.,;!)]|(?: at \d| (?:i|we|he|she|they|it|my|because|so|but|for|with|when|after|before"
    r"|around)\b)",
    re.IGNORECASE,
)
LED = re.compile(r"\b(?:on|since|by|until|till) \Z", re.IGNORECASE)
LONGEST_WORD = 20


def recurs(match: re.Match[str]) -> bool:
    """Return whether the text before a day or month makes it other than the nearest one."""
    first = max(0, match.start() - RECURS_WITHIN)
    return RECURS.search(match.string, first, match.end()) is not None


def is_placed(match: re.Match[str]) -> bool:
    """Return whether a weekday is in the position of a date."""
    text, begin = match.string, match.start()
    first = max(0, begin - LONGEST_WORD)
    if LED.search(text, first, begin):
        return True
    return BARE.search(text, first, begin) is not None and ENDS.match(text, match.end()) is not None
