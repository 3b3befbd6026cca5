"""Slots: places in what is known of somebody that hold one value at a time.

A slot is set only where the sentence says that the value holds now. A missing slot keeps an old
fact too long; a wrong one takes a true fact away.
"""

from __future__ import annotations

import re

from memfast.extraction.rules.slot_patterns import (
    CHANGE,
    OF_CHANGES,
    OF_FAVOURITES,
    OF_MINE,
    OF_SELF,
    OPINION,
)
from memfast.extraction.rules.slot_words import CORRECTED, LEAD, SUPPOSED, UNREAL, VETO
from memfast.extraction.slices import Slices

HINT = re.compile(r"\b(?:my|i|we|call|calls|moved)\b", re.IGNORECASE)
# "My brother called. Just moved to Oslo": a sentence without its subject may be about another.
SELF = re.compile(r"\b(?:my|i|we|me)\b", re.IGNORECASE)
OTHERS = re.compile(
    r"\b(?:he|she|they|his|her|their|my \w+|called|calls|says?|said|told|texted|wrote|writes)\b",
    re.IGNORECASE,
)
LONGEST = 16
# Characters of a message that are looked through at a stretch, and how many of those before them
# once more: no match is longer.
WINDOW = 2000
OVERLAP = 200
CLAUSE = re.compile(r",? (?:and|but) (?=(?:i|my)\b)", re.IGNORECASE)
# "I'm tired of pizza, my favourite food is sushi now": two statements only a comma lies between.
SPLICE = re.compile(r", (?=(?:i|my)\b)", re.IGNORECASE)
OWN = re.compile(r"(?:i|we|my|our)\b", re.IGNORECASE)


def slot_of(sentence: str, subject: str) -> str | None:
    """Return the slot that a sentence fills for its subject, such as "user home", or None.

    Args:
        sentence: A clause or a short sentence, with plain apostrophes and single spaces.
        subject: Who says it, in lower case.
    """
    if sentence.count(" ") >= LONGEST or not HINT.search(sentence):
        return None
    lead = LEAD.match(sentence)
    begin = lead.end() if lead else 0
    # "I don't like tea" answers the same question as "I like tea", so no veto here.
    pattern, named = OPINION
    if match := pattern.match(sentence, begin):
        return f"{subject} {named(match)}"
    mine = sentence[begin : begin + 3].lower() == "my "
    changes = OF_CHANGES if not mine and CHANGE.match(sentence, begin) else ()
    for pattern, named in OF_MINE if mine else (*OF_SELF, *changes, *OF_FAVOURITES):
        if match := pattern.match(sentence, begin):
            corrected = CORRECTED.search(sentence, match.start())
            told = sentence[: corrected.start()] if corrected else sentence
            return None if VETO.search(told) else f"{subject} {named(match)}"
    return None


def clauses(sentence: str) -> list[str]:
    """Split "I live in Oslo and my name is Ann" in two; others stay whole.

    A value that is replaced later takes its whole fact with it, so a clause that fills a slot
    stands alone. What is supposed or quoted stays whole: a clause of it would tell it as true.
    """
    cuts = list(CLAUSE.finditer(sentence))
    if not cuts and (lead := LEAD.match(sentence)) and OWN.match(sentence, lead.end()):
        cuts = list(SPLICE.finditer(sentence, lead.end()))
    if not cuts or SUPPOSED.search(sentence.replace("\u2019", "'")):
        return [sentence]
    begins = [0, *(cut.end() for cut in cuts)]
    ends = [*(cut.start() for cut in cuts), len(sentence)]
    parts = [sentence[begin:end] for begin, end in zip(begins, ends, strict=True)]
    alone = any(slot_of(part.replace("\u2019", "'"), "") for part in parts)
    return parts if alone else [sentence]


def names_nobody(sentence: str) -> bool:
    """Tell whether a sentence leaves out who it is about."""
    return SELF.search(sentence) is None


def tells_of_others(message: str) -> Slices[bool]:
    """Tell whether a message tells of others: a sentence that names nobody may be about them."""
    return _has(OTHERS, message)


def is_unreal(message: str) -> Slices[bool]:
    """Tell whether a message plays, jokes or tells a story, and so fills no slot."""
    return _has(UNREAL, message)


def _has(pattern: re.Pattern[str], text: str) -> Slices[bool]:
    begin = 0
    while begin < len(text):
        yield
        end = text.find(" ", begin + WINDOW, begin + 2 * WINDOW)
        end = end if end >= 0 else begin + 2 * WINDOW
        if pattern.search(text[max(0, begin - OVERLAP) : end].replace("\u2019", "'")):
            return True
        begin = end
    return False
