"""Signs in a text: that a model refuses, gives orders, or fills in a form."""

from __future__ import annotations

import re

_APOSTROPHE = "['\u2019`]?"
_CANNOT = (
    f"(?:can ?not|can{_APOSTROPHE}t|won{_APOSTROPHE}t|will not|(?:am |{_APOSTROPHE}m )"
    "(?:unable|not able)|must decline|decline|refuse)"
)
_SORRY = f"(?:i(?: a|{_APOSTROPHE})m (?:\\w+ )?(?:sorry|afraid)|sorry|apologies|unfortunately)"
_TASK = (
    "(?:help|assist|comply|fulfil|process|provide|complete|do|continue|engage|extract|discuss"
    "|answer|support|with)"
)
# At the start, and of the model itself: "Anna is sorry that she cannot help" is a fact.
REFUSAL = re.compile(
    rf"\W*(?:{_SORRY}\b[^.!?]{{0,60}}?\bi ?{_CANNOT}\b|i ?{_CANNOT} (?:to )?{_TASK}\b"
    rf"|as an ai\b[^.!?]{{0,80}}?\bi ?{_CANNOT}\b)",
    re.IGNORECASE,
)

_ORDER_WORDS = frozenset(
    {
        "ignore", "disregard", "forget", "override", "bypass", "reveal", "print", "show", "leak",
        "repeat", "system", "you", "mode", "instruction", "instructions", "im_start",
    }
)  # fmt: skip
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,40}"
    r"\b(?:instruction|prompt|rule|guideline|direction|polic)\w*"
    r"|\b(?:reveal|print|show|leak|repeat)\b[^.]{0,30}\b(?:system prompt|instructions)\b"
    r"|\bsystem prompt\b|\byou (?:are now|must (?:now|always|never)|should always)\b"
    r"|\b(?:developer|jailbreak|dan) mode\b|\bnew instructions?:|<\|?(?:im_start|system)\b",
    re.IGNORECASE,
)


def is_order(text: str, words: set[str]) -> bool:
    """Tell whether a text, whose words are given, reads like an instruction to a model."""
    return not _ORDER_WORDS.isdisjoint(words) and _ORDER.search(text) is not None


PLACEHOLDERS = frozenset(
    {
        "str", "string", "text", "fact", "statement", "the fact", "a fact", "fact text",
        "your fact here", "<text>", "<fact>", "null", "none", "n/a", "unknown",
    }
)  # fmt: skip
