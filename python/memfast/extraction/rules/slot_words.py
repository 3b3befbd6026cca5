"""Parts of slot patterns: values, their context, and what negates them.

Parts of `slot_patterns` ignore case, except for `(?-i:...)`. `LEAD`, `VETO`, `CORRECTED`, `FICTIONAL`
and `SUPPOSED` read lower-case text.
"""

from __future__ import annotations

import re

from memfast.extraction.rules.places import KNOWN
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS

LEAD = re.compile(
    r"(?:(?:well|so|yes|yeah|yep|yup|no|oh|ok|okay|actually|btw|by the way|fyi|and|but|now"
    r"|currently|right now|these days|nowadays|anyway|hi|hello|hey|sure|correction|update"
    r"|i(?:'ve)? changed my mind"
    r"|did you know(?: that)?|(?:please )?(?:remember|note)(?: that)?|just so you know)\b"
    r"[\s,:!.\u2013\u2014-]+)*"
)
# Statements that are denied, wished, supposed, past, partial or temporary.
VETO = re.compile(
    r"\b(?:used to|no longer|not|never|if|might|maybe|perhaps|would|could|should|wish"
    r"|want|hope|when (?:i|we) (?:was|were)|as an? (?:child|kid|teen\w*|student|baby)|ago"
    r"|back then|then|until|till|any ?more|growing up|one of|almost|nearly|was|were|half|partly"
    r"|mostly|sometimes|temporarily|had|(?:in|back in|from|during) (?:19|20)\d\d"
    r"|(?:came|moved|went|got) (?:back(?! to)|home)|for now|week(?:end|day)s"
    r"|for (?:an?|the|\d+) (?:\w+ )?(?:hour|day|week|weekend|month|year|summer|winter|semester"
    r"|while|night)s?)\b"
    r"|n't\b|\bi'd\b|\b(?:19|20)\d\d ?[-\u2013]"
    # A tag question states nothing.
    r"|\b(?:right|correct|true|yes|no|huh)\?|\blol\b"
)
# The verb; the month has a capital letter.
MAY = re.compile(r"\bmay\b")
# A correction does not negate the value: "Green, not blue".
CORRECTED = re.compile(
    r",? (?:and )?not (?:in |at |for |with )?(?!(?:really|yet|now|any\w*|sure"
    r"|\w+ly)\b)[\w'-]+[\s.!]*\Z"
)
# Messages of play, jokes, stories or texts to work on: they state nothing about the speaker.
FICTIONAL = re.compile(
    r"\b(?:imagin(?:e|ing)|pretend(?:ing)?|suppos(?:e|ing)|role-?play(?:ing)?|let's say"
    r"|translat(?:e|ion)|rewrit(?:e|ing)|rephras(?:e|ing)|paraphras(?:e|ing)|proofread\w*"
    r"|summari[sz]e|writ(?:e|ing) (?:me )?(?:an?|the) (?:\w+ ){0,3}(?:story|poem|song|script"
    r"|dialogue"
    r"|monologue|scene|essay|speech)"
    r"|hypothetical(?:ly)?|fiction(?:al)?|character|persona|act as|kidding|joking|jk"
    r"|(?:in|for|of) (?:an?|the|this|my|our) (?:\w+ )?(?:game|story|novel|script|scenario|dream"
    r"|exercise|film|movie|poem|song))\b"
)
# After these the later clauses of a sentence are hypothetical or quoted too.
SUPPOSED = re.compile(
    r"\b(?:if|unless|wish|when(?:ever)?|says?|said|told|would|could)\b|[\"\u201c]|'d\b"
)

I_AM = r"i(?:'?m| am)(?: (?:now|currently|actually|still))?"
I_HAVE = r"i(?:'ve| have)?"
NOW = r"(?:(?:now|currently|still|just|actually|recently|finally|both|all) )*"

# The absolute date that a stored fact has: "I moved to Oslo last week (week of 1 May 2023)".
DATED = r" \((?:\w+ of )?(?:[\w ]+ )?\d{4}\)"
ENDS = (
    r"(?:\W{0,40}\Z|(?= ?[,;:\u2013\u2014(]| - "
    r"| (?:and|but|because|since|so|where|which|with|who(?=.*\bis\b))\b))"
)
# Not "too" and "as well": they can add a second value.
LASTING = r"now|again|currently|already|at the moment|right now|these days|at present"
MONTH = "|".join(MONTHS)
HAPPENED = (
    rf"{LASTING}|today|yesterday|tonight|recently|finally|(?:earlier )?this \w+|last \w+"
    rf"|on (?:{'|'.join(WEEKDAYS)})|in (?:{MONTH})"
)


def before(*more: str, event: bool = False) -> str:
    """Return the pattern of what may follow a value: nothing that could narrow or negate it.

    Args:
        more: Further patterns allowed there.
        event: Whether the sentence states a change, which may have a date. A state with a date does
            not last.
    """
    words = "|".join((HAPPENED if event else LASTING, *more))
    return rf"(?:[ ,]+(?:{words})(?![\w'])|{DATED})*{ENDS}"


