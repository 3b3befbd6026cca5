"""The messages that a call makes memories of, also as they wait in the pending queue."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from memfast._flows.times import NOW, Times
from memfast.extraction.facts import Turn
from memfast.stores.protocol import Scope

if TYPE_CHECKING:
    from memfast._flows.receipts import Call
    from memfast._flows.understood import Unread
    from memfast.types import Redacted

PROCEDURAL = "procedural_memory"
# Unusable answers after which `retry` tries an input no more by itself.
MOST_UNUSABLE = 5
# Codes of conflicts: another call processed the pending input first, or used the key first. The
# call does not decide again then.
PROCESSED = "CONFLICT_PROCESSED"
REPEATED = "CONFLICT_REPEATED"


@dataclass(frozen=True, slots=True)
class StandIn:
    """A fact that rules found in messages that wait for a model.

    Attributes:
        id: The memory.
        hash: Hash of its text.
        sources: Indexes of the messages that tell it.
    """

    id: str
    hash: str
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Job:
    """Messages to make memories of, and how.

    Attributes:
        scope: Whose memories they become.
        turns: The messages, without those of the system.
        metadata: Kept with each memory.
        expires_on: Last day on which the memories are shown, in days since 1970.
        instructions: What the caller wants of the extraction; None for nothing special.
        memory_type: None, or PROCEDURAL.
        times: Creation and update time of new memories, where the caller names them.
        attempts: How often it was queued as pending.
        unusable: In how many of these attempts the model's answer could not be used.
        call: The call, where it has a key; queued input has none.
        redacted: The secrets that were masked in its messages, for the result of the call.
        earlier: The last messages before them, with indexes below 0; read for each attempt.
        elsewhere: How many of these, the first ones, are of other runs.
        follows: Id of the last message before them; empty for none. None before it is known.
        stand_ins: What rules stored of its messages, until a model has read them.
        unnamed: Whether it was queued before format 3: its messages may be kept already, and it
            does not say under which ids.
    """

    scope: Scope
    turns: tuple[Turn, ...]
    metadata: dict[str, object]
    expires_on: int | None = None
    instructions: str | None = None
    memory_type: str | None = None
    times: Times = NOW
    attempts: int = 0
    unusable: int = 0
    call: Call | None = None
    unnamed: bool = False
    redacted: tuple[Redacted, ...] = ()
    earlier: tuple[Turn, ...] = ()
    elsewhere: int = 0
    follows: str | None = None
    stand_ins: tuple[StandIn, ...] = ()

    @property
    def by_agent(self) -> bool:
        """Whether the memories are an agent's own."""
        return self.scope.agent_id is not None

    @cached_property
    def _positions(self) -> dict[int, int]:
        """The position of each message by its index."""
        return {turn.index: position for position, turn in enumerate(self.turns)}

    def telling(self, sources: Collection[int]) -> list[Turn]:
        """Return the messages that some sources name, in order."""
        before = [turn for turn in self.earlier if turn.index in sources]
        return before + [self.turns[position] for position in self._telling(sources)]

    def _telling(self, sources: Collection[int]) -> list[int]:
        positions = self._positions
        return sorted(positions[source] for source in sources if source in positions)

    def said(self, sources: Collection[int]) -> datetime | None:
        """Return when the last of some messages was said, where that is known."""
        return max((turn.at for turn in self.telling(sources) if turn.at), default=None)

    def support(self, sources: Collection[int]) -> list[list[int]]:
        """Return the indexes of the messages that tell a fact, and of those that they answer."""
        telling = self._telling(sources)
        answered = [
            self.turns[position - 1].index
            for position in telling
            if position and position - 1 not in telling
        ]
        return [[turn.index for turn in self.telling(sources)], answered]

    @property
    def ended(self) -> bool:
        """Whether it is tried no more: no answer of a model could be used."""
        return self.unusable >= MOST_UNUSABLE

    def has_stand_in(self, memory_id: str) -> bool:
        """Return whether a memory is one of its stand-ins."""
        return any(one.id == memory_id for one in self.stand_ins)

    def stand_ins_of(self, turns: Collection[Turn]) -> tuple[StandIn, ...]:
        """Return the stand-ins whose last message is one of some messages."""
        indexes = {turn.index for turn in turns}
        return tuple(one for one in self.stand_ins if max(one.sources) in indexes)

    def queued(self, unread: Unread, kept: Mapping[int, str]) -> Job:
        """Return the same for some of its messages, queued as pending once more.

        Args:
            unread: The messages.
            kept: Ids of the messages that are kept, by index.
        """
        turns = (replace(turn, id=kept.get(turn.index, turn.id)) for turn in unread.turns)
        at = self.turns.index(unread.turns[0]) if unread.turns else 0
        before = self.turns[at - 1] if at else None
        return replace(
            self,
            turns=tuple(turns),
            follows=self.follows if before is None else kept.get(before.index, before.id),
            attempts=self.attempts + 1,
            unusable=self.unusable + unread.answered,
            call=None,
            stand_ins=self.stand_ins_of(unread.turns),
        )

    def to_json(self) -> str:
        """Return it as text, without the scope."""
        body = asdict(self)
        # What was said before is read again: it may be deleted until then.
        for name in ("scope", "call", "redacted", "earlier", "elsewhere"):
            del body[name]
        times = {name: at for name, at in self.times._asdict().items() if at is not None}
        return json.dumps({**body, "times": times}, default=datetime.isoformat)

    @classmethod
    def from_json(cls, scope: Scope, body: str) -> Job:
        """Read what `to_json` wrote."""
        fields = json.loads(body)
        fields.pop("receipt", None)  # written by earlier versions
        given = fields.pop("turns")
        turns = tuple(
            Turn(**{**turn, "at": turn["at"] and datetime.fromisoformat(turn["at"])})
            for turn in given
        )
        fields["stand_ins"] = tuple(
            StandIn(one["id"], one["hash"], tuple(one["sources"]))
            for one in fields.pop("stand_ins", ())
        )
        fields["follows"] = fields.get("follows") or ""
        fields.setdefault("unnamed", any("id" not in turn for turn in given))
        return cls(scope=scope, turns=turns, times=Times(**fields.pop("times", {})), **fields)
