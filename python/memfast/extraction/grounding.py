"""Whether a text has its words from other texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import lru_cache

_WORD = re.compile(r"\w+")
# Scripts that set no blanks between words, or none around particles: pairs of letters stand in.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SUFFIXES = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s", "y", "e")
_STEM = 3
_PREFIX = 6
_COUNT = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = {name: str(number) for number, name in enumerate(_COUNT.split())}
_COMMON = """
    a about after all also am an and any are as at be been before being both but by can could did
    do does doing don down each few for from further had has have having he her here hers him his
    how i if in into is isn it its just ll me mine more most my no nor not now of off on once only
    or other our ours out over own re s same shall she should so some such t than that the their
    theirs them then there these they this those through to too under until up ve very was we were
    what when where which while who whom why will with would you your yours
    user users assistant agent like likes said say says tell tells told mention mentioned mentions
"""
_STOP = frozenset(_COMMON.split())
# Texts whose words are kept at hand: memories and facts are, messages may be longer.
_SHORT = 400


def plain(text: str) -> str:
    """Return a text as it is compared: case, blanks and the last mark do not count."""
    return " ".join(_folded(text).split()).rstrip(" .!")


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> set[str]:
    """Return the words of a text in lower case."""
    return set(_WORD.findall(_folded(text)))


def telling(words: set[str]) -> set[str]:
    """Return the words that carry what a text says."""
    return words - _STOP


def spoken(text: str) -> set[str]:
    """Return the words of a JSON text, also those that it writes with escapes."""
    found = words(text)
    for _ in range(2):  # JSON inside JSON escapes twice
        text = _ESCAPE.sub(_unescaped, text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        found |= words(text)
    return found


def _unescaped(escape: re.Match[str]) -> str:
    code, letter = escape.groups()
    if code:
        return chr(int(code, 16))
    return " " if letter in "nrtbf" else str(letter)


def content(text: str) -> frozenset[str]:
    """Return the stems of the words that carry what a text says; numbers count."""
    # A long text would only push the others out.
    return _content(text) if len(text) > _SHORT else _kept_content(text)


def _content(text: str) -> frozenset[str]:
    told = telling(words(text))
    if text.isascii():
        return frozenset(map(_stem, told))
    stems: set[str] = set()
    for word in told:
        if word.isascii():
            stems.add(_stem(word))
            continue
        spaced = _UNSPACED.sub(" ", word).split()
        stems.update(_stem(part) for part in spaced if part not in _STOP)
        for run in _UNSPACED.findall(word):
            stems.update(run[at : at + 2] for at in range(max(1, len(run) - 1)))
    return frozenset(stems)


_kept_content = lru_cache(maxsize=4096)(_content)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    word = _NUMBERS.get(word, word)
    for suffix in _SUFFIXES if word.endswith(_SUFFIXES) else ():
        if word.endswith(suffix) and len(word) - len(suffix) >= _STEM:
            word = word.removesuffix(suffix)
            break
    if len(word) > _STEM and word[-1] == word[-2]:
        word = word[:-1]
    # Most languages bend their words at the end.
    return word[:_PREFIX]


def shared(text: str, others: Iterable[AbstractSet[str]]) -> list[int]:
    """Return the places of those sets of stems that share one with a text."""
    stems = content(text)
    return [place for place, other in enumerate(others) if not stems.isdisjoint(other)]
