"""What a long answer of the assistant said, in one short line of its own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memfast.extraction.rules import agent

# An answer of so many characters, or list items, is long.
LONG = 400
FEWEST_ITEMS = 3
MOST_ITEMS = 5
LONGEST_ITEM = 50
LONGEST_LINE = 160
COURTESY = re.compile(
    r"(?:(?:sure|certainly|absolutely|of course|great|no problem|ok|okay|yes|happy to help|got it|thanks|thank you"
    r"|good question|great question)\b[^.!?:]{0,40}?[,.!:\u2013\u2014-]+\s*)+",
    re.IGNORECASE,
)
SHOWS = re.compile(
    r"(?:(?:here|below|these|the following) (?:is|are)|here's|these are|i(?:'d| would)? (?:recommend|suggest)|i(?:'ve| have) (?:found|picked|listed|put together)"
    r"|you (?:could|can|might) (?:try|consider)|consider|(?:some|a few) (?:options|ideas) (?:are|for)|try)\s+",
    re.IGNORECASE,
)
ADVISES = re.compile(
    r"\b(?:recommend\w*|suggest\w*|options?|ideas?|places?|hotels?|restaurants?|books?|films?|movies?|gifts?|podcasts?"
    r"|recipes?|caf\u00e9s?|shops?|tools?|apps?|picks?|tips?|spots?|courses?|routes?|names?|brands?|songs?)\b",
    re.IGNORECASE,
)
WAYS = re.compile(
    r"\b(?:steps?|how|way to|guide|instructions|explanation|reasons?|difference)\b", re.IGNORECASE
)
CODE = re.compile(
    r"\b(?:function|script|code|query|class|regex|program|snippet|command|config\w*|test)\b",
    re.IGNORECASE,
)
# A text that the user asked for: "Can you draft a mail to the landlord?"
ORDERED = re.compile(
    r"\b(?P<verb>draft|write|compose|prepare|translate|summari[sz]e|rewrite|proofread)\b(?: me| us| up)?\s+"
    r"(?P<what>(?:an?|the|my|our|this|that)\s[^.?!\n]{3,80})",
    re.IGNORECASE,
)
PAST = {"write": "Wrote", "rewrite": "Rewrote"}
NAME_END = re.compile(
    r"\s*(?::|\s[-\u2013\u2014]\s|\(|,|;|\.(?:\s|\Z)|\s(?:is|are|has|offers|which|with|that)\b)"
)
EDGES = " .:;,*_`#-\u2013\u2014"


def answered(content: str, sentences: Sequence[tuple[str, int]], asked: str) -> str | None:
    """Return a line about what a long answer said; None for a short one.

    Args:
        content: The whole answer.
        sentences: Its sentences, each with the number of its list item; 0 outside of lists.
        asked: The message that it answers; empty if there is none.
    """
    items = _items(sentences)
    ordered = ORDERED.search(asked)
    wrote = any(agent.is_salutation(text) or agent.drafts(text) for text, _ in sentences[:4])
    if len(content) < LONG and len(items) < FEWEST_ITEMS and not (ordered and wrote):
        return None
    if ordered and (wrote or len(items) < FEWEST_ITEMS):
        verb = ordered["verb"].lower()
        done = PAST.get(verb) or f"{verb.rstrip('e').capitalize()}ed"
        return f"{done} {ordered['what'].strip(EDGES)}."
    lead = _lead(sentences)
    if not lead:
        return None
    shown = SHOWS.match(lead)
    what = (lead[shown.end() :] if shown else lead).strip(EDGES)
    if not what or len(what) > LONGEST_LINE:
        what = what[:LONGEST_LINE].rpartition(" ")[0].strip(EDGES)
    names = ", ".join(items[:MOST_ITEMS]) if len(items) >= FEWEST_ITEMS else ""
    if not names and not shown:
        return f"Answered: {what}."
    verb = "Recommended" if ADVISES.search(what) else "Explained" if WAYS.search(what) else ""
    verb = verb or ("Wrote" if CODE.search(what) else "Listed" if names else "Answered:")
    return f"{verb} {what}: {names}." if names else f"{verb} {what}."


def _items(sentences: Sequence[tuple[str, int]]) -> list[str]:
    """Return how the items of the lists begin: their names."""
    names: dict[int, str] = {}
    for text, item in sentences:
        if item and item not in names:
            name = NAME_END.split(text.strip(EDGES), maxsplit=1)[0].strip(EDGES)
            names[item] = (
                name if len(name) <= LONGEST_ITEM else name[:LONGEST_ITEM].rpartition(" ")[0]
            )
    return [name for name in names.values() if name]


def _lead(sentences: Sequence[tuple[str, int]]) -> str:
    """Return the sentence that says what the answer is about."""
    plain = [
        COURTESY.sub("", text) if COURTESY.match(text) else text
        for text, item in sentences
        if not item
    ]
    said = [text for text in plain if len(text.split()) > 2 and not text.endswith("?")]  # noqa: PLR2004
    heads = [text for text in said if SHOWS.match(text) or text.endswith(":")]
    return (heads or said or [""])[0]
