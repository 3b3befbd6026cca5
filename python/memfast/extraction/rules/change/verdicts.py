"""What a new statement does to an old one."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Outcome(Enum):
    """What a new statement does to an old one: nothing, a possible contradiction, its end."""

    NOTHING = "nothing"
    DOUBT = "doubt"
    ENDS = "ends"


class Verdict(NamedTuple):
    """What a new statement does to an old one.

    Attributes:
        outcome: What.
        topic: What the new one is about, where it does not say so itself; empty otherwise.
    """

    outcome: Outcome
    topic: str = ""


NOTHING = Verdict(Outcome.NOTHING)
DOUBT = Verdict(Outcome.DOUBT)
ENDS = Verdict(Outcome.ENDS)
