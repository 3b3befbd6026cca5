"""Words of a text, brought into one form for comparison."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

WORD = re.compile(r"\w+(?:'\w+)*")
MARKS = re.compile(r"[$\u20ac\u00a3\u00a5%+#-]")
# Signs that make another word or number of one: "C++", "A-", "-5", "$5", "5%".
SIGN = re.compile(
    r"[$\u20ac\u00a3\u00a5]\d|(?<![\w-])-\d|\d%|\b[^\W\d_](?:[+#]+|-(?![\w-]))", re.IGNORECASE
)


def lexicon(text: str) -> frozenset[str]:
    """Return the words that a text lists."""
    return frozenset(text.split())


# Words that do not change what a statement says. Pronouns, negations and numbers do.
WEAK = lexicon(
    """
    a an the and but so then also too just really very quite pretty super actually well oh yes yeah
    now that is am are
    """
)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in one form: case, width and apostrophes do not count."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    return tuple(WORD.findall(text.casefold()))


def terms_of(text: str) -> tuple[str, ...]:
    """Return what makes texts equal: their words, and the signs that belong to words."""
    words = words_of(text)
    return (*words, *SIGN.findall(text.casefold())) if MARKS.search(text) else words


def is_part(short: Sequence[str], long: Sequence[str]) -> bool:
    """Tell whether all words of `short` stand in `long` in their order."""
    rest = iter(long)
    return all(word in rest for word in short)
