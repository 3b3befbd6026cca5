"""Whether a statement can say that something changed: a cheap look at its words.

A cue (`cues`) needs its words here, but for statements that are surely in another language than
English: those are always read.
"""

from __future__ import annotations

import re

from memfast.extraction.rules.change.reading import COUNT_WORDS
from memfast.extraction.rules.language import is_english
from memfast.extraction.rules.words import lexicon, words_of

TRIGGERS = frozenset(COUNT_WORDS) | lexicon(
    """
    sold sell quit stop stopped stopping gave given give away rid gotten cancel cancelled canceled
    ditched threw donated retired dropped resigned more closed discontinued called finished completed
    through longer anymore any used left leaving dumped died passed dead down moved move moving
    relocated start started starting begin began new job took landed accepted now joined rescheduled
    reschedule postponed postpone pushed push shifted extended delayed delay brought put changed
    change back instead will delaying postponing pushing rescheduling extending shifting
    up raised increased lowered cut reduced went gone rose grew bumped already far lately these
    total record best pb switched migrated replaced swapped upgraded traded exchanged transferred
    converted scratch make meant correction not no again single engaged married divorced widowed
    dating relationship boyfriend girlfriend fiance broke broken split separated vegan vegetarian
    pescatarian another second third fourth every daily weekly monthly yearly once twice off sorry
    mehr nicht kein keine keinen verkauft gezogen umgezogen verschoben verlegt jetzt gestorben
    mudado mudada mudamos ya dejado vendido vendimos ahora plus vendu maintenant non venduto smesso
    lasciato trasferito trasferita ora adesso mais vendi vendemos parei agora niet meer geen verhuisd
    verkocht gestopt weggegeven
    monday tuesday wednesday thursday friday saturday sunday weigh weight scale scales
    """
)
DIGIT = re.compile(r"\d")


def may_change(text: str) -> bool:
    """Return whether a statement has a word, a number or a language that a change can have."""
    if not text.isascii() or DIGIT.search(text):
        return True
    words = words_of(text)
    return not TRIGGERS.isdisjoint(words) or not is_english(text, words)
