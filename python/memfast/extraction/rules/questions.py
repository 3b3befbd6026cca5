"""Recognizes questions."""

from __future__ import annotations

import re

from memfast.extraction.rules.words import Sentence

MARK = re.compile(r"(?<![?\uff1f\u061f])[?\uff1f\u061f]+[\"'\u201d)\]]*\s*(?:\[[^\]]*\])?\Z")
LEAD = r"(?:(?:and|so|but|well|hey|hi|oh|ok|okay|btw|by the way|also|yeah)[\s,]+)*"
OPENS = re.compile(
    rf"{LEAD}(?:"
    r"(?:what|how|why|when|where|who|which)(?:'?s|'?re)? (?:(?:is|are|was|were|do|does|did|can"
    r"|could|should|would|will|have|has) )?(?:you|your|we|they|he|she|it|i|up|new|the \w+)\b"
    r"|who (?!knows\b|would have\b)\w|(?:why|how (?:much|many|long|often|far|old|big|tall|high|deep|fast|heavy|hot|cold)) (?:(?:is|are|was|were|do"
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
