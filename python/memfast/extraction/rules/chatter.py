"""What is surely not a statement: greetings, thanks, reactions, questions, commands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memfast.extraction.rules.words import words_of

FILLERS = frozenset(
    "hi hey hello hiya yo howdy morning afternoon evening night good bye goodbye cya later cheers "
    "thanks thank thx ty you u so much very a lot again ok okay k kk alright right sure yes yeah yep "
    "yup yea ya no nope nah wow whoa woah oh ah aw aww awww ooh hmm hm uh um er haha hahaha lol lmao "
    "omg gosh god great cool nice awesome amazing perfect fantastic wonderful lovely sweet brilliant "
    "excellent super fine interesting impressive incredible absolutely definitely exactly totally "
    "agreed indeed true certainly course of for sounds looks seems that it this is was 's that's it's "
    "congrats congratulations welcome please sorry well anyway too also really just now then there "
    "all everyone guys folks bro dude mate buddy man friend my dear pal the got gotcha understood "
    "fun beautiful inspiring exciting sad terrible awful bad hear to glad happy idea plan point one "
    "bless see soon tomorrow today tonight here we go what how and do did".split()
)
CALLED = re.compile(r"(?:\s*,)?\s+(?:[A-Z][\w'’-]*)(?:\s+[A-Z][\w'’-]*)?\Z")
GREETED = re.compile(
    r"\A(?:hi|hey|hello|hiya|dear|thanks|thank you|thx|wow|yeah|yes|yep|oh|aw+|congrats|ok|okay|sure|bye"
    r"|good (?:morning|afternoon|evening|night)|absolutely|totally|of course)\b[\s,!.]*"
    r"(?:(?:(?-i:[A-Z])[\w'’-]*)[\s,!.]+)?",
    re.IGNORECASE,
)
DEGREE = r"(?:(?:so|really|very|pretty|just|super|such|too|quite|absolutely|truly|totally|definitely|all|always|also|a|an|the|still)\s+)*"
PRAISE = (
    r"(?:great|cool|nice|awesome|amazing|perfect|fantastic|wonderful|lovely|sweet|brilliant|excellent"
    r"|good|fun|beautiful|inspiring|exciting|incredible|impressive|interesting|tough|hard|rough|sad"
    r"|terrible|awful|hilarious|funny|kind|thoughtful|adorable|cute|delicious|gorgeous|stunning|true"
    r"|best|important|special|fascinating|neat|rad|sick|dope|right|fine|ok|okay)"
)
REACTION = re.compile(
    r"\A(?:"
    # What somebody else's news is met with.
    rf"(?:that(?:['’]s|\s+is|\s+was|\s+sounds?|\s+looks?|\s+must\s+(?:be|have\s+been))|sounds|looks|what)\s+(?:like\s+)?{DEGREE}{PRAISE}"
    r"(?:\s+(?:to\s+hear|to\s+know|news|idea|plan|choice|job|work|one|stuff|thing|time|of\s+you|advice|attitude|way\s+to\s+\w+))*"
    rf"|(?:i['’]?m\s+|i\s+am\s+)?{DEGREE}(?:glad|happy|sorry|good|nice|great|lovely)\s+to\s+(?:hear|see|meet|talk|chat|help|know|catch)(?:\s+\w+){{0,5}}"
    r"|(?:i['’]?m\s+|i\s+am\s+)?(?:so\s+|really\s+|very\s+)*(?:glad|happy|sorry|proud|excited|thrilled)\s+(?:for|of)\s+(?:you|that)(?:\s+too)?"
    rf"|you(?:['’]re|\s+are)\s+{DEGREE}(?:welcome|right|{PRAISE}|the\s+best)(?:\s+(?:friend|person))?"
    r"|(?:i\s+)?(?:(?:totally|completely|fully|100%|couldn['’]t)\s+)*(?:agree|see|understand|get\s+it|know)(?:\s+(?:what\s+you\s+mean|with\s+you|more|that|you))?"
    r"|(?:no|not\s+a)\s+(?:problem|worries|way|kidding|doubt)s?(?:\s+at\s+all)?|don['’]t\s+(?:worry|mention\s+it)(?:\s+about\s+it)?|my\s+pleasure|any\s*time"
    r"|good\s+(?:luck|job|work|call|point|question|for\s+you)(?:\s+(?:with|on)\s+(?:that|it|everything|your\s+\w+))?|well\s+done|way\s+to\s+go|best\s+of\s+luck"
    r"|(?:talk|see|speak|catch)\s+(?:to\s+)?(?:you|ya|u)(?:\s+(?:up|all|again|then|there|soon|later|around|tomorrow|next\s+\w+))*"
    r"|(?:take\s+care|stay\s+(?:safe|strong|positive|in\s+touch)|have\s+(?:a\s+)?(?:\w+\s+){0,2}(?:day|night|evening|weekend|time|one|trip|fun)|enjoy(?:\s+(?:your(?:self)?|the|it)(?:\s+\w+){0,2})?)"
    r"|happy\s+(?:birthday|new\s+year|holidays|anniversary)|merry\s+christmas|(?:you\s+)?too"
    r"|keep\s+(?:it\s+up|going|up\s+the\s+(?:\w+\s+)?work|me\s+(?:posted|updated))|long\s+time\s+no\s+(?:see|talk|chat)"
    r"|let\s+me\s+know(?:\s+(?:how|what|if|when)\b.*)?|(?:just\s+)?checking\s+in|you\s+(?:got|can\s+do)\s+(?:this|it)|we\s+got\s+this"
    r"|i\s+(?:really\s+)?appreciate\s+(?:it|that|you|your\s+(?:\w+\s+)?(?:help|support|words|kindness))|thanks?\s+(?:you\s+)?(?:so\s+much\s+|a\s+lot\s+)?for\s+(?:the|your|all|asking|sharing|listening|letting|being|everything|helping|that)\b(?:\s+\w+){0,4}"
    r"|(?:i\s+)?(?:can['’]t|cannot)\s+wait(?:\s+to\s+(?:see|hear)(?:\s+\w+){0,3})?|same\s+here|me\s+(?:too|neither)|here\s+you\s+go|guess\s+what|by\s+the\s+way"
    r"|(?:so|really)\s+(?:proud|happy)\s+of\s+you|means?\s+a\s+lot(?:\s+to\s+me)?"
    r")\Z",
    re.IGNORECASE,
)
OPENS_QUESTION = re.compile(
    r"\A(?:(?:and|so|but|well|hey|hi|oh)[\s,]+)*(?:"
    r"(?:what|how|why|when|where|who|which)(?:['’]?s|['’]?re)?\s+(?:(?:is|are|was|were|do|does|did|can|could|should|would|will|have|has)\s+)?(?:you|your|we|they|he|she|it|i|up|new|the\s+\w+)\b"
    r"|(?:do|does|did|are|were|can|could|would|will|should|have|has|is|was)(?:n['’]t)?\s+(?:you|your|we|they|he|she|it|there|that|this|i|my)\b"
    r"|(?:what|how)\s+about\b|any(?:thing|one)?\s+(?:new|plans|ideas|advice|tips)\b)",
    re.IGNORECASE,
)
NOT_ASKED = re.compile(
    r"\A(?:when|where|what|how)\s+(?:i|we|he|she|they|it|you|the\s+\w+)\b", re.IGNORECASE
)
# Questions that take a statement about the speaker for granted.
TELLS = re.compile(
    r"\A(?:(?:hey|hi|oh|so|and|btw|by\s+the\s+way)[\s,]+)*(?:"
    r"(?:did|do)\s+you\s+(?:know|hear|remember)\s+(?:that\s+)?(?:i|we|my|our)\b(?!\s+(?:should|could|can|would|need))"
    r"|(?:did|have)\s+i\s+(?:ever\s+)?(?:tell|told|mention(?:ed)?)\s+(?:to\s+)?(?:you\s+)?(?:that\s+|about\s+)?(?:i|we|my|our)\b"
    r"|(?:since|because|as|now\s+that|given\s+that)\s+(?:i|we|my|our)\b)"
    r"|[\s,](?:because|since|as|given\s+that|now\s+that)\s+(?:i|we|my)['’\s]"
    r"|\A(?:i|my|we)\b.*,\s*(?:you\s+know|remember|you\s+see)\?\Z",
    re.IGNORECASE,
)
COMMAND = re.compile(
    r"\A(?:(?:ok|okay|so|now|then|and|also|hey|please|pls|kindly|just|great|thanks|well)[\s,]+)*"
    r"(?:please\b|i\s+(?:want|need|would\s+like)\s+you\s+to\b|i['’]d\s+like\s+you\s+to\b|i\s+have\s+(?:a|another|one\s+more)\s+question\b"
    r"|i(?:['’]m|\s+am|\s+was)\s+(?:just\s+)?wondering\s+(?:if|whether|how|what|why|when|where)\b|(?:can|could|would|will)\s+you\b"
    r"|(?:write|tell|show|explain|summari[sz]e|translate|find|list|generate|draft|rewrite|rephrase|fix|compare|describe|calculate|compute|convert|search|look|check|suggest|recommend|define|outline|continue|try|read|open|run|add|remove|delete|update|change|set|send|print|format|refactor|debug|implement|create|give|help|make|let)\s+"
    r"(?:me|us|a|an|the|my|some|it|this|that|these|those|them|out|up|for|at|another|more|all|in|to|your|\d+|\w+\s+(?:a|an|the|my|of|for))\b)",
    re.IGNORECASE,
)
# A command that is worth keeping: it asks to remember something, or says how to behave from now on.
STANDING = re.compile(
    r"\b(?:remember|note|remind\s+me|don['’]t\s+forget|keep\s+in\s+mind|call\s+me|always|never|from\s+now\s+on|whenever|every\s+time|in\s+future)\b",
    re.IGNORECASE,
)
OWN = re.compile(
    r"\b(?:i['’]?(?:m|ve|d)|i\s+(?:am|have|had|live|like|love|hate|work|need|want|went|got|was|can['’]?t|don['’]?t)|my\s+\w+\s+(?:is|are|was|has|have|likes|loves|lives))\b",
    re.IGNORECASE,
)
ASKS = re.compile(r"[?？؟]+[\"'”’)\]]*\s*\Z")
LONG_QUESTION = 14
LONGEST = 14
EDGES = " .!…,;:~-–—\t"


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks, with or without its mark."""
    if ASKS.search(sentence):
        return True
    return (
        sentence.count(" ") < LONG_QUESTION
        and OPENS_QUESTION.match(sentence) is not None
        and NOT_ASKED.match(sentence) is None
    )


