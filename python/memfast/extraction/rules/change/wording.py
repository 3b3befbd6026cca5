"""Words a change so that it can be understood without what it changes."""

from __future__ import annotations

import re

from memfast.extraction.rules.change import cues
from memfast.extraction.rules.change.compare import is_cut_short
from memfast.extraction.rules.change.reading import COUNT_WORDS, NUMBER, reading_of
from memfast.extraction.rules.speech import SPEAKER

LONGEST = 60
# English words come first there.
NUMERALS = {value: word for word, value in reversed(COUNT_WORDS.items())}


def understandable(text: str, memory: str) -> str:
    """Return a statement, preceded by what it is about where it names only a new value.

    "Down to 88!" after "I weigh 91 kilos." becomes "I weigh: Down to 88!".

    Args:
        text: The statement.
        memory: The memory that it changes.
    """
    fact = reading_of(text)
    if not is_cut_short(fact):
        return text
    about = _about(memory)
    if not about:
        return text
    speaker = SPEAKER.match(text)
    begin = speaker.end() if speaker else 0
    return f"{text[:begin]}{about}: {text[begin:]}"


def _about(memory: str) -> str:
    """Return what a memory is about: its words in front of its first value."""
    known = reading_of(memory)
    value = NUMBER.search(known.text)
    about = known.text[: value.start()] if value else known.text
    about = about.rpartition(": ")[2] if about.endswith(": ") else about.split(": ")[0]
    about = re.sub(r"\b(?:is|are|was|on|at|to|of|the|by|due)\s*\Z", "", about.rstrip(" :,"))
    about = re.sub(r"\b(?:is|are|was|on|at|to|of|the|by|due)\s*\Z", "", about.rstrip())
    return about.strip(" :,.")[:LONGEST]


def raises_a_count(text: str) -> bool:
    """Return whether a statement adds one to a number of things: "Got another dog"."""
    return cues.ANOTHER.search(text.lower()) is not None


def counted(text: str, memory: str) -> str | None:
    """Return a memory with its count raised by one; None if a statement adds nothing to it.

    "We have one dog." after "Got another dog today" is "We have a dog.", as it counts no more;
    "two dogs" are then three.
    """
    match = cues.ANOTHER.search(text.lower())
    if match is None:
        return None
    what = match["what"].rstrip("s")
    holds = re.search(
        rf"\b(?P<count>one|two|three|four|five|six|seven|eight|nine|\d{{1,2}}) "
        rf"(?P<what>{re.escape(what)}s?)\b",
        memory,
        re.IGNORECASE,
    )
    if holds is None:
        return None
    count = int(COUNT_WORDS.get(holds["count"].lower(), holds["count"]))
    if count == 1:
        return f"{memory[: holds.start()]}a {holds['what']}{memory[holds.end() :]}"
    more = str(count + 1)
    word = more if holds["count"].isdigit() else NUMERALS.get(more, more)
    return f"{memory[: holds.start()]}{word} {holds['what']}{memory[holds.end() :]}"
