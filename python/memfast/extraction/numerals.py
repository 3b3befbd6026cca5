"""The numbers in a text, in figures and in the words of several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

# Words for 0 to 20, of each language in one line; "/" joins forms of one number.
_UNITS = """\
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen \
fifteen sixteen seventeen eighteen nineteen twenty
null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn \
fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig
zéro un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze \
quinze seize dix-sept dix-huit dix-neuf vingt/vingts
cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince \
dieciséis diecisiete dieciocho diecinueve veinte
zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici \
quattordici quindici sedici diciassette diciotto diciannove venti
zero um/uma dois/duas três quatro cinco seis sete oito nove dez onze doze treze catorze \
quinze dezesseis dezessete dezoito dezenove vinte
nul een/één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien \
vijftien zestien zeventien achttien negentien twintig
ноль один/одна два/две/двух/двое три/трёх/трех/трое четыре/четырёх пять/пяти шесть семь \
восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать \
семнадцать восемнадцать девятнадцать двадцать
"""
_TENS = """\
thirty forty fifty sixty seventy eighty ninety
dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig
trente quarante cinquante soixante septante octante nonante
treinta cuarenta cincuenta sesenta setenta ochenta noventa
trenta quaranta cinquanta sessanta settanta ottanta novanta
trinta quarenta cinquenta sessenta setenta oitenta noventa
dertig veertig vijftig zestig zeventig tachtig negentig
тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто
"""
_SCALES = {
    100: "hundred hundreds hundert cent cien ciento cento cem honderd сто",
    1_000: "thousand thousands grand k tausend mille mil mila duizend тысяч тысяча тысячи",
    1_000_000: "million millions millionen millón millones milione milioni milhão milhões miljoen "
    "миллион миллиона миллионов",
}
_ORDINALS = (
    "first third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte",
)
# Words that stand for a number beside their other meanings; they count where a text is a source.
_LOOSE = {
    2: "couple pair both twice double twins second two-time paar beide zwilling "
    "zwillinge zweimal doppelt deux-fois jumeaux gemelos gemelle gemelli gêmeos "
    "pareja ambos entrambi tweeling двойня",
    3: "triplets thrice triple drillinge dreimal",
    10: "decade jahrzehnt décennie década decennio",
    12: "dozen dutzend douzaine docena dozzina dúzia dozijn дюжина noon midday mittag "
    "midi mediodía mezzogiorno meio-dia midnight mitternacht minuit medianoche "
    "mezzanotte meia-noite",
    14: "fortnight fortnightly quinzaine quincena",
    15: "quarter viertel quart cuarto quarto kwart",
    18: "eighteen-month",
    30: "half halb halbe halben demi demie media mezza mezzo meia half-hour пол половина",
    50: "half halb hälfte moitié mitad metà metade helft половина",
    100: "century hundertprozentig always",
}
# Number words that mean something else in another language: no numbers where a fact is checked.
_AMBIGUOUS_WORDS = """
    due sei elf once cent doze sept mil un une uno uma um een een één one eins null nul k grand
    first second dix six-pack set sette beide acht con mille erste zweite achte
