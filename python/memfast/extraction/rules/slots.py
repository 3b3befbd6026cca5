"""Slots: attributes of a person that have one value at a time.

A slot is set only if the sentence states that the value holds now. A missing slot keeps an outdated
fact active; a wrong one supersedes a true fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from memfast.extraction.rules import slot_triggers as triggers
from memfast.extraction.rules.slot_patterns import (
    CHANGE,
    OF_CHANGES,
    OF_FAVOURITES,
    OF_MINE,
    OF_SELF,
    OPINION,
    Pattern,
)
from memfast.extraction.rules.slot_words import (
    CORRECTED,
    FICTIONAL,
    LEAD,
    MAY,
    SUPPOSED,
    VETO,
)
from memfast.extraction.rules.words import Sentence, lexicon, lowered, sentence_of
from memfast.extraction.slices import Slices

SPEAKERS = lexicon("my i we call calls moved")
# A sentence without a subject can be about another: "My brother called. Just moved to Oslo".
SELF = lexicon("my i we me")
OTHERS = re.compile(
    r"\b(?:he|she|they|his|her|their|my \w+|called|calls|says?|said|told|texted|wrote|writes)\b"
)
LONGEST = 16
# Characters of a message searched per slice, and the overlap of slices: no match is longer.
WINDOW = 2000
OVERLAP = 200
CLAUSE = re.compile(r",? (?:and|but) (?=(?:i|my)\b)")
# Two statements joined by a comma: "I'm tired of pizza, my favourite food is sushi now".
SPLICE = re.compile(r", (?=(?:i|my)\b)")
OWN = re.compile(r"(?:i|we|my|our)\b")


def slot_of(sentence: Sentence, subject: str) -> str | None:
    """Return the slot that a sentence fills for its subject, such as "user home", or None.

    Args:
        sentence: A clause or a short sentence.
        subject: Who says it, in lower case.
    """
    parts = sentence.parts
    if (
        triggers.OF_SLOTS.isdisjoint(parts)
        or SPEAKERS.isdisjoint(parts)
        or sentence.plain.count(" ") >= LONGEST
    ):
        return None
    text = sentence.plain
    begin = _begin(sentence)
    # No veto: "I don't like tea" fills the same slot as "I like tea".
    pattern, named = OPINION
    if match := pattern.match(text, begin):
        return f"{subject} {named(match)}"
    for pattern, named in _patterns(sentence, begin):
        if match := pattern.match(text, begin):
            return None if _is_vetoed(sentence, begin) else f"{subject} {named(match)}"
    return None


def _patterns(sentence: Sentence, begin: int) -> Iterator[Pattern]:
    """Yield the patterns that a sentence can match after its lead, which ends at `begin`."""
    parts = sentence.parts
    if sentence.low.startswith("my ", begin):
        yield from OF_MINE
        return
    if not triggers.OF_SELF.isdisjoint(parts):
        yield from OF_SELF
    if not triggers.OF_CHANGES.isdisjoint(parts) and CHANGE.match(sentence.plain, begin):
        yield from OF_CHANGES
    if not triggers.OF_FAVOURITES.isdisjoint(parts):
        yield from OF_FAVOURITES


def _is_vetoed(sentence: Sentence, begin: int) -> bool:
    text, low = sentence.plain, sentence.low
    if "not " in low and (corrected := CORRECTED.search(low, begin)):
        text, low = text[: corrected.start()], low[: corrected.start()]
    return VETO.search(low) is not None or MAY.search(text) is not None


def clauses(sentence: Sentence) -> list[Sentence]:
    """Split "I live in Oslo and my name is Ann" in two; other sentences stay whole.

    A superseded value takes its whole fact with it, so a clause that fills a slot becomes a fact of
    its own. Hypothetical and quoted sentences stay whole: a clause alone would state it as true.
    """
    cuts = _cuts(sentence)
    if not cuts or SUPPOSED.search(sentence.low):
        return [sentence]
    begins = [0, *(cut.end() for cut in cuts)]
    ends = [*(cut.start() for cut in cuts), len(sentence.text)]
    parts = [sentence_of(sentence.text[begin:end]) for begin, end in zip(begins, ends, strict=True)]
    return parts if any(slot_of(part, "") for part in parts) else [sentence]


def _cuts(sentence: Sentence) -> Sequence[re.Match[str]]:
    low = sentence.low
    if (" and " in low or " but " in low) and (cuts := list(CLAUSE.finditer(low))):
        return cuts
    if ", " in low and OWN.match(low, begin := _begin(sentence)):
        return list(SPLICE.finditer(low, begin))
    return ()


def _begin(sentence: Sentence) -> int:
    """Return where the lead of a sentence ends."""
    if not sentence.parts or sentence.parts[0] not in triggers.OPENERS:
        return 0
    lead = LEAD.match(sentence.low)
    return lead.end() if lead else 0


def has_no_first_person(sentence: Sentence) -> bool:
    """Return whether a sentence has no first person in it."""
    return SELF.isdisjoint(sentence.parts)


def mentions_others(message: str) -> Slices[bool]:
    """Return whether a message mentions others: a sentence without a subject may be about them."""
    return _has(OTHERS, message)


def is_fictional(message: str) -> Slices[bool]:
    """Return whether a message is play, a joke or a story, and so fills no slot."""
    return _has(FICTIONAL, message)


def _has(pattern: re.Pattern[str], text: str) -> Slices[bool]:
    begin = 0
    while begin < len(text):
        yield
        end = text.find(" ", begin + WINDOW, begin + 2 * WINDOW)
        end = end if end >= 0 else begin + 2 * WINDOW
        if pattern.search(lowered(text[max(0, begin - OVERLAP) : end].replace("\u2019", "'"))):
            return True
        begin = end
    return False
