"""The verbs of `Memory` that work on many memories at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar, overload

from memfast._flows import checks
from memfast._steps import Context, Flow, run_in

if TYPE_CHECKING:
    from memfast._core import Engine, Export
    from memfast._flows.transaction import Transaction
    from memfast._handles import Handle
    from memfast.transfer.columns import Columns
    from memfast.transfer.progress import Tell
    from memfast.transfer.reports import ExportReport, ImportReport
    from memfast.types import BatchResult, SearchResult, Vectors

T = TypeVar("T")
P = ParamSpec("P")

Ids = str | list[str] | None


class Bulk:
    """Batches, transactions and searches with several queries."""

    _handle: Handle

    @property
    def _engine(self) -> Engine:
        return self._handle.engine

    @property
    def _context(self) -> Context:
        return self._handle.context

    def batch_add(
        self,
        memories: Sequence[Mapping[str, Any] | str],
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        vectors: Vectors | None = None,
    ) -> BatchResult:
        """Store memories as they are, all of them in one commit or none.

        Args:
            memories: Texts, or dicts with `memory` (or `text`) and, where wanted, `memory_id`, the
                scope's ids, `metadata`, `actor_id`, `role`, `memory_type`, `timestamp`,
                `created_at`, `updated_at`, `expiration_date` and `vector`; the texts of those
                without a vector are embedded.
            user_id: Scope of those that name none themselves.
            agent_id: See `user_id`.
            run_id: See `user_id`.
            vectors: One row per memory, in place of embedding the texts and of `vector` in the
                items.

        Raises:
            ValidationError: An item is wrong; the message names it. Or there are more or fewer
                vectors than memories.
        """
        scope = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
        from memfast._flows.batch import batch_add

        return self._run(batch_add, memories, scope, vectors=vectors)

    def batch_update(
        self,
        memories: Sequence[Mapping[str, Any]],
        *,
        upsert: bool = False,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        vectors: Vectors | None = None,
    ) -> BatchResult:
        """Change memories, all of them in one commit or none.

        Args:
            memories: Dicts with `memory_id` and `text`, `metadata`, `expiration_date` or
                `vector`. An id may come twice; the later change sees the earlier one.
            upsert: Store the memories whose ids are not there, with the scope given here or in
                the item; whether one is there is decided in the commit. Other keys of `batch_add`
                are for memories that are new.
            user_id: Scope of memories that `upsert` stores.
            agent_id: See `user_id`.
            run_id: See `user_id`.
            vectors: One row per memory, in place of embedding the texts that change.

        Returns:
            `results`: id, event ("UPDATE" or "ADD") and text of each memory, and
            `previous_memory`, the text before this change of the batch, for one that was there.

        Raises:
            MemoryNotFoundError: Some ids are not there; names them, and changes nothing.
            ConflictError: A vector came without its text, and another call changed the text
                meanwhile.
            ValidationError: An item is wrong; the message names it. Or there are more or fewer
                vectors than memories.
        """
        from memfast._flows.batch import batch_update

        scope = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
        return self._run(
            batch_update,
            memories,
            scope,
            vectors=vectors,
            upsert=checks.flag("upsert", upsert),
        )

    def batch_delete(self, memories: Sequence[Mapping[str, Any] | str]) -> BatchResult:
        """Delete memories, all of them in one commit or none; their history stays.

        Args:
            memories: Ids, or dicts with `memory_id`.

        Raises:
            MemoryNotFoundError: Some ids are not there; names them, and deletes nothing.
        """
        from memfast._flows.batch import batch_delete

        return batch_delete(self._context, memories)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit the changes of a block together when it ends, or none if it fails.

        The texts are embedded at the end, in one batch. A transaction that is used after its end
        raises TransactionClosedError.

        >>> from memfast.testing import fake_memory
        >>> memory = fake_memory()
        >>> with memory.transaction() as tx:
        ...     first = tx.add("I live in Oslo", user_id="ann")["results"][0]["id"]
        ...     _ = tx.update(first, metadata={"checked": True})
        >>> memory.get(first)["metadata"]
        {'checked': True}
        """
        from memfast._flows.transaction import Transaction

        transaction = Transaction(lambda: self._context)
        try:
            yield transaction
            if transaction.is_open:
                transaction.commit()
        finally:
            transaction.close()

    def search_many(
        self,
        queries: Sequence[str] | None = None,
        *,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        limit: int | None = None,
        filters: Mapping[str, Any] | None = None,
        threshold: float | None = None,
        top_k: int | None = None,
        vectors: Vectors | None = None,
        show_expired: bool = False,
        include_superseded: bool = False,
        include_messages: bool = False,
        exact: bool = False,
        ef: int | None = None,
    ) -> list[SearchResult]:
        """Return what `search` returns for each of several texts or vectors, in one pass."""
        from memfast._flows.search import search_many

        return self._run(
            search_many,
            queries,
            checks.read_scope(user_id, agent_id, run_id),
            vectors=vectors,
            options=checks.search_options(
                filters=filters,
                limit=limit,
                top_k=top_k,
                threshold=threshold,
                exact=exact,
                ef=ef,
                shows=checks.shows(show_expired, include_superseded, include_messages),
            ),
        )

    def import_(
        self,
        source: object,
        *,
        columns: Columns | None = None,
        vectors: object = None,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        on_conflict: Literal["id", "hash", "fail"] = "id",
        batch_rows: int = 20_000,
        rejects: str | Path | None = None,
        strict: bool = False,
        progress: bool | Tell | None = None,
        format: Literal["parquet", "csv", "jsonl", "mem0"] | None = None,  # noqa: A002 - as pandas has it
        history: str | Path | None = None,
        max_unpacked_bytes: int | None = None,
        max_row_bytes: int = 64 << 20,
    ) -> ImportReport:
        """Store many memories, a batch per durable commit; rows without a vector are embedded.

        An import that was interrupted is run again as it is: what is stored is skipped inside the
        commit, so every row ends up there once, and there is no state to keep.

        Args:
            source: Path of a .parquet, .csv, .jsonl or .jsonl.gz file; of a mem0 store, the folder
                of its local Qdrant client; of a .json file with what its `get_all` returned; an
                object with `__arrow_c_stream__` (pyarrow, polars, pandas, DuckDB); or an iterable
                of dicts. Columns have the names that `export` writes.
            columns: Other names, such as `{"memory": "text", "user_id": "uid"}`. Columns that hold
                no part of a memory become metadata; `{"metadata": ["a", "b"]}` takes only these.
            vectors: One vector per row, as a matrix or the path of an .npy file. True: those of the
                source, also of a mem0 store, which must be of the same model as this memory's.
            user_id: The user of rows that name none.
            agent_id: The agent of rows that name none.
            run_id: The run of rows that name none.
            on_conflict: "id" skips rows whose id is in the store, and rows without id whose scope
                holds the same text; "hash" skips both, with an id or not; "fail" raises.
            batch_rows: Rows per commit.
            rejects: Where bad rows go, as JSON lines with line, reason and row; a file that is
                there is replaced. Default: the first are logged.
            strict: Raise at the first bad row, and store nothing of its batch.
            progress: A bar on stderr, or a function told the rows done and in all (None where that
                is not known). Default: a bar if stderr is a terminal.
            format: The format of a file whose name does not tell it.
            history: History database of a mem0 store, for times that its memories lack; its events
                are not imported. Default: history.db in the folder or beside it.
            max_unpacked_bytes: Bytes that the rows of a Parquet, CSV or JSON lines file may take
                once they are unpacked. Default: 1 GiB, or 1,000 times the file's size if that is
                more.
            max_row_bytes: Bytes of one row. A longer line of a file ends the import; a larger row
                of a table is a bad row.

        A mem0 store is only read, and must not be open elsewhere. Its texts are embedded anew, as
        equal dimensions do not mean the same model; `embedded` in the report tells how many. Its
        vectors are taken with `vectors=True`, and by a memory without embedder.

        Raises:
            RowError: A bad row with `strict`, or an id in use with `on_conflict="fail"`.
            ValidationError: The source is not whole, has no column for the text, or unpacks to more
                than the limits.
            DimensionError: The vectors of a mem0 store are wanted, and of another dimension.
            StoreLockedError: A running mem0 has the store open.
            DependencyError: The format needs a package; names the extra.

        >>> from memfast.testing import fake_memory
        >>> memory = fake_memory()
        >>> memory.import_([{"memory": "I live in Oslo", "user_id": "ann"}]).added
        1
        """
        from memfast.transfer.importing import import_rows
        from memfast.transfer.limits import Limits

        most = max_unpacked_bytes
        if most is not None:
            most = checks.whole_number("max_unpacked_bytes", most, least=1)
        # One more than the longest row is asked of a file.
        row = checks.whole_number("max_row_bytes", max_row_bytes, least=1)
        return import_rows(
            lambda: self._context,
            source,
            columns=columns,
            vectors=vectors,
            scope=checks.default_scope(user_id, agent_id, run_id),
            on_conflict=on_conflict,
            batch_rows=checks.whole_number("batch_rows", batch_rows, least=1),
            rejects=rejects,
            strict=checks.flag("strict", strict),
            progress=progress,
            file_format=format,
            history=history,
            limits=Limits(min(row, sys.maxsize - 1), most),
        )

    @overload
    def export(
        self,
        target: None = None,
        *,
        format: None = None,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        filters: Mapping[str, Any] | None = None,
        vectors: bool = True,
        history: Literal[False] = False,
    ) -> Export: ...
    @overload
    def export(
        self,
        target: str | Path,
        *,
        format: Literal["parquet", "csv", "jsonl"] | None = None,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        filters: Mapping[str, Any] | None = None,
        vectors: bool = True,
        history: bool = False,
    ) -> ExportReport: ...
    def export(
        self,
        target: str | Path | None = None,
        *,
        format: Literal["parquet", "csv", "jsonl"] | None = None,  # noqa: A002 - as `import_` has it
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        filters: Mapping[str, Any] | None = None,
        vectors: bool = True,
        history: bool = False,
    ) -> ExportReport | Export:
        """Write all memories as of this moment, or those of a scope, expired and replaced ones too.

        `import_` of it into an empty store of the same embedder gives the same memories: ids,
        texts, metadata, times, provenance and exact vectors.

        Args:
            target: A .parquet, .jsonl, .jsonl.gz or .csv file, written under another name and
                renamed when it is whole, in place of one that is there. None returns an object
                with `__arrow_c_stream__`, for pyarrow, polars, pandas and DuckDB.
            format: The format of a file whose name does not tell it.
            user_id: Whose memories. No id at all exports the whole store.
            agent_id: The agent that holds them.
            run_id: The session they come from.
            filters: Conditions on ids, fields and metadata.
            vectors: Write the vectors too.
            history: Write the events too, into a file beside it (`memories.history.parquet`). It
                is for reading: an import begins each memory's history anew.

        Raises:
            ValidationError: The file's format is not known, or `history` without a file.
            DependencyError: The format needs a package; names the extra.
        """
        from memfast.transfer.exporting import export_rows

        return export_rows(
            self._engine,
            target,
            file_format=format,
            scope=checks.read_scope(user_id, agent_id, run_id),
            filters=filters,
            vectors=checks.flag("vectors", vectors),
            history=checks.flag("history", history),
        )

    def optimize(self, progress: bool | Callable[[str, int, int], object] | None = None) -> None:
        """Tidy the store now, which otherwise happens little by little behind the calls.

        Vectors are gathered into one segment, and the approximate index for searches over the
        whole store is built or brought up to date. Other calls go on meanwhile. It is safe to
        interrupt at any moment.

        Args:
            progress: True shows a bar on stderr, a function is called with the stage ("merge" or
                "index"), rows done and rows in all. Default: a bar if stderr is a terminal.
        """
        from memfast.transfer.progress import stages

        with stages(progress) as tell:
            self._engine.optimize(tell)

    def stats(self) -> dict[str, Any]:
        """Return what the store is made of.

        `records` and `events`; `segments`, `segment_bytes` and `tail` (vectors not in a segment
        yet); `cache_bytes` in memory; `index`: `rows`, `bytes` and how many events it is `behind`,
        or None; `trouble`: the last failure of the work behind the calls, or None.
        """
        return self._engine.stats()

    def flush(self) -> None:
        """Make all changes so far safe from a crash, where `durability` does not already."""
        self._engine.flush()

    def _run(
        self,
        flow: Callable[Concatenate[Context, P], Flow[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return run_in(lambda: self._context, flow, *args, **kwargs)