"""
_AMBIGUOUS = frozenset(_AMBIGUOUS_WORDS.split())

_VALUES: dict[str, int] = {}
for _words, _start, _step in (
    *((line, 0, 1) for line in _UNITS.splitlines()),
    *((line, 30, 10) for line in _TENS.splitlines()),
):
    for _place, _forms in enumerate(_words.split()):
        _VALUES.update(dict.fromkeys(_forms.split("/"), _start + _step * _place))
for _line, _numbers in zip(_ORDINALS, ((1, *range(3, 13)), range(1, 13)), strict=True):
    _VALUES.update(zip(_line.split(), _numbers, strict=True))
_SCALE = {word: scale for scale, words in _SCALES.items() for word in words.split()}
_LOOSELY: dict[str, set[int]] = {}
for _meant, _line in _LOOSE.items():
    for _word in _line.split():
        _LOOSELY.setdefault(_word, set()).add(_meant)
# "zweiunddreißig", "tweeëndertig", "trentadue".
_JOINED = re.compile(
    r"(?P<unit>ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun|een|twee|drie|vijf|zes|zeven|negen)"
    r"(?:und|en|ën)(?P<ten>\w{5,9}ig|\w{3,7}tig)"
    r"|(?P<first>vent|trent|quarant|cinquant|sessant|settant|ottant|novant)[aio]?"
    r"(?P<last>uno|due|tre|tré|quattro|cinque|sei|sette|otto|nove)"
)
_CJK = {"\u3007": 0, "零": 0, "两": 2, "兩": 2} | {
    c: n for n, c in enumerate("一二三四五六七八九", 1)
}
_CJK_SCALES = {
    "十": 10,
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "萬": 10_000,
    "億": 10**8,
    "亿": 10**8,
}
_CJK_RUN = re.compile(f"[{''.join([*_CJK, *_CJK_SCALES])}]+")
_COUNTER = "个個只隻岁歲歳年月日号號点點时時次位条條本张張台台部人天周名口斤元円枚匹分"
_TOKEN = re.compile(
    r"\d+(?:[.,'\u2019\u00a0\u202f]\d+)*|[^\W\d_]+(?:-[^\W\d_]+)*(?=\W|_|$)|[^\W\d_]+"
)
_SPACED = re.compile(r"(?<!\d)(\d{1,3})((?: \d{3})+)(?!\d)")
_GAP = re.compile(r"[\s-]*")
_AND = frozenset({"and", "und", "et", "y", "e", "en"})
_SUFFIX = re.compile(r"\s?(k|m|mio|mn|bn)\b|\s(?:grand|thousand|million)\b", re.IGNORECASE)
_SUFFIXES = {"k": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "bn": 1e9}
_GROUP = 3
_FULL_TEN = 20


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text.

    Attributes:
        begin: Where it begins.
        end: Where it ends.
        values: What it may mean: "1.200" is 1200 and 1.2.
        parts: The figures between its marks: 7 and 30 of "7.30".
        figures: Whether it is written in figures.
    """

    begin: int
    end: int
    values: frozenset[float]
    parts: tuple[int, ...] = ()
    figures: bool = True


def numbers_in(text: str) -> Iterator[Number]:
    """Yield the numbers of a text, in lower case; number words with two meanings are left out."""
    words: list[tuple[int, int, str]] = []
    for token in _TOKEN.finditer(text):
        found = token.group()
        if found[0].isdigit():
            yield _figures(text, token)
        else:
            words.extend(_parts(token.start(), found))
    yield from _spelled(words, text)
    for run in _CJK_RUN.finditer(text):
        value = _cjk(run.group())
        follows = text[run.end() : run.end() + 1]
        if value > 1 and (len(run.group()) > 1 or (follows and follows in _COUNTER)):
            yield Number(run.start(), run.end(), frozenset({float(value)}), figures=False)


def values_in(text: str) -> set[float]:
    """Return all values that a text, in lower case, may state, in figures or words."""
    found: set[float] = set()
    words: list[tuple[int, int, str]] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word[0].isdigit():
            number = _figures(text, token)
            found.update(number.values, map(float, number.parts))
            continue
        words.extend(_parts(token.start(), word))
        for form in {word, *word.split("-")}:
            found.update(map(float, _LOOSELY.get(form, ())))
            value = _value(form)
            if value is not None:
                found.add(float(value))
            if form in _SCALE:
                found.add(float(_SCALE[form]))
    for number in _spelled(words, text, loose=True):
        found |= number.values
    for spaced in _SPACED.finditer(text):
        found.add(float(spaced.group().replace(" ", "")))
    for run in _CJK_RUN.finditer(text):
        found.add(float(_cjk(run.group())))
        found.update(float(_CJK[sign]) for sign in run.group() if sign in _CJK)
    return found


