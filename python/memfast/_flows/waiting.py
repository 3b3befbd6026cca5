"""`pending` and `retry`: input that nothing was made of yet."""

from __future__ import annotations

import logging
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


def retry(context: Context, scope: Any, limit: object, ended: object) -> Flow[dict[str, Any]]:
    """Try again, one after another; what still cannot be understood waits on.

    What another call settles or erases meanwhile is not done here.

    Args:
        context: The engine and the models.
        scope: Whose input.
        limit: Most inputs to try; None for all.
        ended: Also try those whose attempts have ended.

    Returns:
        `results` of all attempts; `done` and `pending`: how many were settled and how many wait.
    """
    if not isinstance(ended, bool):
        raise ValidationError(f"ended must be True or False, not {ended!r:.80}")
    from memfast._flows.infer import infer

    waiting = [
        (one["id"], ask)
        for one in context.engine.pending(scope)
        if not (ask := Ask.from_json(one, one["body"])).ended or ended
    ]
    waiting = waiting[: checks.limit_of(limit, None, len(waiting))]
    results: list[dict[str, Any]] = []
    done = 0
    for number, ask in waiting:
        try:
            told = yield from infer(context, ask, [number])
        except ConflictError as conflict:
            if conflict.error_code != SETTLED:
                raise
            log.info("%s", conflict.message)
            continue
        results += told["results"]
        done += told["status"] != "pending"
    return {"results": results, "done": done, "pending": len(context.engine.pending(scope))}
