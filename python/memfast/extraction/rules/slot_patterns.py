"""Patterns of sentences that fill a slot.

Patterns ignore case and match after the lead of a sentence. Each also matches what follows the
value, because an open continuation could narrow or negate it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from memfast.extraction.rules.attributes import ATTRIBUTES, MEASURE, PEOPLE, SORTS
from memfast.extraction.rules.places import HOLDS
from memfast.extraction.rules.slot_words import (
    AGED,
    GROWN,
    I_AM,
    I_HAVE,
    KNOWN_PLACE,
    LIKED,
    LIKELY_PLACE,
    NAME,
    NOT_A_FAVOURITE,
    NOT_A_VALUE,
    NOW,
    NUMBER_OF,
    PLACE,
    SORT,
    SORT_VALUE,
    THING,
    WORD,
    before,
)

Named = Callable[[re.Match[str]], str]
Pattern = tuple[re.Pattern[str], Named]

HOW_TO_LIVE = r"for (?:work|school|college|university|love|good|my (?:job|work|studies))"
SINCE = r"since (?:last )?\w+(?: \d+)?"
WE_HAVE = rf"(?:i|we)(?:'ve| have)? {NOW}"
MOVED_TO = (
    rf"(?:{LIKELY_PLACE}|{PLACE}(?= {HOW_TO_LIVE}\b|, {WORD}(?: {WORD})?{before(event=True)}))"
)
TRADE = r"(?!(?:on|in|at|for|with|during|to|from|this|of|too|also|besides|part-?time)\b)[\w'-]+"
COUNTED = {"kid": "children", "kids": "children", "child": "children"}


SPELLING = re.compile(r"\b(fav|col|flav|hon|neighb)or")


def spelled(text: str) -> str:
    """Return a text in lower case and British spelling."""
    return SPELLING.sub(r"\1our", text.lower())


def _fixed(name: str) -> Named:
    return lambda _: name


def _favourite(match: re.Match[str]) -> str:
    return f"{'least ' if match['least'] else ''}favourite {spelled(match['what'])}"


def _opinion(match: re.Match[str]) -> str:
    return f"opinion of {spelled(match['what'])}"


def _home(match: re.Match[str]) -> str:
    """Return the slot of a home: country, region and town are separate slots."""
    place = match["place"].lower().removeprefix("the ").rstrip(".")
    return f"home {HOLDS[place]}" if place in HOLDS else "home"


def _name_of(match: re.Match[str]) -> str:
    return f"{PEOPLE[match['who'].lower()]} name"


def _number_of(match: re.Match[str]) -> str:
    what = match["what"].lower()
    return f"number of {COUNTED.get(what) or (what if what[-1] in 'sn' else f'{what}s')}"


def _attribute(name: str) -> Named:
    return lambda match: f"{match['sort'].lower()} {name}" if match["sort"] else name


def _compiled(patterns: Iterable[tuple[str, Named]]) -> tuple[Pattern, ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), named) for pattern, named in patterns)


OPINION = _compiled(
    [
        (
            (
                r"i (?:(?:really|absolutely|also|still|now|actually|just) )*"
                r"(?:(?:don'?t|do not|no longer) (?:(?:really|even) )?(?:like|love|enjoy)"
                r"|like|love|enjoy|hate|dislike|adore|can'?t stand|detest) "
                rf"(?:the )?(?P<what>{LIKED})"
                r"(?:,? (?:any ?more|now|at all|too|so much|a lot|very much|these days))*[\s.!]*\Z"
            ),
            _opinion,
        )
    ]
)[0]
OF_SELF = _compiled(
    [
        (rf"{I_AM} called {NAME}{before('from now on', 'again')}", _fixed("name")),
        # "Call me Bob" gives a nickname, not the name.
        (
            (
                rf"(?:(?:please )?(?:you can )?(?:just )?call me|i {NOW}go by"
                rf"|everyone calls me) {NAME}"
                + before("from now on", "please", "instead", "for short")
            ),
            _fixed("nickname"),
        ),
        (
            (
                rf"(?:{I_AM}|i {NOW}turned|i've {NOW}turned) "
                rf"(?:{AGED}|{GROWN}{before(event=True)})"
            ),
            _fixed("age"),
        ),
        (
            (
                rf"(?:(?:i|we) {NOW}(?:live|reside) (?:now |currently )?|(?:{I_AM}|i(?:'ve"
                rf"| have) been) (?:living|based) )in "
                rf"(?P<place>{PLACE}|{KNOWN_PLACE}){before(HOW_TO_LIVE, SINCE)}"
            ),
            _home,
        ),
        (
            (
                rf"(?:{WE_HAVE}(?:relocated|moved (?:back|over|house)) (?:from {PLACE} )?to {PLACE}"
                rf"|(?:{WE_HAVE}|(?:just|finally|recently) |\b)moved (?:from {PLACE} )?"
                rf"to {MOVED_TO})" + before(HOW_TO_LIVE, f"from {PLACE}", event=True)
            ),
            _fixed("home"),
        ),
        (
            (
                rf"(?:i {NOW}work|{I_AM} working) (?:now )?(?:at|for) (?:the )?{NAME}"
                + before(r"as an? [\w -]+", rf"in {WORD}")
            ),
            _fixed("employer"),
        ),
        # Joining or starting somewhere implies employment only with a job.
        (
            (
                rf"(?:i {NOW}(?:started working|started a new job|got a (?:new )?job) (?:at|for)"
                rf" {NAME}|i {NOW}joined {NAME}(?= as an? ))"
                + before(r"as an? [\w -]+", event=True)
            ),
            _fixed("employer"),
        ),
        (
            (
                rf"(?:i {NOW}work|{I_AM} (?:working|employed)|i {NOW}started working|i (?:just"
                rf"|recently|finally) started"
                rf"|i {NOW}got a (?:new )?job) (?:now )?as an? (?!(?:volunteer|team|favou?r"
                rf"|test)\b)"
                rf"{TRADE}(?: {TRADE}){{0,4}}?"
                rf"(?: (?:at|in|for) (?:an? [\w' -]+?|(?:the )?{NAME}))?{before()}"
            ),
            _fixed("job"),
        ),
        (
            (
                rf"(?:{I_AM}|(?P<event>(?:i|we) {NOW}got)) (?:happily |newly |recently )*"
                r"(?:married|single|divorced|widowed|engaged|separated)"
                rf"(?:{before(r'to (?!my)[^,]+', event=True)}|(?(event) (?:at|in|on) (?!\d|my\b"
                rf"|our\b|an? )|\Z))"
            ),
            _fixed("relationship status"),
        ),
        # A count of some, "two black cats", is not the total.
        (
            (
                rf"(?:i|we)(?:'ve got| {NOW}have(?: got)?) {NUMBER_OF} "
                r"(?P<what>kids?|child(?:ren)?|siblings?|brothers?|sisters?|dogs?|cats?)"
                + before("(?:named|called|aged|at home)(?: .*)?")
            ),
            _number_of,
        ),
        (rf"i {NOW}weigh {MEASURE}{before()}", _fixed("weight")),
        (
            (
                rf"(?:{I_AM}|i(?:'ve| have)? (?:just )?(?:became|become|went|gone|turned)) "
                r"(?:an? )?(?:vegan|vegetarian|pescatarian|pescetarian|omnivore|carnivore)"
                + before(event=True)
            ),
            _fixed("diet"),
        ),
    ]
)
# The common beginning of `OF_CHANGES`.
CHANGE = re.compile(
    rf"(?:{I_HAVE} {NOW}(?:changed|switched|updated)|(?:please )?(?:change|update|set)) my ",
    re.IGNORECASE,
)
OF_CHANGES = _compiled(
    (
        (
            rf"{CHANGE.pattern}(?:(?P<sort>{SORTS}) )?(?:{spellings}) (?:from [^,]{{1,40}}? )?"
            rf"to {NOT_A_VALUE}{value}"
        ),
        _attribute(name),
    )
    for name, (spellings, value) in ATTRIBUTES.items()
)
OF_MINE = _compiled(
    [
        (
            (
                rf"(?:my (?:full |first |real )?name(?:'s| is) (?:now )?{NAME}"
                rf"|(?-i:my) name(?:'?s| is) (?:now )?{NOT_A_VALUE}(?-i:[a-z]+(?: [a-z]+)?)){before()}"
            ),
            _fixed("name"),
        ),
        (
            (
                r"my (?:new |current |all-?time )?(?P<least>least )?fav(?:ou?rite|e)? (?P<what>"
                rf"(?P<sort>{SORT}(?= (?:is|now|ever|of)\b|'s))"
                rf"|{NOT_A_FAVOURITE}[\w'-]+?(?: (?!(?:of|is|to|about|in)\b)[\w'-]+?){{0,3}}?)"
                r" ?(?:of all time |ever |now )?(?:'s| is) (?:now |definitely |probably |still )?"
                rf"{NOT_A_VALUE}(?(sort){SORT_VALUE}|{THING}){before()}"
            ),
            _favourite,
        ),
        (
            (
                rf"my (?P<who>{'|'.join(PEOPLE)})(?:'?s name(?:'s| is)| is (?:called|named)) "
                rf"{NAME}{before()}"
            ),
            _name_of,
        ),
        *(
            (
                (
                    rf"my (?:new |current )?(?:(?P<sort>{SORTS}) )?(?:{spellings})(?:'s| is| are) "
                    rf"(?:now )?{NOT_A_VALUE}{value}"
                ),
                _attribute(name),
            )
            for name, (spellings, value) in ATTRIBUTES.items()
        ),
    ]
)
OF_FAVOURITES = _compiled(
    [
        (
            (
                r"(?!(?:what|which|who|it|that|this|he|she)\b)[\w']+(?: [\w']+){0,3}"
                r" is (?:now |definitely |still )?my (?:new |all-?time )?(?P<least>least )?"
                rf"fav(?:ou?rite|e)? (?P<what>{NOT_A_FAVOURITE}[\w'-]+"
                r"(?: (?!(?:of|to|in|now)\b)[\w'-]+){0,2})[\s.!]*\Z"
            ),
            _favourite,
        )
    ]
)
