"""The names in a fact, and whether other texts hold them in any form."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from memfast.extraction.days import MONTHS, WEEKDAYS
from memfast.extraction.signs import is_about_user

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_BREAK = re.compile(r"(?:^|[.!?:;\u2026]|\n)\W*\Z")
_LETTER = re.compile(r"[^\W\d_]")
# Capitalised words that are not names, and words that a fact may add to what was said.
_PLAIN_WORDS = """
    i i'm i've i'd i'll user user's users assistant agent tv phd ceo cto ok am pm pc usd eur gbp
    mr mrs ms dr prof miss sir madam god mum mom dad mother father grandma grandpa internet id
    christmas xmas easter halloween thanksgiving ramadan hanukkah valentine's eve day new year
    year's mon tue wed thu fri sat sun st nd rd th who what when where why how the a an his her
    their he she they it its this that these those my your our utc gmt cet est pst iso web diy
    nutzer nutzers nutzerin benutzer usuario usuária usuário usuaria utilisateur utilisatrice
    utente gebruiker weihnachten ostern noël navidad natale natal
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())
# Words before which the first word of a fact is its subject.
_ACTS_WORDS = """
    lives works likes loves hates owns plays prefers wants studies moved married has is was said
    says told plans bought sold visited visits works worked lived got adopted teaches runs
    speaks drinks eats drives born called named broke quit started joined enjoys needs knows met
    will
"""
_ACTS = frozenset(_ACTS_WORDS.split())
# Subjects that are no names, in English, with which a rewording may begin.
_SUBJECTS_WORDS = """
    wife husband partner spouse son daughter child children kids kid brother sister sibling
    siblings parents family friend friends boss colleague colleagues team company dog cat pet
    pets puppy home house flat apartment car bike job work school university wedding birthday
    age name date dinner lunch breakfast meeting appointment trip flight holiday vacation hobby
    goal plan favorite favourite allergy doctor dentist teacher girlfriend boyfriend fiancé
    fiancée baby uncle aunt cousin nephew niece neighbor neighbour project deadline budget
    everyone someone nobody one email phone laptop computer office city town hometown
    nationality diet health sleep exercise
"""
_SUBJECTS = frozenset(_SUBJECTS_WORDS.split())
# Words that only German texts hold, in which common nouns have capitals.
_GERMAN_WORDS = """
    der die das ein eine einen einem einer und ist hat nicht mit seine seinen ihre ihren wohnt
    lebt seit wurde vom zum zur im am den dem nutzer nutzers
"""
_GERMAN = frozenset(_GERMAN_WORDS.split())
_GERMAN_NAMED = re.compile(
    r"\b(?:(?:wohn|leb|zieh|zog|gezog|arbeit|reis|flieg|fahr|studier)\w*"
    r"(?: \w+){0,2}? (?:in|nach|aus|bei)"
    r"|komm\w* aus|heiß\w*|heiss\w*|namens|genannt) ([A-ZÄÖÜ][\w-]+)"
)
_GERMAN_PLAIN_WORDS = """
    rente behandlung hause therapie teilzeit urlaub elternzeit pension
"""
_GERMAN_PLAIN = frozenset(_GERMAN_PLAIN_WORDS.split())
# One thing in several languages, a line each: places, languages and their people by their roots.
_ALIKE = """\
germany german germans deutschland deutsch deutsche deutscher alemania alemán alemana \
allemagne allemand allemande germania tedesco tedesca duitsland duits немецкий германия \
германии
austria austrian österreich österreicher autriche
switzerland swiss schweiz suisse suiza svizzera zwitserland швейцария
france french frankreich französisch franzose francia francés français francese frankrijk \
frans франция
spain spanish spanien spanisch españa español espagne espagnol spagna spagnolo espanha \
espanhol spanje spaans испания
italy italian italien italienisch italia italiano italie italiaans италия
netherlands dutch holland niederlande niederländisch nederland nederlands holanda holandés \
pays-bas hollande
england english english-speaking englisch engländer inglés inglaterra anglais angleterre \
inglese inghilterra inglês engels английский
britain british großbritannien
usa america american americans amerika amerikanisch américain америка сша
poland polish polen polnisch polska polski polonia polaco pologne polonais
russia russian russland russisch rusia ruso russie russe rússia россия русский
greece greek griechenland griechisch grecia griego grèce
turkey turkish türkei türkisch turquía turquie türkiye türk
sweden swedish schweden schwedisch suecia suède sverige svenska
denmark danish dänemark dänisch dinamarca danemark danmark dansk
norway norwegian norwegen norwegisch noruega norvège norge norsk
japan japanese japonés japón japon japonais japanisch giappone japão
china chinese chinesisch chino chine chinois cinese mandarin
portugal portuguese portugiesisch portugués portugais português
hungary hungarian ungarn ungarisch hungría hongrie magyar
croatia croatian kroatien kroatisch croacia croatie hrvatska
czech czechia tschechien tschechisch checa česko česky
brazil brazilian brasil brasilien brasileiro brésil
egypt egyptian ägypten égypte egipto egitto
munich münchen monaco-di-baviera múnich
cologne köln colonia keulen
vienna wien viena vienne vienna wenen
zurich zürich zúrich zurigo
geneva genf genève ginebra ginevra
florence firenze florenz florencia
venice venezia venedig venecia venise
milan milano mailand milán
naples napoli neapel nápoles
rome roma rom рим
turin torino turín
lisbon lisboa lissabon lisbonne lisbona
seville sevilla séville siviglia
prague praha prag praga
warsaw warszawa warschau varsovia varsovie
krakow kraków krakau cracovia cracow
copenhagen københavn kopenhagen copenhague
gothenburg göteborg
brussels bruxelles brüssel brussel bruselas
antwerp antwerpen anvers amberes
hague haag haya haye
bucharest bucurești bukarest
belgrade beograd belgrad
athens athen athína atenas athènes atene
moscow moskau moskva moscú moscou mosca
kiev kyiv kiew
london londres londra londen
paris parís parigi parijs
nice nizza niza
marseille marseilles marsella marsiglia
hanover hannover
nuremberg nürnberg núremberg
beijing peking pekín pékin pechino
alps alpen alpes alpi
danube donau
rhine rhein rin rhin
mediterranean mittelmeer
"""
_GROUP: dict[str, set[int]] = {}
_RUN = re.compile(r"\b[A-Z]\w+(?: [A-Z]\w+)+")
_LEAST_ROOT = 3
_MOST_ENDING = 3
_INITIALS = 2
_ODD = 2
_SEEN = 2_000
_BEFORE = 8
_IDEOGRAPH = 3
_LATIN = re.compile(r"[0-9A-Za-z\u00c0-\u024f]+")
_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфыэіїєґ",
        (*"abvgdeziiklmnoprstufyeiieg",),
        strict=True,
    )
) | {"ж": "zh", "\u0445": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya",
     "ь": "", "ъ": ""}  # fmt: skip
