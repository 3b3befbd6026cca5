"""Memories near to what is told, and what the rules make of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from memfast._flows import checks
from memfast._flows.search import searches_briefly
from memfast._steps import Context, Flow, Work
from memfast.extraction.decisions import Decision
from memfast.extraction.facts import Fact
from memfast.extraction.rules import says_the_same, slot_of

# Memories shown to a model at once.
SHOWN = 10
# Memories looked at for each message or fact.
EACH = 5


@dataclass(slots=True)
class Near:
    """Memories of a scope, by aliases that hold for one call."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, hits: Iterable[dict[str, Any]]) -> None:
        """Add memories that are not there yet, best first, as many as are shown."""
        known = {item["id"] for item in self.items.values()}
        for hit in sorted(hits, key=lambda hit: -hit["score"]):
            if hit["id"] not in known and len(self.items) < SHOWN:
                known.add(hit["id"])
                self.items[f"m{len(self.items) + 1}"] = hit

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
) -> Flow[list[list[dict[str, Any]]]]:
    """Return the memories of a scope that are near to each of some vectors, in one call."""
    if not vectors:
        return []
    user, agent, run = ([scope[name]] if name in scope else None for name in checks.ID_NAMES)
    ids = (user, agent, run)
    search = partial(
        context.engine.search_many,
        ids,
        vectors,
        limit=EACH,
        threshold=threshold,
        space=context.space,
    )
    brief = partial(searches_briefly, context.engine, ids, hits=EACH, queries=len(vectors))
    found: list[list[dict[str, Any]]] = yield Work(search, brief)
    return found


def decide_by_rules(
    facts: Sequence[Fact], near: Sequence[Sequence[dict[str, Any]]]
) -> list[Decision]:
    """Decide about facts that rules found, each with the memories near to it.

    A fact takes the place of a memory that fills the same slot with something else; one that says
    what a memory says is left out; all others are added.
    """
    decisions: list[Decision] = []
    taken: set[str] = set()
    for fact, memories in zip(facts, near, strict=True):
        if any(says_the_same(fact.text, memory["memory"]) for memory in memories):
            continue
        rival = next(
            (
                memory
                for memory in memories
                if fact.slot is not None
                and memory["id"] not in taken
                and slot_of(memory["memory"]) == fact.slot
            ),
            None,
        )
        if rival is None:
            decisions.append(Decision(fact, "ADD", None))
        else:
            taken.add(rival["id"])
            decisions.append(Decision(fact, "UPDATE", rival["id"]))
    return decisions
