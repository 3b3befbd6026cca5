"""Memories that may contradict each other, in the lists that hold both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from memfast._flows.times import said_of

if TYPE_CHECKING:
    from memfast.types import MemoryItem

T = TypeVar("T", bound="MemoryItem")


def newest_first(items: list[T]) -> list[T]:
    """Return memories with those that may contradict each other together, the newest first.

    They stand where the first of them stood; all others keep their order, and nothing else of them
    changes. Equally new ones are ordered by their creation, then as they were.
    """
    if not any("may_contradict" in item for item in items):
        return items
    group = _groups(items)
    listed: list[T] = []
    done: set[int] = set()
    for at, item in enumerate(items):
        if group[at] == [at]:
            listed.append(item)
        elif at not in done:
            members = sorted(group[at])
            done.update(members)
            together = [items[member] for member in members]
            together.sort(key=lambda one: (said_of(one), one["created_at"]), reverse=True)
            listed += together
    return listed


def _groups(items: Sequence[MemoryItem]) -> list[list[int]]:
    """Return for each memory the positions of those that it is linked with, itself included."""
    position = {item["id"]: at for at, item in enumerate(items)}
    group = [[at] for at in range(len(items))]
    for at, item in enumerate(items):
        for other in item.get("may_contradict", ()):
            rival = position.get(other)
            if rival is not None and group[rival] is not group[at]:
                joined = group[at] + group[rival]
                for member in joined:
                    group[member] = joined
    return group
