"""What `add` was asked to understand, also as it waits for another attempt."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from memfast._flows import checks
from memfast._flows.receipts import Receipt
from memfast.extraction.facts import Turn

if TYPE_CHECKING:
    from memfast._flows.understood import Unread

PROCEDURAL = "procedural_memory"
# Answers that cannot be used, behind which `retry` asks about an input no more by itself.
MOST_UNUSABLE = 5
# Codes of conflicts in which another call was faster: with the waiting input, or with the same
# call. Nothing is to be decided anew then.
SETTLED = "CONFLICT_SETTLED"
REPEATED = "CONFLICT_REPEATED"


@dataclass(frozen=True)
class Ask:
    """Messages to make memories of.

    Attributes:
        scope: Whose memories they become.
        turns: The messages, without those of the system.
        metadata: Kept with each memory.
        expires_on: Last day on which the memories are shown, in days since 1970.
        instructions: What the caller wants of the extraction; None for nothing special.
        memory_type: None, or PROCEDURAL.
        times: `created_at` and `updated_at` of new memories, as the engine takes them, where the
            caller names them.
        attempts: How often it was put aside.
        unusable: How often of these a model answered what cannot be used.
        receipt: The name of the call; what is put aside has none any more.
    """

    scope: dict[str, str]
    turns: tuple[Turn, ...]
    metadata: dict[str, Any]
    expires_on: int | None = None
    instructions: str | None = None
    memory_type: str | None = None
    times: checks.Times = field(default_factory=dict)
    attempts: int = 0
    unusable: int = 0
    receipt: Receipt | None = None

    @property
    def by_agent(self) -> bool:
        """Whether the memories are an agent's own."""
        return "agent_id" in self.scope

    @cached_property
    def _places(self) -> dict[int, int]:
        """The place of each message by its index."""
        return {turn.index: place for place, turn in enumerate(self.turns)}

    def telling(self, sources: Collection[int]) -> list[Turn]:
        """Return the messages that some sources name, in order."""
        return [self.turns[place] for place in self._telling(sources)]

    def _telling(self, sources: Collection[int]) -> list[int]:
        places = self._places
        return sorted(places[source] for source in sources if source in places)

    def said(self, sources: Collection[int]) -> datetime | None:
        """Return when the last of some messages was said, where that is known."""
        return max((turn.at for turn in self.telling(sources) if turn.at), default=None)

    def support(self, sources: Collection[int]) -> list[list[int]]:
        """Return the places of the messages that tell a fact, and of those that they answer."""
        telling = self._telling(sources)
        answered = [place - 1 for place in telling if place and place - 1 not in telling]
        return [telling, answered]

    @property
    def ended(self) -> bool:
        """Whether it is asked about no more: no answer of a model could be used."""
        return self.unusable >= MOST_UNUSABLE

    def put_aside(self, unread: Unread) -> Ask:
        """Return the same for some of its messages, put aside once more."""
        return replace(
            self,
            turns=unread.turns,
            attempts=self.attempts + 1,
            unusable=self.unusable + unread.answered,
            receipt=None,
        )

    def to_json(self) -> str:
        """Return it as text; the scope stands beside."""
        body = asdict(self)
        del body["scope"]
        return json.dumps(body, default=datetime.isoformat)

    @classmethod
    def from_json(cls, scope: Mapping[str, Any], body: str) -> Ask:
        """Read what `to_json` wrote."""
        fields = json.loads(body)
        turns = tuple(
            Turn(**{**turn, "at": turn["at"] and datetime.fromisoformat(turn["at"])})
            for turn in fields.pop("turns")
        )
        ids = {name: value for name in checks.ID_NAMES if (value := scope[name])}
        return cls(scope=ids, turns=turns, **fields)
