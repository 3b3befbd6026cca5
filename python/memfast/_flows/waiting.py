"""`pending` and `retry`: input that nothing was made of yet."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from memfast._flows.jobs import PROCESSED, Job
from memfast._flows.scopes import ids_of
from memfast._steps import Flow, work
from memfast.errors import ConflictError

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.stores.protocol import Pending, Selection
    from memfast.types import Added, PendingInput, RetryResult

log = logging.getLogger("memfast")


def shown(one: Pending) -> PendingInput:
    """Return queued input as callers get it."""
    job = Job.from_json(one.scope, one.body)
    reason = one.reason
    if job.ended:
        reason += f" (tried no more after {job.unusable} answers that cannot be used)"
    item: PendingInput = {
        "id": one.id,
        "messages": [{"role": turn.role, "content": turn.content} for turn in job.turns],
        "reason": reason,
        "attempts": job.attempts,
        "ended": job.ended,
        "created_at": one.created_at,
    }
    item.update(ids_of(one.scope))  # type: ignore[typeddict-item]  # its keys are those of the ids
    return item


@dataclass(slots=True)
class Retried:
    """What the attempts of one call came to, also of those before the embedder was changed.

    Attributes:
        left: Numbers of the input to try yet; None until they are read.
        results: What became of memories.
        done: How many inputs are processed.
    """

    left: list[int] | None = None
    results: list[Added] = field(default_factory=list)
    done: int = 0


def retry(
    context: Context, selection: Selection, limit: int | None, ended: bool, so_far: Retried
) -> Flow[RetryResult]:
    """Try again, one after another; input that still cannot be understood stays queued.

    Input that another call settles or erases meanwhile is skipped.

    Args:
        context: The store and the models.
        selection: Whose input.
        limit: Most inputs to try; None for all.
        ended: Also try those whose attempts have ended.
        so_far: Collects the outcome; a call that starts again goes on with it.
    """
    from memfast._flows.infer import infer

    queue = partial(context.store.pending, selection)
    queued = {one.id: Job.from_json(one.scope, one.body) for one in (yield from work(queue))}
    if so_far.left is None:
        wanted = [number for number, job in queued.items() if ended or not job.ended]
        so_far.left = wanted[:limit]
    while so_far.left:
        number = so_far.left[0]
        if number in queued:
            try:
                outcome = yield from infer(context, queued[number], [number])
            except ConflictError as conflict:
                if conflict.error_code != PROCESSED:
                    raise
                log.info("%s", conflict.message)
            else:
                so_far.results += outcome["results"]
                so_far.done += outcome["status"] != "pending"
        del so_far.left[0]
    still = len((yield from work(queue)))
    return {"results": so_far.results, "done": so_far.done, "pending": still}
