"""Recognizes what an assistant says about itself, its promises and its results."""

from __future__ import annotations

import re

DONE = (
    r"(?:booked|confirmed|sent|saved|scheduled|created|updated|deleted|removed|added|done"
    r"|completed?"
    r"|installed|deployed|fixed|cancel+ed|ordered|finished|uploaded|reserved|merged|published)"
)
OWN = re.compile(
    r"(?:(?:ok|okay|done|sure|great|yes|absolutely|certainly|of course|all set|good news|perfect"
    r"|also|and|so|then)[\s,:!.\u2013\u2014-]+)*"
    r"(?:(?:i|my|we|our)\b"
    rf"|(?:your|the) [\w -]{{2,40}}? (?:is|are|was|were|has been|have been) (?:now )?(?:{DONE}"
    rf"|ready|set up)\b|{DONE}(?: |: )\w)",
    re.IGNORECASE,
)
# Courtesy, advice and offers.
EMPTY = re.compile(
    r"\bi(?:'m| am) (?:(?:so|very|really) )?(?:sorry|happy|glad|afraid|here to|not sure|excited"
    r"|pleased|delighted|curious|an? (?:ai|language model|large|virtual))"
    r"|\bi(?:'d| would) (?:suggest|recommend|be happy|love to|say|like to|advise|go with|start)"
    r"|\bi (?:can|could|hope|understand|see|think|suggest|recommend|apologi[sz]e|appreciate|agree"
    r"|know|guess|believe|wonder|may|might|would)\b|\bas an ai\b|\blet me know\b"
    r"|\bmy (?:apologies|pleasure|suggestion|recommendation|advice)\b",
    re.IGNORECASE,
)

# A heading of a text drafted for others to use.
DRAFT = re.compile(
    r".*\b(?:e-?mail|letter|message|essay|story|poem|draft|samples?|examples?|template|script"
    r"|version|paragraph|bio|post|speech|dialogue|text|answer|response|summary)\b.*:\Z",
    re.IGNORECASE,
)
LONGEST_HEADING = 200
SALUTATION = re.compile(
    r"(?:dear\b[^.!?\n]{1,60}[,:]|(?:hi|hello|hey) (?:[A-Z][\w.'-]*|team|all|everyone|there)(?: [A-Z][\w.'-]*)?,(?: |\Z)(?!i(?:'ve| have|'ll| will)\b)"
    r"|to whom it may concern\b|subject:|(?:sehr geehrte|liebe[rs]?|estimad[oa]s?|ch(?:er|\u00e8re)|gentile) [^.!?\n]{1,60},)",
    re.IGNORECASE,
)


def drafts(sentence: str) -> bool:
    """Return whether a sentence heads a text that an assistant wrote for others to use."""
    return len(sentence) <= LONGEST_HEADING and DRAFT.match(sentence) is not None


def is_salutation(sentence: str) -> bool:
    """Return whether a sentence begins a letter."""
    return SALUTATION.match(sentence) is not None


def is_own(sentence: str) -> bool:
    """Return whether an assistant's sentence is about itself: no courtesy, advice or offer."""
    return OWN.match(sentence) is not None and EMPTY.search(sentence) is None
