"""What a message takes from the one before it: questions answered, statements confirmed."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_QUESTION = 160
LONGEST_ANSWER = 12
AFFIRMED = re.compile(
    r"\A(?:(?:oh|well|ah|haha|umm?|wow)[\s,!.]+)*(?:yes|yeah|yep|yup|yea|correct|exactly|right|that['’]?s\s+(?:right|correct|true)|indeed|true|no|nope|nah|not\s+(?:yet|really|any\s*more)|never|sometimes|often|always)\b",
    re.IGNORECASE,
)
# A question whose bare answer tells something: of the other's life, not of how this talk goes on.
ASKS_FACT = re.compile(
    r"\b(?:do|does|did|are|were|is|was|have|has|had)(?:n['’]t)?\s+(?:you|your|he|she|they|there)\b|\A(?:so\s+)?(?:you|your|you['’](?:re|ve))\b",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"\b(?:(?:would|do)\s+you\s+(?:like|want|need|prefer)\s+(?:me|help|to\s+(?:know|hear|see|try|continue|start|talk|go)|some|a|any|more)"
    r"|(?:shall|should|can|may|could)\s+(?:i|we)|want\s+(?:me|to)|does\s+(?:that|this|it)|do\s+you\s+(?:have\s+any\s+)?(?:questions?|think|see|know|mean|agree|understand)"
    r"|how(?:['’]s|\s+is|\s+are|\s+have)\s+(?:you|it|things|life|everything|your\s+day)|what['’]?s\s+(?:up|new)|are\s+you\s+(?:ok|okay|ready|sure|there|kidding|serious)|is\s+(?:that|this|it|there\s+anything)"
    r"|did\s+you\s+(?:mean|know|see|hear)|have\s+you\s+(?:heard|seen\s+(?:this|that)))\b",
    re.IGNORECASE,
)
VERB = re.compile(
    r"\b(?:i|we|he|she|they|it|that|there|this|you|my|our|his|her|their|the)(?:['’]\w+)?\s+\w+",
    re.IGNORECASE,
)
# Sentences whose first word points to the question.
DEPENDENT = re.compile(
    r"\A(?:(?:it|they|he|she|both)\b|(?:this|that|these|those)(?:['’]s|\s+(?:is|are|was|were|would|one))\b"
    r"|(?:because|['’]?cause|since|so\s+that)\b[^,]*\Z)",
    re.IGNORECASE,
)
CONFIRMED = re.compile(
    r"\A(?:yes|yeah|yep|yup|correct|exactly|that['’]?s\s+(?:right|correct|true)|right|indeed|true|you\s+(?:remember(?:ed)?|got\s+it)(?:\s+(?:right|correctly))?)\b[\s,!.]*"
    r"(?:(?:that['’]?s|it['’]?s|you['’]?re)\s+(?:right|correct|true|all\s+true)|exactly|indeed|i\s+(?:do|am|did|have))?[\s,!.]*\Z",
    re.IGNORECASE,
)
OF_YOU = re.compile(
    r"\A(?:(?:so|ah|oh|ok|okay|got\s+it|i\s+see|then|and|right)[\s,:!.–—-]+)*(?:(?:i\s+(?:remember|recall|see|understand|know)|it\s+(?:seems|sounds\s+like|looks\s+like))\s+(?:that\s+)?)?"
    r"(?:you(?:['’](?:re|ve))?|your)\s+(?!(?:should|could|can|might|may|must|would|will|need|['’]re\s+(?:welcome|right))\b)\w+",
    re.IGNORECASE,
)


def asked(sentences: Sequence[str]) -> str | None:
    """Return the question that a message ends with, if its bare answer would tell a fact."""
    if not sentences or not sentences[-1].endswith("?"):
        return None
    question = sentences[-1]
    return question if len(question) <= LONGEST_QUESTION and not OFFER.search(question) else None


def claimed(sentences: Sequence[str]) -> str | None:
    """Return what a message says last of the one who is spoken to."""
    for sentence in reversed(sentences):
        if (
            not sentence.endswith("?")
            and len(sentence) <= LONGEST_QUESTION
            and OF_YOU.match(sentence)
        ):
            return sentence
    return None


def answers(sentence: str, question: str, *, idle: bool) -> bool:
    """Tell whether a first sentence can only be understood with the question before it.

    Args:
        sentence: The first of an answer that is more than a courtesy.
        question: What was asked.
        idle: Whether the sentence would be chatter without the question.
    """
    if sentence.count(" ") >= LONGEST_ANSWER or sentence.endswith("?"):
        return False
    if AFFIRMED.match(sentence):
        return ASKS_FACT.search(question) is not None
    return not idle and (VERB.search(sentence) is None or DEPENDENT.match(sentence) is not None)


def confirms(sentence: str) -> bool:
    """Tell whether a sentence says no more than that the other is right."""
    return CONFIRMED.match(sentence) is not None
