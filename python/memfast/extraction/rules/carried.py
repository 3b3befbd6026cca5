"""What a question or a request tells beside what it asks: it is cut off the rest."""

from __future__ import annotations

import re

from memfast.extraction.rules.questions import LEAD, OPENS
from memfast.extraction.rules.words import Sentence

# Longest question, in characters, that is searched.
LONGEST = 400
VERB = (
    r"(?:'(?:m|ve|re|s|d)\b|(?: \w+ly)? (?:am|is|are|was|were|have|has|had|can'?t|cannot|don'?t|doesn'?t|didn'?t"
    r"|isn'?t|aren'?t|won'?t|never|always|just|only|also|got|live|love|like|hate|eat|work|own|play|run|need"
    r"|turn|turns|start|starts|\w{2,}(?:ed|es|s)|went|came|bought|moved|broke|lost|left|found|grew)\b)"
)
NOT_TOLD = (
    r"(?!(?:i|we) (?:want|would like|hope|just want|know)\b|i(?:'m| am| was)? (?:just )?(?:wonder|curious|guess|think|mean|suppose|need you|want you"
    r"|need some|need an?y|need (?:a |your )?help)|i'd |it(?:'s| is) (?:ok|okay|possible|fine|that|worth)"
    r"|(?:is|are|do|does|did|was|were|has|have|can|could|will|would|should)(?:n't)? (?:it|you|he|she|they|we|i)\b)"
)
WHO = r"(?:i|we|he|she|they|(?:my|our) \w+(?: \w+)?)"
KIN = r"(?:my|our) (?:\d+[- ](?:year|month|week)s?[- ]old(?: \w+)?|[a-z]+(?:[- ][a-z]+){0,2}?)"
# A clause about the speaker or theirs after the question or before it.
CLAUSE = re.compile(
    rf"(?:[,;:.]| [-\u2013\u2014]+)\s*(?:(?:and|so|but|because|cause|since|as|btw)\s)?\s*(?P<told>{NOT_TOLD}"
    rf"(?:{WHO}{VERB}|(?:i|we|they) (?!(?:should|could|can|might|would|must|may|will|do|did|have to|need to)\b)\w+\b)[^?]*)",
    re.IGNORECASE,
)
REASON = re.compile(
    r"\b(?:because|since|as|given that|now that|seeing that|considering) (?P<told>(?:i|we|my|our|he|she|they)\b[^?]*)",
    re.IGNORECASE,
)
# A person or thing of the speaker with something said about it.
DESCRIBED = re.compile(
    rf"(?P<told>(?:\ban? (?:\w+ )?\w+ for )?\b{KIN}(?:,? (?:who|which)\b(?!'?s? (?:should|could|would))"
    r"|,? that (?:is|are|was|has|have|can'?t|keeps?|won'?t|does(?:n't)?)\b|,? (?:with|without|aged|allergic"
    r"|made|from|called|named) \w|(?: [^,?]{1,40})?, (?:he|she|they)\b|, it\b|, \d)[^?]*)",
    re.IGNORECASE,
)
# A name or an age beside one: "my daughter Lily", "my 3-year-old".
NAMED = re.compile(
    r"(?P<told>\b(?:my|our) (?:\d+[- ](?:year|month|week)s?[- ]old\b|[a-z]+ (?!(?:I|Mon|Tues|Wednes|Thurs"
    r"|Fri|Satur|Sun|January|February|March|April|May|June|July|August|September|October|November"
    r"|December)(?:day)?\b)[A-Z][a-z]+)[^?]*)"
)
# What somebody is, who asks for something that fits: "for wide feet", "for a toddler".
FITS = re.compile(
    r"(?:\b(?:any|some|good|the best|best|cheap|an?|find(?: me)?|recommend(?: me)?|suggest|need|looking for)"
    r" )+(?P<told>(?!ideas? )(?:[\w'-]+ ){1,4}(?:for|that (?:suits?|fits?)) (?:an? |my |our |someone with |people with )?"
    r"(?:[\w-]+ ){0,2}(?:feet|foot|teeth|ears?|heads?|face|nose|legs?|waist|wrists?|skin|hair|knees?|back|eyes|hands|ankles?|shoulders?|stomach|allergy|allergies"
    r"|asthma|eczema|migraines?|beginners?|vegans?|vegetarians?|c(?:o)?eliacs?|diabetics?|toddlers?|bab(?:y|ies)"
    r"|kids?|child(?:ren)?|teenagers?|twins|pupp(?:y|ies)|kittens?|dogs?|cats?|seniors?|wheelchair"
    r"|left-handers?|\d+[- ]year[- ]olds?|family|couples?|flat|apartment|balcony|garden)\b[^?]*)",
    re.IGNORECASE,
)
TELLS = re.compile(
    r"(?:did|do) you (?:know|hear|remember) (?:that )?(?P<told>(?:i|we|my \w+(?= \w)|our \w+(?= \w))\b"
    r"(?! (?:should|could|can|might|would|need|name\?))[^?]*)"
    r"|(?:did|have) i (?:ever )?(?:tell|told|mention(?:ed)?) (?:to )?(?:you )?(?:that |about )?"
    r"(?P<about>(?:i|we|my|our)\b[^?]*)"
    r"|(?<!say )(?<!think )\bthat (?P<that>(?:i(?:'m|'ve| am| have)|my \w+ (?:is|has))\b[^?]*)",
    re.IGNORECASE,
)
REMINDS = re.compile(
    r"\A(?P<told>(?:i|my|we)\b.*), ?(?:you know|remember|you see)\?\Z", re.IGNORECASE
)
# "I paint, and can you ...?": what comes before the question.
BEFORE = re.compile(
    rf"\A{LEAD}(?P<told>(?!i(?:'m| am| was)? (?:just )?(?:wonder|curious|should|need you|want you|would like"
    r"|looking for (?:advice|help|ideas))|i'd like|we should|my (?:question|guess))"
    r"(?:i|we|my|our|he|she|they|since|because|as)\b[^?]*?)"
    r"(?:[,;:.]| [-\u2013\u2014]+| and(?= i (?:was|am) wondering)| so(?= (?:can|could|would|do|what|how|where|which)))\s*"
    rf"(?:so |and |but |then )?(?P<asks>[^,;:]*)\Z",
    re.IGNORECASE,
)
STARTS_TOLD = re.compile(r"\A(?:since|because|as|given that|now that) ", re.IGNORECASE)
TAG = re.compile(
    r",? (?:you know|remember|you see|right|pretty cool|cool|huh|ok|okay|innit|eh|yeah|no"
    r"|(?:is|are|do|does|did|was|were|has|have|can|could|will|would|should)n'?t \w+)\Z",
    re.IGNORECASE,
)
# The same in languages that the lists above are not for: "mein Vater, der 68 ist".
ELSEWHERE = re.compile(
    r"(?P<told>\b(?:mein|meine[mnrs]?|unser\w*|mi|mis|nuestr[oa]s?|mon|ma|mes|notre|nos|il mio|la mia|mio|mia|meu|minha|mijn"
    r"|onze|ons) \w+(?: \w+)?, (?:der|die|das|que|qui|che|die|dat|quien|sie|er|il|elle|ella|\u00e9l|lei|lui|ele|ela|ze|hij"
    r"|tiene|a|hat|ist|est|es)\b[^?]*)"
    r"|(?:, |\. |: )(?P<after>(?:ich bin|ich habe|wir haben|wir sind|soy|tengo|tenemos|somos|je suis|j'ai|nous avons"
    r"|nous sommes|sono|ho|abbiamo|siamo|sou|tenho|temos|ik ben|ik heb|we hebben|we zijn)\b[^?]*)"
    r"|\A\W*(?P<before>(?:ich bin|ich habe|wir haben|wir sind|soy|tengo|tenemos|somos|je suis|j'ai|nous avons"
    r"|nous sommes|sono|ho|abbiamo|siamo|sou|tenho|temos|ik ben|ik heb|we hebben|we zijn)\b[^?,;]*)[,;]",
    re.IGNORECASE,
)
RELATIVE = re.compile(
    r"(?:who|which)(?:'s| is| are| has| can| loves| likes| lives| was| does| \w+s)\b", re.IGNORECASE
)
EDGES = " ?!,;:.\u2013\u2014-"
FEWEST = 2


