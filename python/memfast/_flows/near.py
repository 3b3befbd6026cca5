"""Memories near to messages and facts, and what the rules decide about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from memfast._flows import scopes
from memfast._steps import Flow, work
from memfast.extraction.decisions import Decision
from memfast.extraction.rules import says_the_same, slot_of
from memfast.stores.protocol import Query

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.extraction.facts import Fact
    from memfast.extraction.slices import Slices
    from memfast.stores.protocol import Scope
    from memfast.types import Hit, Vector

# Memories shown to a model at once.
SHOWN = 10
# Memories looked at for each message or fact, and for a fact whose slot an older one may fill.
EACH = 5
RIVALS = 64


@dataclass(slots=True)
class Near:
    """Memories of a scope, by aliases that hold for one call.

    Attributes:
        items: The memories.
        first: The number of the first alias.
    """

    items: dict[str, Hit] = field(default_factory=dict)
    first: int = 1

    def take(self, hits: Iterable[Hit]) -> None:
        """Add memories that are not there yet, best first, as many as are shown."""
        known = {item["id"] for item in self.items.values()}
        for hit in sorted(hits, key=lambda hit: -hit["score"]):
            if hit["id"] not in known and len(self.items) < SHOWN:
                known.add(hit["id"])
                self.items[f"m{self.first + len(self.items)}"] = hit

    @property
    def texts(self) -> dict[str, str]:
        """Return their texts by alias."""
        return {alias: item["memory"] for alias, item in self.items.items()}

    def shown(self) -> list[tuple[str, str, date | None]]:
        """Return alias, text and date of each, as prompts show them."""
        return [
            (
                alias,
                item["memory"],
                datetime.fromisoformat(item.get("event_time") or item["created_at"]).date(),
            )
            for alias, item in self.items.items()
        ]


def nearest(
    context: Context,
    scope: Scope,
    vectors: Sequence[Vector],
    threshold: float | None = None,
    most: int = EACH,
) -> Flow[list[list[Hit]]]:
    """Return the memories of a scope that are near to each of some vectors, in one call.

    Memories with more ids are not among them: what an agent learned of one user is neither about
    the next one nor about the agent.
    """
    if not vectors:
        return []
    selection = scopes.exactly(scope)
    query = Query(
        selection,
        vectors=vectors,
        mode="semantic",
        space=context.space,
        limit=most,
        threshold=threshold,
    )
    brief = partial(context.store.is_brief, query)
    return (yield from work(partial(context.store.search, query), brief))


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