def tells_while_asking(question: str) -> bool:
    """Tell whether a question takes for granted what it says of the speaker."""
    return TELLS.search(question) is not None


def is_command(sentence: str) -> bool:
    """Tell whether a sentence asks the assistant for one deed, and says nothing of the speaker."""
    return (
        COMMAND.match(sentence) is not None
        and STANDING.search(sentence) is None
        and OWN.search(sentence) is None
    )


def is_chatter(sentence: str, words: Sequence[str], names: frozenset[str]) -> bool:
    """Tell whether a sentence only greets, thanks, reacts or fills.

    Args:
        sentence: The sentence.
        words: Its words.
        names: Names of those who speak, as words.
    """
    if all(word in FILLERS or word in names for word in words):
        return True
    if len(words) > LONGEST:
        return False
    greeting = GREETED.match(sentence)
    bare = sentence[greeting.end() :] if greeting else sentence
    plain = bare.strip(EDGES)
    if not plain or REACTION.match(plain) or (greeting and REACTION.match(sentence.strip(EDGES))):
        return True
    # Somebody may be called by a name that is not known here: "That's great, Mel!"
    if not plain.rpartition(" ")[2][:1].isupper():
        return False
    called = CALLED.sub("", plain).strip(EDGES)
    return called != plain and (
        REACTION.match(called) is not None or FILLERS.issuperset(words_of(called))
    )
