"""`pending` and `retry`: input that nothing was made of yet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from memfast._flows import checks, scopes
from memfast._steps import Flow, restartable, work

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._flows.waiting import Retried
    from memfast.stores.protocol import Selection
    from memfast.types import Ids, PendingInput, RetryResult


def pending(
    context: Context, *, user_id: Ids = "*", agent_id: Ids = None, run_id: Ids = None
) -> Flow[list[PendingInput]]:
    """Return the input that is queued for another attempt, oldest first, with the reasons."""
    from memfast._flows.waiting import shown

    selection = scopes.selection(context.bound, user_id, agent_id, run_id)
    queued = yield from work(partial(context.store.pending, selection))
    return [shown(one) for one in queued]


def retry(
    context: Context,
    *,
    user_id: Ids = "*",
    agent_id: Ids = None,
    run_id: Ids = None,
    limit: int | None = None,
    ended: bool = False,
) -> Flow[RetryResult]:
    """Try again to make memories of the input that is queued as pending.

    Input to which the model gave five answers that cannot be used is tried no more, unless
    `ended` is true; `pending()` says so under `ended` and in the reason.

    With the setting `while_pending="rules"` rules have stored facts as stand-ins meanwhile. The
    commit that stores what the model makes of the input deletes these; one with the very text of a
    new fact stays, and so does one that was changed since.

    Returns:
        `results` of all attempts; `done` and `pending`: how many were processed, how many wait.
    """
    from memfast._flows.waiting import Retried

    selection = scopes.selection(context.bound, user_id, agent_id, run_id)
    most = None if limit is None else checks.whole_number("limit", limit, least=0)
    return _retry(context, selection, most, checks.flag("ended", ended), Retried())


@restartable
def _retry(
    context: Context, selection: Selection, limit: int | None, ended: bool, so_far: Retried
) -> Flow[RetryResult]:
    from memfast._flows.waiting import retry

    return retry(context, selection, limit, ended, so_far)
