"""The messages before those of a call: what its first ones answer, mean or correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from memfast._flows import scopes
from memfast._steps import Flow, work
from memfast.extraction.facts import Turn
from memfast.extraction.rules.window import windowed

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._flows.jobs import Job
    from memfast.stores.protocol import Scope
    from memfast.types import MessageItem


def with_earlier(context: Context, job: Job) -> Flow[Job]:
    """Return a job with the last kept messages before it.

    They are those of its run; where these are fewer than the setting allows, those of other runs
    of the same user and agent go before them. Input that was queued gets those that were the last
    when it came.
    """
    most, characters = context.understanding.earlier
    if not most or not characters or job.follows == "":
        return job
    # No other flow can change what this one read: a look at the last rows takes microseconds.
    found = yield from _latest(context, job.scope, job.follows, most)
    wide = scopes.compared(job.scope, "user")
    others: list[MessageItem] = []
    if len(found) < most and wide != job.scope:
        every = yield from _latest(context, wide, job.follows, most)
        own = {item["id"] for item in found}
        others = [item for item in every if item["id"] not in own][len(found) - most :]
    turns = windowed([_turn(item) for item in (*others, *found)], most, characters)
    numbered = tuple(replace(turn, index=at - len(turns)) for at, turn in enumerate(turns))
    elsewhere = max(len(numbered) - len(found), 0)
    last = turns[-1].id if turns else None
    return replace(job, earlier=numbered, elsewhere=elsewhere, follows=last or "")


def _latest(
    context: Context, scope: Scope, until: str | None, most: int
) -> Flow[list[MessageItem]]:
    selection = scopes.exactly(scope)._replace(include_messages=True)
    read = partial(context.store.latest, selection, until=until, limit=most)
    return (yield from work(read, lambda: True))


def _turn(item: MessageItem) -> Turn:
    said = item.get("said_at")
    return Turn(
        0,
        item.get("role") or "user",
        item["memory"],
        item.get("actor_id"),
        None if said is None else datetime.fromisoformat(said),
        item["id"],
    )


def earlier_than(job: Job, turns: Sequence[Turn], most: int, characters: int) -> list[Turn]:
    """Return the messages before some of a job's."""
    at = job.turns.index(turns[0])
    return windowed([*job.earlier, *job.turns[:at]], most, characters)
