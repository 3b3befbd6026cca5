"""Rewrites words of dates, misspelled and shortened as in chats, to those that patterns know."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase

from memfast.extraction.rules.spans import MONTHS, WEEKDAYS
from memfast.extraction.rules.words import lexicon

SHORT_FORMS = {
    **dict.fromkeys(("tmrw", "tmr", "tmrrw", "tmw", "2moro", "2morrow", "2mrw"), "tomorrow"),
    **dict.fromkeys(("tomoz", "tomo", "tomorow", "tommorow", "tommorrow"), "tomorrow"),
    **dict.fromkeys(("yday", "yesterdy", "yesturday", "yesteday", "yestarday"), "yesterday"),
    **dict.fromkeys(("2day", "2nite", "tonite"), "tonight"),
    "2day": "today",
    **dict.fromkeys(("tue", "tues"), "tuesday"),
    **dict.fromkeys(("thu", "thur", "thurs"), "thursday"),
    **dict.fromkeys(("weds", "wensday", "wendsday", "wednsday"), "wednesday"),
    "fri": "friday",
    "xmas": "christmas",
    "nye": "new year's eve",
    "holloween": "halloween",
    "haloween": "halloween",
    "fortnite": "fortnight",
}
UNITS = {
    **dict.fromkeys(("wk", "wks"), "weeks"),
    **dict.fromkeys(("yr", "yrs"), "years"),
    **dict.fromkeys(("hr", "hrs"), "hours"),
    **dict.fromkeys(("min", "mins"), "minutes"),
    "mths": "months",
}
# These are also other words, and names of days only in certain company.
DOUBTFUL = {"mon": "monday", "wed": "wednesday", "sat": "saturday", "sun": "sunday"}
# Words that a slip of one letter makes of names of days and months.
NOT_SLIPS = lexicon("sundae sundays mondays fridays juley august's")
# Shorter names are too like other words.
SHORTEST = 6
LONG_NAMES = (*WEEKDAYS, *(name.lower() for name in MONTHS if len(name) >= SHORTEST))


@cache
def slips() -> dict[str, str]:
    """Return words that differ from a name of a day or month by one slip of a letter.

    The slips are those of Damerau (1964): one letter less, more, other, or two swapped.
    """
    found: dict[str, str] = {}
    doubtful = {*LONG_NAMES, *NOT_SLIPS}
    for name in LONG_NAMES:
        for slip in _slips(name):
            if found.setdefault(slip, name) != name:
                doubtful.add(slip)
    return {slip: name for slip, name in found.items() if slip not in doubtful}


@cache
def words() -> frozenset[str]:
    """Return the words that `plain` rewrites, in lower case."""
    return frozenset({*_spelled(), *DOUBTFUL})


@cache
def _spelled() -> dict[str, str]:
    return {**slips(), **SHORT_FORMS}


def _slips(name: str) -> Iterator[str]:
    for at in range(1, len(name)):
        head, tail = name[:at], name[at:]
        yield head + tail[1:]
        yield head[:-1] + tail[0] + head[-1] + tail[1:]
        for letter in ascii_lowercase:
            # A letter more before or behind a name makes another word: "Sundays".
            yield head + letter + tail
            yield head + letter + tail[1:]


NEAR_DAY = r"(?:on|next|last|this|coming|til|till|until|by|since|from|every) "
PART_OF_DAY = r" (?:morning|afternoon|evening|night|\d{1,2} ?[ap]m)\b"
MONTH_LEADS = r"(?:on|by|until|till|since|before|after|for|from|due|of|in|last|next|during|early|late|this|mid)"
SHORT_DAY = re.compile(
    rf"\b(?:{NEAR_DAY})(?P<led>mon|wed|sat|sun)\b(?! (?:and the|cream|screen))"
    rf"|\b(?P<part>mon|wed|sat|sun)(?={PART_OF_DAY})",
    re.IGNORECASE,
)
SHORT_UNIT = re.compile(
    r"\b(?:\d{1,3} ?|(?:a|one|two|three|four|five|six|couple|few|next|last|this|of) )"
    r"(?P<unit>wks?|yrs?|hrs?|mins?|mths)\b",
    re.IGNORECASE,
)
# "may" and "march" in lower case are months beside a day, or behind a preposition.
LOWER_MONTH = re.compile(
    rf"\b(?:{MONTH_LEADS} )(?P<led>may|march|mar)\b(?= \d|[.,;:!?]|\Z| (?:i|we|he|she|they)\b)"
    r"|\b(?P<day>may|march|mar)(?= (?:\d{1,2}(?:st|nd|rd|th)|the \d))"
    r"|\b\d{1,2}(?:st|nd|rd|th)?(?: of)? (?P<of>may|march|mar)\b(?! (?:i|be|have|not|go|come)\b)"
)
LIKE_UNITS = ("wk", "yr", "hr", "min", "mth")
LOWER_MONTHS = lexicon("may march mar")
TOKEN = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text with plain spellings.

    Attributes:
        text: The text.
        ends: Where the changed words end in it, ascending.
        shifts: By how much the text has become longer up to there.
    """

    text: str
    ends: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def place(self, end: int) -> int:
        """Return where the end of a word of this text lies in the original."""
        after = bisect_right(self.ends, end)
        return end - self.shifts[after - 1] if after else end


def plain(text: str, words: Sequence[str]) -> Plain:
    """Rewrite shortened and misspelled words of dates in a text, which has these words."""
    found: dict[tuple[int, int], str] = {}
    known = _spelled()
    if not known.keys().isdisjoint(words):
        for match in TOKEN.finditer(text):
            if spelled := known.get(match.group().lower()):
                found[match.span()] = spelled
    if not DOUBTFUL.keys().isdisjoint(words):
        for match in SHORT_DAY.finditer(text):
            name = match.lastgroup or ""
            found[match.span(name)] = DOUBTFUL[match[name].lower()]
    if any(unit in text for unit in LIKE_UNITS):
        for match in SHORT_UNIT.finditer(text):
            blank = " " if text[match.start("unit") - 1].isdigit() else ""
            found[match.span("unit")] = blank + UNITS[match["unit"].lower()]
    if not LOWER_MONTHS.isdisjoint(words):
        for match in LOWER_MONTH.finditer(text):
            name = match.lastgroup or ""
            found[match.span(name)] = match[name].title()
    return _rewritten(text, found) if found else Plain(text)


def _rewritten(text: str, found: dict[tuple[int, int], str]) -> Plain:
    parts: list[str] = []
    ends: list[int] = []
    shifts: list[int] = []
    last = length = 0
    for (begin, end), spelled in sorted(found.items()):
        word = spelled.title() if text[begin].isupper() else spelled
        parts += (text[last:begin], word)
        length += begin - last + len(word)
        ends.append(length)
        shifts.append(length - end)
        last = end
    parts.append(text[last:])
    return Plain("".join(parts), tuple(ends), tuple(shifts))
