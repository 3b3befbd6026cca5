"""Words of a text, brought into one form for comparison."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

WORD = re.compile(r"\w+(?:'\w+)*")
PART = re.compile(r"\w+")
MARKS = re.compile(r"[$\u20ac\u00a3\u00a5%+#-]")
# Signs that make another word or number of one: "C++", "A-", "-5", "$5", "5%".
SIGN = re.compile(
    r"[$\u20ac\u00a3\u00a5]\d|(?<![\w-])-\d|\d%|\b[^\W\d_](?:[+#]+|-(?![\w-]))", re.IGNORECASE
)
# ASCII letters in lower case, and a space for all that stands in no word.
SPACED = bytes(
    ord(chr(code).lower()) if PART.match(chr(code)) or chr(code) == "'" else ord(" ")
    for code in range(128)
).ljust(256)


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


class Sentence(NamedTuple):
    """A sentence in the forms that the rules read.

    Attributes:
        text: The sentence as it was said, with single spaces.
        plain: With plain apostrophes.
        low: `plain` in lower case, as long as it.
        words: Its words; see `words_of`.
        parts: The words of `low`, cut at apostrophes.
    """

    text: str
    plain: str
    low: str
    words: tuple[str, ...]
    parts: Sequence[str]


def sentence_of(text: str) -> Sentence:
    """Return a sentence in the forms that the rules read."""
    words = words_of(text)
    if text.isascii():
        low = text.lower()
        parts = words if "'" not in text else words_of(text.replace("'", " "))
        return Sentence(text, text, low, words, parts)
    plain = text.replace("\u2019", "'")
    low = lowered(plain)
    return Sentence(text, plain, low, words, PART.findall(low))


def lowered(text: str) -> str:
    """Return a text in small letters, as long as it was.

    A pattern in small letters of ASCII finds in it what it finds in the text itself without regard
    to case.
    """
    if not text.isascii():
        # The only letters beyond ASCII that equal one of ASCII without regard to case and are not
        # lowered to it.
        text = text.replace("\u0130", "i").replace("\u0131", "i").replace("\u017f", "s")
    return text.lower()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in one form: case, width and apostrophes do not count."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
        return tuple(WORD.findall(text.casefold()))
    spaced = text.encode().translate(SPACED).decode()
    if "'" in spaced and not _joins_words(f" {spaced} "):
        return tuple(WORD.findall(spaced))
    return tuple(spaced.split())


def _joins_words(spaced: str) -> bool:
    """Tell whether each apostrophe stands between two letters."""
    return "' " not in spaced and " '" not in spaced and "''" not in spaced


def terms_of(text: str, words: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return what makes texts equal: their words, and the signs that belong to words.

    Args:
        text: The text.
        words: Its words, where they are known.
    """
    if words is None:
        words = words_of(text)
    return (*words, *SIGN.findall(text.casefold())) if MARKS.search(text) else words


def is_part(short: Sequence[str], long: Sequence[str]) -> bool:
    """Tell whether all words of `short` stand in `long` in their order."""
    rest = iter(long)
    return all(word in rest for word in short)
