"""`import_` and `export`: large sets of memories, in files and tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from memfast._flows import checks, scopes
from memfast._steps import Flow, work

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._core import Export
    from memfast.transfer.columns import Columns
    from memfast.transfer.progress import Tell
    from memfast.transfer.reports import ExportReport, ImportReport
    from memfast.types import Ids


def import_(
    context: Context,
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
) -> Flow[ImportReport]:
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
        progress: A bar on stderr, or a function called with the rows done and in all (None
            where that is not known). Default: a bar if stderr is a terminal.
        format: The format of a file whose name does not say it.
        history: History database of a mem0 store, for times that its memories lack; its events
            are not imported. Default: history.db in the folder or beside it.
        max_unpacked_bytes: Bytes that the rows of a Parquet, CSV or JSON lines file may take
            once they are unpacked. Default: 1 GiB, or 1,000 times the file's size if that is
            more.
        max_row_bytes: Bytes of one row. A longer line of a file ends the import; a larger row
            of a table is a bad row.

    A mem0 store is only read, and must not be open elsewhere. Its texts are embedded again,
    as equal dimensions do not mean the same model; `embedded` in the report says how many. Its
    vectors are used with `vectors=True`, and by a memory without embedder.

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
    return work(
        partial(
            import_rows,
            context.now,
            source,
            columns=columns,
            vectors=vectors,
            scope=scopes.default_scope(user_id, agent_id, run_id),
            on_conflict=on_conflict,
            batch_rows=checks.whole_number("batch_rows", batch_rows, least=1),
            rejects=rejects,
            strict=checks.flag("strict", strict),
            progress=progress,
            file_format=format,
            history=history,
            limits=Limits(min(row, sys.maxsize - 1), most),
        )
    )


@overload
def export(
    context: Context,
    target: None = None,
    *,
    format: None = None,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    filters: Mapping[str, Any] | None = None,
    vectors: bool = True,
    history: Literal[False] = False,
) -> Flow[Export]: ...
@overload
def export(
    context: Context,
    target: str | Path,
    *,
    format: Literal["parquet", "csv", "jsonl"] | None = None,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    filters: Mapping[str, Any] | None = None,
    vectors: bool = True,
    history: bool = False,
) -> Flow[ExportReport]: ...
def export(
    context: Context,
    target: str | Path | None = None,
    *,
    format: Literal["parquet", "csv", "jsonl"] | None = None,  # noqa: A002 - as `import_` has it
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    filters: Mapping[str, Any] | None = None,
    vectors: bool = True,
    history: bool = False,
) -> Flow[ExportReport | Export]:
    """Write all memories as of this moment, or those of a scope, expired and superseded ones too.

    `import_` of it into an empty store of the same embedder gives the same memories: ids,
    texts, metadata, times, provenance and exact vectors.

    Args:
        target: A .parquet, .jsonl, .jsonl.gz or .csv file, written under another name and
            renamed when it is whole, in place of one that is there. None returns an object
            with `__arrow_c_stream__`, for pyarrow, polars, pandas and DuckDB.
        format: The format of a file whose name does not say it.
        user_id: Whose memories. No id at all exports the whole store.
        agent_id: The agent that holds them.
        run_id: The session they come from.
        filters: Conditions on ids, fields and metadata.
        vectors: Write the vectors too.
        history: Write the events too, into a file beside it (`memories.history.parquet`). It
            is for reading: an import starts each memory's history again.

    Raises:
        ValidationError: The file's format is not known, or `history` without a file.
        DependencyError: The format needs a package; names the extra.
    """
    from memfast.transfer.exporting import export_rows

    return work(
        partial(
            export_rows,
            context,
            target,
            file_format=format,
            selection=scopes.selection(context.bound, user_id, agent_id, run_id, filters=filters),
            vectors=checks.flag("vectors", vectors),
            history=checks.flag("history", history),
        )
    )
