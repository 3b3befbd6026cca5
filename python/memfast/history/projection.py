"""The projection: opened, brought up to date, queried, repaired and closed."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakSet, WeakValueDictionary

from memfast._core import never_drop
from memfast.errors import ConfigurationError, DatabaseError, StoreClosedError, ValidationError
from memfast.history.failures import INTERRUPTED, is_outside, is_suspect
from memfast.history.results import connect_results, lock, narrowed, read, single_select
from memfast.history.tables import (
    EventSource,
    OtherEventsError,
    UnfitError,
    connect,
    create,
    take_events,
)

if TYPE_CHECKING:
    import duckdb

    from memfast.history.files import Place
    from memfast.stores.protocol import Selection

log = logging.getLogger("memfast")

T = TypeVar("T")

# Seconds between two interruptions: a query that has not started yet misses the first.
PATIENCE = 0.05


class History:
    """The projection in a file, or in memory where there is none or DuckDB cannot open its name.

    Its methods may be called from many threads.
    """

    def __init__(self, place: Place | None, source: EventSource) -> None:
        self._place = place
        self._source = source
        self._recognised = False
        self._begin()
        _living.add(self)

    def _begin(self) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = None
        # The database of the results that callers hold.
        self._results: duckdb.DuckDBPyConnection | None = None
        # Held while the projection is opened, brought up to date or closed. Several handles on one
        # file share it, as they share the database in DuckDB.
        self._lock = _lock_of(self._place)
        self._idle = threading.Condition()
        self._running: set[_Turn] = set()
        self._closed = False

    @property
    def is_kept(self) -> bool:
        """Whether the projection is kept in a file."""
        return self._place is not None and self._place.opens

    def catch_up(self) -> None:
        """Add the events since the last call.

        Raises:
            DatabaseError: The file cannot be opened or written now; it is kept as it is.
            ConfigurationError: The file is another program's.
        """
        import duckdb

        with self._lock, self._translated():
            for last in (False, True):
                try:
                    return self._take_events()
                except OtherEventsError as problem:
                    self._replace(problem)
                except (duckdb.Error, UnfitError) as error:
                    if last or is_outside(error):
                        self._drop()
                        raise self._failure(error) from error
                    self._mend(error)
        return None

    def sql(
        self, query: str, params: object = None, within: Selection | None = None
    ) -> duckdb.DuckDBPyRelation:
        """Run one SELECT over the views `history` and `memories`, as of the newest event.

        Args:
            query: The SELECT.
            params: Its parameters.
            within: The scope whose memories the views hold; None for all.

        Returns:
            The rows, in a database in memory of their own: later calls, `reset` and closing leave
            them as they are.

        Raises:
            ValidationError: It is not a single SELECT, or it fails.
            StoreClosedError: The memory was closed before the query ended.
            DatabaseError: The file cannot be opened or written now.
        """
        import duckdb

        self._source.log_state(0)
        mended = False
        while True:
            with self._lock:
                holder = self._holder()
                text = single_select(holder, query)
                self.catch_up()
                turn = self._take_turn(self._open().cursor(), holder)
            try:
                with self._translated():
                    return turn.run(partial(turn.read, text, params, within))
            except (duckdb.Error, TypeError, ValueError) as error:
                failure = error
            finally:
                self._end_turn(turn)
            if turn.stopped:
                if self._closed:
                    raise StoreClosedError("the memory was closed during the query") from failure
                # The projection was replaced; the query runs again on the new one.
                continue
            if mended or not is_suspect(failure) or not self._is_mended(failure):
                raise ValidationError(
                    f"the query failed: {failure}", details={"query": query[:80]}
                ) from failure
            mended = True

    @contextmanager
    def forgotten(self) -> Iterator[None]:
        """Delete the file and damaged ones; the body resets the log.

        No query sees the one without the other, and a crash between them loses nothing: the file
        is built again from the log.

        Raises:
            ConfigurationError: The file is another program's; nothing was deleted.
        """
        with self._lock, self._translated():
            self._drop_all()
            if self._place is not None:
                self._recognise(self._place)
                self._place.erase()
            yield

    def close(self) -> None:
        """Close the file; queries that still run end with StoreClosedError. Results stay."""
        self._closed = True
        with self._lock:
            self._drop()
            # Not closed: results have cursors on it.
            self._results = None

    def leave_to_parent(self) -> None:
        """In a forked child: drop the references to DuckDB's objects without destroying them.

        Their threads exist in the parent alone, and so does the right to write the file; both are
        what their destruction would reach for.
        """
        held = [self._connection, self._results]
        for turn in self._running:
            held += [turn.cursor, turn.holder]
        never_drop(held)
        self._begin()
        self._closed = True

    @property
    def _where(self) -> str:
        return str(self._place.path) if self._place else "the history in memory"

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what DuckDB and the machine report as errors of memfast."""
        import duckdb

        try:
            yield
        except RuntimeError as error:
            if INTERRUPTED not in str(error):
                raise
            # DuckDB asks for signals while a query runs, and replaces what their handler raised.
            raise error.__cause__ or KeyboardInterrupt from None
        except (duckdb.Error, OSError) as error:
            if INTERRUPTED in str(error):
                raise KeyboardInterrupt from None
            if not is_outside(error):
                raise
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> DatabaseError:
        return DatabaseError(
            f"{self._where}: the history cannot be read or written: {error}",
            suggestion="The file is kept as it is, and the next call tries again; nothing of the "
            "store is lost.",
        )

    def _take_turn(
        self, cursor: duckdb.DuckDBPyConnection, holder: duckdb.DuckDBPyConnection
    ) -> _Turn:
        turn = _Turn(cursor, holder)
        with self._idle:
            self._running.add(turn)
        return turn

    def _end_turn(self, turn: _Turn) -> None:
        import duckdb

        with suppress(duckdb.Error):
            turn.cursor.close()
        with self._idle:
            self._running.discard(turn)
            self._idle.notify_all()

    def _holder(self) -> duckdb.DuckDBPyConnection:
        self._check_open()
        if self._results is None:
            self._results = connect_results()
        return self._results.cursor()

    def _open(self) -> duckdb.DuckDBPyConnection:
        self._check_open()
        if self._connection is not None:
            return self._connection

        place = self._place
        if place is None or not self.is_kept:
            connection = create(":memory:")
            lock(connection)
        else:
            self._recognise(place)
            if place.is_new():
                with place.draft() as draft:
                    create(str(draft)).close()
            connection = connect(str(place.path))
        self._connection = connection
        self._protect()
        return connection

    def _recognise(self, place: Place) -> None:
        """Refuse a file that the user named and no memfast wrote, or that another store uses.

        Raises:
            ConfigurationError: It is another program's, or nothing shows that it is ours. It is
                not changed.
        """
        import duckdb

        place.check()
        others = [other for other in self._handles() if other._connection]  # noqa: SLF001 - the same class
        log_id, _, _ = self._source.log_state(0)
        if any(other._source.log_state(0)[0] != log_id for other in others):  # noqa: SLF001 - the same class
            raise ConfigurationError(
                f"history_db_path: {str(place.path)!r} is in use by another store of this process",
                details={"history_db_path": str(place.path)},
                suggestion="Give each store a file of its own.",
            )
        if not place.named or self._recognised or others or place.is_new():
            return
        try:
            connect(str(place.path), read_only=True).close()
        except (duckdb.Error, UnfitError) as error:
            if is_outside(error):
                raise
            raise place.foreign(str(error)) from error
        self._recognised = True

    def _protect(self) -> None:
        if self._place is not None and self.is_kept:
            self._place.protect()

    def _take_events(self) -> None:
        take_events(self._open(), self._source, self._check_open)
        self._protect()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError("the memory is closed; open it again")

    def _drop(self) -> None:
        """Close the connection, if there is one; queries on it are interrupted first."""
        import duckdb

        with self._idle:
            while others := [turn for turn in self._running if not turn.is_here()]:
                for turn in others:
                    turn.stop()
                self._idle.wait(PATIENCE)
        connection, self._connection = self._connection, None
        if connection is not None:
            # Events that a checkpoint could not write are in the log.
            with suppress(duckdb.Error):
                connection.close()

    def _drop_all(self) -> None:
        """Close the connections of all handles on the file, which is about to be replaced."""
        for history in self._handles():
            history._drop()  # noqa: SLF001 - the same class

    def _handles(self) -> list[History]:
        return [other for other in _living if other._lock is self._lock]  # noqa: SLF001 - the same class

    def _replace(self, problem: OtherEventsError) -> None:
        """Delete a file whose events are not those of the log."""
        self._drop_all()
        log.warning("%s is built again from the log: %s", self._where, problem)
        if self._place is not None and self.is_kept:
            self._place.remove()

    def _is_mended(self, error: Exception) -> bool:
        with self._lock, self._translated():
            return self._mend(error)

    def _mend(self, error: Exception) -> bool:
        """Rename the file if it is damaged, to build a new one; returns whether it was."""
        self._drop_all()
        if self._place is None or not self.is_kept:
            return True
        if not isinstance(error, UnfitError) and self._is_sound():
            return False
        log.warning("%s is damaged; it is renamed and built again: %s", self._where, error)
        self._drop_all()
        self._place.rename_damaged()
        return True

    def _is_sound(self) -> bool:
        """Check the file again: a failure may have been temporary."""
        import duckdb

        try:
            connection = self._open()
            connection.execute("select sum(hash(events)) from events").fetchall()
            connection.execute("select * from watermark").fetchall()
        except (duckdb.Error, UnfitError) as error:
            if is_outside(error):
                raise
            return False
        return True


