"""What the rules decide about facts, each with the memories near to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memfast.extraction.decisions import Decision
from memfast.extraction.rules import says_the_same, slot_of
from memfast.extraction.rules.change.compare import compare
from memfast.extraction.rules.change.readings import reading_of
from memfast.extraction.rules.change.verdicts import Outcome

if TYPE_CHECKING:
    from memfast.extraction.facts import Fact
    from memfast.extraction.slices import Slices
    from memfast.types import Hit

# Facts of the same call that a fact is compared with: the last ones.
LAST = 12


class Decided:
    """Decisions about the facts of a call, in order.

    Args:
        said: Returns when the last of some messages was said, where that is known.
    """

    def __init__(self, said: Callable[[Collection[int]], datetime | None]) -> None:
        self.decisions: list[Decision] = []
        self._said = said
        self._filled: dict[str, int] = {}
        self._taken: set[str] = set()
        self._over: set[int] = set()

    def take(self, fact: Fact, memories: Sequence[Hit]) -> None:
        """Decide about the next fact, with the memories near to it."""
        when = self._said(fact.sources)
        if any(says_the_same(fact.text, memory["memory"]) for memory in memories):
            return
        if not fact.trusted:
            self.decisions.append(Decision(fact, "ADD"))
            return
        place = len(self.decisions)
        if fact.slot is not None:
            if fact.slot in self._filled:
                self._replace(self._filled[fact.slot], fact, when)
                self._filled[fact.slot] = place
                return
            self._filled[fact.slot] = place
        rival = self._fills_slot(fact, memories)
        if rival is not None:
            self._supersede(rival, fact, when)
            return
        self._compare(fact, memories, when)

    def _compare(self, fact: Fact, memories: Sequence[Hit], when: datetime | None) -> None:
        new = reading_of(fact.text)
        doubtful: str | None = None
        if new is not None:
            for at in range(len(self.decisions) - 1, max(-1, len(self.decisions) - 1 - LAST), -1):
                earlier = self.decisions[at].fact
                old = reading_of(earlier.text)
                if at in self._over or not earlier.trusted or old is None:
                    continue
                verdict = compare(new, old)
                if verdict.outcome is Outcome.ENDS:
                    self._replace(at, _about(fact, verdict.topic), when)
                    return
            latest = sorted(memories, key=_since, reverse=True)
            for memory in latest:
                old = reading_of(memory["memory"])
                if memory["id"] in self._taken or old is None:
                    continue
                verdict = compare(new, old)
                if verdict.outcome is Outcome.ENDS and _is_later(when, memory):
                    self._supersede(memory, _about(fact, verdict.topic), when)
                    return
                if verdict.outcome is Outcome.DOUBT:
                    doubtful = doubtful or memory["id"]
        self.decisions.append(Decision(fact, "ADD", rival=doubtful))

    def _supersede(self, memory: Hit, fact: Fact, when: datetime | None) -> None:
        begun = memory.get("valid_from")
        since = datetime.fromisoformat(begun) if begun else None
        if when and since and when < since:
            if fact.slot is not None:
                self._filled.pop(fact.slot, None)
            self.decisions.append(Decision(fact, "ADD", memory["id"], over=since))
            return
        self._taken.add(memory["id"])
        self.decisions.append(Decision(fact, "UPDATE", memory["id"]))

    def _replace(self, place: int, fact: Fact, when: datetime | None) -> None:
        """Let a fact supersede an earlier one of the call, and what that one supersedes."""
        earlier = self.decisions[place]
        since = self._said(earlier.fact.sources)
        self.decisions[place] = replace(
            earlier, event="ADD", over=when or datetime.now(UTC), rival=None
        )
        self._over.add(place)
        ended = earlier.over or since if earlier.event == "UPDATE" else None
        self.decisions.append(replace(earlier, fact=fact, over=ended))

    def _fills_slot(self, fact: Fact, memories: Sequence[Hit]) -> Hit | None:
        """Return the memory that fills the slot of a fact."""
        if fact.slot is None:
            return None
        fills = (one for one in memories if slot_of(one["memory"]) == fact.slot)
        return next((one for one in fills if one["id"] not in self._taken), None)


def decide_by_rules(
    facts: Sequence[Fact],
    near: Sequence[Sequence[Hit]],
    said: Callable[[Collection[int]], datetime | None],
) -> Slices[list[Decision]]:
    """Decide about facts that rules found, each with the memories near to it.

    Of statements that exclude each other the last that was said holds: it supersedes a memory, and
    the facts before it. A fact that says what a memory says is left out; all others are added. A
    fact that may contradict a memory names it as its rival.

    Args:
        facts: The facts, in the order of their messages.
        near: The memories near to each.
        said: Returns when the last of some messages was said, where that is known.
    """
    decided = Decided(said)
    for fact, memories in zip(facts, near, strict=True):
        yield
        decided.take(fact, memories)
    return decided.decisions


def _about(fact: Fact, topic: str) -> Fact:
    return replace(fact, text=f"About {topic}: {fact.text}") if topic else fact


def _since(memory: Hit) -> str:
    return memory.get("valid_from") or memory.get("created_at") or ""


def _is_later(when: datetime | None, memory: Hit) -> bool:
    begun = memory.get("valid_from")
    return not (when and begun and when < datetime.fromisoformat(begun))