_TO_LATIN = str.maketrans(_CYRILLIC)


def _bare(word: str) -> str:
    """Return a word in lower case and Latin letters, without accents and possessive."""
    word = unicodedata.normalize("NFKD", word.casefold())
    word = "".join(sign for sign in word if not unicodedata.combining(sign))
    word = re.sub(r"['\u2019]s?$", "", word).replace("\u2019", "'")
    return word if word.isascii() else word.translate(_TO_LATIN)


for _at, _line in enumerate(_ALIKE.splitlines()):
    for _name in _line.split():
        _GROUP.setdefault(_bare(_name), set()).add(_at)


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ")[0]
    if name in {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "IDEOGRAPHIC"}:
        return "CJK"
    return "LATIN" if name in {"MASCULINE", "FEMININE", "MICRO", "FULLWIDTH"} else name


@lru_cache(maxsize=512)
def script_of(text: str) -> str:
    """Return the script of most letters of a text: "LATIN", "CYRILLIC", "CJK" and others."""
    letters = Counter(map(_script, _LETTER.findall(text[:_SEEN])))
    # An ideograph says as much as several letters.
    letters["CJK"] *= _IDEOGRAPH
    most = max(letters, key=letters.__getitem__)
    return most if letters[most] else ""


def are_foreign(texts: Sequence[str], text: str) -> bool:
    """Return whether most letters of some texts are of another script than those of a text."""
    script = script_of("\n".join(texts)) if texts else ""
    return bool(script) and script != script_of(text)