class _Turn:
    """A query under way, and whether it was asked to end."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, holder: duckdb.DuckDBPyConnection
    ) -> None:
        self.cursor = cursor
        self.holder = holder
        self.stopped = False
        self._copy: duckdb.DuckDBPyConnection | None = None
        self._thread = threading.get_ident()

    def read(self, query: str, params: object, within: Selection | None) -> duckdb.DuckDBPyRelation:
        """Run the SELECT, over the memories of a scope where one is named."""
        source = self.cursor
        if within is not None:
            source = self._copy = narrowed(self.cursor, within)
        return read(source, self.holder, query, params)

    def is_here(self) -> bool:
        """Return whether this thread runs it and a signal interrupted it."""
        return self._thread == threading.get_ident()

    def run(self, call: Callable[[], T]) -> T:
        """Run the query; a signal ends it.

        While another thread of DuckDB works, the one that called it does not look for signals. So
        the main thread, which gets them, waits here and not in DuckDB.
        """
        if threading.current_thread() is not threading.main_thread():
            return call()
        found: Future[T] = Future()

        def work() -> None:
            try:
                found.set_result(call())
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                found.set_exception(error)

        threading.Thread(target=work, name="memfast-sql").start()
        try:
            return found.result()
        finally:
            while not found.done():
                self.stop()
                with suppress(TimeoutError):
                    found.exception(PATIENCE)

    def stop(self) -> None:
        """Interrupt the query; one that has not begun does not notice."""
        import duckdb

        self.stopped = True
        for connection in (self.cursor, self.holder, self._copy):
            if connection is not None:
                with suppress(duckdb.Error):
                    connection.interrupt()


_living: WeakSet[History] = WeakSet()
_locks: WeakValueDictionary[str, threading.RLock] = WeakValueDictionary()


def _lock_of(place: Place | None) -> threading.RLock:
    if place is None:
        return threading.RLock()
    return _locks.setdefault(str(place.path), threading.RLock())


def _after_fork() -> None:
    _locks.clear()
    for history in list(_living):
        history.leave_to_parent()


os.register_at_fork(after_in_child=_after_fork)
