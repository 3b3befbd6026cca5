"""Recognizes questions, and questions that state a fact."""

from __future__ import annotations

import re

from memfast.extraction.rules.spans import MONTHS, WEEKDAYS
from memfast.extraction.rules.words import Sentence

MARK = re.compile(r"(?<![?\uff1f\u061f])[?\uff1f\u061f]+[\"'\u201d)\]]*\s*(?:\[[^\]]*\])?\Z")
LEAD = r"(?:(?:and|so|but|well|hey|hi|oh|ok|okay|btw|by the way|also|yeah)[\s,]+)*"
OPENS = re.compile(
    rf"{LEAD}(?:"
    r"(?:what|how|why|when|where|who|which)(?:'?s|'?re)? (?:(?:is|are|was|were|do|does|did|can"
    r"|could|should|would|will|have|has) )?(?:you|your|we|they|he|she|it|i|up|new|the \w+)\b"
    r"|who (?!knows\b|would have\b)\w|(?:why|how (?:much|many|long|often|far|old|big)) (?:(?:is|are|was|were|do"
    r"|does|did|can|could"
    r"|should|would|will|has|have)(?:n't)?|\w+ (?:is|are|do|does|did|can|should)) \w"
    r"|(?:is|are|does|do|did) (?:the|my|this|these|those) \w+ \w"
    r"|(?:do|does|did|are|were|can|could|would|will|should|have|has|is|was)(?:n't)? (?:you|your|we"
    r"|they|he|she|it|there|that|this|i|my)\b"
    r"|(?:what|how) about\b|any(?:thing|one)? (?:new|plans|ideas|advice|tips)\b)"
)
# Statements that begin like questions: "When I was ten", "What we need is".
NOT_ASKED = re.compile(
    rf"{LEAD}(?:when|where|what|how) (?:i(?:'\w+)?|we|he|she|they|it|you|the \w+)\b"
)
# A statement before the question: "We're vegetarians, so can you find a place?".
STATEMENT_FIRST = re.compile(
    rf"\A{LEAD}(?!i(?:'m| am| was)? (?:just )?(?:wonder|curious|should|need you|want you"
    rf"|would like)"
    r"|i'd like)(?:i|we|my|our)(?:'\w+)? [^?,;:]{3,}"
    r"(?:[,;:]| [-\u2013\u2014] | and (?=i (?:was|am) wondering))",
    re.IGNORECASE,
)
# Questions that presuppose a fact about the speaker.
PRESUPPOSES = re.compile(
    r"\A(?:(?:hey|hi|oh|so|and|btw|by the way)[\s,]+)*(?:"
    r"(?:did|do) you (?:know|hear|remember) (?:that )?(?:(?:i|we)\b|(?:my|our) \w+ \w)"
    r"(?! (?:should|could|can|might|would|need))"
    r"|(?:did|have) i (?:ever )?(?:tell|told|mention(?:ed)?) (?:to )?(?:you )?(?:that |about )?"
    r"(?:i|we|my|our)\b"
    r"|(?:since|because|as|now that|given that) (?:i|we|my|our)\b)"
    r"|[\s,](?:because|since|as|given that|now that) (?:i|we|my)\b"
    # A name or an age is a fact: "my daughter Lily", "my 3-year-old".
    r"|\b(?:my|our) (?-i:(?!(?:in|on|at|to|from|for|of|and|or)\b)[a-z]+ "
    rf"(?!(?:{'|'.join((*WEEKDAYS, *MONTHS)).title()}|I)\b)[A-Z][a-z]+)\b"
    r"|(?<!say )(?<!think )\bthat (?:i(?:'m|'ve| am| have)|my \w+ (?:is|has))\b"
    r"|\bmy \d+[- ](?:year|month|week)s?[- ]old\b"
    r"|\A(?:i|my|we)\b.*, ?(?:you know|remember|you see)\?\Z",
    re.IGNORECASE,
)
LONGEST_UNMARKED = 14


def is_question(sentence: Sentence) -> bool:
    """Return whether a sentence is a question, with or without a question mark."""
    low = sentence.low
    marked = "?" in low or not low.isascii()
    if marked and MARK.search(low):
        return True
    return (
        low.count(" ") < LONGEST_UNMARKED
        and OPENS.match(low) is not None
        and NOT_ASKED.match(low) is None
    )


def presupposes_fact(question: str) -> bool:
    """Return whether a question presupposes a fact about the speaker."""
    return STATEMENT_FIRST.match(question) is not None or PRESUPPOSES.search(question) is not None