def told_in(sentence: Sentence) -> str | None:
    """Return the part of a question or request that states something; None if it only asks.

    >>> from memfast.extraction.rules.words import sentence_of
    >>> told_in(sentence_of("What could I cook for my mum, she can't eat onions?"))
    "my mum, she can't eat onions"
    """
    text = sentence.plain
    if len(text) > LONGEST:
        return None
    for pattern in (REMINDS, BEFORE, DESCRIBED, TELLS, REASON, CLAUSE, NAMED, FITS):
        match = pattern.search(text)
        if match is None:
            continue
        if pattern is BEFORE and not (STARTS_TOLD.match(match["told"]) or asks(match["asks"])):
            continue
        found = _cut(next(part for part in match.groupdict().values() if part))
        if found:
            return found
    return None


def told_elsewhere(sentence: Sentence) -> str | None:
    """Return the same of a question in another language."""
    if len(sentence.plain) > LONGEST:
        return None
    match = ELSEWHERE.search(sentence.plain)
    return _cut(match["told"] or match["after"] or match["before"]) if match else None


def asks(text: str) -> bool:
    """Return whether a clause opens as a question or an order does."""
    low = text.lower()
    return OPENS.match(low) is not None or ORDERS.match(low) is not None


ORDERS = re.compile(
    r"(?:so |and |then |please )*(?:what|how|why|when|where|who|which|can|could|would|will|should|do|does|is|are"
    r"|any|find|suggest|recommend|give|help|tell|show|i was wondering|i need you)\b"
)


def _cut(told: str) -> str | None:
    """Return a statement without the tag of its question, and without what it asks after it."""
    told = told.strip(EDGES)
    while (less := TAG.sub("", told)) != told:
        told = less
    # "my dad, who is 68, and what could I write on the card".
    for place in [match.start() for match in re.finditer(r"[,;.] ", told)]:
        if asks(told[place + 2 :]) and RELATIVE.match(told, place + 2) is None:
            told = told[:place]
            break
    told = told.strip(EDGES)
    return told if len(told.split()) >= FEWEST else None
