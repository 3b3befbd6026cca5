"""Reads a statement for a comparison with another one: its subject, its words, its values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from memfast.extraction.grounding import content
from memfast.extraction.rules.spans import MONTHS, MONTHS_ELSEWHERE, WEEKDAYS
from memfast.extraction.rules.speech import SPEAKER
from memfast.extraction.rules.tense import IRREGULAR
from memfast.extraction.rules.words import lexicon, lowered, words_of

# The absolute date that the rules write behind a relative one.
RESOLVED = re.compile(r" \((?:week of |weekend of )?(?:\d{1,2} )?(?:[A-Z][a-z]+ )?\d{4}\)")
LEAD = re.compile(
    r"(?:(?:well|so|yes|yeah|yep|nope|no|oh|ok|okay|actually|btw|fyi|and|but|now|anyway|hey|hi"
    r"|hello|update|correction|guess what|(?:good|bad|great|big) news|finally|sadly|luckily"
    r"|unfortunately|sorry|great|cool|ugh|turns out|by the way|just|recently"
    r"|also|bueno|also|naja|ja|nein|oui|non|si|no)\b[\s,:;!.\u2013\u2014-]+)*"
)
SELF = re.compile(
    r"\b(?:i|im|ive|me|my|mine|we|our|us|ich|wir|mir|mich|uns|mein\w*|unser\w*|yo|nosotros|mis?"
    r"|nuestr[oa]s?|je|nous|mon|ma|mes|notre|nos|io|noi|mi[oa]|miei|nostr[oaie]|eu|n\u00f3s|meus?"
    r"|minhas?|ik|wij|mijn|onze?)\b|\bj'|\u6211|\u79c1|\u50d5"
)
# Those whose life is not the speaker's.
KIN = lexicon(
    """
    sister brother mum mom mother dad father parents son daughter wife husband boyfriend girlfriend
    partner fiance friend friends boss manager colleague colleagues coworker coworkers flatmate
    roommate housemate neighbour neighbor neighbours neighbors aunt uncle cousin cousins grandma
    grandpa granny grandmother grandfather niece nephew kid kids child children baby twin twins
    schwester bruder mutter mama vater papa eltern sohn tochter frau
    mann freund freundin nachbar nachbarin tante onkel oma opa cousine
    hermana hermano madre padre mam\u00e1 pap\u00e1 padres hijo hija esposa esposo novia novio amigo amiga
    abuela abuelo t\u00eda t\u00edo s\u0153ur soeur fr\u00e8re m\u00e8re p\u00e8re maman parents fils fille femme
    mari copain copine ami amie voisin voisine sorella fratello figlio figlia moglie marito amico
    amica nonna nonno irm\u00e3 irm\u00e3o m\u00e3e pai filho filha esposa marido zus broer moeder vader zoon dochter
    """
)
AT_WORK = lexicon(
    """
    boss manager colleague colleagues coworker coworkers landlord teacher client clients doctor chef
    chefin kollege kollegin jefe jefa patron capo collega
    """
)
# Beginnings of sentences that are capitalised, and no names.
MEASURES = lexicon(
    "scale scales weight rent salary deadline landlord doctor work school meeting flight train total"
)
OWNED_KIN = re.compile(
    r"(?:my|our|mein\w*|unser\w*|mis?|nuestr[oa]|mon|ma|mes|notre|nos|mi[oa]|meu|minha|mijn|onze?)"
    r"(?: (?:\w+))?? (?P<kin>[\w']+)"
)
THIRD = re.compile(
    r"(?:he|she|they|his|her|their|er|sie|\u00e9l|ella|ellos|ellas|il|elle|ils|elles|lui|lei|loro"
    r"|ele|ela|eles|hij|zij)(?:'\w+)?\b"
)
# A capitalised word is a name where a verb follows: "Karin left", not "Sold the car".
NAMED = re.compile(
    r"(?P<name>[A-Z\u00c0-\u00de][\w-]+)(?: and [A-Z][\w'-]+)?(?:'s|"
    rf" (?:is|are|was|were|has|had|got|can|will|just|also|now|\w{{2,}}ed|{IRREGULAR}|(?!(?:was|is)\b)"
    r"[a-z]{2,}s)\b)"
)
DETERMINED = re.compile(
    r"(?:the|this|that|these|those|der|die|das|el|la|los|las|le|les|il|lo|o|a)\b"
)
RATE = re.compile(
    r"\bevery (?:other |second |two |three |four |few |\d+ )?(?:day|week|month|year)s?\b"
    r"|\b(?:daily|weekly|monthly|yearly)\b|\b(?:once|twice) an? \w+"
)
# "Room 14" is the name of a room, unless it is said that it changed.
LABEL = re.compile(r"\b(?:number|no\.|nr\.|#|step|chapter|part|version|episode|day) ?\d+")
# "5k" is a word, "20mg" a number.
UNIT = r"(?:mg|kg|km|g|ml|cl|l|cm|mm|m|lbs?|mph|kmh|am|pm|h|hrs?|min|gb|tb|%)"
NUMBER = re.compile(rf"(?<![\w.,:])\d(?:[\d.,:']*\d)?(?!\d)(?:(?={UNIT}\b)|(?![^\W\d_]))")
COUNT_WORDS = {"one": "1"}
COUNT_WORDS |= {
    word: str(number)
    for words in (
        "two three four five six seven eight nine ten eleven twelve",
        "zwei drei vier f\u00fcnf sechs sieben acht neun zehn",
        "dos tres cuatro cinco seis siete ocho nueve diez",
        "deux trois quatre cinq six sept huit neuf dix",
        "dois tr\u00eas quatro cinco seis sete oito nove dez",
        "twee drie vier vijf zes zeven acht negen tien",
    )
    for number, word in enumerate(words.split(), 2)
}
COUNT_WORDS |= {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "hundred": "100"}
# "One" is a pronoun too.
COUNTED = re.compile(rf"\b(?:{'|'.join(word for word in COUNT_WORDS if word != 'one')})\b")
MONTH = "|".join([*(month.lower() for month in MONTHS), *MONTHS_ELSEWHERE])
DAYS_ELSEWHERE = (
    "montag dienstag mittwoch donnerstag freitag samstag sonntag lunes martes mi\u00e9rcoles jueves "
    "viernes s\u00e1bado domingo lundi mardi mercredi jeudi vendredi samedi dimanche luned\u00ec marted\u00ec "
    "mercoled\u00ec gioved\u00ec venerd\u00ec sabato domenica"
)
WEEKDAY = "|".join([*WEEKDAYS, *DAYS_ELSEWHERE.split()])
DATE = re.compile(
    rf"\b(?:the )?\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de)? (?:{MONTH})\b|\b(?:{MONTH}) (?:the )?\d{{1,2}}"
    rf"(?:st|nd|rd|th)?\b|\b\d{{4}}-\d\d-\d\d\b|\bthe \d{{1,2}}(?:st|nd|rd|th)\b"
    rf"|\b(?:{WEEKDAY})s?\b"
)
DIGIT = re.compile(r"\d")
DAY_WORDS = frozenset(day + end for day in WEEKDAY.split("|") for end in ("", "s"))
RATE_WORDS = lexicon("every daily weekly monthly yearly once twice")
NAME = re.compile(r"(?<=[\w,'] )[A-Z][\w'-]+")
# Words that two statements may share without being about the same.
COMMON = content(
    """
    now new old today yesterday tomorrow tonight morning afternoon evening night week weekend month
    year day days time again back still already actually finally really get got getting go going
    went come make made take took put have use used using thing lot bit good bad great nice news
    next last year years months weeks ago also another other than instead anymore longer since been
    want need think know see look feel let sure please thanks okay people some many much every
    scratch correction meant
    chez ai j bei nach aus um im am zum zur wir habe haben hat wurde wird nicht mehr kein auch schon jetzt
    he ha hemos me no ya muy desde ahora tambien nous ne pas plus depuis maintenant ho sono non piu
    ora da nao mais agora niet meer nu bij naar
    """
)
NEGATED = re.compile(
    r"\b(?:not|never|no longer|no more|none|nicht|kein\w*|nunca|jamais|mai|n\u00e3o)\b|n't\b|\bdont\b"
    r"|\bya no\b|\bne\b|\bn'|\bnon\b|\u4e0d|\u6ca1"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement as it is compared with another one.

    Attributes:
        text: It, without its speaker and without absolute dates in brackets.
        low: The same in lower case, without its lead ("Well, actually").
        speaker: The name in front of it; empty for none.
        subject: Whose it is: "user", "thing", a relation such as "sister", or a name.
        stems: Stems of the words that carry meaning, without numbers, dates and common words.
        numbers: Its numbers outside of dates, as digits.
        dates: Its dates and weekdays, in lower case.
        names: Its capitalised words behind the first.
        negated: Whether it has a negation.
    """

    text: str
    low: str
    speaker: str
    subject: str
    stems: frozenset[str]
    numbers: frozenset[str]
    dates: frozenset[str]
    names: frozenset[str]
    negated: bool


