"""What the values of slots look like, what may stand around them, and what takes them back.

All is read without regard to case, but for what stands in `(?-i:...)`.
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
# What is denied, wished, supposed, over, in part, or true for a while only.
VETO = re.compile(
    r"\b(?:used to|no longer|not|never|if|might|maybe|perhaps|would|could|should|wish"
    r"|want|hope|when (?:i|we) (?:was|were)|as an? (?:child|kid|teen\w*|student|baby)|ago"
    r"|back then|then|until|till|any ?more|growing up|one of|almost|nearly|was|were|half|partly"
    r"|mostly|sometimes|temporarily|had|(?:in|back in|from|during) (?:19|20)\d\d"
    r"|(?:came|moved|went|got) (?:back(?! to)|home)|for now|week(?:end|day)s"
    r"|for (?:an?|the|\d+) (?:\w+ )?(?:hour|day|week|weekend|month|year|summer|winter|semester"
    r"|while|night)s?)\b"
    r"|n't\b|\bi'd\b|\b(?:19|20)\d\d ?[-\u2013]"
    # Who asks whether it is so does not know it.
    r"|\b(?:right|correct|true|yes|no|huh)\?|\blol\b"
)
# The month begins with a capital letter.
MAY = re.compile(r"\bmay\b")
# "Green, not blue": what is corrected takes nothing back.
CORRECTED = re.compile(
    r",? (?:and )?not (?:in |at |for |with )?(?!(?:really|yet|now|any\w*|sure"
    r"|\w+ly)\b)[\w'-]+[\s.!]*\Z"
)
# A message that plays, jokes, tells a story or brings a text to work on says nothing of who
# writes it.
UNREAL = re.compile(
    r"\b(?:imagin(?:e|ing)|pretend(?:ing)?|suppos(?:e|ing)|role-?play(?:ing)?|let's say"
    r"|translat(?:e|ion)|rewrit(?:e|ing)|rephras(?:e|ing)|paraphras(?:e|ing)|proofread\w*"
    r"|summari[sz]e|writ(?:e|ing) (?:me )?(?:an?|the) (?:\w+ ){0,3}(?:story|poem|song|script"
    r"|dialogue"
    r"|monologue|scene|essay|speech)"
    r"|hypothetical(?:ly)?|fiction(?:al)?|character|persona|act as|kidding|joking|jk"
    r"|(?:in|for|of) (?:an?|the|this|my|our) (?:\w+ )?(?:game|story|novel|script|scenario|dream"
    r"|exercise|film|movie|poem|song))\b"
)
# Under these a later clause of the sentence is supposed or quoted too.
SUPPOSED = re.compile(
    r"\b(?:if|unless|wish|when(?:ever)?|says?|said|told|would|could)\b|[\"\u201c]|'d\b"
)

I_AM = r"i(?:'?m| am)(?: (?:now|currently|actually|still))?"
I_HAVE = r"i(?:'ve| have)?"
NOW = r"(?:(?:now|currently|still|just|actually|recently|finally|both|all) )*"

# A fact carries its dates: "I moved to Oslo last week (week of 1 May 2023)".
DATED = r" \((?:\w+ of )?(?:[\w ]+ )?\d{4}\)"
ENDS = (
    r"(?:\W{0,40}\Z|(?= ?[,;:\u2013\u2014(]| - "
    r"| (?:and|but|because|since|so|where|which|with|who(?=.*\bis\b))\b))"
)
# "Too" and "as well" may add a second value to the first.
LASTING = r"now|again|currently|already|at the moment|right now|these days|at present"
MONTH = "|".join(MONTHS)
HAPPENED = (
    rf"{LASTING}|today|yesterday|tonight|recently|finally|(?:earlier )?this \w+|last \w+"
    rf"|on (?:{'|'.join(WEEKDAYS)})|in (?:{MONTH})"
)


def before(*more: str, event: bool = False) -> str:
    """Return what must stand behind a value: nothing that could narrow it or take it back.

    Args:
        more: What else may stand there.
        event: Whether the sentence tells a change, which has a day; a state has none, and one
            that is told for a day does not last.
    """
    words = "|".join((HAPPENED if event else LASTING, *more))
    return rf"(?:[ ,]+(?:{words})(?![\w'])|{DATED})*{ENDS}"


CAPITAL = r"(?-i:[A-Z\u00c0-\u00de])"
WORD = rf"{CAPITAL}[\w'.-]*"
# Weekdays, titles, shouting and the names of software: none of these lives or employs.
NOT_A_NAME = (
    rf"(?!(?:{'|'.join(WEEKDAYS)}|today|tomorrow|later|asap|mr|mrs|ms|dr|prof)\b)"
    r"(?!(?-i:(?!NYC|USA|UAE|IBM|BMW|SAP)[A-Z]{3,}\b|\w*[a-z][A-Z]))"
)
NAME = rf"{NOT_A_NAME}{WORD}(?: {WORD}){{0,3}}"
# "I moved to Linux": what people move to and do not live in.
NOT_A_PLACE = (
    r"(?!(?:linux|windows|mac\w*|ios|android|python|rust|java\w*|go|marketing|sales|engineering"
    r"|management|finance|plan|vim|emacs|team|seat|room|chapter|building|apartment|flat|unit|block"
    r"|gate|floor|level|step)\b)"
)
# Streets are within the place where somebody lives.
NOT_A_STREET = (
    r"(?!(?:\w+ ){1,3}(?:street|st|road|rd|avenue|ave|lane|drive|boulevard|court|square|house"
    r"|hall)\b)"
)
PLACE = (
    rf"{NOT_A_PLACE}{NOT_A_STREET}(?:the )?"
    rf"(?:(?:downtown|central|inner|greater|upstate|(?:nor|sou)th\w*|(?:ea|we)st\w*) )?"
    rf"{NAME}(?: (?:(?:of|de|da|do|del|la|am|on|upon|al) )+{WORD})?"
)
# In small letters a place has to be known: "i moved to tears".
KNOWN_PLACE = rf"(?:the )?(?:{KNOWN})\b(?! (?:street|st|road|rd|avenue|ave|lane|drive)\b)"
# What people move to is more often something that they use: "I moved to Notion". So a name has to
# be known as one of a place, or be built like one.
BUILT = (
    r"(?:San|Santa|Saint|St\.?|New|Port|Fort|Mount|Los|Las|El|La|Lake|North|South|East|West) [A-Z]"
    r"|(?:[A-Z][\w'-]* )?[A-Z]\w*(?:ton|ville|bur[gy]h?|berg|ford|ham|land|field|wood|port|dale"
    r"|mouth|ester|stadt?|heim|hagen|polis|shire|chapel)\b"
    r"|[A-Z][\w'-]* (?:Springs|Falls|Beach|Heights|Hills?|City|Creek|Valley|Islands?|Grove|Bay"
    r"|Park)\b"
)
LIKELY_PLACE = rf"(?:{KNOWN_PLACE}|(?=(?-i:{BUILT})){PLACE})"
NUMERAL = r"(?:one|two|three|four|five|six|seven|eight|nine)"
# Of one digit only with its "years old": "I'm 5" is a place in a queue.
GROWN = (
    r"(?:[1-9]\d|1[01]\d|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    rf"(?:[ -]{NUMERAL})?|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
)
AGED = rf"(?:\d{{1,3}}|{GROWN}|{NUMERAL}) ?(?:years?[ -]old|yrs?(?: old)?|y/?o)\b"
NUMBER_OF = rf"(?:no|{NUMERAL}|ten|\d{{1,2}})"
# What says how a thing is, and not which it is.
NOT_A_VALUE = (
    r"(?!(?:changing|broken|important|not|so|too|very|really|being|getting|going|a secret|private"
    r"|wrong|the same|still|my|hard|different|when|how|to|that|what|where"
    r"|on(?! (?:the )?(?:\w+ )?\d)|in|at|back|here|gone"
    r"|over|out|often|also|boring|great|good|bad|better|dead|ill|sick|late|cold|open|missing"
    r"|irrelevant|unusual|mud|torn|\w+(?:ful|ous|less|[ai]ble)"
    r"|\w{2,}ed(?! (?!today|now|again)[a-z]))\b)"
)
# "The" and a few such words are the only small ones that open a name.
THING = rf"(?:[\"'\u201c]|(?:the |an? )?(?:{CAPITAL}|\d))[^,;:(]*?"
# Things that have no names of their own, and a value in small letters.
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
