"""The kind and the categories of a statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from memfast.extraction.rules.tense import IRREGULAR, is_past
from memfast.extraction.rules.words import lowered

DOES = (
    r"(?:use|call|run|do|send|reply|answer|write|ask|check|open|press|turn|add|put|start|stop|go"
    r"|restart|wait|take|keep|tell|try|set|email|contact|speak|say|give|don't|make)\b"
)
# Statements whose subject is omitted: "Always wanted to go", "Don't know why".
OF_SELF = (
    rf"(?!(?:been|had|{IRREGULAR}|\w+ed|know|think|have|like|want|need|get|see|feel|care|really"
    rf"|mind"
    r"|remember|even|understand|believe|you|i|in|a|the)\b)"
)
PROCEDURE = re.compile(
    rf"(?:(?:please|and|so) )?(?:(?:always|never|don't|do not) {OF_SELF}|from now on|make sure"
    r"|(?:if|when|whenever|every time) [^,]{3,80}, "
    r"(?:(?:please|always|never|then|you (?:should|must|have to)) )?"
    rf"{DOES}|first,? (?:you|{DOES})|step \d+\b|to (?!be\b)\w+ [^,]{{2,60}}, (?:you|first|{DOES}))"
)
TOPICS = {
    "preference": """
        like likes liked love loves loved enjoy enjoys prefer prefers preferred
        favourite favorite favourites favorites hate hates dislike dislikes adore fan
        fond rather
    """,
    "plan": """
        plan plans planning will gonna intend hope hoping goal goals tomorrow upcoming
        someday i'll we'll tonight next
    """,
    "event": """
        wedding party birthday concert festival trip conference race game match ceremony
        meeting appointment visited attended celebrated went met happened graduation
        anniversary
    """,
    "relation": """
        wife husband partner girlfriend boyfriend fiancé fiancée mother father mom mum
        dad parents sister sisters brother brothers son sons daughter daughters kid kids
        child children friend friends family cousin aunt uncle grandma grandpa
        grandmother grandfather niece nephew married engaged divorced single roommate
        neighbour neighbor colleague colleagues dating
    """,
    "work": """
        work works worked working job jobs career company boss manager office employer
        project salary promoted promotion hired fired intern internship client clients
        startup business engineer developer nurse teacher doctor lawyer designer
        freelance deadline
    """,
    "education": """
        school college university degree class classes course study studies studying
        studied student exam thesis graduated professor teacher learning
    """,
    "health": """
        allergic allergy allergies doctor hospital sick ill illness disease diabetes
        asthma medication medicine pills surgery therapy therapist pain injury injured
        anxiety depression diet vegan vegetarian pregnant headache migraine migraines
        gluten lactose health diagnosed
    """,
    "place": """
        live lives lived living moved move home city town country apartment flat house
        address neighbourhood neighborhood street village
    """,
    "travel": """
        travel travelled traveled trip flight vacation holiday hotel abroad visited
        camping hiking passport roadtrip tour
    """,
    "possession": "own owns bought buy car bike phone laptop computer camera guitar",
    "pet": "dog dogs cat cats puppy kitten pet pets hamster parrot rabbit fish horse",
    "food": """
        eat eats ate food cook cooking cooked recipe restaurant coffee tea pizza cake
        bake baking dinner lunch breakfast meal drink wine beer
    """,
    "hobby": """
        hobby hobbies painting paint pottery reading book books music guitar piano
        violin singing dance dancing running swimming yoga gym football soccer tennis
        basketball climbing gaming games photography gardening knitting movie movies
        film films hiking camping
    """,
    "identity": """
        name named called age born birthday nationality native gender transgender
        religion christian muslim jewish hindu buddhist pronouns
    """,
    "contact": "email e-mail phone address number mail",
    "opinion": "think believe feel opinion reckon",
}
TOPIC_OF: dict[str, tuple[str, ...]] = {}
for _topic, _words in TOPICS.items():
    for _word in _words.split():
        TOPIC_OF[_word] = (*TOPIC_OF.get(_word, ()), _topic)


def kind_of(statement: str, words: Sequence[str], *, dated: bool) -> str:
    """Return "procedural", "episodic" or "semantic".

    Args:
        statement: The statement, without its speaker.
        words: Its words.
        dated: Whether it has a resolved date.
    """
    if PROCEDURE.match(lowered(statement)) or "from now on" in statement:
        return "procedural"
    return "episodic" if dated or is_past(statement, words) else "semantic"


def categories_of(words: Sequence[str]) -> tuple[str, ...]:
    """Return the topics of a statement, in the order of their words."""
    found = [TOPIC_OF[word] for word in words if word in TOPIC_OF]
    return tuple(dict.fromkeys(chain.from_iterable(found)))
