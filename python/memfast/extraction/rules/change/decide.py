"""What the rules decide about facts, each with the memories near to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memfast.extraction.decisions import Decision
from memfast.extraction.rules import says_the_same, slot_of
from memfast.extraction.rules.change.compare import laws_of, may_contradict, outdates
from memfast.extraction.rules.change.reading import reading_of
from memfast.extraction.rules.change.triggers import may_change
from memfast.extraction.rules.change.wording import counted, raises_a_count, understandable

if TYPE_CHECKING:
    from memfast.extraction.facts import Fact
    from memfast.extraction.slices import Slices
    from memfast.types import Hit

# Facts of the same messages that a later one is compared with.
RECENT = 64
Said = Callable[[Collection[int]], datetime | None]


class _Deciding:
    """The decisions so far, and what they have changed."""

    def __init__(self, said: Said) -> None:
        self.decisions: list[Decision] = []
        self.said = said
        self.filled: dict[str, tuple[int, datetime | None]] = {}
        self.taken: set[str] = set()

    def add(self, decision: Decision) -> None:
        """Add a decision; a memory is changed once."""
        if decision.event == "UPDATE" and decision.alias:
            self.taken.add(decision.alias)
        self.decisions.append(decision)

    def fill(self, fact: Fact, memories: Sequence[Hit]) -> None:
        """Decide about a fact that fills a slot: of its values the last that was said holds."""
        slot, when = fact.slot or "", self.said(fact.sources)
        if slot in self.filled:
            place, since = self.filled[slot]
            earlier = self.decisions[place]
            self.decisions[place] = replace(earlier, event="ADD", over=when or datetime.now(UTC))
            self.filled[slot] = (len(self.decisions), when)
            ended = earlier.over or since if earlier.event == "UPDATE" else None
            self.add(replace(earlier, fact=fact, over=ended))
            return
        fills = (one for one in memories if slot_of(one["memory"]) == slot)
        rival = next((one for one in fills if one["id"] not in self.taken), None)
        if rival is None:
            rival = self.outdated(fact, memories)
        if rival is None:
            self.filled[slot] = (len(self.decisions), when)
            self.add(Decision(fact, "ADD"))
            return
        since = _since(rival)
        if when and since and when < since:
            self.add(Decision(fact, "ADD", rival["id"], over=since))
            return
        self.filled[slot] = (len(self.decisions), when)
        self.add(Decision(fact, "UPDATE", rival["id"]))

    def correct(self, fact: Fact, memories: Sequence[Hit]) -> bool:
        """Let a fact take the place of the memory that it corrects, where that is near."""
        for one in memories:
            if one["id"] not in self.taken and says_the_same(fact.corrects, one["memory"]):
                if fact.slot is not None:
                    self.filled[fact.slot] = (len(self.decisions), self.said(fact.sources))
                self.add(Decision(fact, "UPDATE", one["id"]))
                return True
        return False

    def change(self, fact: Fact, memories: Sequence[Hit]) -> None:
        """Decide about any other fact."""
        if not fact.corrects and not may_change(fact.text):
            self.add(Decision(fact, "ADD"))
            return
        old = self.outdated(fact, memories)
        if old is not None:
            text = understandable(fact.text, old["memory"])
            self.add(Decision(replace(fact, text=text), "UPDATE", old["id"]))
            return
        if self.within(fact):
            return
        reading = reading_of(fact.text)
        for one in memories if raises_a_count(fact.text) and fact.trusted else ():
            more = counted(fact.text, one["memory"])
            if more is not None and one["id"] not in self.taken:
                self.add(Decision(replace(fact, text=more, event_at=None), "UPDATE", one["id"]))
                self.add(Decision(fact, "ADD"))
                return
        rival = None
        if reading.numbers or reading.dates:
            rivals = (one for one in memories if may_contradict(reading, reading_of(one["memory"])))
            rival = next((one["id"] for one in rivals), None)
        self.add(Decision(fact, "ADD", rival=rival))

    def within(self, fact: Fact) -> bool:
        """Let a fact outdate one of the same messages, which then held until it was said."""
        reading, when = reading_of(fact.text), self.said(fact.sources)
        if not laws_of(reading):
            return False
        last = len(self.decisions) - 1
        for place in range(last, max(-1, last - RECENT), -1):
            earlier = self.decisions[place]
            if (
                earlier.event == "ADD"
                and earlier.over is None
                and earlier.fact.trusted
                and fact.trusted
                and outdates(reading, reading_of(earlier.fact.text))
            ):
                text = understandable(fact.text, earlier.fact.text)
                self.decisions[place] = replace(earlier, over=when or datetime.now(UTC))
                self.add(Decision(replace(fact, text=text), "ADD"))
                return True
        return False

    def outdated(self, fact: Fact, memories: Sequence[Hit]) -> Hit | None:
        """Return the memory that no longer holds after a fact, if one does for sure."""
        if not fact.trusted:
            return None
        reading, when = reading_of(fact.text), self.said(fact.sources)
        if not laws_of(reading):
            return None
        for one in memories:
            since = _since(one)
            is_later = not (when and since and when < since)
            if (
                is_later
                and one["id"] not in self.taken
                and outdates(reading, reading_of(one["memory"]))
            ):
                return one
        return None


def decide_by_rules(
    facts: Sequence[Fact], near: Sequence[Sequence[Hit]], said: Said
) -> Slices[list[Decision]]:
    """Decide about facts that rules found, each with the memories near to it.

    Of facts that fill one slot with different values, the last that was said holds: it supersedes
    a memory, and the facts before it. So does a fact that says that a memory holds no longer. A
    fact that says what a memory says is left out; all others are added.

    Args:
        facts: The facts, in the order of their messages.
        near: The memories near to each, best first.
        said: Returns when the last of some messages was said, where that is known.
    """
    deciding = _Deciding(said)
    for fact, memories in zip(facts, near, strict=True):
        yield
        if any(says_the_same(fact.text, memory["memory"]) for memory in memories):
            continue
        if fact.corrects and deciding.correct(fact, memories):
            continue
        if fact.slot is not None:
            deciding.fill(fact, memories)
        else:
            deciding.change(fact, memories)
    return deciding.decisions


def _since(memory: Hit) -> datetime | None:
    begun = memory.get("valid_from")
    return datetime.fromisoformat(begun) if begun else None
