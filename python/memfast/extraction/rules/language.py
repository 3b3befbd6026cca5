"""Guesses whether a text is English, by script and common words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memfast.extraction.rules.words import lexicon

LATIN_END = 0x0250
LATIN = re.compile(r"[^\W\d_]")
ENGLISH = lexicon(
    """
    the a an i i'm i've i'd i'll my me we our us you your he she it its they their this that these
    those is am are was were be been have has had do does did don't didn't will would can could
    should to of in on at for from with by about as if but and or not no so than then when where
    what which who how there here it's that's just really like love want went going new
    """
)
# Words common in other languages and rare in English.
OTHER = lexicon(
    """
    el los las una unos del que por para con pero mi mis tu su yo muy más está estoy soy tengo
    le les des une du je il elle nous vous est suis dans pour avec pas mon ma mes sur et qui
    der das ein eine einen ich er wir ihr ist bin sind und nicht mit für auf mein meine im
    zu von den dem habe lo gli sono che di non per mio mia della ho abito o os uma não eu
    meu minha em com moro estou de het een ik ben niet van mijn en voor op jag är och inte min
    mitt på ett jeg og ikke til jest nie się mam moja mój w na mieszkam ja bir ve benim ben için
    """
)
FEW = 3
SURE = 2


def is_english(text: str, words: Sequence[str]) -> bool:
    """Return whether a text can be read by the English rules; True in doubt."""
    if not text.isascii():
        letters = LATIN.findall(text)
        if sum(ord(letter) >= LATIN_END for letter in letters) * 2 > len(letters):
            return False
    if len(words) < FEW:
        return True
    other = len(OTHER.intersection(words))
    return other < SURE or other <= len(ENGLISH.intersection(words))
