"""Copies of facts: each run keeps its own, and what ends one of them ends all.

Copies are memories of one user and agent with the same text in several runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from hashlib import md5
from typing import TYPE_CHECKING

from memfast._flows import scopes
from memfast._flows.near import nearest
from memfast._steps import Flow, work
from memfast.extraction.decisions import Decision
from memfast.extraction.facts import Facets, Fact
from memfast.extraction.grounding import content
from memfast.extraction.rules import says_the_same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memfast._context import Context
    from memfast._flows.jobs import Job
    from memfast.stores.protocol import Scope, Selection, Store
    from memfast.types import Hit, MemoryItem, Vector

PAGE = 500
# Share of the words of a memory that messages must hold where a model says that they state it.
HALF = 0.5


def hash_of(text: str) -> str:
    """Return the hash by which the store knows a text."""
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def own_where_known(
    context: Context,
    scope: Scope,
    texts: Sequence[str],
    vectors: Sequence[Vector],
    found: list[list[Hit]],
) -> Flow[list[list[Hit]]]:
    """Return candidates without those of other runs that say the same as their facts.

    A fact that only another run knows is new in this one. A search shows one copy of a fact, so
    this run is asked for its own where another run's copy was found.

    Args:
        context: The store and the models.
        scope: Whose run the facts are from.
        texts: The facts.
        vectors: Their vectors.
        found: The memories of all runs that each is compared with.
    """
    elsewhere = []
    kept = []
    for at, hits in enumerate(found):
        same = {hit["id"] for hit in hits if says_the_same(texts[at], hit["memory"])}
        others = {
            hit["id"] for hit in hits if hit["id"] in same and not scopes.is_of_run(hit, scope)
        }
        if others and others == same:
            elsewhere.append(at)
        kept.append([hit for hit in hits if hit["id"] not in others])
    selection = scopes.exactly(scope)
    own = yield from nearest(context, selection, [vectors[at] for at in elsewhere])
    for at, hits in zip(elsewhere, own, strict=True):
        kept[at] = [hit for hit in hits if says_the_same(texts[at], hit["memory"])] + kept[at]
    return kept


def stated_again(
    job: Job, shown: Mapping[str, Hit], decisions: Sequence[Decision]
) -> list[Decision]:
    """Return what messages state again of the memories of other runs, as facts of this one.

    Args:
        job: The messages.
        shown: The memories that a model was shown, by alias.
        decisions: What it decided.
    """
    touched = {one.alias for one in decisions if one.event in ("UPDATE", "DELETE")}
    named = {one.alias for one in decisions if one.event == "NONE"}
    texts = [one.fact.text for one in decisions if one.event in ("ADD", "UPDATE")]
    again = []
    for alias, hit in shown.items():
        text = hit["memory"]
        if scopes.is_of_run(hit, job.scope) or alias in touched:
            continue
        role = hit.get("role") or "user"
        sources = [
            turn.index
            for turn in job.turns
            if turn.role == role and _states(turn.content, text, named=alias in named)
        ]
        if sources and not any(says_the_same(text, other) for other in texts):
            happened = hit.get("event_time")
            fact = Fact(
                text,
                tuple(sources),
                kind=hit.get("memory_type") or "semantic",
                event_at=datetime.fromisoformat(happened) if happened else None,
                categories=tuple(hit.get("categories") or ()),
                attributed_to=role,
                facets=Facets(
                    hit.get("subject", ""),
                    hit.get("attribute", ""),
                    hit.get("value", ""),
                    tuple(hit.get("entities", ())),
                ),
                worth=hit.get("worth", 0.0),
            )
            again.append(Decision(fact, "ADD"))
    return again


def _states(message: str, text: str, *, named: bool) -> bool:
    """Return whether a message states a text; `named` where a model says so."""
    if says_the_same(message, text):
        return True
    stems = content(text)
    return named and bool(stems) and len(stems & content(message)) >= HALF * len(stems)


class Copies:
    """The memories that hold some texts, in all runs that facts of a scope are compared with.

    Args:
        rows: The memories.
    """

    def __init__(self, rows: Iterable[MemoryItem] = ()) -> None:
        self._by_hash: dict[str, list[MemoryItem]] = {}
        for row in rows:
            self._by_hash.setdefault(row["hash"], []).append(row)

    def without(self, ids: set[str]) -> Copies:
        """Return them without some memories."""
        rows = (row for rows in self._by_hash.values() for row in rows)
        return Copies(row for row in rows if row["id"] not in ids)

    def of(self, memory: MemoryItem, alike: Iterable[MemoryItem] = ()) -> list[MemoryItem]:
        """Return a memory with its copies, and those of the `alike` that say the same."""
        same = {memory["id"]: memory}
        others = (one for one in alike if says_the_same(one["memory"], memory["memory"]))
        for one in (memory, *others):
            same.update((row["id"], row) for row in (one, *self._by_hash.get(one["hash"], ())))
        return list(same.values())

    def of_run(self, text: str, scope: Scope) -> MemoryItem | None:
        """Return the memory of the run of a scope with a text."""
        rows = self._by_hash.get(hash_of(text), ())
        return next((row for row in rows if scopes.is_of_run(row, scope)), None)


def copies_of(context: Context, scope: Scope, hashes: set[str]) -> Flow[Copies]:
    """Return the memories with some hashes, of all runs that facts of a scope are compared with."""
    compared = scopes.compared(scope, context.understanding.reach)
    if not hashes or compared == scope:
        return Copies()
    selection = scopes.exactly(compared)._replace(filters={"hash": {"in": sorted(hashes)}})
    return Copies((yield from work(partial(_rows, context.store, selection))))


def _rows(store: Store, selection: Selection) -> list[MemoryItem]:
    page = store.scan(selection, limit=PAGE)
    rows = list(page.items)
    while page.after is not None:
        page = store.scan(selection, after=page.after, limit=PAGE)
        rows += page.items
    return rows