CAPITAL = r"(?-i:[A-Z\u00c0-\u00de])"
WORD = rf"{CAPITAL}[\w'.-]*"
# Weekdays, titles, words in capitals and names of software are neither homes nor employers.
NOT_A_NAME = (
    rf"(?!(?:{'|'.join(WEEKDAYS)}|today|tomorrow|later|asap|mr|mrs|ms|dr|prof)\b)"
    r"(?!(?-i:(?!NYC|USA|UAE|IBM|BMW|SAP)[A-Z]{3,}\b|\w*[a-z][A-Z]))"
)
NAME = rf"{NOT_A_NAME}{WORD}(?: {WORD}){{0,3}}"
# Not homes: "I moved to Linux".
NOT_A_PLACE = (
    r"(?!(?:linux|windows|mac\w*|ios|android|python|rust|java\w*|go|marketing|sales|engineering"
    r"|management|finance|plan|vim|emacs|team|seat|room|chapter|building|apartment|flat|unit|block"
    r"|gate|floor|level|step)\b)"
)
# Streets are not homes: the town is.
NOT_A_STREET = (
    r"(?!(?:\w+ ){1,3}(?:street|st|road|rd|avenue|ave|lane|drive|boulevard|court|square|house"
    r"|hall)\b)"
)
PLACE = (
    rf"{NOT_A_PLACE}{NOT_A_STREET}(?:the )?"
    rf"(?:(?:downtown|central|inner|greater|upstate|(?:nor|sou)th\w*|(?:ea|we)st\w*) )?"
    rf"{NAME}(?: (?:(?:of|de|da|do|del|la|am|on|upon|al) )+{WORD})?"
)
# In lower case only known places count: "i moved to tears".
KNOWN_PLACE = rf"(?:the )?(?:{KNOWN})\b(?! (?:street|st|road|rd|avenue|ave|lane|drive)\b)"
# "Moved to" often names a product: "I moved to Notion". So a name must be a known place, or be
# formed like one.
BUILT = (
    r"(?:San|Santa|Saint|St\.?|New|Port|Fort|Mount|Los|Las|El|La|Lake|North|South|East|West) [A-Z]"
    r"|(?:[A-Z][\w'-]* )?[A-Z]\w*(?:ton|ville|bur[gy]h?|berg|ford|ham|land|field|wood|port|dale"
    r"|mouth|ester|stadt?|heim|hagen|polis|shire|chapel)\b"
    r"|[A-Z][\w'-]* (?:Springs|Falls|Beach|Heights|Hills?|City|Creek|Valley|Islands?|Grove|Bay"
    r"|Park)\b"
)
LIKELY_PLACE = rf"(?:{KNOWN_PLACE}|(?=(?-i:{BUILT})){PLACE})"
NUMERAL = r"(?:one|two|three|four|five|six|seven|eight|nine)"
# One digit counts only with "years old": "I'm 5" can be a position in a queue.
GROWN = (
    r"(?:[1-9]\d|1[01]\d|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    rf"(?:[ -]{NUMERAL})?|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
)
AGED = rf"(?:\d{{1,3}}|{GROWN}|{NUMERAL}) ?(?:years?[ -]old|yrs?(?: old)?|y/?o)\b"
NUMBER_OF = rf"(?:no|{NUMERAL}|ten|\d{{1,2}})"
# Words that describe a thing and do not name it.
NOT_A_VALUE = (
    r"(?!(?:changing|broken|important|not|so|too|very|really|being|getting|going|a secret|private"
    r"|wrong|the same|still|my|hard|different|when|how|to|that|what|where"
    r"|on(?! (?:the )?(?:\w+ )?\d)|in|at|back|here|gone"
    r"|over|out|often|also|boring|great|good|bad|better|dead|ill|sick|late|cold|open|missing"
    r"|irrelevant|unusual|mud|torn|\w+(?:ful|ous|less|[ai]ble)"
    r"|\w{2,}ed(?! (?!today|now|again)[a-z]))\b)"
)
# Only articles may precede the capital letter of a name.
THING = rf"(?:[\"'\u201c]|(?:the |an? )?(?:{CAPITAL}|\d))[^,;:(]*?"
# Kinds of things without proper names: their values are in lower case.
SORT = (
    r"(?:[\w'-]+ )??(?:colou?r|food|dish|meal|snack|dessert|drink|fruit|vegetable|cuisine|flavou?r"
    r"|season|sport|animal|hobby|flower|tree|number|subject|genre|language|weather|day|month"
    r"|instrument|spice|cake|pizza|tea|coffee|ice cream|cheese|topping|pet)(?: \w+ \w+)?"
)
SORT_VALUE = r"(?:(?:an? |the )?[\w'-]+(?: (?:and |of |with )?[\w'-]+){0,2}?)"
NOT_A_FAVOURITE = (
    r"(?!(?:part|thing|one|ones|bit|moment|memory|scene|time|place ever|so far|way)\b)"
)
LIKED = (
    r"(?!(?:it|that|this|these|those|them|him|her|you|to|how|when|what|your|his|their|being|having"
    r"|my|a|an|the|all|some|more|most|both|any\w*|every\w*|no\w*|one|two|yours|mine|here|there"
    r"|today|thought|idea|way|fact|feeling|look|sound|option|version)\b)[\w'-]+"
    r"(?: (?!(?:when|because|but|so|and|or|any|anymore|now|too|it|them|ones?|better|more|most|best"
    r"|today)\b)[\w'-]+)?"
)
