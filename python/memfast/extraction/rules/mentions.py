"""Who and what a sentence mentions: people, groups, things and places, as pronouns refer to them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from memfast.extraction.rules.language import ENGLISH, OTHER
from memfast.extraction.rules.places import KNOWN
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS
from memfast.extraction.rules.tense import IRREGULAR
from memfast.extraction.rules.words import lexicon, words_of

# Male, female, of either gender, several, a thing, a place, or a person or place.
Sort = Literal["m", "f", "mf", "group", "thing", "place", "name"]

MALE = lexicon(
    """
    son father dad daddy brother uncle nephew husband boyfriend grandfather grandpa granddad
    grandson stepson stepfather stepdad fiancé guy man boy gentleman landlord groom widower
    bruder vater papa sohn onkel opa mann neffe großvater schwager freund cousin
    frère père fils oncle mari grand-père neveu copain
    hermano padre papá hijo tío marido abuelo sobrino novio
    fratello figlio zio marito nonno padre
    """
) - {"cousin"}
FEMALE = lexicon(
    """
    daughter mother mom mum mam mama mommy sister aunt auntie niece wife girlfriend grandmother
    grandma gran nan granny granddaughter stepdaughter stepmother stepmom fiancée lady woman girl
    landlady bride widow midwife actress waitress
    schwester mutter tochter tante oma frau nichte großmutter schwägerin freundin
    soeur sœur mère fille femme grand-mère nièce copine
    hermana madre mamá hija tía mujer esposa abuela sobrina novia
    sorella figlia zia moglie nonna
    """
)
EITHER = lexicon(
    """
    cousin friend colleague coworker co-worker boss manager supervisor neighbour neighbor doctor
    nurse teacher tutor coach trainer partner spouse roommate flatmate housemate child kid baby
    toddler teenager dentist vet lawyer therapist physiotherapist physio psychologist accountant
    plumber electrician builder mechanic professor student intern client customer boyfriend's
    girlfriend's twin grandchild godchild mentor recruiter agent guest tenant lodger nanny babysitter
    hairdresser barber surgeon specialist optician pharmacist instructor translator editor director
    ex bestie mate buddy sibling dog cat puppy kitten horse pony rabbit parrot hamster
    """
)
PERSON_END = re.compile(r"\w{2,}(?:ist|ician|eer|woman|man|lawyer|maker|keeper|mate)\Z")
NOT_PEOPLE = lexicon("list mist fist twist wrist waist hoist climate playmate estimate ultimate")
GROUPS = lexicon(
    """
    parents grandparents kids children twins sons daughters brothers sisters siblings neighbours
    neighbors friends colleagues cousins in-laws guests nephews nieces grandchildren students
    clients dogs cats puppies kittens roommates flatmates teammates
    """
)
HE = lexicon(
    """
    adam alex alexander andrew anthony ben benjamin brian carl charles chris christopher daniel
    dave david dmitri edward eric ethan felix frank fred george greg harry henry ian jack jacob
    jake james jan jason jeff jeremy jim joe john jonas jonathan joseph josh juan karl kevin leo
    liam luca lucas lukas marc marco marek mark martin matt matthew max michael mike mohamed nathan
    nick noah oliver oscar oskar patrick paul pedro peter phil rafael richard rob robert ryan
    scott sean simon stefan stephen steve steven thomas tim timo tobias tom tommy tony viktor
    william
    """
) - {"alex", "chris"}
SHE = lexicon(
    """
    abby alice amanda amy ana andrea angela anita ann anna anne barbara beth carmen caroline
    catherine charlotte chloe christine claire clara daisy diana elena elisa elizabeth ella ellen
    emily emma eva fiona grace greta hannah heidi helen ines ingrid irene isabel jane janet jenny
    jessica jill joanna josie judith julia julie karen kate katie laura lea lena lily linda lisa
    lucia lucy maria marie martha mary megan melanie mia michelle molly monica nadia nancy naomi
    nina nora olga olivia paula rachel rebecca rita rosa ruth sandra sara sarah sofia sonia sophia
    sophie stella susan teresa tina ursula vera victoria wanda zoe
    """
) - {"andrea"}
DETERMINED = (
    r"(?P<det>my|our|his|her|their|your|the|an?|this|mein(?:e[nmr]?)?|unser(?:e[nmr]?)?|mon|ma|notre"
    r"|mi|nuestr[oa]|mi[oa])"
)
CAPITALS = r"[A-Z\u00c0-\u00de][\w\u2019'-]*\w"
NOUN_PHRASE = re.compile(
    rf"\b(?i:{DETERMINED}) (?P<adjectives>(?:[\w-]+ ){{0,2}}?)(?P<noun>[\w-]+)"
    rf"(?:,? (?P<name>{CAPITALS}))?"
)
NAME = re.compile(rf"(?<![\w'\u2019-]){CAPITALS}(?: {CAPITALS})?")
# Before a place; "to" and "from" also stand before people.
IN = re.compile(r"\b(?:in|near|around|outside|into|at) (?:the )?\Z", re.IGNORECASE)
TO = re.compile(r"\b(?:to|from) (?:the )?\Z", re.IGNORECASE)
MOVED = re.compile(
    r"\b(?:mov(?:e|ed|es|ing)|went|go(?:es|ing)?|travell?ed|travel(?:ling)?|flew|fly(?:ing)?|drove"
    r"|driving|trip|flight|train|ferry|back|relocat\w+|transferred|came|comes?|is|are|am)"
    r" (?:to|from) \Z",
    re.IGNORECASE,
)
ADDRESSED = re.compile(
    r"(?:\A|[.!?] )(?:(?:hi|hey|hello|thanks|thank you|thx|dear|bye|congrats|wow|oh|sure|yes|no)"
    r"(?: so much| a lot)?[ ,!]+)+\Z|\bthanks,? \Z",
    re.IGNORECASE,
)
PLURAL = re.compile(
    r"\b(?P<det>my|our|the|some|these|those|two|three|four|five|six) (?:(?:new|old|other) )?"
    r"(?P<noun>[a-z-]{2,}[^\Ws]s)\b(?!')",
    re.IGNORECASE,
)
NOT_NAMES = lexicon(
    """
    i i'm i've i'd i'll mr mrs ms dr monday christmas easter english german french spanish italian
    internet tv ok okay god thanks thank hey hi hello yes no well so and but the a an my our we he
    she it they you this that there what when where who why how not just also then now today
    tomorrow yesterday maybe if after before since because sorry please great good nice wow oh
    """
) | frozenset((*WEEKDAYS, *map(str.lower, MONTHS)))
STATES = re.compile(
    rf"\s+(?:is|was|has|had|got|went|and|will|can|works?|lives?|{IRREGULAR}|\w{{3,}}ed|\w{{2,}}s)\b"
)
# Nouns that "it" does not take up: times, amounts, what is only counted or felt.
VAGUE = lexicon(
    """
    day days week weeks month months year years morning evening afternoon night weekend time lot bit
    few while hour hours minute minutes way thing things fun idea moment chance rest couple pair
    kind sort piece most best first last next same other whole world future past point
    """
)
ENDS = lexicon(
    """
    in on at to from for with by about of and or but that which who when where while because since so
    is are was were be been am has have had do does did will would can could should must may might
    not no never always often again too also just only still already now today tomorrow yesterday
    last next this that every each after before near as than if it he she they i we you my our his
    her their the a an out up down off over away back here there
    """
)


class Mention(NamedTuple):
    """Somebody or something that a sentence mentions.

    Attributes:
        key: Equal for mentions of the same.
        label: How a fact names it; empty where its words would not say who it is.
        sort: What it is.
        noun: The noun that it is mentioned by, in lower case; empty for a name alone.
    """

    key: str
    label: str
    sort: Sort
    noun: str = ""


@lru_cache(maxsize=512)
def mentions(sentence: str) -> tuple[Mention, ...]:
    """Return what a sentence mentions, in no order."""
    found: list[Mention] = []
    named: set[str] = set()
    plain = sentence.replace("\u2019", "'")
    for match in NOUN_PHRASE.finditer(plain):
        mention = _person(match)
        if mention is not None:
            found.append(mention)
            named.update((match["name"] or "").lower().split())
    found += _names(plain, named)
    found += _groups(plain)
    found += _things(plain)
    return tuple(found)


def sort_of_noun(noun: str) -> Sort | None:
    """Return what a noun says of the person or animal it names; None for others."""
    noun = noun.removesuffix("-in-law")
    if noun in MALE:
        return "m"
    if noun in FEMALE:
        return "f"
    if noun in EITHER or (noun not in NOT_PEOPLE and PERSON_END.fullmatch(noun)):
        return "mf"
    return None


def sort_of_name(name: str) -> Sort:
    """Return what a given name says of its bearer."""
    first = name.partition(" ")[0].lower()
    return "m" if first in HE else "f" if first in SHE else "mf"


def _person(match: re.Match[str]) -> Mention | None:
    noun = match["noun"].lower().removesuffix("'s")
    sort = sort_of_noun(noun)
    if sort is None:
        return None
    name = match["name"]
    if name and name.lower() not in NOT_NAMES and name.lower() not in KNOWN_NAMES:
        name = name.removesuffix("'s")
        own = sort_of_name(name)
        return Mention(name.lower(), name, own if sort == "mf" else sort, noun)
    determiner = match["det"].lower()
    if determiner in {"his", "her", "their", "your"}:
        return Mention(f"{determiner} {noun}", "", sort, noun)
    if determiner in {"a", "an", "this"}:
        determiner = "the"
    return Mention(noun, f"{determiner} {noun}", sort, noun)


def _names(plain: str, named: set[str]) -> list[Mention]:
    found: list[Mention] = []
    words = words_of(plain)
    if len(OTHER.intersection(words)) > len(ENGLISH.intersection(words)):
        # Other languages write other nouns with capitals too.
        return found
    for match in NAME.finditer(plain):
        name = match.group().removesuffix("'s")
        low = name.lower()
        first = low.partition(" ")[0]
        before = plain[: match.start()]
        if first in NOT_NAMES or first in named or low.isdigit() or name.isupper():
            continue
        if low in KNOWN_NAMES or IN.search(before) or MOVED.search(before):
            found.append(Mention(low, name, "place"))
            continue
        given = first in HE or first in SHE
        begins = not before.strip() or before.rstrip()[-1:] in '.!?:\u2026"'
        if ADDRESSED.search(before) or (
            begins and not given and not STATES.match(plain, match.end())
        ):
            continue
        if TO.search(before) and not given:
            found.append(Mention(low, name, "name"))
            continue
        found.append(Mention(first, name, sort_of_name(name)))
    return found


def _groups(plain: str) -> list[Mention]:
    found = []
    for match in PLURAL.finditer(plain):
        noun = match["noun"].lower()
        if noun in VAGUE or noun in ENDS:
            continue
        determiner = match["det"].lower()
        determiner = determiner if determiner in {"my", "our"} else "the"
        # Several things are seldom what "they" means, but make it doubtful.
        people = noun in GROUPS or sort_of_noun(noun[:-1]) is not None
        label = f"{determiner} {noun}" if people else ""
        found.append(Mention(noun, label, "group", noun))
    low = plain.lower()
    known = {mention.noun for mention in found}
    others = sorted(GROUPS.intersection(low.split()) - known)
    found += [Mention(noun, "", "group", noun) for noun in others]
    return found


THING = re.compile(
    r"\b(?:my|our|the|an?|this) (?=(?P<rest>[\w'-]+(?: [\w'-]+){0,3}))", re.IGNORECASE
)


def _things(plain: str) -> list[Mention]:
    found = []
    for match in THING.finditer(plain):
        words: list[str] = []
        for word in match["rest"].split():
            low = word.lower()
            if low in ENDS or "'" in low or (words and VERB.fullmatch(low)):
                break
            words.append(word)
        noun = words[-1].lower() if words else ""
        plural = noun.endswith("s") and not noun.endswith(("ss", "us", "is"))
        if not noun or noun in VAGUE or plural or noun.isdigit() or sort_of_noun(noun):
            continue
        if any(sort_of_noun(word.lower()) for word in words):
            continue
        determiner = match.group().partition(" ")[0].lower()
        determiner = determiner if determiner in {"my", "our"} else "the"
        kept = [word for word in words if word.lower() not in {"new", "old"}] or words
        found.append(Mention(noun, f"{determiner} {' '.join(kept)}", "thing", noun))
    return found


KNOWN_NAMES = frozenset(KNOWN.split("|"))
VERB = re.compile(rf"{IRREGULAR}|\w{{3,}}ed|\w{{2,}}[^s]s|broke|died")
