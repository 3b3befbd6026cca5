"""`history` and `sql`: what happened to memories."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from memfast._flows import checks, scopes
from memfast._steps import Flow, work

if TYPE_CHECKING:
    import duckdb

    from memfast._context import Context
    from memfast.types import HistoryEntry, Ids


def history(
    context: Context,
    memory_id: str,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
) -> Flow[list[HistoryEntry]]:
    """Return all changes of a memory, oldest first, also of a deleted one; [] if unknown.

    Args:
        memory_id: The memory.
        user_id: See `get`.
        agent_id: See `get`.
        run_id: See `get`.
    """
    within = scopes.within(context.bound, user_id, agent_id, run_id)
    key = checks.memory_id_of(memory_id)
    return work(partial(context.store.events, key, within))


def sql(
    context: Context,
    query: str,
    params: object = None,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
) -> Flow[duckdb.DuckDBPyRelation]:
    """Run one read-only SQL statement over the views `history` and `memories`.

    Args:
        query: A SELECT statement.
        params: Values of its placeholders.
        user_id: The views hold only memories of this user.
        agent_id: The views hold only memories of this agent.
        run_id: The views hold only memories of this run.

    Returns:
        The rows, read to their end, as a relation of their own: later calls, `reset` and
        `close` leave it as it is.

    Raises:
        ValidationError: The statement is not a single SELECT, or it fails.
        StoreClosedError: The memory was closed before the query ended.
        DatabaseError: The file of the history cannot be opened or written now; it is kept.
        UnsupportedError: The store keeps no history that SQL can read.
    """
    within = scopes.within(context.bound, user_id, agent_id, run_id)
    return work(partial(context.owner.sql, query, params, within))
