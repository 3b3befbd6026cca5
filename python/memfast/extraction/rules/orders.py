"""Recognizes text that gives orders to the assistant: it is no evidence about a person."""

from __future__ import annotations

import re

INSTRUCTIONS = r"(?:instructions?|rules?|prompts?|guidelines?|directions?|messages?|context|restrictions?|memor(?:y|ies)|commands?)"
GIVES = re.compile(
    rf"\b(?:ignore|disregard|forget|override|bypass|discard)\b[^.!?\n]{{0,40}}\b(?:previous|prior|earlier|above|other|all|any|your|system|existing)\b[^.!?\n]{{0,30}}\b{INSTRUCTIONS}\b"
    r"|\b(?:remember|note|store|save|record|memori[sz]e|add|write down|update)\b[^.!?\n]{0,30}\b(?:that )?(?:the|this|your) (?:user|human)(?:'s)?\b"
    r"|\b(?:do not|don't|never) (?:tell|inform|mention (?:this )?to|reveal (?:this )?to) the (?:user|customer|human)\b"
    r"|\b(?:system|developer) (?:prompt|message|override|instruction)s?\s*[:=]|\bnew (?:system )?instructions?\s*:"
    r"|\byou are now (?:in |an? )?(?:developer|admin|debug|unrestricted|dan)\b|<\|?(?:system|im_start)\b"
    r"|\b(?:the|this) (?:assistant|llm|chatbot) (?:must|should|shall|has to|is to|will now)\b",
    re.IGNORECASE,
)
ABOUT_USER = re.compile(r"\b(?:the|this) (?:user|human)\b", re.IGNORECASE)


def gives_orders(text: str) -> bool:
    """Return whether a text gives orders to the assistant that reads it."""
    return GIVES.search(text) is not None


def is_ordered(sentence: str) -> bool:
    """Return whether a sentence of such a text is an order, or a claim about "the user"."""
    return gives_orders(sentence) or ABOUT_USER.search(sentence) is not None
