"""How useful a statement is on its own: a sum of weights over marks of its surface.

The weights were fitted by a logistic regression to labelled statements of chats and meetings, and
rounded. A statement that only tells little keeps its memory; only one with a mark of talk about
nothing (praise, address, hesitation, a reference to what is not said) can fall below `LEAST`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import exp

from memfast.extraction.rules.language import ENGLISH
from memfast.extraction.rules.words import lexicon, lowered

# The least worth of a statement that is stored: of those in tests, a twentieth of the useful ones
# and half of the chatter lie below it.
LEAST = 0.3

OWN = lexicon("i i'm i've i'd i'll im ive my mine myself we we're we've we'll our ours us me")
YOURS = lexicon("you you're you've you'll you'd your yours yourself ur")
# Words for something outside of the statement.
DEICTIC = lexicon("it it's its that that's this these those they they're them such here there")
# What holds for long: tastes, habits, states.
LASTING = lexicon(
    """
    like likes love loves enjoy enjoys prefer prefers favourite favorite hate hates dislike dislikes
    fan always never usually often every mostly mainly allergic vegetarian vegan diagnosed live lives
    lived living born own owns have has had speak speaks grew work works worked play plays collect
    interested into named called married engaged divorced single retired diet daily weekly weekends
    afraid scared obsessed passionate used optimist collector
    """
)
# What was done, will be done or has changed.
DEEDS = lexicon(
    """
    went visited met moved bought sold got started finished joined quit left graduated attended
    signed booked ordered adopted lost won built made wrote read watched learned learnt tried applied
    passed failed broke hired fired promoted launched opened closed celebrated travelled traveled
    volunteered participated created baked cooked painted planted saw ran studied researching
    planning plan plans planned going gonna will i'll we'll working learning training studying
    applying preparing saving looking thinking decided want wants hoping organizing organising took
    take taking teach teaching starting rehearsing writing reading building running died born
    cancelled canceled postponed instead actually longer anymore another back scratch switched
    """
)
PRAISE = lexicon(
    """
    amazing awesome great cool nice wonderful incredible fantastic beautiful lovely inspiring
    impressive perfect proud congrats congratulations glad wow excited thrilled happy fun special
    powerful rewarding super truly totally cute sweet brilliant adorable stunning pretty
    """
)
# Sentiments that hold for anyone.
GENERAL = lexicon(
    """
    support supportive journey motivation motivated motivating inspire inspires inspired inspiration
    encouragement encouraging dreams dream difference positive positivity strength believe
    determination passion courage memories moments moment reminder remind reminds reminded grateful
    thankful joy appreciate means lucky hope keep stay together life important key worth true best
    hard tough energy spirit vibes bond feeling feel feels felt make makes things thing something
    everyone people someone
    """
)
HESITANT = lexicon("um uh mm hmm mmm er erm huh mean guess maybe probably suppose basically sort")
LEAD = r"(?:(?:and|so|but|also|plus|yeah|yes|well|oh|hey|wow)[\s,]+){0,3}"
OF_SELF = re.compile(rf"{LEAD}(?:i|i'm|i've|my|we|we've|our)\b")
OF_YOU = re.compile(rf"{LEAD}(?:you|your|you're|you've)\b")
OF_IT = re.compile(rf"{LEAD}(?:it|it's|its|that|that's|this|these|those|there's)\b")
ORDERS = re.compile(
    r"(?:let's|let me|keep|stay|enjoy|don't (?:forget|worry|give|let|be|hesitate|stop)|just|go|try|check|tell|show|feel free|have fun|imagine"
    r"|look|come|wait|here's|here is|here are|give|thanks|thank)\b"
)
NAMED = re.compile(r"(?<=[^.!?:\]] )(?!I\b)[A-Z][\w'-]+")
TIMED = re.compile(
    r"\b(?:yesterday|today|tomorrow|tonight|morning|last|next|ago|(?:mon|tues|wednes|thurs|fri|satur"
    r"|sun)day|january|february|march|april|june|july|august|september|october|november|december"
    r"|weeks?|months?|years?|summer|winter|spring|autumn|weekend|since)\b"
)
DIGIT = re.compile(r"\d")
STUTTER = re.compile(r"\b(\w{1,3}) \1\b")
NOTE = re.compile(r"\s*\[\w+: [^\[\]]*\]")
# Words from which on a statement is no longer for its length, and below which it is a fragment.
ENOUGH = 25
FEW = 4


def worth_of(text: str, words: Sequence[str], topics: int, *, answers: bool = False) -> float:
    """Return how useful a statement is on its own, from 0 to 1.

    Args:
        text: The statement, without its speaker.
        words: Its words.
        topics: How many topics its words have; see `kinds.categories_of`.
        answers: Whether its question stands before it.
    """
    if text.startswith("[") and not NOTE.sub("", text):
        return 0.0
    shows = "]" in text and "[" in text
    if shows:
        text = NOTE.sub("", text)
        words = words[: len(text.split()) + 1]
    seen = frozenset(words)
    low = lowered(text.replace("\u2019", "'"))
    mine = not seen.isdisjoint(OWN)
    yours = not seen.isdisjoint(YOURS)
    praise = not seen.isdisjoint(PRAISE)
    deictic = not seen.isdisjoint(DEICTIC)
    hesitant = not seen.isdisjoint(HESITANT)
    general = min(3, len(GENERAL.intersection(words)))
    excited = text.endswith("!")
    stutters = text.endswith(",") or STUTTER.search(low) is not None
    refers = OF_IT.match(low) is not None
    numbers = DIGIT.search(text) is not None
    timed = TIMED.search(low) is not None
    names = len(NAMED.findall(text))
    total = (
        -1.1
        + 1.2 * min(len(words), ENOUGH) / ENOUGH
        + 0.7 * (OF_SELF.match(low) is not None)
        + 0.65 * timed
        + 0.3 * min(2, names)
        + 0.5 * (not seen.isdisjoint(LASTING))
        + 0.3 * (not seen.isdisjoint(DEEDS))
        + 0.35 * min(3, topics)
        + 0.25 * numbers
        + 0.4 * answers
        + 0.3 * shows
        - 0.3 * refers
        - 0.3 * (OF_YOU.match(low) is not None)
        - 1.1 * yours
        - 0.8 * (not mine)
        - 0.75 * hesitant
        - 0.85 * stutters
        - 0.6 * (len(words) < FEW)
        - 0.2 * general
        - 0.35 * deictic
        - 0.35 * excited
    )
    worth = 1 / (1 + exp(-total))
    empty = yours or praise or refers or hesitant or stutters or general > 1 or ORDERS.match(low)
    english = praise or hesitant or not ENGLISH.isdisjoint(words)
    tells = answers or ((names or numbers or timed) and not (yours or praise))
    if tells or not empty or not english:
        # A plain statement, an answer, a name, a time or a number may tell little, but it tells something.
        worth = max(worth, LEAST)
    return worth
