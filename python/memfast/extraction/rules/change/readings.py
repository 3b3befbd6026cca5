"""What a statement says of whom, as far as a change can be told by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from memfast.extraction.rules.attributes import PEOPLE
from memfast.extraction.rules.change.values import COUNTS, MONTH_OF, Value, values_in
from memfast.extraction.rules.tense import IRREGULARS, is_past
from memfast.extraction.rules.words import lexicon, lowered, words_of

# Longest text that is read, in characters.
LONGEST = 600
SPEAKER = re.compile(r"(?P<name>[A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,2}): ")
CUT = re.compile(
    r"[.!?;:]+(?:\s+|\Z)|,\s+(?:and |but |so |because |then )?| - |\s[\u2013\u2014]\s"
    r"| (?:but|because|so|while|and (?=(?:i|i'm|i've|we|my|our|the|it|it's|she|he|they)\b)) "
)
RELATIVES = lexicon(
    """
    sister brother mum mom mother dad father son daughter cousin uncle aunt grandma grandpa
    grandmother grandfather nephew niece friend boss manager neighbour neighbor colleague coworker
    roommate flatmate wife husband partner girlfriend boyfriend parents kids kid children child
    team teacher landlord landlady sister-in-law brother-in-law mate buddy ex
    """
) | frozenset(PEOPLE)
OTHERS = lexicon("he she they his her their him them you your he's she's they're you're")
MINE = lexicon("i we my our i'm i've we're we've me us user mine")
FILLERS = (
    lexicon(
        """
    a an the and but so then also too just really very quite pretty actually well oh yes yeah now is
    am are was were be been being has have had having do does did i we my our me us it its it's this
    that these those there i'm i've we're we've in on at to of for from with by about as into over
    out up down off good beat beaten set twice news nope no ok okay hey finally already currently nowadays
    days so far only still all user around make scratch meant correction instead sorry wait think
    get got go goes going went will some any new here's here today tonight yesterday tomorrow
    morning last next week month year ago per day every time times once twice not don't moved move
    moving postpone postponed pushed push extended extend rescheduled reschedule shifted delayed
    raised increased lowered reduced changed change switched said says by until till since than more
    another please book can could had's i'll we'll they landlord lately recently or which who am pm
    around about roughly nearly total overall planned plan scheduled set takes place lol btw
    """
    )
    | frozenset(COUNTS)
    | frozenset(MONTH_OF)
)
SAME = {
    "weight": "weigh",
    "scale": "weigh",
    "weighing": "weigh",
    "kilos": "kilo",
    "kg": "kilo",
    "lbs": "pound",
    "cigarette": "smok",
    "cigarettes": "smok",
    "coffees": "coffee",
    "people": "person",
    "children": "kid",
    "child": "kid",
}
ARTICLES = lexicon("a an the my our some any this that his her their your")
STOPS = lexicon(
    """
    in on at to of for from with by about as into since and or but because when while after before
    last this next yesterday today tonight tomorrow now anymore ago then again every each daily so
    called named that which who once twice thrice times finally already instead too either until till during per weekly
    """
)
VERBS_BEFORE = lexicon(
    """
    i we i'm we're i've we've have has am are is do don't just still now currently also really user
    usually always often mostly only never been used both all finally recently regularly
    """
)
# The date that rules note behind a relative one, and the topic that they put before a statement.
NOTE = re.compile(r" \((?:[A-Za-z ]{0,20}\b)?(?:\d{1,2} )?(?:[A-Z][a-z]+ )?\d{4}\)")
ABOUT = re.compile(r"About (?P<topic>[\w' -]{1,60}): ")
PRONOUN = re.compile(r"(?:it|it's|that's|now|this)\b")
TOWARD = re.compile(r"\b(?:back|down|up) to\b")
NAME = re.compile(r"(?<!\A)(?<![.!?] )\b[A-Z][\w'-]+")


class Clause(NamedTuple):
    """A clause of a statement.

    Attributes:
        low: The clause in lower case.
        plain: The clause as it is written.
        subject: "user", "it" for a thing, or the person that it is about.
        stems: Its stems that carry meaning, without values.
        values: Its values.
        verb: Stem of its verb, where the user is the subject; empty otherwise.
        thing: The stems of the object of that verb, the head last.
        past: Whether its verb is in the past tense.
        after: The words behind that object.
    """

    low: str
    plain: str
    subject: str
    stems: frozenset[str]
    values: tuple[Value, ...]
    verb: str
    thing: tuple[str, ...]
    past: bool
    after: str


class Reading(NamedTuple):
    """A statement.

    Attributes:
        text: The statement, without its speaker.
        low: In lower case.
        speaker: Its speaker, in lower case; "user" where none is named.
        clauses: Its clauses.
        stems: The stems of all of them.
        names: The names in it, in lower case.
    """

    text: str
    low: str
    speaker: str
    clauses: tuple[Clause, ...]
    stems: frozenset[str]
    names: frozenset[str]


@lru_cache(maxsize=4096)
def reading_of(text: str) -> Reading | None:
    """Return what a statement says; None for a long text."""
    if len(text) > LONGEST:
        return None
    plain = text.replace("\u2019", "'")
    speaker = "user"
    if match := SPEAKER.match(plain):
        speaker, plain = match["name"].lower(), plain[match.end() :]
    plain = NOTE.sub("", plain)
    topic: frozenset[str] = frozenset()
    if about := ABOUT.match(plain):
        topic, plain = _stems_of(words_of(lowered(about["topic"]))), plain[about.end() :]
    clauses = tuple(_clauses(plain, topic))
    stems = frozenset().union(*(clause.stems for clause in clauses))
    names = frozenset(name.lower() for name in NAME.findall(plain)) - FILLERS
    return Reading(plain, lowered(plain), speaker, clauses, stems, names)


def stem(word: str) -> str:
    """Return the stem of an English word."""
    word = word.removesuffix("'s").removesuffix("s'")
    word = SAME.get(word, word)
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004 - not "ties"
        return word[:-3] + "y"
    for suffix in ("ing", "ed", "es", "s", "e"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):  # noqa: PLR2004 - short words have no ending
            return word[: -len(suffix)]
    return word


def _stems_of(words: Sequence[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in words if word not in FILLERS and not word.isdigit())


def _clauses(plain: str, topic: frozenset[str]) -> Iterator[Clause]:
    begin = 0
    subject = ""
    before: frozenset[str] = frozenset()
    for match in [*CUT.finditer(plain), None]:
        part = plain[begin : match.start() if match else len(plain)].strip()
        begin = match.end() if match else begin
        if part:
            clause = _clause(part, subject)
            if not clause.stems and PRONOUN.match(clause.low):
                clause = clause._replace(stems=before)
            before = clause.stems or before
            subject = clause.subject
            yield clause._replace(stems=clause.stems | topic)


def _clause(plain: str, before: str) -> Clause:
    low = lowered(plain)
    found = values_in(low)
    rest = list(low)
    for value in found:
        rest[value.begin : value.end] = " " * (value.end - value.begin)
    stems = _stems_of(words_of(TOWARD.sub(" ", "".join(rest))))
    subject = _subject(plain, low, before)
    verb, thing, after = _object(words_of(low))
    past = is_past(plain, words_of(low))
    return Clause(low, plain, subject, stems, tuple(found), verb, thing, past, after)


def _subject(plain: str, low: str, before: str) -> str:
    words = words_of(low)
    first = next((at for at, word in enumerate(words) if word not in LEADS), len(words))
    words = words[first:]
    if not words:
        return before or "user"
    spoken = words[0] in FIRST or words[:2] == ("the", "user")
    if spoken or words[0] in OTHERS:
        return "user" if spoken else "other"
    return _named(plain, low, words) or ("user" if before in {"", "it"} else before)


def _named(plain: str, low: str, words: Sequence[str]) -> str | None:
    """Return the person or "it" that words begin with; None where they name no subject."""
    relative = next((word for word in map(_owner, words[:4]) if word in RELATIVES), None)
    if relative:
        return relative
    if words[0] in THINGS or stem(words[0]) == "weigh":
        return "it"
    if words[1:2] == ("and",) and " and i " in low:
        return "user"
    if words[0].endswith("'s") or _is_name(plain, low, words):
        return _owner(words[0])
    return None


def _owner(word: str) -> str:
    return word.removesuffix("'s")


def _is_name(plain: str, low: str, words: Sequence[str]) -> bool:
    """Return whether a clause begins with a name and a verb."""
    place = low.find(words[0])
    if not plain[place : place + 1].isupper() or words[0] in IRREGULARS or len(words) < 2:  # noqa: PLR2004 - a name and a verb
        return False
    return words[1] in VERBAL or words[1] in IRREGULARS or words[1].endswith(("ed", "s"))


FIRST = lexicon("i we i'm i've we're we've user")
THINGS = lexicon("my our the it it's this that there that's")
LEADS = FILLERS & lexicon(
    "and but so then also just actually well oh yes yeah now nope no ok okay hey finally already sorry"
    " wait btw lol good news these days nowadays currently lately recently"
) | {"about"}
VERBAL = lexicon("is was has had are were will won't isn't can did does")


def _object(words: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    """Return the verb of a clause of the user, its object and what follows."""
    at = 0
    while at < len(words) and (words[at] in VERBS_BEFORE or words[at] in LEADS):
        at += 1
    if at == 0 and words and words[0] in {"my", "our", "the"}:
        return "", (), ""
    if at == len(words):
        # "I have" alone: its verb stands among the words before.
        return "", (), ""
    if at and (words[at] in ARTICLES or words[at] in COUNTS or words[at].isdigit()):
        at -= 1
    verb = stem(words[at].removeprefix("i'").removeprefix("we'")) if at < len(words) else ""
    verb = "have" if verb in {"ve", "i've", "we've", "hav", "got"} else verb
    head, after = noun_phrase(words[at + 1 :])
    return verb, head, after


def noun_phrase(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the stems of the noun phrase that words begin with, and the words behind it."""
    thing: list[str] = []
    for at, word in enumerate(words):
        if word in STOPS:
            return tuple(thing), " ".join(words[at:])
        if word not in ARTICLES and word not in COUNTS and not word.isdigit():
            thing.append(stem(word))
    return tuple(thing), ""
