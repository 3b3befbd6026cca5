"""What an assistant says of itself, of its promises and of its results."""

from __future__ import annotations

import re

OWN = re.compile(
    r"\A(?:(?:ok|okay|done|sure|great|yes|absolutely|certainly|of\s+course|all\s+set|good\s+news|perfect|also|and|so|then)[\s,:!.–—-]+)*"
    r"(?:i(?:['’](?:ve|ll|m|d))?|my|we(?:['’](?:ve|ll|re))?|our)\b"
    r"|\A(?:your|the)\s+[\w\s-]{2,40}?\s+(?:is|are|was|were|has\s+been|have\s+been)\s+(?:now\s+)?(?:booked|confirmed|sent|saved|scheduled|created|updated|deleted|removed|added|done|ready|complete[d]?|installed|deployed|fixed|set\s+up|cancel+ed|ordered|finished|uploaded|merged|published|reserved)\b"
    r"|\A(?:booked|confirmed|sent|saved|scheduled|created|updated|deleted|removed|added|done|completed|installed|deployed|fixed|cancel+ed|ordered|finished|uploaded)[\s:]+\w",
    re.IGNORECASE,
)
EMPTY = re.compile(
    r"\bi(?:['’]m|\s+am)\s+(?:so\s+|very\s+|really\s+)?(?:sorry|happy|glad|afraid|here\s+to|not\s+sure|excited|pleased|delighted|curious|an?\s+(?:ai|language\s+model|large|virtual))"
    r"|\bi(?:['’]d|\s+would)\s+(?:suggest|recommend|be\s+happy|love\s+to|say|like\s+to|advise|go\s+with|start)"
    r"|\bi\s+(?:can\b|could|hope|understand|see\b|think|suggest|recommend|apologi[sz]e|appreciate|agree|know|guess|believe|wonder|may|might|would)|\bas\s+an\s+ai\b|\bmy\s+(?:apologies|pleasure|suggestion|recommendation|advice)\b|\blet\s+me\s+know\b",
    re.IGNORECASE,
)


def is_own(sentence: str) -> bool:
    """Tell whether an assistant's sentence is about itself, and no courtesy, advice or offer."""
    return OWN.match(sentence) is not None and EMPTY.search(sentence) is None
