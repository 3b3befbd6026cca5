"""Does a sentence look back, or ahead?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Tense = Literal["past", "future", "unknown"]

IRREGULAR = (
    "went came saw met got took gave made found lost bought sold taught thought told said knew "
    "ran swam drove rode flew ate drank slept woke felt fell began started wrote read spoke sang "
    "won beat built broke brought caught chose drew forgot grew heard held kept laid led left lent "
    "paid quit sent shook shot showed sat spent stood stole threw understood wore became did hit "
    "cut hurt"
).replace(" ", "|")
ADVERBS = r"(?:(?:\w+ly|just|also|even|never|already|then|both|all)\s+){0,2}"
PAST = re.compile(
    r"\b(?:i|we|he|she|they|it|you|who|(?-i:[A-Z][a-z]+)|my\s+\w+|our\s+\w+)\s+"
    + ADVERBS
    + r"(?:"
    + IRREGULAR
    + r"|was|were|had|didn['’]t|wasn['’]t|couldn['’]t|(?!(?:need|feed|speed|indeed|embed|bleed|breed|exceed|proceed|succeed)\b)\w{2,}ed)\b"
    r"|\bwas\s+born\b|^(?:just\s+|finally\s+)?(?:" + IRREGULAR + r"|\w{2,}ed)\b",
    re.IGNORECASE,
)
FUTURE = re.compile(
    r"\b(?:will|won['’]t|shall|going\s+to|gonna|about\s+to|plan(?:s|ning)?|hop(?:e|es|ing)\s+to"
    r"|(?:want|wants|need|needs|have|has|got)\s+to|looking\s+forward|(?:can|ca)n?['’]t\s+wait"
    r"|scheduled|upcoming|remind\s+me|let['’]s|would\s+like\s+to|starting|due)\b"
    r"|['’]ll\b|\b(?:i['’]?m|i\s+am|we['’]?re|we\s+are|(?:he|she|they)['’](?:s|re))\s+(?:\w+\s+)?\w+ing\b",
    re.IGNORECASE,
)
# What stands in a calendar lies ahead, unless a verb says otherwise.
AHEAD = re.compile(
    r"\b(?:appointment|meeting|exam|interview|flight|party|wedding|deadline|surgery|concert|race"
    r"|trip|test|presentation|conference|game|match|show)s?\b",
    re.IGNORECASE,
)


PAST_WORDS = frozenset((IRREGULAR + "|was|were|had|didn't|wasn't|couldn't").split("|"))


def tense_of(sentence: str) -> Tense:
    """Return where a sentence looks; "unknown" where nothing or too much tells it."""
    past, future = PAST.search(sentence), FUTURE.search(sentence)
    if past:
        return "unknown" if future else "past"
    return "future" if future or AHEAD.search(sentence) else "unknown"


def is_past(sentence: str, words: Sequence[str]) -> bool:
    """Tell whether a verb of a sentence, which has these words, is in the past."""
    return (
        not PAST_WORDS.isdisjoint(words) or any(word.endswith("ed") for word in words)
    ) and PAST.search(sentence) is not None
