"""Answers that need the question before them, and confirmations of claims."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_QUESTION = 160
LONGEST_ANSWER = 12
TRUE = r"(?:right|correct|true)"
AFFIRMED = re.compile(
    r"(?:(?:oh|well|ah|haha|umm?|wow)[\s,!.]+)*(?:yes|yeah|yep|yup|yea|correct|exactly|right|no"
    rf"|that'?s {TRUE}|indeed|true|nope|nah|not (?:yet|really|any ?more)|never|sometimes|often"
    r"|always)\b",
    re.IGNORECASE,
)
# A question about the life of the addressee, not about the conversation: a bare answer states a
# fact.
ASKS_FACT = re.compile(
    r"\b(?:do|does|did|are|were|is|was|have|has|had)(?:n't)? (?:you|your|he|she|they|there)\b"
    r"|\A(?:so )?(?:you|your)\b|\byour?\b.*\b(?:right|correct)\?\Z",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"\b(?:(?:would|do) you (?:like|want|need) (?:me|help|some|a|any|more"
    r"|to (?:know|hear|see|try|continue|start|talk|go))"
    r"|(?<!who )(?<!when )(?<!where )(?<!what )(?:shall|should|can|may|could) (?:i|we)|want (?:me|to)|does (?:that|this|it)"
    r"|do you (?:have any )?(?:questions?|think|see|know|mean|agree|understand)"
    r"|how(?:'s| is| are| have) (?:you|it|things|life|everything|your day)|what'?s (?:up|new)"
    r"|are you (?:ok|okay|ready|sure|there|kidding|serious)|is (?:that|this|it|there anything)"
    r"|did you (?:mean|know|see|hear)|have you (?:heard|seen (?:this|that))"
    r"|any(?:thing)?(?: \w+)? (?:new|going on|happening)|how about you|what about you)\b",
    re.IGNORECASE,
)
VERB = re.compile(
    r"\b(?:i|we|he|she|they|it|that|there|this|you)(?:'\w+)? \w+"
    r"|\b(?:my|our|his|her|their|the|an?) (?:\w+ ){0,2}?(?:is|are|was|were|am|has"
    r"|had|have|do|does|did|can|will|would|\w+s|\w+ed)\b",
    re.IGNORECASE,
)
# Answers whose first word refers to the question.
DEPENDENT = re.compile(
    r"(?:it|they|he|she|both)\b|(?:this|that|these|those)(?:'s| (?:is|are|was|were|would|one))\b"
    r"|(?:because|'?cause|since|so that)\b[^,]*\Z",
    re.IGNORECASE,
)
CONFIRMED = re.compile(
    rf"(?:yes|yeah|yep|yup|correct|exactly|that'?s {TRUE}|right|indeed|true"
    r"|you (?:remember(?:ed)?|got it)(?: (?:right|correctly))?)\b[\s,!.]*"
    rf"(?:(?:that'?s|it'?s|you'?re) (?:all )?{TRUE}|exactly|indeed|i (?:do|am|did|have))?"
    r"[\s,!.]*\Z",
    re.IGNORECASE,
)
# Claims about the addressee: "You live in Oslo", not "You should try it".
OF_YOU = re.compile(
    r"(?:(?:so|ah|oh|ok|okay|got it|i see|then|and|right)[\s,:!.\u2013\u2014-]+)*"
    r"(?:(?:i (?:remember|recall|see|understand|know)|it (?:seems|sounds like|looks like)) "
    r"(?:that )?)?(?:you(?:'(?:re|ve))?|your) "
    r"(?!(?:should|could|can|might|may|must|would|will|need|welcome|right)\b)\w+",
    re.IGNORECASE,
)


def asked(question: str) -> str | None:
    """Return the last sentence of a message if it is a question whose short answer states a fact."""
    if not question.endswith("?"):
        return None
    offers = OFFER.search(question.replace("\u2019", "'"))
    return question if len(question) <= LONGEST_QUESTION and not offers else None


def asked_itself(sentences: Sequence[str]) -> str | None:
    """Return the questions at the end of a message, as its own speaker may answer them."""
    asked: list[str] = []
    for sentence in reversed(sentences):
        if not sentence.endswith("?"):
            break
        asked.append(sentence)
    question = " ".join(reversed(asked))
    return question if question and len(question) <= LONGEST_QUESTION else None


def claimed(sentences: Sequence[str]) -> str | None:
    """Return the last statement of a message about the addressee; None if it has none."""
    for sentence in reversed(sentences):
        if (
            not sentence.endswith("?")
            and len(sentence) <= LONGEST_QUESTION
            and OF_YOU.match(sentence.replace("\u2019", "'"))
        ):
            return sentence
    return None


def answers(sentence: str, question: str, *, idle: bool) -> bool:
    """Return whether the first sentence of a message depends on the question before it.

    Args:
        sentence: The first sentence that is not a courtesy.
        question: The question.
        idle: Whether the sentence would be chatter without the question.
    """
    if sentence.count(" ") >= LONGEST_ANSWER or sentence.endswith("?"):
        return False
    if AFFIRMED.match(sentence):
        return ASKS_FACT.search(question) is not None
    return not idle and (VERB.search(sentence) is None or DEPENDENT.match(sentence) is not None)


def confirms(sentence: str) -> bool:
    """Return whether a sentence only confirms what was said."""
    return CONFIRMED.match(sentence) is not None