def names_in(text: str) -> Iterator[str]:
    """Yield what seems to be a name: words with a capital, and those with a figure in them."""
    words = list(_WORD.finditer(text))
    if _is_titled(words):
        return
    german = sum(word.group().casefold() in _GERMAN for word in words) >= _ODD
    if german:
        for found in _GERMAN_NAMED.finditer(text):
            if found[1].casefold() not in _GERMAN_PLAIN:
                yield found[1]
    for word, after in pairwise([*words, None]):
        if word is not None and _is_name(text, word, after.group() if after else "", german=german):
            yield word.group()


def _is_name(text: str, word: re.Match[str], follows: str, *, german: bool) -> bool:
    name = word.group()
    low = name.casefold().replace("\u2019", "'")
    if any(sign.isdigit() for sign in name) and any(sign.isalpha() for sign in name):
        return not _is_measured(low)
    inner = any(sign.isupper() for sign in name[1:])
    if not name[0].isupper() or _is_plain(low) or len(name) == 1 or (german and not inner):
        return False
    if not _BREAK.search(text[max(0, word.start() - _BEFORE) : word.start()]):
        return True
    subject = low.removesuffix("'s")
    return subject not in _SUBJECTS and (inner or subject != low or _is_subject(low, follows))


def _is_titled(words: Sequence[re.Match[str]]) -> bool:
    """Return whether all words of a text have capitals, so that these say nothing."""
    long = [word.group() for word in words if len(word.group()) > _LEAST_ROOT]
    return len(long) > _LEAST_ROOT and all(word.isupper() for word in long)


def _is_measured(low: str) -> bool:
    """Return whether a word is a number with a unit or an ordinal: "5pm", "90s", "3rd", "10k"."""
    return bool(re.fullmatch(r"\d+(?:[a-zäöüßµ°]{1,4}|\w?[²³])", low))


def _is_plain(low: str) -> bool:
    return (
        is_about_user(low)
        or low in _PLAIN
        or low in MONTHS
        or low in WEEKDAYS
        or low.removesuffix("s") in WEEKDAYS
    )


def _is_subject(low: str, follows: str) -> bool:
    return low not in _SUBJECTS and (follows in _ACTS or follows[:1].isupper())


class Names:
    """The words of some texts, for the question whether they hold a name."""

    def __init__(self, texts: Collection[str]) -> None:
        words = [_bare(word.group()) for text in texts for word in _WORD.finditer(text)]
        self._words = set(words)
        # Without what is joined to them: "Ankara'da", and names between ideographs.
        self._words.update(part for word in words for part in _LATIN.findall(word))
        self._roots = {word[:_LEAST_ROOT] for word in self._words}
        self._groups = set().union(*(_GROUP.get(word, set()) for word in self._words))
        self._joined = {"".join(pair) for pair in pairwise(words)}
        self._initials = "".join(word[0] for word in words)

    def holds(self, name: str) -> bool:
        """Return whether a name is there: in another case, inflected, or in another language."""
        low = _bare(name)
        if low in self._words or low in self._joined:
            return True
        if not _GROUP.get(low, set()).isdisjoint(self._groups):
            return True
        if name.isupper() and len(low) > _INITIALS - 1 and low in self._initials:
            return True
        return low[:_LEAST_ROOT] in self._roots and any(
            _is_form(low, word) for word in self._words if word[:_LEAST_ROOT] == low[:_LEAST_ROOT]
        )

    def shortened(self, text: str) -> set[str]:
        """Return the names of a text whose initials are there: "NYC" for "New York City"."""
        runs = (run.group().split() for run in _RUN.finditer(text))
        return {
            name
            for run in runs
            if "".join(_bare(name)[:1] for name in run) in self._words
            for name in run
        }


def _is_form(name: str, word: str) -> bool:
    """Return whether two words differ by an ending alone."""
    root = 0
    for one, other in zip(name, word, strict=False):
        if one != other:
            break
        root += 1
    rest = max(len(name), len(word)) - root
    return rest <= _MOST_ENDING and root >= max(_LEAST_ROOT, len(name) - _MOST_ENDING, rest + 2)
