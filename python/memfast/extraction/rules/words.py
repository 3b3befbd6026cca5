"""Words of a text, normalized for comparison."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

WORD = re.compile(r"\w+(?:'\w+)*")
PART = re.compile(r"\w+")
MARKS = re.compile(r"[$\u20ac\u00a3\u00a5%+#-]")
# Signs that change a word or number: "C++", "A-", "-5", "$5", "5%".
SIGN = re.compile(
    r"[$\u20ac\u00a3\u00a5]\d|(?<![\w-])-\d|\d%|\b[^\W\d_](?:[+#]+|-(?![\w-]))", re.IGNORECASE
)
# Maps ASCII letters to lower case and characters outside of words to spaces.
SPACED = bytes(
    ord(chr(code).lower()) if PART.match(chr(code)) or chr(code) == "'" else ord(" ")
    for code in range(128)
).ljust(256)


def lexicon(text: str) -> frozenset[str]:
    """Return the words that a text lists."""
    return frozenset(text.split())


# Words without influence on the meaning of a statement; pronouns, negations and numbers have some.
WEAK = lexicon(
    """
    a an the and but so then also too just really very quite pretty super actually well oh yes yeah
    now that is am are
    """
)


class Sentence(NamedTuple):
    """A sentence in the forms that patterns and word sets are compared with.

    Attributes:
        text: The sentence, with single spaces.
        plain: With straight apostrophes.
        low: `plain` in lower case, of the same length; see `lowered`.
        words: Its words; see `words_of`.
        parts: The words of `low`, split at apostrophes.
    """

    text: str
    plain: str
    low: str
    words: tuple[str, ...]
    parts: Sequence[str]


def sentence_of(text: str) -> Sentence:
    """Return the forms of a sentence."""
    words = words_of(text)
    if text.isascii():
        low = text.lower()
        parts = words if "'" not in text else words_of(text.replace("'", " "))
        return Sentence(text, text, low, words, parts)
    plain = text.replace("\u2019", "'")
    low = lowered(plain)
    return Sentence(text, plain, low, words, PART.findall(low))


def lowered(text: str) -> str:
    """Return a text in lower case, of the same length.

    A lower-case ASCII pattern matches it exactly where it matches the text with `re.IGNORECASE`.
    """
    if not text.isascii():
        # The only non-ASCII letters that `re.IGNORECASE` equates with an ASCII letter and `lower`
        # does not.
        text = text.replace("\u0130", "i").replace("\u0131", "i").replace("\u017f", "s")
    return text.lower()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, normalized in case, width and apostrophes."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
        return tuple(WORD.findall(text.casefold()))
    spaced = text.encode().translate(SPACED).decode()
    if "'" in spaced and not _joins_words(f" {spaced} "):
        return tuple(WORD.findall(spaced))
    return tuple(spaced.split())


def _joins_words(spaced: str) -> bool:
    """Return whether each apostrophe is between two letters."""
    return "' " not in spaced and " '" not in spaced and "''" not in spaced


def terms_of(text: str, words: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the words of a text and the signs that belong to words.

    Args:
        text: The text.
        words: Its words, if computed already.
    """
    if words is None:
        words = words_of(text)
    return (*words, *SIGN.findall(text.casefold())) if MARKS.search(text) else words


def is_part(short: Sequence[str], long: Sequence[str]) -> bool:
    """Return whether `short` is a subsequence of `long`."""
    rest = iter(long)
    return all(word in rest for word in short)
