"""What the rules decide about facts, each with the memories near to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memfast.extraction.decisions import Decision
from memfast.extraction.rules import says_the_same, slot_of

if TYPE_CHECKING:
    from memfast.extraction.facts import Fact
    from memfast.extraction.slices import Slices
    from memfast.types import Hit


def decide_by_rules(
    facts: Sequence[Fact],
    near: Sequence[Sequence[Hit]],
    said: Callable[[Collection[int]], datetime | None],
) -> Slices[list[Decision]]:
    """Decide about facts that rules found, each with the memories near to it.

    Of facts that fill one slot with different values, the last that was said holds: it supersedes
    a memory, and the facts before it. A fact that says what a memory says is left out; all others
    are added.

    Args:
        facts: The facts, in the order of their messages.
        near: The memories near to each.
        said: Returns when the last of some messages was said, where that is known.
    """
    decisions: list[Decision] = []
    filled: dict[str, tuple[int, datetime | None]] = {}
    taken: set[str] = set()
    for fact, memories in zip(facts, near, strict=True):
        yield
        when = said(fact.sources)
        if any(says_the_same(fact.text, memory["memory"]) for memory in memories):
            continue
        if fact.slot is None:
            decisions.append(Decision(fact, "ADD"))
            continue
        if fact.slot in filled:
            place, since = filled[fact.slot]
            earlier = decisions[place]
            decisions[place] = replace(earlier, event="ADD", over=when or datetime.now(UTC))
            filled[fact.slot] = (len(decisions), when)
            ended = earlier.over or since if earlier.event == "UPDATE" else None
            decisions.append(replace(earlier, fact=fact, over=ended))
            continue
        rival = _rival(fact, memories, taken)
        if rival is None:
            filled[fact.slot] = (len(decisions), when)
            decisions.append(Decision(fact, "ADD"))
            continue
        begun = rival.get("valid_from")
        since = datetime.fromisoformat(begun) if begun else None
        if when and since and when < since:
            decisions.append(Decision(fact, "ADD", rival["id"], over=since))
            continue
        taken.add(rival["id"])
        filled[fact.slot] = (len(decisions), when)
        decisions.append(Decision(fact, "UPDATE", rival["id"]))
    return decisions


def _rival(fact: Fact, memories: Sequence[Hit], taken: set[str]) -> Hit | None:
    """Return the memory that fills the slot of a fact."""
    fills = (one for one in memories if slot_of(one["memory"]) == fact.slot)
    return next((one for one in fills if one["id"] not in taken), None)
