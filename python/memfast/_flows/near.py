"""Memories near to messages and facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from memfast._flows import scopes
from memfast._flows.times import said_of
from memfast._steps import Flow, work
from memfast.stores.protocol import Query

if TYPE_CHECKING:
    from memfast._context import Context
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
                datetime.fromisoformat(said_of(item)).date(),
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