def _parts(begin: int, word: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words of one with hyphens, unless it is a number as a whole."""
    if word in _VALUES:
        yield begin, begin + len(word), word
        return
    for part in word.split("-"):
        yield begin, begin + len(part), part
        begin += len(part) + 1


def _figures(text: str, token: re.Match[str]) -> Number:
    written = token.group()
    pieces = re.split(r"\D", written)
    values = {float("".join(pieces))} if _is_grouped(pieces) else set()
    if len(pieces) == 1:
        values.add(float(written))
    elif len(pieces) == 2:  # noqa: PLR2004 - before and behind a decimal mark
        values.add(float(f"{pieces[0]}.{pieces[1]}"))
    elif not values:
        values = {float(piece) for piece in pieces}
    suffix = _SUFFIX.match(text, token.end())
    if suffix:
        scale = _SUFFIXES.get((suffix.group(1) or "").lower()) or (
            1e6 if "million" in suffix.group().lower() else 1e3
        )
        values |= {round(value * scale, 6) for value in values}
    parts = tuple(int(piece) for piece in pieces if len(piece) < 16)  # noqa: PLR2004 - exact
    return Number(token.start(), token.end(), frozenset(values), parts)


def _is_grouped(pieces: list[str]) -> bool:
    return len(pieces) > 1 and len(pieces[0]) <= _GROUP and {len(x) for x in pieces[1:]} == {_GROUP}


def _value(word: str) -> int | None:
    value = _VALUES.get(word)
    if value is None and (joined := _JOINED.fullmatch(word)):
        first, last = (
            (joined["ten"], joined["unit"]) if joined["ten"] else joined.group("first", "last")
        )
        unit = 1 if last in {"ein", "een"} else _VALUES.get(last.replace("é", "e"))
        ten = _VALUES.get(first) or next(
            (value for name, value in _VALUES.items() if value >= _FULL_TEN and name[:-1] == first),
            None,
        )
        value = ten + unit if ten and unit else None
    return value


def _spelled(
    words: list[tuple[int, int, str]], text: str, *, loose: bool = False
) -> Iterator[Number]:
    """Yield the numbers that runs of number words state."""
    run: list[tuple[int, int, str]] = []
    for (begin, end, name), after in pairwise([*words, (0, 0, "")]):
        if _value(name) is not None or (name in _SCALE and (run or loose)):
            run.append((begin, end, name))
            if after[2] and _GAP.fullmatch(text, end, after[0]):
                continue
        elif run and name in _AND and _value(after[2]) is not None:
            continue
        if run:
            yield from _sum(run, loose=loose)
            run = []


def _sum(run: list[tuple[int, int, str]], *, loose: bool) -> Iterator[Number]:
    """Yield the number of a run of words; several where they do not form one."""
    total = current = 0
    previous = 0
    begin = run[0][0]
    end = run[0][1]
    names: list[str] = []
    for at, stop, name in run:
        scale, value = _SCALE.get(name), _value(name)
        if scale:
            current = max(current, 1) * scale
            if scale > 100:  # noqa: PLR2004 - hundreds may follow thousands
                total, current = total + current, 0
        elif value is not None:
            fits = not names or (
                (current == 0 and total)
                or (current >= 100 and current % 100 == 0)  # noqa: PLR2004
                or (value < 10 and previous >= _FULL_TEN and previous % 10 == 0)  # noqa: PLR2004
                or (previous, value) == (4, 20)
                or (previous in {60, 80} and value <= 19)  # noqa: PLR2004 - soixante-quinze
            )
            if not fits:
                yield from _one(begin, end, total + current, names, loose=loose)
                begin, total, current, names = at, 0, 0, []
            joined = (previous, value) == (4, 20) and bool(names)
            current = 80 if joined else current + value
            previous = 80 if joined else value
        names.append(name)
        end = stop
    yield from _one(begin, end, total + current, names, loose=loose)


def _one(begin: int, end: int, value: int, names: list[str], *, loose: bool) -> Iterator[Number]:
    if loose or len(names) > 1 or names[0] not in _AMBIGUOUS:
        yield Number(begin, end, frozenset({float(value)}), figures=False)


def _cjk(run: str) -> int:
    if not any(sign in _CJK_SCALES for sign in run):
        return int("".join(str(_CJK[sign]) for sign in run)) if len(run) < 16 else 0  # noqa: PLR2004
    total = section = digit = 0
    for sign in run:
        if sign in _CJK:
            digit = _CJK[sign]
        elif _CJK_SCALES[sign] >= 10_000:  # noqa: PLR2004 - from here on numbers are grouped
            total += (section + digit or 1) * _CJK_SCALES[sign]
            section = digit = 0
        else:
            section += (digit or 1) * _CJK_SCALES[sign]
            digit = 0
    return total + section + digit
