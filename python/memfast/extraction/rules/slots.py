"""Slots: places in what is known of somebody that hold one value at a time.

A slot is set only where the sentence says the value holds now. What is denied, wished, supposed
or over sets none: a missing slot keeps an old fact too long, a wrong one takes a true fact away.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LEAD = re.compile(
    r"(?:(?:well|so|yes|yeah|yep|yup|no|oh|ok|okay|actually|btw|by\s+the\s+way|fyi|and|but|also|now|currently"
    r"|right\s+now|these\s+days|nowadays|anyway|hi|hello|hey|sure|correction|update"
    r"|did\s+you\s+know(?:\s+that)?|(?:please\s+)?(?:remember|note)(?:\s+that)?|just\s+so\s+you\s+know)\b[\s,:!.–—-]+)*",
    re.IGNORECASE,
)
I_AM = r"i(?:['’]?m|\s+am)(?:\s+(?:now|currently|actually|still))?"
NOW = r"(?:(?:now|currently|still|just|actually|recently|finally|both|all)\s+)*"
NAME = r"(?-i:[A-ZÀ-Þ])[\w'’.-]*(?:\s+(?-i:[A-ZÀ-Þ])[\w'’.-]*){0,3}"
STOP = r"(?=\s*(?:[,;:.!?()–—]|\Z)|\s+(?:now|and|but|with|since|for|because|as|at|in|these|so|too|again|this|last|to|from|on|which|where)\b)"
VETO = re.compile(
    r"\b(?:used\s+to|no\s+longer|not|never|if|might|(?-i:may)|maybe|perhaps|would|could|should|wish|want|hope"
    r"|when\s+(?:i|we)\s+(?:was|were)|as\s+an?\s+(?:child|kid|teen\w*|student|baby)|ago|back\s+then|until|till|anymore|any\s+more"
    r"|growing\s+up|one\s+of|almost|nearly|kidding|pretend\w*|temporarily|was|were|had|imagine|suppose"
    r"|for\s+(?:a|the)\s+(?:\w+\s+)?(?:day|week|weekend|month|summer|winter|semester|while|night))\b"
    r"|n['’]t\b|\bi['’]d\b",
    re.IGNORECASE,
)
PAST_YEAR = re.compile(
    r"\b(?:in|back\s+in|from|during)\s+(?:19|20)\d\d\b|\b(?:19|20)\d\d\s*[-–]", re.IGNORECASE
)
LONGEST = 16

ATTRIBUTES = {
    # name: (how it is spelled, how its value looks)
    "phone number": (
        r"(?:phone|mobile|cell|telephone)(?:\s+(?:number|no\.?))?|number",
        r"\+?[\d(][\d\s()./-]{4,}",
    ),
    "email": (r"e-?mail(?:\s+address)?", r"\S+@\S+"),
    "address": (r"(?:\w+\s+)?address", r".*\d"),
    "birthday": (r"birthday|birth\s+date|date\s+of\s+birth", r"(?:on\s+)?(?:the\s+)?.*\d"),
    "hometown": (r"home\s*town", NAME),
    "native language": (r"(?:native|first)\s+(?:language|tongue)|mother\s+tongue", r"\w+"),
    "nationality": (r"nationality", r"\w+"),
    "religion": (r"religion", r"\w+"),
    "blood type": (r"blood\s+(?:type|group)", r"(?:AB|A|B|O|0)\b"),
    "height": (r"height", r"\d"),
    "weight": (r"weight", r"\d"),
    "shoe size": (r"shoe\s+size", r"\d"),
    "time zone": (r"time\s*zone", r"[A-Z\d]"),
    "username": (r"user\s*name|handle|nickname", r"\S+"),
    "job": (r"job\s+title|occupation|profession", r"\w+"),
    "major": (r"major", r"\w+"),
    "salary": (r"salary", r"\D{0,3}\d"),
    "pronouns": (r"pronouns", r"\w+\s*/\s*\w+"),
    "surname": (r"surname|last\s+name|family\s+name", r"\w+"),
    "postcode": (r"post\s*code|postal\s+code|zip(?:\s+code)?", r"\w*\d"),
}
PEOPLE = {
    "wife": "wife", "husband": "husband", "partner": "partner", "girlfriend": "girlfriend",
    "boyfriend": "boyfriend", "fiancé": "fiancé", "fiancée": "fiancée", "fiance": "fiancé",
    "fiancee": "fiancée", "mother": "mother", "mum": "mother", "mom": "mother", "father": "father",
    "dad": "father", "boss": "boss", "manager": "boss",
}  # fmt: skip
COUNTED = {"kids": "children", "kid": "children", "child": "children"}
NUMBER = r"(?:no|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
AGE = (
    r"(?:\d{1,3}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|eighteen|nineteen|seventeen|sixteen|fifteen|fourteen|thirteen|twelve|eleven|ten)"
)
NO_PLACES = r"(?!(?:linux|windows|mac\w*|ios|android|python|rust|java\w*|go|marketing|sales|engineering|management|finance|plan|vim|emacs)\b)"
NOT_A_NAME = r"(?!(?:part|thing|one|ones|bit|moment|memory|scene|time|place\s+ever|so\s+far|way)\b)"
NO_VALUE = r"(?!(?:changing|broken|important|not|so|too|very|really|being|getting|going|a\s+secret|private|wrong|the\s+same|my|hard|different)\b)"

Named = Callable[[re.Match[str]], str]


def _fixed(name: str) -> Named:
    return lambda _: name


def _spelled(text: str) -> str:
    """Bring the two spellings of English, and spaces, into one."""
    text = re.sub(r"\s+", " ", text.lower().strip())
    return re.sub(r"\b(fav|col|flav|hon|neighb)or", r"\1our", text)


def _favourite(match: re.Match[str]) -> str:
    least = "least " if match["least"] else ""
    return f"{least}favourite {_spelled(match['what'])}"


def _attribute(name: str) -> Named:
    def named(match: re.Match[str]) -> str:
        which = match["which"]
        return f"{which.lower()} {name}" if which else name

    return named


PATTERNS: tuple[tuple[re.Pattern[str], Named], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), named)
    for pattern, named in (
        (
            rf"my\s+(?:full\s+|first\s+|real\s+)?name(?:['’]s|\s+is)\s+(?:now\s+)?{NO_VALUE}\w+",
            _fixed("name"),
        ),
        (
            rf"(?:{I_AM}\s+called|(?:please\s+|you\s+can\s+)?(?:just\s+)?call\s+me|i\s+{NOW}go\s+by|everyone\s+calls\s+me)\s+{NAME}{STOP}",
            _fixed("name"),
        ),
        (
            rf"(?:{I_AM}|i\s+{NOW}turned|i['’]ve\s+{NOW}turned)\s+{AGE}(?:\s*(?:years?[\s-]old|yrs?(?:\s+old)?|y/?o)\b|(?=\s*(?:[,;.!]|\Z)|\s+(?:now|today|yesterday|last|this)\b))",
            _fixed("age"),
        ),
        (
            rf"(?:i|we)\s+{NOW}(?:live|reside)\s+(?:now\s+|currently\s+)?in\s+(?!(?:an?|my|the|our|fear|constant|hope|peace|[a-z]+ing)\b)\w",
            _fixed("home"),
        ),
        (
            rf"{I_AM}\s+(?:living|based)\s+in\s+(?!(?:an?|my|the|our|fear|constant)\b)\w",
            _fixed("home"),
        ),
        (
            rf"(?:i|we)(?:['’]ve|\s+have)?\s+{NOW}(?:moved|relocated)\s+(?:back\s+|over\s+|out\s+|house\s+)?(?:from\s+[\w\s]+?\s+)?to\s+{NO_PLACES}(?:the\s+)?{NAME}",
            _fixed("home"),
        ),
        (
            rf"i(?:['’]ve|\s+have)?\s+{NOW}(?:moved|relocated)\s+to\s+{NO_PLACES}(?-i:[a-z])+(?:\s+(?:now|last|this|yesterday|in|for|with|from)\b.*)?[\s.!]*\Z",
            _fixed("home"),
        ),
        (
            rf"i\s+{NOW}work\s+(?:now\s+)?(?:at|for)\s+(?!(?:an?|home|night|nights|the|my|least|free|myself|it|that|them|him|her|you|money|hours|\d+)\b)\w",
            _fixed("employer"),
        ),
        (
            rf"(?:{I_AM}\s+working|i\s+{NOW}(?:started(?:\s+(?:working|a\s+(?:new\s+)?job))?|joined|got\s+a\s+(?:new\s+)?job))\s+(?:at|for)?\s*(?!(?:the|an?)\b){NAME}{STOP}",
            _fixed("employer"),
        ),
        (
            rf"(?:i\s+{NOW}work|{I_AM}\s+(?:working|employed)|i\s+{NOW}started(?:\s+working)?|i\s+{NOW}got\s+a\s+(?:new\s+)?job)\s+(?:now\s+)?as\s+(?:an?|the)\s+\w",
            _fixed("job"),
        ),
        (
            rf"my\s+(?:new\s+|current\s+|all-?time\s+)?(?P<least>least\s+)?favou?rite\s+(?P<what>{NOT_A_NAME}(?!\w*s\s+are\b)[\w'’-]+(?:\s+(?!of\b|is\b|to\b|about\b|in\b)[\w'’-]+){{0,3}}?)\s*(?:of\s+all\s+time\s+|ever\s+|now\s+)?(?:['’]s|\s+is)\s+(?:now\s+|definitely\s+|probably\s+|still\s+)?{NO_VALUE}(?!when\b|how\b|to\b|that\b)\w",
            _favourite,
        ),
        (
            rf"(?!what|which|who|it\b|that\b|this\b|he\b|she\b)[\w'’]+(?:\s+[\w'’]+){{0,3}}\s+is\s+(?:now\s+|definitely\s+|still\s+)?my\s+(?:new\s+|all-?time\s+)?(?P<least>least\s+)?favou?rite\s+(?P<what>{NOT_A_NAME}[\w'’-]+(?:\s+(?!of\b|to\b|in\b|now\b)[\w'’-]+){{0,2}})[\s.!]*\Z",
            _favourite,
        ),
        *(
            (
                rf"my\s+(?:new\s+|current\s+)?(?P<which>(?:work|home|private|personal|office|business|emergency|billing|shipping)\s+)??(?:{spelled})(?:['’]s|\s+is)\s+(?:now\s+)?{NO_VALUE}{value}",
                _attribute(name),
            )
            for name, (spelled, value) in ATTRIBUTES.items()
        ),
        (
            rf"my\s+(?P<who>{'|'.join(PEOPLE)})(?:['’]?s\s+name(?:['’]s|\s+is)|\s+is\s+(?:called|named))\s+\w",
            lambda match: f"{PEOPLE[match['who'].lower()]} name",
        ),
        (
            rf"(?:{I_AM}|(?:i|we)\s+{NOW}got)\s+(?:happily\s+|newly\s+|recently\s+)*(?:married|single|divorced|widowed|engaged|separated)\b(?!\s+(?:in\b(?!\s+\w+day)|with\s+(?:my\s+)?work|by|and\s+|mother|mom|mum|father|dad|parent)|-)",
            _fixed("relationship status"),
        ),
        (
            rf"(?:i|we)\s+{NOW}have\s+(?P<n>{NUMBER})\s+(?:\w+\s+)?(?P<what>kids?|child(?:ren)?|siblings?|brothers?|sisters?|dogs?|cats?|grandchildren)\b",
            lambda match: f"number of {_counted(match['what'])}",
        ),
        (
            rf"(?:{I_AM}|i(?:['’]ve|\s+have)?\s+(?:just\s+)?(?:became|become|went|gone|turned))\s+(?:an?\s+)?(?:vegan|vegetarian|pescatarian|pescetarian|omnivore|carnivore)\b",
            _fixed("diet"),
        ),
    )
)
OPINION = re.compile(
    r"i\s+(?:(?:really|absolutely|also|still|now|actually|just)\s+)*"
    r"(?:(?:don['’]?t|do\s+not|no\s+longer)\s+(?:(?:really|even)\s+)?(?:like|love|enjoy)|like|love|enjoy|hate|dislike|adore|can['’]?t\s+stand|detest)\s+"
    r"(?:the\s+)?(?P<what>(?!(?:it|that|this|these|those|them|him|her|you|to|how|when|what|your|his|their|being|having|my|a|an|the|all|some|more|thought|idea|way|fact|feeling|look|sound)\b)[\w'’-]+(?:\s+(?!when\b|because\b|but\b|so\b|and\b|or\b|any\b|anymore\b|now\b|too\b|it\b|them\b)[\w'’-]+)?)"
    r"(?:,?\s+(?:any\s*more|now|at\s+all|too|so\s+much|a\s+lot|very\s+much|these\s+days))*[\s.!]*\Z",
    re.IGNORECASE,
)
# By their first letters, so that few are tried: "my ..." and "... is my favourite ...".
MINE = tuple(item for item in PATTERNS if item[0].pattern.startswith("my"))
FAVOURITES = tuple(
    item for item in PATTERNS if "is\\s+(?:now\\s+|definitely\\s+|still\\s+)?my" in item[0].pattern
)
SELF = frozenset("iwepc")
HINT = re.compile(r"\b(?:my|i|we|i['’]?m|i['’]ve|we['’]ve|call)\b", re.IGNORECASE)
CLAUSE = re.compile(r",?\s+(?:and|but)\s+(?=(?:i|my|i['’]m|i['’]ve)\b)", re.IGNORECASE)


def _counted(what: str) -> str:
    what = what.lower()
    return COUNTED.get(what, what if what.endswith(("s", "children")) else f"{what}s")


def slot_of(sentence: str, subject: str) -> str | None:
    """Return the slot that a sentence fills for its subject, such as "user home", or None.

    Args:
        sentence: One clause or short sentence, as it was said.
        subject: Who says it, in lower case.
    """
    if not HINT.search(sentence) or sentence.count(" ") >= LONGEST:
        return None
    lead = LEAD.match(sentence)
    begin = lead.end() if lead else 0
    if match := OPINION.match(sentence, begin):
        return f"{subject} opinion of {_spelled(match['what'])}"
    first = sentence[begin : begin + 2].lower()
    tried = MINE if first == "my" else PATTERNS if first[:1] in SELF else FAVOURITES
    for pattern, named in tried:
        if match := pattern.match(sentence, begin):
            if VETO.search(sentence) or PAST_YEAR.search(sentence):
                return None
            return f"{subject} {named(match)}"
    return None


def clauses(sentence: str) -> list[str]:
    """Split "I live in Oslo and my name is Ann" in two; others stay whole.

    A value that is replaced later takes its whole fact with it, so a clause that fills a slot
    stands alone.
    """
    places = [match.end() for match in CLAUSE.finditer(sentence)]
    if not places:
        return [sentence]
    parts = [
        sentence[a:b].strip() for a, b in zip([0, *places], [*places, len(sentence)], strict=True)
    ]
    if not any(slot_of(re.sub(r",?\s+(?:and|but)\Z", "", part), "") for part in parts):
        return [sentence]
    return [re.sub(r",?\s+(?:and|but)\Z", "", part) for part in parts]
