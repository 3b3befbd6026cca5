"""The tables of the projection, and how they follow the log.

The table of events is append-only, without keys or indexes, and filled in Arrow batches. The
watermark is the last event that it holds, by number and fingerprint: after a crash or in a restored
backup another event may have that number. It changes in the same transaction, so nothing is added
twice. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from memfast._core import EventStream, memory_fields
from memfast.history.results import SETTINGS, lock

if TYPE_CHECKING:
    import duckdb

FORMAT = 2
BATCH = 50_000
# Fingerprint before the first event.
BEGINNING = "0" * 32

# Columns of an event, before the fields of its memory, with their DuckDB types.
EVENT = {
    "seq": "ubigint",
    "event_id": "varchar",
    "memory_id": "varchar",
    "event": "varchar",
    "old_memory": "varchar",
    "new_memory": "varchar",
    "changed_at": "timestamp",
    "updated_at": "timestamp",
    "old_metadata": "json",
    "new_metadata": "json",
}
TYPES = {
    "text": "varchar",
    "instant": "timestamp",
    "day": "date",
    "texts": "varchar[]",
    "object": "json",
    "number": "double",
}
# Fields of a memory that both views have, in this order; new fields follow.
SCOPE = ("user_id", "agent_id", "run_id")
SPEAKER = ("actor_id", "role")
DATED = ("event_time", "expiration_date", "memory_type")
# Fields that a view does not have, or has at a place of its own.
PLACED = frozenset({"kind", "hash", "created_at", "superseded_by"})


def columns() -> dict[str, str]:
    """Return the columns of the table of events, with their types."""
    fields = {field.name: TYPES[field.kind] for field in memory_fields() if field.in_history}
    return EVENT | fields


def _schema() -> str:
    table = columns()
    named = {*EVENT, *SCOPE, *SPEAKER, *DATED, *PLACED}
    added = [name for name in table if name not in named]
    history = [
        *SPEAKER,
        "seq",
        "changed_at",
        *SCOPE,
        "old_metadata",
        "new_metadata",
        *DATED,
        *added,
    ]
    memories = [*SCOPE, *SPEAKER, *DATED, "superseded_by", *added]
    return f"""
create table events ({", ".join(f"{name} {kind}" for name, kind in table.items())});
create table watermark (format integer, log_id varchar, seq ubigint, event varchar);
create view history as
    select event_id as id, memory_id, old_memory, new_memory, event, created_at, updated_at,
           event = 'DELETE' as is_deleted, {", ".join(history)}
    from events where kind = 'memory' order by seq;
create view memories as
    select memory_id as id, new_memory as memory, hash, new_metadata as metadata, created_at,
           coalesce(updated_at, created_at) as updated_at, {", ".join(memories)}
    from (select *, row_number() over (partition by memory_id order by seq desc) as newest
          from events where kind = 'memory')
    where newest = 1 and event <> 'DELETE';
"""  # noqa: S608 - the names of the fields


OURS = """
select count(*) from duckdb_tables()
where database_name = current_database() and table_name in ('events', 'watermark')
"""


class EventSource(Protocol):
    """The source of events: the engine."""

    def log_state(self, seq: int) -> tuple[str, int, str | None]:
        """Return the log's id, the number of its last event, and the fingerprint of one event."""
        ...

    def events_arrow(self, after_seq: int, limit: int) -> tuple[str, int, str | None, EventStream]:
        """Return the log's id, the last event of a batch, its fingerprint, and the batch."""
        ...


class UnfitError(Exception):
    """The file is sound but not a history of memfast."""


class OtherEventsError(Exception):
    """The file is a projection of events that this log does not have."""


def create(place: str) -> duckdb.DuckDBPyConnection:
    """Return a connection to a new database with our tables."""
    import duckdb

    connection = duckdb.connect(place, config=SETTINGS)
    try:
        connection.execute(f"begin; {_schema()} commit;")
    except BaseException:
        connection.close()
        raise
    return connection


def connect(path: str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Return a connection to a database that has our tables.

    Raises:
        UnfitError: It does not.
    """
    import duckdb

    connection = duckdb.connect(path, read_only=read_only, config=SETTINGS)
    try:
        _check_tables(connection)
        lock(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_tables(connection: duckdb.DuckDBPyConnection) -> None:
    if connection.execute(OURS).fetchall() != [(2,)]:
        raise UnfitError("it does not have the tables of memfast")


def take_events(
    connection: duckdb.DuckDBPyConnection, source: EventSource, stop: Callable[[], None]
) -> None:
    """Take in the events that came since the last time, a batch per transaction.

    Args:
        connection: A connection to a database with our tables.
        source: The log.
        stop: Called before each batch; what it raises ends the work between two of them.

    Raises:
        OtherEventsError: The database holds events that the log does not have.
    """
    # Reads the whole result: an open one keeps DuckDB 2.0 from registering a batch.
    rows = connection.execute("select * from watermark").fetchall()
    if rows and rows[0][0] != FORMAT:
        raise OtherEventsError(f"it has format {rows[0][0]}, not {FORMAT}")
    held = connection.execute("select column_name from (describe events)").fetchall()
    if {name for (name,) in held} != columns().keys():
        raise OtherEventsError("its events have other fields")
    _, held_id, seq, event = rows[0] if rows else (FORMAT, None, 0, BEGINNING)
    log_id, last, found = source.log_state(seq)
    if not rows:
        connection.execute("insert into watermark values (?, ?, 0, ?)", [FORMAT, log_id, event])
    elif held_id != log_id:
        raise OtherEventsError(f"it holds the log {held_id}, not {log_id}")
    if found != event:
        raise OtherEventsError(f"its event {seq} is not in the log, which ends at {last}")
    while seq < last:
        stop()
        found_id, seq, event, batch = source.events_arrow(seq, BATCH)
        if found_id != log_id:
            raise OtherEventsError("the log was reset in the meantime")
        connection.register("batch", batch)
        try:
            connection.execute("begin")
            connection.execute(
                'insert into events by name select * rename ("at" as changed_at) from batch'
            )
            connection.execute("update watermark set seq = ?, event = ?", [seq, event])
            connection.execute("commit")
        except BaseException:
            with suppress(Exception):
                connection.execute("rollback")
            raise
        finally:
            with suppress(Exception):
                connection.unregister("batch")
