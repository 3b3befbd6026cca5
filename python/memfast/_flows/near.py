"""Memories near to what is told, and what the rules make of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from memfast._flows import checks
from memfast._flows.search import searches_briefly
from memfast._steps import Context, Flow, Work
from memfast.extraction.decisions import Decision
from memfast.extraction.facts import Fact
from memfast.extraction.rules import says_the_same, slot_of
from memfast.extraction.slices import Slices

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

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    first: int = 1

    def take(self, hits: Iterable[dict[str, Any]]) -> None:
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
    scope: dict[str, str],
    vectors: Sequence[Any],
    threshold: float | None = None,
    most: int = EACH,
) -> Flow[list[list[dict[str, Any]]]]:
    """Return the memories of a scope that are near to each of some vectors, in one call.

    Those of scopes that name more ids are others: what an agent learns of one user is neither
    about the next one nor about the agent.
    """
    if not vectors:
        return []
    user, agent, run = ([scope[name]] if name in scope else None for name in checks.ID_NAMES)
    ids = (user, agent, run)
    search = partial(
        context.engine.search_many,
        ids,
        vectors,
        limit=most,
        threshold=threshold,
        space=context.space,
        exact_scope=True,
    )
    brief = partial(
        searches_briefly,
        context.engine,
        ids,
        hits=most,
        queries=len(vectors),
        exact_scope=True,
    )
    found: list[list[dict[str, Any]]] = yield Work(search, brief)
    return found


def decide_by_rules(
    facts: Sequence[Fact],
    near: Sequence[Sequence[dict[str, Any]]],
    said: Callable[[Collection[int]], datetime | None],
) -> Slices[list[Decision]]:
    """Decide about facts that rules found, each with the memories near to it.

    Of what fills one slot with different values, the last that was said holds: it takes the place
    of a memory, and of facts before it. One that says what a memory says is left out; all others
    are added.

    Args:
        facts: The facts, in the order in which they were told.
        near: The memories near to each.
        said: Tells when the last of some messages was said, where that is known.
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


def _rival(
    fact: Fact, memories: Sequence[dict[str, Any]], taken: set[str]
) -> dict[str, Any] | None:
    """Return the memory that fills the slot of a fact."""
    fills = (one for one in memories if slot_of(one["memory"]) == fact.slot)
    return next((one for one in fills if one["id"] not in taken), None)
