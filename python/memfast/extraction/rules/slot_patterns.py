"""How the sentences look that fill a slot.

Patterns are read without regard to case, behind whatever introduces a sentence. Each says how a
sentence goes on behind its value: what is open there may narrow the value or take it back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from memfast.extraction.rules.slot_words import (
    AGED,
    CAPITAL,
    GROWN,
    I_AM,
    I_HAVE,
    LIKED,
    MONTH,
    NAME,
    NOT_A_FAVOURITE,
    NOT_A_VALUE,
    NOW,
    NUMBER_OF,
    PLACE,
    SMALL_PLACE,
    SORT,
    SORT_VALUE,
    THING,
    WORD,
    before,
)

Named = Callable[[re.Match[str]], str]
Pattern = tuple[re.Pattern[str], Named]

HOW_TO_LIVE = r"for (?:work|school|college|university|love|good|my (?:job|work|studies))"
TRADE = r"(?!(?:on|in|at|for|with|during|to|from|this|of)\b)[\w'-]+"
SORTS = r"(?:work|home|private|personal|office|business|emergency|billing|shipping)"
MONEY = r"\W{0,2}\d[\d.,]*\s?k?(?: ?(?:\W|\w{3}|euros?|dollars?|pounds?))?(?: (?:a|per) \w+)?"
MEASURE = (
    r"\d[\d.,'\u2019\"]*(?: ?(?:cm|m|ft|feet|foot|in|inches|kg|kilos?|lbs?|pounds|stone|\d+)\b)*\"?"
)
BIRTHDAY = (
    rf"(?:on )?(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTH})|(?:{MONTH})(?: the)? \d{{1,2}}"
    r"|\d{1,4}[./-]\d)"
)
# Name of what everybody has one of: how it is spelled, and how its value looks.
ATTRIBUTES = {
    "phone number": (
        r"(?:phone|mobile|cell|telephone)(?: (?:number|no\.?))?|number",
        r"\+?[\d(][\d\s()./-]{4,}",
    ),
    "email": (r"e-?mail(?: address)?", r"\S+@\w"),
    "address": (r"address", rf"(?!\d+\.\d+\.)(?:\d|{CAPITAL}.*\d)"),
    "birthday": (r"birthday|birth date|date of birth", BIRTHDAY),
    "hometown": (r"home ?town", NAME + before()),
    "native language": (r"(?:native|first) (?:language|tongue)|mother tongue", WORD + before()),
    "nationality": (r"nationality", WORD + before()),
    "religion": (r"religion", WORD + before()),
    "blood type": (r"blood (?:type|group)", r"(?:AB|A|B|O|0)\b"),
    "height": (r"height", MEASURE + before()),
    "weight": (r"weight", MEASURE + before()),
    "shoe size": (r"shoe size", r"\d[\d.,]*" + before()),
    "time zone": (r"time ?zone", r"(?-i:[A-Z\d])"),
    "username": (r"user ?name|handle|nickname", r"\S+" + before()),
    "job": (r"job title|occupation|profession", r"(?:an? )?[\w'-]+(?: [\w'-]+){0,3}?" + before()),
    "major": (r"major", r"[\w'-]+(?: (?:and )?[\w'-]+){0,2}?" + before()),
    "salary": (r"salary", MONEY + before()),
    "pronouns": (r"pronouns", r"\w+ ?/ ?\w+"),
    "surname": (r"surname|last name|family name", WORD + before()),
    "postcode": (r"post ?code|postal code|zip(?: code)?", r"\w*\d"),
}
PEOPLE = {
    "wife": "wife",
    "husband": "husband",
    "partner": "partner",
    "girlfriend": "girlfriend",
    "boyfriend": "boyfriend",
    "mother": "mother",
    "mum": "mother",
    "mom": "mother",
    "father": "father",
    "dad": "father",
    "boss": "boss",
    "manager": "boss",
}
COUNTED = {"kid": "children", "kids": "children", "child": "children"}


def spelled(text: str) -> str:
    """Bring the two spellings of English into one, in lower case."""
    return re.sub(r"\b(fav|col|flav|hon|neighb)or", r"\1our", text.lower())


def _fixed(name: str) -> Named:
    return lambda _: name


def _favourite(match: re.Match[str]) -> str:
    return f"{'least ' if match['least'] else ''}favourite {spelled(match['what'])}"


def _opinion(match: re.Match[str]) -> str:
    return f"opinion of {spelled(match['what'])}"


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
        (
            (
                rf"(?:{I_AM} called|(?:please )?(?:you can )?(?:just )?call me|i {NOW}go by"
                rf"|everyone calls me) {NAME}"
                + before("from now on", "please", "instead", "for short", r"by (?:my )?\w+")
            ),
            _fixed("name"),
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
                rf"(?:i|we) {NOW}(?:live|reside) (?:now |currently )?in {PLACE}"
                + before(HOW_TO_LIVE)
            ),
            _fixed("home"),
        ),
        (rf"{I_AM} (?:living|based) in {PLACE}{before(HOW_TO_LIVE)}", _fixed("home")),
        # Of several, "moved" tells more often of what they use: "We moved to Slack".
        (
            (
                rf"(?:{I_HAVE} {NOW}moved|(?:i|we)(?:'ve| have)? {NOW}(?:relocated|moved (?:back"
                rf"|over|house))) (?:back |over |house )?(?:from {PLACE} )?to {PLACE}"
                + before(HOW_TO_LIVE, f"from {PLACE}", event=True)
            ),
            _fixed("home"),
        ),
        (
            (
                rf"(?-i:i|we)(?:'ve| have)? {NOW}(?:(?-i:(?<=i ))moved|relocated|live) (?:to|in) "
                rf"{SMALL_PLACE}{before(HOW_TO_LIVE, event=True)}"
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
        # Who joins a thing, or starts at one, need not be paid there.
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
                rf"(?:i {NOW}work|{I_AM} (?:working|employed)|i {NOW}started(?: working)?"
                rf"|i {NOW}got a (?:new )?job) (?:now )?as an? (?!(?:volunteer|team|favou?r|test)\b)"
                rf"{TRADE}(?: {TRADE}){{0,4}}?"
                rf"(?: (?:at|in|for) (?:an? [\w' -]+?|(?:the )?{NAME}))?{before()}"
            ),
            _fixed("job"),
        ),
        (
            (
                rf"(?:{I_AM}|(?P<event>(?:i|we) {NOW}got)) (?:happily |newly |recently )*"
                r"(?:married|single|divorced|widowed|engaged|separated)"
                rf"(?:{before(r'to (?!my)[^,]+', event=True)}|(?(event) (?:at|in|on) |\Z))"
            ),
            _fixed("relationship status"),
        ),
        # A count of those of one kind, "two black cats", is none of all.
        (
            (
                rf"(?:i|we) {NOW}have {NUMBER_OF} "
                r"(?P<what>kids?|child(?:ren)?|siblings?|brothers?|sisters?|dogs?|cats?)"
                + before("(?:named|called|aged|at home)(?: .*)?")
            ),
            _number_of,
        ),
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
                r"my (?:new |current |all-?time )?(?P<least>least )?favou?rite (?P<what>"
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
                rf"favou?rite (?P<what>{NOT_A_FAVOURITE}[\w'-]+"
                r"(?: (?!(?:of|to|in|now)\b)[\w'-]+){0,2})[\s.!]*\Z"
            ),
            _favourite,
        )
    ]
)
