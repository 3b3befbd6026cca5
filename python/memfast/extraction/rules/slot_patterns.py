"""How the sentences look that fill a slot, and how those look that only seem to.

Patterns are read without regard to case, behind whatever introduces a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Named = Callable[[re.Match[str]], str]
Pattern = tuple[re.Pattern[str], Named]

LEAD = re.compile(
    r"(?:(?:well|so|yes|yeah|yep|yup|no|oh|ok|okay|actually|btw|by the way|fyi|and|but|also|now"
    r"|currently|right now|these days|nowadays|anyway|hi|hello|hey|sure|correction|update"
    r"|did you know(?: that)?|(?:please )?(?:remember|note)(?: that)?|just so you know)\b"
    r"[\s,:!.\u2013\u2014-]+)*",
    re.IGNORECASE,
)
# What is denied, wished, supposed, over, or true for a while only.
VETO = re.compile(
    r"\b(?:used to|no longer|not|never|if|might|(?-i:may)|maybe|perhaps|would|could|should|wish"
    r"|want|hope|when (?:i|we) (?:was|were)|as an? (?:child|kid|teen\w*|student|baby)|ago"
    r"|back then|until|till|any ?more|growing up|one of|almost|nearly|kidding|pretend\w*|was|were"
    r"|temporarily|had|imagine|suppose|(?:in|back in|from|during) (?:19|20)\d\d"
    r"|for (?:a|the) (?:\w+ )?(?:day|week|weekend|month|summer|winter|semester|while|night))\b"
    r"|n't\b|\bi'd\b|\b(?:19|20)\d\d ?[-\u2013]",
    re.IGNORECASE,
)
I_AM = r"i(?:'?m| am)(?: (?:now|currently|actually|still))?"
I_HAVE = r"(?:i|we)(?:'ve| have)?"
NOW = r"(?:(?:now|currently|still|just|actually|recently|finally|both|all) )*"
NAME = r"(?-i:[A-Z\u00c0-\u00de])[\w'.-]*(?: (?-i:[A-Z\u00c0-\u00de])[\w'.-]*){0,3}"
AGE = (
    r"(?:\d{1,3}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen)"
)
END = r"(?= ?(?:[,;:.!?()\u2013\u2014]|\Z)| (?:now|and|but|with|since|for|because|as|at|in|these|so"
END += r"|too|again|this|last|to|from|on|which|where|today|yesterday)\b)"
NOT_A_VALUE = (
    r"(?!(?:changing|broken|important|not|so|too|very|really|being|getting|going|a secret|private"
    r"|wrong|the same|my|hard|different|when|how|to|that|what|where)\b)"
)
# "I moved to Linux": what people move to and do not live in.
NOT_A_PLACE = (
    r"(?!(?:linux|windows|mac\w*|ios|android|python|rust|java\w*|go|marketing|sales|engineering"
    r"|management|finance|plan|vim|emacs)\b)"
)
NOT_A_HOME = r"(?!(?:an?|my|the|our|fear|constant|hope|peace|[a-z]+ing)\b)"
NOT_AN_EMPLOYER = (
    r"(?!(?:an?|home|night|nights|the|my|least|free|myself|it|that|them|him|her|you|money|hours"
    r"|\d+)\b)"
)
NOT_A_FAVOURITE = (
    r"(?!(?:part|thing|one|ones|bit|moment|memory|scene|time|place ever|so far|way)\b)"
)
LIKED = (
    r"(?!(?:it|that|this|these|those|them|him|her|you|to|how|when|what|your|his|their|being|having"
    r"|my|a|an|the|all|some|more|thought|idea|way|fact|feeling|look|sound)\b)[\w'-]+"
    r"(?: (?!(?:when|because|but|so|and|or|any|anymore|now|too|it|them)\b)[\w'-]+)?"
)
SORTS = r"(?:work|home|private|personal|office|business|emergency|billing|shipping)"
# Name of what everybody has one of: how it is spelled, and how its value begins.
ATTRIBUTES = {
    "phone number": (
        r"(?:phone|mobile|cell|telephone)(?: (?:number|no\.?))?|number",
        r"\+?[\d(][\d\s()./-]{4,}",
    ),
    "email": (r"e-?mail(?: address)?", r"\S+@\S+"),
    "address": (r"address", r".*\d"),
    "birthday": (r"birthday|birth date|date of birth", r".*\d"),
    "hometown": (r"home ?town", NAME),
    "native language": (r"(?:native|first) (?:language|tongue)|mother tongue", r"\w+"),
    "nationality": (r"nationality", r"\w+"),
    "religion": (r"religion", r"\w+"),
    "blood type": (r"blood (?:type|group)", r"(?:AB|A|B|O|0)\b"),
    "height": (r"height", r"\d"),
    "weight": (r"weight", r"\d"),
    "shoe size": (r"shoe size", r"\d"),
    "time zone": (r"time ?zone", r"(?-i:[A-Z\d])"),
    "username": (r"user ?name|handle|nickname", r"\S+"),
    "job": (r"job title|occupation|profession", r"\w+"),
    "major": (r"major", r"\w+"),
    "salary": (r"salary", r"\D{0,3}\d"),
    "pronouns": (r"pronouns", r"\w+ ?/ ?\w+"),
    "surname": (r"surname|last name|family name", r"\w+"),
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
                rf"|everyone calls me) {NAME}{END}"
            ),
            _fixed("name"),
        ),
        (
            (
                rf"(?:{I_AM}|i {NOW}turned|i've {NOW}turned) {AGE}"
                r"(?: ?(?:years?[ -]old|yrs?(?: old)?|y/?o)\b"
                r"|(?= ?(?:[,;.!]|\Z)| (?:now|today|yesterday|last|this)\b))"
            ),
            _fixed("age"),
        ),
        (
            rf"(?:i|we) {NOW}(?:live|reside) (?:now |currently )?in {NOT_A_HOME}\w",
            _fixed("home"),
        ),
        (rf"{I_AM} (?:living|based) in {NOT_A_HOME}\w", _fixed("home")),
        (
            (
                rf"{I_HAVE} {NOW}(?:moved|relocated) (?:back |over |house )?(?:from [\w ]+? )?"
                rf"to {NOT_A_PLACE}(?:the )?{NAME}"
            ),
            _fixed("home"),
        ),
        # Places in small letters count for those who write "i".
        (
            (
                rf"(?-i:i)(?:'ve| have)? {NOW}(?:moved|relocated) to {NOT_A_PLACE}{NOT_A_HOME}"
                r"[a-z]+(?: (?:now|last|this|yesterday|in|for|with|from)\b.*)?[\s.!]*\Z"
            ),
            _fixed("home"),
        ),
        (rf"i {NOW}work (?:now )?(?:at|for) {NOT_AN_EMPLOYER}\w", _fixed("employer")),
        (
            (
                rf"(?:{I_AM} working (?:at|for)|i {NOW}(?:joined|started(?: working| a new job)? at"
                rf"|got a (?:new )?job at)) {NAME}{END}"
            ),
            _fixed("employer"),
        ),
        (
            (
                rf"(?:i {NOW}work|{I_AM} (?:working|employed)|i {NOW}started(?: working)?"
                rf"|i {NOW}got a (?:new )?job) (?:now )?as (?:an?|the) \w"
            ),
            _fixed("job"),
        ),
        (
            (
                rf"(?:{I_AM}|(?:i|we) {NOW}got) (?:happily |newly |recently )*"
                r"(?:married|single|divorced|widowed|engaged|separated)\b"
                r"(?! (?:in\b(?! \w+day)|with (?:my )?work|by|and |mother|mom|mum|father|dad"
                r"|parent)|-)"
            ),
            _fixed("relationship status"),
        ),
        (
            (
                rf"(?:i|we) {NOW}have (?:no|one|two|three|four|five|six|seven|eight|nine|ten"
                r"|\d{1,2}) (?:\w+ )?"
                r"(?P<what>kids?|child(?:ren)?|siblings?|brothers?|sisters?|dogs?|cats?)\b"
            ),
            _number_of,
        ),
        (
            (
                rf"(?:{I_AM}|i(?:'ve| have)? (?:just )?(?:became|become|went|gone|turned)) "
                r"(?:an? )?(?:vegan|vegetarian|pescatarian|pescetarian|omnivore|carnivore)\b"
            ),
            _fixed("diet"),
        ),
    ]
)
OF_MINE = _compiled(
    [
        (
            r"my (?:full |first |real )?name(?:'s| is) (?:now )?" + NOT_A_VALUE + r"\w+",
            _fixed("name"),
        ),
        (
            r"my (?:new |current |all-?time )?(?P<least>least )?favou?rite "
            rf"(?P<what>{NOT_A_FAVOURITE}[\w'-]+?(?: (?!(?:of|is|to|about|in)\b)[\w'-]+?){{0,3}}?)"
            r" ?(?:of all time |ever |now )?(?:'s| is) (?:now |definitely |probably |still )?"
            + NOT_A_VALUE
            + r"\w",
            _favourite,
        ),
        (
            rf"my (?P<who>{'|'.join(PEOPLE)})(?:'?s name(?:'s| is)| is (?:called|named)) \w",
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
