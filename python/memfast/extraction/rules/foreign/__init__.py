"""Relative dates in German, French, Spanish, Portuguese, Italian, Chinese and Japanese."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import reduce

from memfast.extraction.rules.foreign.eastern import CHINESE, JAPANESE
from memfast.extraction.rules.foreign.germanic import GERMAN
from memfast.extraction.rules.foreign.reader import reader_of
from memfast.extraction.rules.foreign.romance import FRENCH, ITALIAN, PORTUGUESE, SPANISH
from memfast.extraction.rules.foreign.vocabulary import Vocabulary
from memfast.extraction.rules.language import ENGLISH
from memfast.extraction.rules.spans import Span
from memfast.extraction.rules.words import lexicon

LATIN = (GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN)
HINTS: frozenset[str] = reduce(frozenset.union, (words.hints for words in LATIN))
# Words of English texts, too: they do not show another language.
SHARED = lexicon(
    """
    april august september november mars mo mi do fr sa di el le natal terra noche dia fa fra tra
    ans vor l'an marco jan feb
    """
)
# English words that are words of another language, too.
NO_PROOF = lexicon("in am do so as no a me he on at i an an real will war die not new")
PROOF = ENGLISH - NO_PROOF
SURE_HINTS = HINTS - SHARED
KANA = re.compile("[\u3040-\u30ff]")
HAN = re.compile("[\u4e00-\u9fff]")
EASTERN_HINT = re.compile(
    "[\u5929\u65e5\u53f7\u865f\u6708\u5e74\u5468\u9031\u661f\u66dc\u6628\u660e\u4eca\u591c\u8282\u30af\u30d0\u30cf\u304d\u3042\u304a]"
)


def may_be_foreign(words: Sequence[str], *, sure: bool) -> bool:
    """Return whether a text that could be English has a date in another language.

    Args:
        words: Its words.
        sure: Whether words such as "April" are not enough.
    """
    return not (SURE_HINTS if sure else HINTS).isdisjoint(words) and PROOF.isdisjoint(words)


def read(text: str, words: Sequence[str], at: datetime) -> list[tuple[int, Span, bool]]:
    """Return the end of each date in a text, its meaning, and whether it is absolute already.

    Args:
        text: A sentence in one of the languages, with straight apostrophes.
        words: Its words.
        at: When it was said.

    Returns:
        In the order of the text; empty if its language is not known.
    """
    language = _language_of(text, words)
    return reader_of(language).read(text, at) if language else []


def _language_of(text: str, words: Sequence[str]) -> Vocabulary | None:
    if (not text.isascii() and HAN.search(text)) or KANA.search(text):
        if not EASTERN_HINT.search(text):
            return None
        return JAPANESE if KANA.search(text) else CHINESE
    if HINTS.isdisjoint(words) and "/" not in text and "." not in text[:-1]:
        return None
    best = max(LATIN, key=lambda one: _likeness(one, words))
    return best if _likeness(best, words) else None


def _likeness(language: Vocabulary, words: Sequence[str]) -> int:
    """Return how many words of a text are frequent in a language; words of dates count most."""
    return len(language.common.intersection(words)) + 2 * len(
        (language.hints - SHARED).intersection(words)
    )
