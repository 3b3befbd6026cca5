"""`pending` and `retry`: input that nothing was made of yet."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from memfast._flows import checks
from memfast._flows.asks import SETTLED, Ask
from memfast._steps import Context, Flow
from memfast.errors import ConflictError, ValidationError

log = logging.getLogger("memfast")


def pending(context: Context, scope: Any) -> list[dict[str, Any]]:
    """Return what waits, oldest first."""
    return [_shown(one) for one in context.engine.pending(scope)]


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    ask = Ask.from_json(one, one["body"])
    messages = [{"role": turn.role, "content": turn.content} for turn in ask.turns]
    shown = {"id": one["id"], **ask.scope, "messages": messages, "reason": one["reason"]}
    shown |= {"attempts": ask.attempts, "ended": ask.ended, "created_at": one["created_at"]}
    if ask.ended:
        shown["reason"] += f" (asked no more after {ask.unusable} answers that cannot be used)"
    return shown


@dataclass(slots=True)
class Retried:
    """What the attempts of one call came to, also of those before the embedder was changed.

    Attributes:
        left: Numbers of the input to try yet; None until they are read.
        results: What became of memories.
        done: How many inputs are settled.
    """

    left: list[int] | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    done: int = 0


def retry(
    context: Context, scope: Any, limit: object, ended: object, so_far: Retried
) -> Flow[dict[str, Any]]:
    """Try again, one after another; what still cannot be understood waits on.

    What another call settles or erases meanwhile is not done here.

    Args:
        context: The engine and the models.
        scope: Whose input.
        limit: Most inputs to try; None for all.
        ended: Also try those whose attempts have ended.
        so_far: Takes what comes of it; a call that is repeated goes on with it.

    Returns:
        `results` of all attempts; `done` and `pending`: how many were settled and how many wait.
    """
    if not isinstance(ended, bool):
        raise ValidationError(f"ended must be True or False, not {ended!r:.80}")
    from memfast._flows.infer import infer

    waiting = {one["id"]: Ask.from_json(one, one["body"]) for one in context.engine.pending(scope)}
    if so_far.left is None:
        wanted = [number for number, ask in waiting.items() if ended or not ask.ended]
        so_far.left = wanted[: checks.limit_of(limit, None, len(wanted))]
    while so_far.left:
        number = so_far.left[0]
        if number in waiting:
            try:
                told = yield from infer(context, waiting[number], [number])
            except ConflictError as conflict:
                if conflict.error_code != SETTLED:
                    raise
                log.info("%s", conflict.message)
            else:
                so_far.results += told["results"]
                so_far.done += told["status"] != "pending"
        del so_far.left[0]
    still = len(context.engine.pending(scope))
    return {"results": so_far.results, "done": so_far.done, "pending": still}
