"""The history in DuckDB: a projection of the event log, for SQL.

An append-only table without keys or indexes, filled in Arrow batches; the last event it holds
(the watermark) changes in the same transaction, so a replay after a crash adds nothing twice.
What is not understood is set aside and built anew from the log. Times are UTC.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from memfast.errors import DatabaseError, ValidationError

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger("memfast")

FORMAT = 1
BATCH = 50_000

SCHEMA = """
create table events (
    seq ubigint, event_id varchar, memory_id varchar, event varchar, old_memory varchar,
    new_memory varchar, changed_at timestamp, created_at timestamp, updated_at timestamp,
    user_id varchar, agent_id varchar, run_id varchar, actor_id varchar, role varchar,
    old_metadata json, new_metadata json, hash varchar, event_time timestamp,
    expiration_date date, memory_type varchar, superseded_by varchar, kind varchar
);
create table watermark (format integer, log_id varchar, seq ubigint);
create view history as
    select event_id as id, memory_id, old_memory, new_memory, event, created_at, updated_at,
           event = 'DELETE' as is_deleted, actor_id, role, seq, changed_at, user_id, agent_id,
           run_id, old_metadata, new_metadata, event_time, expiration_date, memory_type
    from events where kind = 'memory' order by seq;
create view memories as
    select memory_id as id, new_memory as memory, hash, new_metadata as metadata, created_at,
           coalesce(updated_at, created_at) as updated_at, user_id, agent_id, run_id, actor_id,
           role, event_time, expiration_date, memory_type, superseded_by
    from (select *, row_number() over (partition by memory_id order by seq desc) as newest
          from events where kind = 'memory')
    where newest = 1 and event <> 'DELETE';
"""


class EventSource(Protocol):
    """Where the events come from: the engine."""

    def log_id(self) -> str:
        """Return the log's id, which changes when the log starts anew."""
        ...

    def last_seq(self) -> int:
        """Return the number of the last event."""
        ...

    def events_arrow(self, after_seq: int, limit: int) -> Any:
        """Return events after a number as an object with `__arrow_c_stream__`."""
        ...


class History:
    """The projection in a file, or in memory where `path` is None."""

    def __init__(self, path: Path | None, source: EventSource) -> None:
        self._path = path
        self._source = source
        self._lock = threading.RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def catch_up(self) -> None:
        """Take in the events that came since the last time.

        Raises:
            DatabaseError: Even a new file cannot be written.
        """
        import duckdb

        with self._lock:
            try:
                self._project(self._open())
            except (duckdb.Error, _UnusableError) as failure:
                self._set_aside(failure)
                try:
                    self._project(self._open())
                except duckdb.Error as error:
                    raise DatabaseError(
                        f"{self._path or 'history'}: the history cannot be built: {error}"
                    ) from error

    def sql(self, query: str, params: object = None) -> duckdb.DuckDBPyRelation:
        """Run one SELECT over the views `history` and `memories`, as of the newest event."""
        import duckdb

        try:
            statements = duckdb.extract_statements(query)
        except duckdb.Error as error:
            raise ValidationError(f"the query cannot be parsed: {error}") from error
        kinds = [statement.type for statement in statements]
        if kinds != [duckdb.StatementType.SELECT]:
            told = ", ".join(kind.name for kind in kinds) or "nothing"
            raise ValidationError(
                f"sql() takes a single SELECT, not {told}", details={"query": query}
            )
        with self._lock:
            self.catch_up()
            cursor = self._open().cursor()
        try:
            # From DuckDB 2.0 on a statement that writes in its WITH is of type SELECT, too.
            cursor.execute("begin transaction read only")
            return cursor.sql(query, params=params)
        except duckdb.Error as error:
            raise ValidationError(f"the query failed: {error}", details={"query": query}) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def forget(self) -> None:
        """Delete the file: the log was reset, and what it held must not stay here."""
        with self._lock:
            self.close()
            # What was set aside as damaged holds memories, too.
            if self._path is not None:
                for path in self._path.parent.glob(f"{self._path.name}*"):
                    path.unlink()

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is not None:
            return self._connection
        import duckdb

        if self._path is not None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = ":memory:" if self._path is None else str(self._path)
        connection = duckdb.connect(place)
        try:
            # SQL from outside reads nothing but the projection.
            connection.execute("set python_enable_replacements = false")
            known = connection.execute(
                "select count(*) from duckdb_tables() where table_name in ('events', 'watermark')"
            ).fetchall()
            if known == [(0,)]:
                connection.execute(f"begin; {SCHEMA} commit;")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._protect()
        return connection

    def _files(self) -> list[Path]:
        if self._path is None:
            return []
        both = (self._path, self._path.with_name(self._path.name + ".wal"))
        return [path for path in both if path.exists()]

    def _protect(self) -> None:
        # DuckDB makes its files with the process's umask, and its log anew after each checkpoint.
        for path in self._files():
            path.chmod(0o600)

    def _project(self, connection: duckdb.DuckDBPyConnection) -> None:
        last = self._source.last_seq()
        log_id = self._source.log_id()
        # All of it: an unfinished result keeps DuckDB 2.0 from registering a batch.
        rows = connection.execute("select format, log_id, seq from watermark").fetchall()
        if not rows:
            connection.execute("insert into watermark values (?, ?, 0)", [FORMAT, log_id])
        row = rows[0] if rows else (FORMAT, log_id, 0)
        seq = row[2]
        if row[:2] != (FORMAT, log_id) or seq > last:
            raise _UnusableError(f"it holds another log: {row}, not {(FORMAT, log_id, last)}")
        while seq < last:
            batch = self._source.events_arrow(seq, BATCH)
            connection.register("batch", batch)
            try:
                connection.execute("begin")
                connection.execute("insert into events select * from batch")
                connection.execute(
                    "update watermark set seq = (select coalesce(max(seq), 0) from events)"
                )
                connection.execute("commit")
            except BaseException:
                with suppress(Exception):
                    connection.execute("rollback")
                raise
            finally:
                connection.unregister("batch")
            before = seq
            [(seq,)] = connection.execute("select seq from watermark").fetchall()
            if seq == before:
                break
        self._protect()

    def _set_aside(self, failure: Exception) -> None:
        """Move a file that cannot be used out of the way; it is kept for a look."""
        self.close()
        if self._path is None:
            return
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        log.warning("%s is set aside and built anew from the log: %s", self._path, failure)
        for path in self._files():
            path.rename(path.with_name(f"{path.name}.damaged-{stamp}"))


class _UnusableError(Exception):
    """The file is sound but not a projection of this log."""
