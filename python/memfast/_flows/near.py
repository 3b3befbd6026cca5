"""Memories near to messages and facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from memfast._flows.times import said_of
from memfast._steps import Flow, work
from memfast.stores.protocol import Query

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.stores.protocol import Selection
    from memfast.types import Hit, Vector

# Memories shown to a model at once.
SHOWN = 10
# Memories looked at for each message.
FEW = 5
# Memories that each fact is compared with, and a fact whose slot an older one may fill.
EACH = 10
RIVALS = 64
# Of those, the most that only share a name or a number with a fact.
SHARING = 3
WORD = re.compile(r"[^\W_]+")
# A word with a digit, or a capitalised one behind another word.
NAME = re.compile(
    r"\b[^\W\d_]*\d\w*|(?<=[\w,;:] )(?:(?!I\b)[A-Z\u00c0-\u00de\u0391-\u03a9\u0410-\u042f]\w*)"
)


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
    selection: Selection,
    vectors: Sequence[Vector],
    threshold: float | None = None,
) -> Flow[list[list[Hit]]]:
    """Return the memories of a selection that are near to each of some vectors, in one call."""
    if not vectors:
        return []
    query = Query(
        selection,
        vectors=vectors,
        mode="semantic",
        space=context.space,
        limit=FEW,
        threshold=threshold,
    )
    return (yield from _searched(context, query))


def candidates(
    context: Context,
    selection: Selection,
    texts: Sequence[str],
    vectors: Sequence[Vector],
    most: int = EACH,
) -> Flow[list[list[Hit]]]:
    """Return the memories of a selection that each of some facts is compared with, best first.

    They are the best hits of a hybrid search. Memories that share a name or a number with the fact
    replace the last of these hits. One call of the store finds all of them.

    Args:
        context: The store and the models.
        selection: The memories.
        texts: The facts.
        vectors: Their vectors.
        most: Memories returned for each.
    """
    if not texts:
        return []
    query = Query(selection, vectors=vectors, mode="semantic", space=context.space, limit=most)
    if "hybrid" not in context.store.capabilities:
        return (yield from _searched(context, query))
    named = {at: names for at, text in enumerate(texts) if (names := names_of(text))}
    asked = [*texts, *(" ".join(names) for names in named.values())]
    of_each = [*vectors, *(vectors[at] for at in named)]
    query = query._replace(texts=asked, vectors=of_each, mode="hybrid")
    answers = yield from _searched(context, query)
    found, sharing = answers[: len(texts)], answers[len(texts) :]
    for (at, names), hits in zip(named.items(), sharing, strict=True):
        found[at] = _joined(found[at], hits, names, most)
    return found


def names_of(text: str) -> list[str]:
    """Return the names and numbers of a text: words with a digit, and capitalised ones inside it.

    >>> names_of("Ann paid 450 euros to Bob")
    ['450', 'Bob']
    """
    return NAME.findall(text)


def _joined(best: list[Hit], sharing: list[Hit], names: list[str], most: int) -> list[Hit]:
    known = {hit["id"] for hit in best}
    wanted = {name.casefold() for name in names}
    others = [
        hit
        for hit in sharing
        if hit["id"] not in known and not wanted.isdisjoint(WORD.findall(hit["memory"].casefold()))
    ][:SHARING]
    return [*best[: most - len(others)], *others]


def _searched(context: Context, query: Query) -> Flow[list[list[Hit]]]:
    brief = partial(context.store.is_brief, query)
    return (yield from work(partial(context.store.search, query), brief))
