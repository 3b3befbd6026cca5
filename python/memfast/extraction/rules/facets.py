"""What a statement is about, by its slot, its beginning and its capital letters."""

from __future__ import annotations

import re

from memfast.extraction.facts import Facets
from memfast.extraction.rules.spans import MONTHS, WEEKDAYS

# A capitalised word inside a sentence, and those that follow it.
NAME = re.compile(
    r"(?<=[\w,'\u2019)] )(?:[A-Z\u00c0-\u00de][\w'\u2019-]+)(?: [A-Z\u00c0-\u00de][\w'\u2019-]+){0,3}"
)
POSSESSIVE = re.compile(r"['\u2019]s\Z")
NO_NAMES = frozenset(
    (
        *MONTHS,
        *(day.title() for day in WEEKDAYS),
        "I'm",
        "I've",
        "I'll",
        "I'd",
        "I\u2019m",
        "I\u2019ve",
    )
)
# The value of an attribute stands behind one of these.
VALUE = re.compile(
    r"(?:\b(?:is|are|in|to|at|as|for|am|called)|['\u2019](?:m|s|re)) (?P<value>[^,.;!?()]+)"
)
OWN = re.compile(r"(?:I|We|My|Our|i|we|my|our)\b")


def facets_of(statement: str, subject: str, slot: str | None) -> Facets:
    """Return what a statement is about, as far as its words say.

    Args:
        statement: The statement, without its speaker and absolute dates.
        subject: Who says it, in lower case.
        slot: The slot it fills, such as "user home": subject and attribute.
    """
    found = (POSSESSIVE.sub("", match.group()) for match in NAME.finditer(statement))
    entities = tuple(dict.fromkeys(name for name in found if name not in NO_NAMES))
    if slot:
        value = VALUE.search(statement)
        attribute = slot.removeprefix(subject).strip()
        return Facets(subject, attribute, value["value"].strip() if value else "", entities)
    return Facets(subject if OWN.match(statement) else "", "", "", entities)
