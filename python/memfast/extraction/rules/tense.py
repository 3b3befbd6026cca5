"""Decides whether a sentence is about the past or the future."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from memfast.extraction.rules.words import lexicon, lowered

Tense = Literal["past", "future", "unknown"]

IRREGULARS = lexicon(
    """
    went came saw met got took gave made found lost bought sold taught thought told said knew ran
    swam drove rode flew ate drank slept woke felt fell began started wrote read spoke sang won beat
    built broke brought caught chose drew forgot grew heard held kept laid led left lent paid quit
    sent shook shot showed sat spent stood stole threw understood wore became did hit cut hurt
    """
)
IRREGULAR = "|".join(sorted(IRREGULARS))
ADVERBS = r"(?:(?:\w+ly|just|also|even|never|already|then|both|all) ){0,2}"
NOT_PAST = r"(?!(?:need|feed|speed|indeed|embed|bleed|breed|exceed|proceed|succeed)\b)"
DID = rf"(?:{IRREGULAR}|was|were|had|didn't|wasn't|couldn't|{NOT_PAST}\w{{2,}}ed)\b"
PAST = re.compile(
    rf"\b(?:(?:i|we|he|she|they|it|you|who|(?:my|our|the) \w+) {ADVERBS}{DID}|(?:was|were)(?:n't)?)\b"
    rf"|^(?:just |finally )?(?:{IRREGULAR}|{NOT_PAST}\w{{2,}}ed)\b"
)
PAST_OF_NAME = re.compile(rf"[A-Z](?<!\w.)\w+ (?i:{ADVERBS}{DID})")
EVENT = (
    r"(?:appointment|meeting|exam|interview|flight|party|wedding|deadline|surgery|concert|race"
    r"|trip|test|presentation|conference|game|match|show)s?\b"
)
# A rescheduled event is in the future, though its verb is in the past.
MOVED = r"(?:moved|pushed|shifted|changed|delayed|brought forward|set)"
FUTURE = re.compile(
    r"\b(?:will|won't|shall|going to|gonna|about to|plan(?:s|ned|ning)?|hop(?:e|es|ing) to"
    r"|(?:want|wants|need|needs|have|has|got) to|looking forward|(?:can't|cannot) wait"
    r"|(?:re)?scheduled|supposed|postponed|cancel+ed|invited|booked|signed up|registered"
    rf"|(?:was|were|been|being|got|is|are) {MOVED}|{MOVED} (?:the|my|our) (?:\w+ )?{EVENT}"
    r"|upcoming|remind me|let's|would like to|starting|due)\b|'ll\b"
    r"|\b(?:i'?m|i am|we're|we are|(?:he|she|they)'(?:s|re)) (?:\w+ )?\w+ing\b"
)
PAST_WORDS = IRREGULARS | {"was", "were", "had", "didn't", "wasn't", "couldn't"}
# Scheduled events are in the future, unless a verb is in the past.
AHEAD = re.compile(rf"\b{EVENT}")


def tense_of(sentence: str) -> Tense:
    """Return the tense of a sentence; "unknown" if it shows none or both."""
    low = lowered(sentence)
    future = FUTURE.search(low)
    if _has_past(sentence, low):
        return "unknown" if future else "past"
    return "future" if future or AHEAD.search(low) else "unknown"


def is_past(sentence: str, words: Sequence[str]) -> bool:
    """Return whether a sentence, which has these words, has a verb in the past tense."""
    if PAST_WORDS.isdisjoint(words) and "ed " not in " ".join((*words, "")):
        return False
    return _has_past(sentence, lowered(sentence))


def _has_past(sentence: str, low: str) -> bool:
    return PAST.search(low) is not None or PAST_OF_NAME.search(sentence) is not None