@lru_cache(maxsize=8192)
def reading_of(text: str) -> Reading:
    """Read a statement."""
    match = SPEAKER.match(text) if ":" in text else None
    speaker = match["name"] if match else ""
    plain = (text[match.end() :] if match else text).replace("\u2019", "'")
    plain = RESOLVED.sub("", plain) if "(" in plain else plain
    begin = _lead(lowered(plain))
    low = lowered(plain)[begin:]
    words = frozenset(words_of(low))
    digits = DIGIT.search(low) is not None
    dates, undated, names = frozenset[str](), low, NAME.findall(plain)
    if digits or not words.isdisjoint(DAY_WORDS):
        dates = frozenset(_day(found.group()) for found in DATE.finditer(low))
        undated = DATE.sub(" ", low)
        dated = DATE.sub(lambda found: " " * len(found.group()), lowered(plain))
        names = [
            found.group()
            for found in NAME.finditer(plain)
            if not dated[found.start() : found.end()].isspace()
        ]
    numbers, bare = _numbers(undated, words, digits=digits)
    return Reading(
        text=plain,
        low=low,
        speaker=speaker.lower(),
        subject=_subject(plain[begin:], low),
        stems=content(bare) - COMMON,
        numbers=frozenset(numbers),
        dates=dates,
        names=frozenset(name.lower().removesuffix("'s") for name in names) - {"i", "i'm", "i've"},
        negated=NEGATED.search(low) is not None,
    )


