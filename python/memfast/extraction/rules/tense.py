"""Decides whether a sentence is about the past or the future."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from memfast.extraction.rules.words import lexicon, lowered

# "open": past and future marks in one. "present": a verb in the present tense. "rather ...": by a weak mark, or by one far from the date.
Tense = Literal["past", "rather past", "open", "unknown", "present", "rather future", "future"]
PAST_TENSES: frozenset[Tense] = frozenset(("past", "rather past"))
FUTURE_TENSES: frozenset[Tense] = frozenset(("present", "rather future", "future"))

IRREGULARS = lexicon(
    """
    went came saw met got took gave made found lost bought sold taught thought told said knew ran
    swam drove rode flew ate drank slept woke felt fell began started wrote read spoke sang won beat
    built broke brought caught chose drew forgot grew heard held kept laid led left lent paid quit
    sent shook shot showed sat spent stood stole threw understood wore became did hit cut hurt
    """
)
IRREGULAR = "|".join(sorted(IRREGULARS))
ADVERBS = r"(?:(?:\w+ly|just|also|even|never|already|then|both|all) ){0,2}"
NOT_PAST = r"(?!(?:need|feed|speed|indeed|embed|bleed|breed|exceed|proceed|succeed)\b)"
DID = rf"(?:{IRREGULAR}|was|were|had|didn't|wasn't|couldn't|{NOT_PAST}\w{{2,}}ed)\b"
PAST = re.compile(
    rf"\b(?:(?:i|we|he|she|they|it|you|who|(?:my|our|the) \w+) {ADVERBS}{DID}|(?:was|were)(?:n't)?)\b"
    rf"|^(?:just |finally )?(?:{IRREGULAR}|{NOT_PAST}\w{{2,}}ed)\b"
)
PAST_OF_NAME = re.compile(rf"[A-Z](?<!\w.)\w+ (?i:{ADVERBS}{DID})")
EVENT = (
    r"(?:appointment|meeting|exam|interview|flight|party|wedding|deadline|surgery|concert|race"
    r"|trip|test|presentation|conference|game|match|show|audition|hearing|premiere|recital"
    r"|rehearsal|viewing|check-?up|dentist|doctor|vet|rent|payday|due date)"
)
# A rescheduled event is in the future, though its verb is in the past.
MOVED = r"(?:moved|pushed|shifted|changed|delayed|brought forward|set)"
PLANNED = (
    r"(?:re)?scheduled|rebooked|postponed|cancel+ed|invited|booked|reserved|signed up|registered"
    r"|enrol+ed|(?:got|bought|have) (?:\w+ )?(?:tickets|seats)"
    rf"|(?:was|were|been|being|got|is|are|they|we|she|he) {MOVED}"
    rf"|{MOVED} (?:the|my|our|me|us) (?:\w+ )?(?:\w+ )?(?:to|back|until)"
    rf"|{MOVED} (?:the|my|our) (?:\w+ )?{EVENT}s?\b"
)
# What was planned and may have come otherwise.
WAS_PLANNED = (
    r"(?:had|was|were|wasn't|weren't) "
    r"(?:planned|planning|going|supposed|meant|hoping|about|due|scheduled)"
)
WILL = (
    r"will|won't|shall|going to|gonna|about to|supposed|upcoming|remind me|next up|due|starting"
    r"|coming up|looking forward|(?:can't|cannot) wait"
)
WISH = (
    r"plan(?:s|ned|ning)?|hop(?:e|es|ing) to|(?:have|has|got) to|wants?|needs?|must"
    r"|let's|would like to|to go"
)
# A timetable: "the course begins on 9 February".
OPENS = (
    r"starts|leaves|flies|arrives|begins|returns|opens|closes|ends|finishes|departs|expires"
    r"|comes (?:out|back|home)|goes (?:live|up|down|on sale|off)|runs out|takes place|launches"
    r"|breaks up|kicks (?:in|off)|resumes|takes effect|retires|premieres|graduates|applies|lands|moves (?:in|out)"
)
GOING = r"(?:i'?m|i am|we're|we are|(?:he|she|they)'(?:s|re)|is|are) (?:\w+ )?\w{2,}ing\b(?! to\b)(?: \w{2,}ed\b)?"
IS = (
    r"(?:(?:i|we|they|he|she) )?gets? (?:married|\w{2,}ed)\b"
    r"|(?:'ve|'s|have|has) got (?=an?\b|the\b|my\b|our\b|\d|\w+s\b)|(?:is|are|am|isn't|aren't|it's|that's|i'?m|we're|be)(?: (?:now|still|not|also))?(?! when\b)"
    r"(?: \w{2,}ed\b)?"
    r"|(?:i|we|they|he|she|you|who) (?:start|leave|fly|arrive|begin|return|open|close|end|finish"
    r"|move|meet|travel|depart|come|go|get|see|retire|change|take|have|has|head|turn|play|drive"
    r"|gets|sees|meets|turns|plays|marry|marries|work|works|teach|perform|hand|present)"
    r"|has (?:a|an|the|his|her)|leave for|apply|play"
)
MARK = re.compile(
    rf"\b(?:(?P<open>{WAS_PLANNED})|(?P<planned>{PLANNED})|(?P<will>{WILL})|(?P<wish>{WISH})"
    rf"|(?P<opens>{OPENS})|(?P<going>{GOING})|(?P<done>{IRREGULAR}|was|were|wasn't|weren't|didn't|couldn't|had|ago"
    r"|split|let (?:me|him|her|us|them) go|rang|rose|hid|wept|swept|burnt|learnt|dreamt|lit|bit"
    r"|put|shut|tore|stuck|struck|swore|froze|fought|fled|dealt|dug|slid|hung|forgave|overslept"
    r"|rebuilt|crept|awoke|sank|swung|mistook|bled|bred|outgrew|withdrew|leapt|clung"
    rf"|blew|shrank|(?:have|has|'ve|he's|she's|it's) been|last time)|(?P<is>{IS})"
    rf"|(?P<past>{NOT_PAST}\w{{2,}}ed))\b|(?P<soon>'ll\b)"
    r"|(?P<short>\w's(?= (?:on|at|in|not|next|this|the|my)\b))"
)
STRENGTH: dict[str, Tense] = {
    "open": "open",
    "planned": "rather future",
    "will": "future",
    "soon": "future",
    "wish": "rather future",
    "going": "rather future",
    "opens": "future",
    "done": "past",
    "past": "past",
    "is": "present",
    "short": "present",
}
FUTURE = re.compile(rf"\b(?:{WILL}|{WISH}|{PLANNED}|{GOING})\b|'ll\b")
PAST_WORDS = IRREGULARS | {"was", "were", "had", "didn't", "wasn't", "couldn't"}
# Scheduled events are in the future, unless a verb is in the past.
AHEAD = re.compile(rf"\b{EVENT}(?:s|'s)?\b")
WEAKER: dict[Tense, Tense] = {"past": "rather past", "future": "rather future"}


def tense_at(clause: str, begin: int, end: int) -> Tense:
    """Return the tense of a date between two places of a clause.

    The last verb before it decides, else the first one after it.
    """
    low = lowered(clause)
    best: Tense = "unknown"
    for place, tense in _marks(low):
        if place < begin:
            best = tense
        elif place >= end and best == "unknown":
            best = tense
            break
    if best in {"present", "unknown"} and not PAST.search(low) and AHEAD.search(low):
        return "future"
    return best


def weaker(tense: Tense) -> Tense:
    """Return a tense as it holds for a date of another clause."""
    return WEAKER.get(tense, "unknown" if tense == "present" else tense)


def _marks(low: str) -> Iterator[tuple[int, Tense]]:
    for match in MARK.finditer(low):
        yield match.start(), STRENGTH[match.lastgroup or "open"]


def is_past(sentence: str, words: Sequence[str]) -> bool:
    """Return whether a sentence, which has these words, has a verb in the past tense."""
    if PAST_WORDS.isdisjoint(words) and "ed " not in " ".join((*words, "")):
        return False
    low = lowered(sentence)
    return PAST.search(low) is not None or PAST_OF_NAME.search(sentence) is not None
