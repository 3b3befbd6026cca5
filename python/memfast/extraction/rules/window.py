"""How far back a conversation is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memfast.extraction.facts import Turn

# Messages before one that are read with it, and the most characters of them.
MESSAGES = 6
CHARACTERS = 1_500


def windowed(
    turns: Sequence[Turn], most: int = MESSAGES, characters: int = CHARACTERS
) -> list[Turn]:
    """Return the last of some messages, at most `most` of them with `characters` in all.

    The first of them that does not fit is left out with all before it; the very last one is cut
    to its end.
    """
    kept: list[Turn] = []
    left = characters
    for turn in reversed(turns[-most:] if most else ()):
        if len(turn.content) > left:
            if not kept and left:
                kept.append(replace(turn, content=turn.content[-left:]))
            break
        left -= len(turn.content)
        kept.append(turn)
    return kept[::-1]