def _numbers(text: str, words: frozenset[str], *, digits: bool) -> tuple[set[str], str]:
    """Return the numbers and rates of a text without dates, and the text without its numbers."""
    numbers: set[str] = set()
    if digits:
        counted = LABEL.sub(" ", text)
        numbers = {_digits(found.group()) for found in NUMBER.finditer(counted)}
    if not words.isdisjoint(RATE_WORDS):
        numbers |= {found.group() for found in RATE.finditer(text)}
    bare = NUMBER.sub(" ", text) if digits else text
    if not words.isdisjoint(COUNT_WORDS):
        numbers |= {COUNT_WORDS[found.group()] for found in COUNTED.finditer(text)}
        bare = COUNTED.sub(" ", bare)
    return numbers, bare


def _lead(low: str) -> int:
    lead = LEAD.match(low)
    return lead.end() if lead and lead.end() < len(low) else 0


def _digits(number: str) -> str:
    return number if ":" in number else re.sub(r"[.,'](?=\d{3}\b)", "", number).rstrip(".,:'")


def _day(date: str) -> str:
    if date.endswith("s") and date[:-1] in WEEKDAYS:
        return date[:-1]
    date = re.sub(r"(?<=\d)(?:st|nd|rd|th|\.)|\b(?:of|the|de) ", "", date)
    return " ".join(sorted(date.split()))


def _subject(plain: str, low: str) -> str:
    """Return whose a statement is, by its beginning."""
    if (owned := OWNED_KIN.match(low)) and owned["kin"].removesuffix("'s") in KIN | AT_WORK:
        return owned["kin"].removesuffix("'s")
    first = SELF.search(low)
    if first and first.start() == 0:
        return "user"
    if THIRD.match(low):
        # "They moved my flight" is about the speaker.
        return "user" if first else "third"
    if DETERMINED.match(low):
        return "thing"
    named = NAMED.match(plain)
    if named is None or first or named["name"].lower() in COUNT_WORDS:
        return "user"
    name = named["name"].lower()
    return "thing" if name in MEASURES else name


def are_of_one(fact: Reading, memory: Reading) -> bool:
    """Return whether two statements may be about the same subject."""
    if fact.speaker != memory.speaker:
        return False
    own = {"user", "thing"}
    if fact.subject in own and memory.subject in own:
        return True
    if fact.subject == memory.subject:
        return fact.subject != "third"
    # "I report to Stefan now, no longer to Ruth" after "My manager is Ruth".
    if memory.subject in AT_WORK and fact.subject not in KIN | {"third"}:
        return not fact.names.isdisjoint(memory.names) or memory.subject in fact.low
    # "Leo is 5 now" after "My son Leo is 4"; "Kickoff got moved" after "The kickoff is on Monday".
    name = fact.subject
    others = own | KIN | AT_WORK | {"third"}
    if name not in others:
        return name in memory.names or (memory.subject in own and content(name) <= memory.stems)
    return memory.subject not in others and memory.subject in fact.names
