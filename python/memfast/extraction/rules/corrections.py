"""Corrections of what was said just before: "No, I meant Tuesday", "not 12, 14"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from memfast.extraction.rules.mentions import CAPITALS, sort_of_noun
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS

LONGEST_CORRECTION = 70
LEAD = (
    r"(?P<lead>(?:(?:oh|oops|whoops|ah|wait|sorry|no|nope|nah|hm+|hang on|my bad|my mistake|typo"
    r"|correction|actually|nein|quatsch|non|pardon|perd\u00f3n|perdona|scusa|sorry about that)"
    r"[\s,.:!\u2013\u2014-]+)*)"
)
# "I meant to call" corrects nothing.
VALUE = (
    r"(?!(?:to|that|it|what|every|well|no|the world|you|him|her|them|how|why|business)\b)[^,;.!?]+?"
)
END = r"(?:,? (?:sorry|my bad|oops))?[\s.!]*\Z"
MEANT = (
    r"(?:(?:i|we) (?:meant|mean)(?: to say| to write)?|(?:i )?should(?:'ve| have) (?:said|been)"
    r"|make (?:that|it)|it(?:'s| is) actually|ich mein(?:t)?e|je voulais dire|je veux dire"
    r"|(?:quise|quer\u00eda) decir|volevo dire|ik bedoel(?:de)?)"
)
NOT = r"(?:not|nicht|pas|non|niet)"
FORMS = tuple(
    re.compile(LEAD + form + END, re.IGNORECASE)
    for form in (
        rf"{MEANT} (?P<new>{VALUE})(?:,? (?:and )?{NOT} (?P<old>{VALUE}))?",
        rf"{NOT} (?P<old>{VALUE}), ?(?:but |it's |sondern |mais |sino )?(?P<new>{VALUE})",
        rf"(?P<new>{VALUE}), (?:and )?{NOT} (?P<old>{VALUE})",
        r"(?P<new>[^,;.!?]+?)(?P<old>\b\B)?",
    )
)
CUE = re.compile(
    r"\b(?:no|nope|nah|not|sorry|wait|oops|whoops|meant?|make|actually|correction|typo|bad|mistake"
    r"|should|nein|meine|meinte|nicht|non|pas|dire|decir|perd\u00f3n|perdona|scusa|bedoelde?|quatsch)\b",
    re.IGNORECASE,
)
SAYS_MEANT = re.compile(rf"\b{MEANT}\b", re.IGNORECASE)
LONGEST_DENIAL = 10
DENIED = re.compile(
    r"(?:(?:oh|ah|sorry|wait|ups|oops)[\s,.!]+)*(?:no|nope|nah|nein|non|actually)[\s,.:!\u2013\u2014-]+"
    r"(?!(?:thanks?|thank|worries|idea|problem|way|need|one|i|we|it|that|you|not|never|ich|danke|merci"
    r"|gracias|really|doubt|clue)\b)(?=\w)",
    re.IGNORECASE,
)
PREPOSITION = re.compile(
    r"(?:on|at|in|to|by|from|until|am|um|le|el|il|\u00e0|a las|with|for) (?=\S)", re.IGNORECASE
)
NUMBER = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|hundred)"
)
HOUR = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
ELSEWHERE = [
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "lunes",
    "martes",
    "miércoles",
    "jueves",
    "viernes",
    "sábado",
    "domingo",
    "lunedì",
    "martedì",
    "mercoledì",
    "giovedì",
    "venerdì",
    "sabato",
    "domenica",
    "maandag",
    "dinsdag",
    "woensdag",
    "donderdag",
    "vrijdag",
    "zaterdag",
    "zondag",
]
DAY = rf"(?:{'|'.join((*WEEKDAYS, *ELSEWHERE))})s?|today|tomorrow|tonight"
MONTH = rf"(?:{'|'.join(MONTHS)})"
DATE = rf"(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?"
CLOCK = (
    rf"(?:half past|quarter past|quarter to) {HOUR}|\d{{1,2}}:\d\d(?: ?[ap]\.?m\.?)?"
    rf"|{HOUR} ?[ap]\.?m\.?|{HOUR} (?:o'clock|Uhr)|noon|midnight"
)
AMOUNT = rf"[$\u20ac\u00a3]?{NUMBER}(?: (?:hundred|thousand|million))?"
SOMEBODY = r"(?:my|our|his|her|the|mein|meine|mon|ma|mi) [\w-]+"
# What can be corrected by another value of its kind, the most special first.
KINDS = tuple(
    re.compile(rf"(?<![\w.,:])(?:{form})(?![\w:])", flags)
    for form, flags in (
        (DAY, re.IGNORECASE),
        (DATE, 0),
        (r"the \d{1,2}(?:st|nd|rd|th)", re.IGNORECASE),
        (MONTH, 0),
        (CLOCK, re.IGNORECASE),
        (AMOUNT, re.IGNORECASE),
        (SOMEBODY, re.IGNORECASE),
        (CAPITALS, 0),
    )
)
KIN = len(KINDS) - 2


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that takes the place of another one.

    Attributes:
        new: The right value.
        old: The wrong one, where the correction names it.
    """

    new: str
    old: str | None = None

    def of(self, statement: str) -> str | None:
        """Return a statement with the right value; None where it holds no single wrong one."""
        if self.old is not None:
            return _replaced(statement, self.new, _places(statement, self.old))
        for number, kind in enumerate(KINDS):
            if not kind.fullmatch(self.new):
                continue
            found = [match for match in kind.finditer(statement) if _may_be_wrong(match, number)]
            return _replaced(statement, self.new, found)
        return None


def correction_of(sentence: str) -> Correction | None:
    """Return the correction that a short sentence makes; None if it makes none."""
    plain = sentence.replace("\u2019", "'")
    if len(plain) > LONGEST_CORRECTION or plain.endswith("?") or not CUE.search(plain):
        return None
    for number, form in enumerate(FORMS):
        match = form.match(plain)
        if match is None:
            continue
        last = number == len(FORMS) - 1
        if last and not match["lead"]:
            return None
        new = _bare(match["new"])
        old = None if last else match["old"]
        if old is None and not any(kind.fullmatch(new) for kind in KINDS):
            return None
        return Correction(new, _bare(old) if old else None)
    return None


def says_meant(sentence: str) -> bool:
    """Return whether a sentence says itself that it is a correction, as "I meant Tuesday"."""
    return SAYS_MEANT.search(sentence.replace("\u2019", "'")) is not None


def denies(sentence: str) -> bool:
    """Return whether a short sentence begins with a denial and goes on with what is right."""
    match = DENIED.match(sentence)
    return match is not None and sentence.count(" ") < LONGEST_DENIAL


def _bare(value: str) -> str:
    return PREPOSITION.sub("", value.strip(), count=1)


def _may_be_wrong(match: re.Match[str], kind: int) -> bool:
    if kind == KIN:
        return sort_of_noun(match.group().rpartition(" ")[2].lower()) is not None
    # The first word of a sentence has a capital whatever it is.
    return kind < KIN or match.start() > 0


def _places(statement: str, old: str) -> list[re.Match[str]]:
    return list(re.finditer(rf"(?<!\w){re.escape(old)}(?!\w)", statement, re.IGNORECASE))


def _replaced(statement: str, new: str, places: list[re.Match[str]]) -> str | None:
    if len(places) != 1 or places[0].group().lower() == new.lower():
        return None
    (place,) = places
    if place.start() == 0:
        new = new[:1].upper() + new[1:]
    return f"{statement[: place.start()]}{new}{statement[place.end() :]}"
