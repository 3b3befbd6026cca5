"""The turns around the hits of a search: where a hit was said, and what it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from memfast._flows.jobs import PROCEDURAL
from memfast.errors import MemoryNotFoundError
from memfast.stores.protocol import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memfast.stores.protocol import Cursor, Selection, Store
    from memfast.types import Hit, MemoryItem, MessageItem

    Item = MemoryItem | MessageItem

# Rows of one page, and the most rows of a user's sessions that are read.
PAGE = 500
MOST = 5_000
# Where no run is named, turns that were stored within this time belong together.
TOGETHER = timedelta(hours=1)
# Most times of a filter; of more, all between the first and the last is read.
MOST_WINDOWS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A hit in its surroundings.

    Attributes:
        hit: The hit.
        turns: The turns that a fact comes from; a turn itself; none for a note.
        near: The turns that these need to be understood: the one before each, which it may answer,
            and the one after a question.
    """

    hit: Hit
    turns: tuple[Item, ...]
    near: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All hits in their surroundings.

    Attributes:
        found: The hits in their order.
        places: The place of each turn among those of its session, by id.
    """

    found: tuple[Found, ...]
    places: Mapping[str, int]


def surroundings(store: Store, selection: Selection, hits: Sequence[Hit]) -> Surroundings:
    """Return hits with the turns around them.

    A turn is shown only if the search could show it too, were it asked for messages: it has the
    ids of the hit, passes the filter and has not expired.
    """
    origins = {hit["id"]: _origins(store, hit) for hit in hits}
    sessions: dict[Scope, list[Item]] = defaultdict(list)
    for group in _groups(hits):
        own = [turn for hit in group for turn in origins[hit["id"]]]
        if own:
            reading = _reading(selection, group, [turn["created_at"] for turn in own])
            for row in _rows(store, reading, {turn["id"] for turn in own}):
                if is_turn(row):
                    sessions[_scope_of(row)].append(row)
    places = {turn["id"]: place for turns in sessions.values() for place, turn in enumerate(turns)}
    found = []
    for hit in hits:
        turns = sessions.get(_scope_of(hit), [])
        at = sorted(places[one["id"]] for one in origins[hit["id"]] if one["id"] in places)
        around = sorted({near for one in at for near in _needed(turns, one)} - set(at))
        found.append(
            Found(hit, tuple(turns[one] for one in at), tuple(turns[one] for one in around))
        )
    return Surroundings(tuple(found), places)


def is_turn(item: Item) -> bool:
    """Return whether somebody said a memory in a conversation, as far as its fields tell."""
    if item.get("kind") == "message":
        return True
    if "memory_type" in item:
        return False
    if "actor_id" in item or item.get("role", "user") != "user":
        return True
    # A text alone has the role "user", too; in a run it is part of a conversation.
    return "role" in item and "run_id" in item


def _origins(store: Store, hit: Hit) -> Sequence[Item]:
    """Return the turns that a hit is or comes from."""
    if is_turn(hit):
        return [hit]
    if hit.get("memory_type", PROCEDURAL) == PROCEDURAL:
        return []
    try:
        # A fact and its messages have the same ids.
        messages = store.sources(hit["id"])
        return [message for message in messages if _scope_of(message) == _scope_of(hit)]
    except MemoryNotFoundError:
        # It was deleted since the search.
        return []


def _scope_of(item: Item) -> Scope:
    return Scope(item.get("user_id"), item.get("agent_id"), item.get("run_id"))


def _groups(hits: Sequence[Hit]) -> list[list[Hit]]:
    """Return hits by user, agent and whether a run is named: the turns of each are read at once."""
    groups: dict[tuple[str | None, str | None, bool], list[Hit]] = defaultdict(list)
    for hit in hits:
        groups[hit.get("user_id"), hit.get("agent_id"), "run_id" in hit].append(hit)
    return list(groups.values())


def _reading(selection: Selection, group: Sequence[Hit], stamps: Sequence[str]) -> Selection:
    """Return which rows to read for the turns of a group, which were stored at some times."""
    user, agent = (None if one is None else (one,) for one in _scope_of(group[0])[:2])
    runs = tuple({hit["run_id"] for hit in group if "run_id" in hit}) or None
    filters = selection.filters
    if runs is None:
        times = {"OR": _windows(stamps)}
        filters = {"AND": [filters, times]} if filters else times
    return selection._replace(
        user_id=user,
        agent_id=agent,
        run_id=runs,
        filters=filters,
        include_messages=True,
        exact_scope=True,
    )


def _rows(store: Store, selection: Selection, wanted: set[str]) -> Iterator[Item]:
    """Yield rows up to a page behind the last one that is wanted, and at most `MOST`."""
    after: Cursor | None = None
    for _ in range(MOST // PAGE):
        complete = not wanted
        page = store.scan(selection, after=after, limit=PAGE)
        yield from page.items
        wanted = wanted.difference(row["id"] for row in page.items)
        after = page.after
        if complete or after is None:
            return


def _windows(stamps: Sequence[str]) -> list[dict[str, object]]:
    """Return the times around some moments, without overlaps, as conditions."""
    windows: list[tuple[datetime, datetime]] = []
    for moment in sorted(map(datetime.fromisoformat, stamps)):
        begin, end = moment - TOGETHER, moment + TOGETHER
        if windows and begin <= windows[-1][1]:
            begin, _ = windows.pop()
        windows.append((begin, end))
    if len(windows) > MOST_WINDOWS:
        windows = [(windows[0][0], windows[-1][1])]
    return [
        {"created_at": {"gte": begin.isoformat(), "lte": end.isoformat()}} for begin, end in windows
    ]


def _needed(turns: Sequence[Item], place: int) -> Iterator[int]:
    """Yield the places of the turns that a turn needs to be understood."""
    if place > 0:
        yield place - 1
    asks = turns[place]["memory"].rstrip().endswith(("?", "\uff1f", "\u061f"))
    if asks and place + 1 < len(turns):
        yield place + 1
