"""What looks like a change and is none: episodes, narrower statements, other things of a sort."""

from __future__ import annotations

import re

from memfast.extraction.rules.change import cues
from memfast.extraction.rules.change.reading import AT_WORK, KIN, Reading
from memfast.extraction.rules.spans import WEEKDAYS
from memfast.extraction.rules.tense import is_past
from memfast.extraction.rules.words import lexicon, words_of

# What happens again and again, and what happened once.
HABIT = re.compile(
    r"\b(?:a|per|each|every|most) (?:day|night|week|month|year|morning)s?\b|\b(?:daily|weekly|usually)\b"
)
ONCE = re.compile(r"\b(?:today|yesterday|tonight|this (?:morning|week|time)|last (?:night|week))\b")
# An absence, the next of a row, the past of others, an interruption, a day that ended early.
PAUSED = re.compile(
    r"\bbe back\b|\bnext (?:meeting|one|time)\b|\b(?:he|she|they) used to\b"
    r"|\bstopped \w+ing (?:at|for an?|because|when|to)\b"
    r"|\bleft (?:\w+ ){0,3}?(?:early|late|at \d+|in (?:the|my)|on (?:the|my))\b"
)
# The end lies ahead, or is denied.
NOT_YET = re.compile(
    r"\b(?:going to|gonna|will|'ll|about to|(?:need|have|has|want|ready|time) to|let's|not"
    r"|didn't|haven't|hasn't|never|don't|won't|can't) (?:\w+ )?"
    r"(?:quit|stop|stopped|cancel|cancel+ed|give (?:up|away)|gave (?:up|away)|get rid|sell|sold)\b"
)
# Units of different sorts measure different things.
SORTS = {
    "length": "mm cm m km ft feet foot inch inches miles mile",
    "weight": "g kg kilo kilos kilograms lb lbs pounds stone",
    "share": "% percent",
}
SORT_OF = {unit: sort for sort, units in SORTS.items() for unit in units.split()}
UNIT = re.compile(r"\d ?([a-z]+|%)")
QUOTED = re.compile(r"[\"\u201c\u201d]")
RETURN = re.compile(r"\bback from\b|\b(?:return|outbound|inbound)\b|\bway (?:back|home|there)\b")
SINCE = re.compile(r"\b(?:since|seit|desde|depuis|sinds|dal?)\b")
WEEKDAY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})s?\b|\bweekends?\b")
# Words that tell one thing of a sort from another.
TELLING = lexicon(
    """
    red blue green yellow black white grey gray brown pink purple orange silver old big small little
    large tiny other spare second first third upper lower electric wooden front winter
    summer
    """
)


def is_no_change(fact: Reading, memory: Reading) -> bool:
    """Return whether a statement leaves a memory as it is, whatever its words of change."""
    return (
        NOT_YET.search(fact.low) is not None
        or PAUSED.search(fact.low) is not None
        or QUOTED.search(fact.text) is not None
        or (RETURN.search(fact.low) is None) != (RETURN.search(memory.low) is None)
        or _measures_another(fact, memory)
        or _is_episode(fact, memory)
        or _narrows(fact, memory)
        or _is_another(fact, memory)
        or _separates_others(fact)
    )


def _is_episode(fact: Reading, memory: Reading) -> bool:
    """Return whether a statement counts once what a memory counts as a habit."""
    return (
        bool(fact.numbers)
        and ONCE.search(fact.low) is not None
        and HABIT.search(memory.low) is not None
        and is_past(fact.text, words_of(fact.low))
    )


def _measures_another(fact: Reading, memory: Reading) -> bool:
    """Return whether two statements have measures of different sorts."""
    mine, theirs = (
        {SORT_OF[unit] for unit in UNIT.findall(one.low) if unit in SORT_OF}
        for one in (fact, memory)
    )
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _narrows(fact: Reading, memory: Reading) -> bool:
    """Return whether a statement ends only some days of what a memory states."""
    return (
        cues.NO_MORE.search(fact.low) is not None
        and cues.END.search(fact.low) is None
        and bool(fact.dates - memory.dates or _days(fact) - _days(memory))
        and SINCE.search(fact.low) is None
    )


def _days(reading: Reading) -> set[str]:
    return {day.rstrip("s") for day in WEEKDAY.findall(reading.low)}


def _is_another(fact: Reading, memory: Reading) -> bool:
    """Return whether two statements name different things of one sort."""
    mine = TELLING.intersection(words_of(fact.low))
    theirs = TELLING.intersection(words_of(memory.low))
    return bool(mine - theirs and theirs - mine)


def _separates_others(fact: Reading) -> bool:
    others = (KIN | AT_WORK | {"third"}) - cues.PARTNERS
    return (
        cues.BROKE_UP.search(fact.low) is not None
        and fact.subject in others
        and " and i " not in fact.low
    )
