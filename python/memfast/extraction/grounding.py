"""Whether a text is grounded in other texts: it shares word stems with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from functools import lru_cache

_WORD = re.compile(r"\w+")
# Scripts without spaces between words or around particles: compared by pairs of letters.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
# A single ideograph is often a word.
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Scripts whose words take particles at both ends: compared by runs of three letters.
_JOINED = re.compile(r"[\u0590-\u07ff\u0860-\u08ff]+")
_ARTICLE = re.compile(r"^[\u0648\u0641\u0628\u0643\u0644]?\u0627\u0644|^\u0644\u0644")
_PART = re.compile(r'[\n"\u201c\u201d]')
# What surrounds a memory in a list: its bullet, number or alias, date or score.
_AROUND = re.compile(
    r"^\s*(?:(?:[-*>\u2022]|\(?\d{1,3}[.):]|\[[^\]]{1,12}\]|m\d+:)\s*)+|\s*[(\[][^()\[\]]*[)\]]\s*$"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SUFFIXES = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s", "y", "e")
# Latin, Cyrillic and Greek vowels; at the end of a word they mark case and gender.
_VOWELS = (
    "aeiou\u0430\u0435\u0438\u043e\u0443\u044b\u044d\u044e\u044f\u044c"
    "\u03b1\u03b5\u03b7\u03b9\u03bf\u03c5\u03c9"
)
_STEM = 3
_PREFIX = 6
_COUNT = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
"""
_NUMBERS = {name: str(number) for number, name in enumerate(_COUNT.split())}
_TENNERS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {name: 10 * number for number, name in enumerate(_TENNERS.split(), 2)}
_TENFOLD = re.compile(rf"\b({'|'.join(_TENS)})(?:[- ]({'|'.join(_COUNT.split()[1:10])}))?\b")
_COMMON = """
    a about after all also am an and any are as at be been before being both but by can could did
    do does doing don down each few for from further had has have having he her here hers him his
    how i if in into is isn it its just ll me mine more most my no nor not now of off on once only
    or other our ours out over own re s same shall she should so some such t than that the their
    theirs them then there these they this those through to too under until up ve very was we were
    what when where which while who whom why will with would you your yours
    user users assistant agent like likes said say says tell tells told mention mentioned mentions
    nutzer nutzerin nutzers benutzer usuario usuaria utilisateur utilisatrice utente gebruiker
    пользователь пользователя пользователю пользователем مستخدم مستخدمة
"""
# Without accents; words that carry meaning in another language are left out.
_COMMON_ELSEWHERE = """
    der das den dem des ein eine einen einem einer ich mein meine und ist sind bin mit auf fur von
    zu el la los las un una yo mi mis y es soy esta en con del por para que se le les une je mon
    mes et est suis dans avec du au aux qui il lo gli io mio mia e sono di da per che um uma eu
    meu minha sou em os het een ik mijn ben met я мой моя мне и в на \u0441 по к \u0443 из за что
    это как для
"""
_STOP = frozenset((_COMMON + _COMMON_ELSEWHERE).split())
_STOP_UNSPACED = re.compile("用户|使用者|ユーザー?|사용자")
# Ideographs that carry little meaning alone, or that denote the speaker.
_STOP_IDEOGRAPHS = frozenset(
    "我你您他她它们們的地得了着著过過是在有没沒不也都就很和与與或但而之其这這那哪个個一些什么麼怎吗嗎呢吧啊"
    "把被给給对對从從到向为為以于於会會能可要想说說做去来來上下中大小多少人名用户戶使者私彼僕今日天年月时時好"
)
# Canonical combining classes of points and accents. Other classes hold Indic and Thai vowels and
# the voicing marks of Japanese.
_ACCENTS = frozenset({*range(10, 36), *range(200, 241)})
# Longest text, in characters, whose stems are cached: memories and facts; messages may be longer.
_SHORT = 400


def plain(text: str) -> str:
    """Return the form of a text used for comparison, without case, spacing and final mark."""
    return " ".join(_folded(text).split()).rstrip(" .!")


def unknown(text: str, known: Collection[str]) -> str:
    """Return a text without the lines and quotes that repeat known texts.

    Args:
        text: The text.
        known: Known texts, in the form of `plain`.
    """
    if not known or plain(text) in known:
        return "" if known else text
    parts = _PART.split(text)
    return "\n".join(part for part in parts if plain(_AROUND.sub("", part)) not in known)


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> set[str]:
    """Return the words of a text in lower case."""
    return set(_WORD.findall(_folded(text)))


def telling(words: set[str]) -> set[str]:
    """Return the words that carry meaning."""
    return words - _STOP


def spoken(text: str) -> set[str]:
    """Return the words of a JSON text, with escapes decoded."""
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
    """Return the stems of the words that carry meaning, numbers included."""
    # Long texts would evict the others from the cache.
    return _content(text) if len(text) > _SHORT else _kept_content(text)


def _content(text: str) -> frozenset[str]:
    text = _TENFOLD.sub(_number, _unaccented(_folded(text)))
    found = telling(set(_WORD.findall(text)))
    if text.isascii():
        return frozenset(map(_stem, found))
    stems: set[str] = set()
    for word in found:
        if word.isascii():
            stems.add(_stem(word))
            continue
        spaced = _JOINED.sub(" ", _UNSPACED.sub(" ", word)).split()
        stems.update(_stem(part) for part in spaced if part not in _STOP)
        for run in _UNSPACED.findall(_STOP_UNSPACED.sub(" ", word)):
            stems.update(_runs(run, 2))
            stems.update(set(_IDEOGRAPH.findall(run)) - _STOP_IDEOGRAPHS)
        for run in _JOINED.findall(word):
            root = _ARTICLE.sub("", run)
            stems.update(_runs(root, 3) if root not in _STOP else ())
    return frozenset(stems)


def _number(found: re.Match[str]) -> str:
    tens, ones = found.groups()
    return str(_TENS[tens] + int(_NUMBERS[ones] if ones else 0))


def _unaccented(text: str) -> str:
    """Return a text without the accents that many writers omit."""
    if text.isascii():
        return text
    marks = unicodedata.normalize("NFD", text)
    bare = "".join(mark for mark in marks if unicodedata.combining(mark) not in _ACCENTS)
    return unicodedata.normalize("NFC", bare)


def _runs(word: str, length: int) -> set[str]:
    return {word[at : at + length] for at in range(max(1, len(word) - length + 1))}


_kept_content = lru_cache(maxsize=4096)(_content)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    word = _NUMBERS.get(word, word)
    ends = (end for end in _SUFFIXES if word.endswith(end) and len(word) - len(end) >= _STEM)
    if end := next(ends, None):
        word = word.removesuffix(end)
    elif len(bare := word.rstrip(_VOWELS)) >= _STEM:
        word = bare
    if len(word) > _STEM and word[-1] == word[-2]:
        word = word[:-1]
    # Most languages inflect words at the end.
    return word[:_PREFIX]


def shared(text: str, others: Iterable[AbstractSet[str]]) -> list[int]:
    """Return the indexes of the sets that share a stem with a text."""
    stems = content(text)
    return [place for place, other in enumerate(others) if not stems.isdisjoint(other)]
