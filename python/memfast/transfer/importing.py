"""`import_`: rows of a source become memories, a batch per commit."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memfast._core import Prepared, RowReader
from memfast._flows.capabilities import engine_of
from memfast._workers import Workers
from memfast.config import expanded
from memfast.errors import RowError
from memfast.transfer.columns import Columns, check_header, check_vectors, read_columns
from memfast.transfer.limits import Limits
from memfast.transfer.matrix import Matrix
from memfast.transfer.mem0 import Wanted
from memfast.transfer.progress import Tell, progress_of
from memfast.transfer.rejects import Rejects
from memfast.transfer.reports import ImportReport
from memfast.transfer.sources import Batch, Source, open_source

if TYPE_CHECKING:
    from memfast._context import Context

log = logging.getLogger("memfast")

Scope = tuple[str | None, str | None, str | None]

Outcomes = Generator[tuple[Batch, tuple[int, int]], None, None]

# Texts per call of the embedder: enough for all cores, and some take no more.
TEXTS = 1024
# Batches between the reader and the disk; more would cost memory and gain nothing.
AHEAD = 3


def import_rows(
    current: Callable[[], Context],
    source: object,
    *,
    columns: Columns | None,
    vectors: object,
    scope: Scope,
    on_conflict: str,
    batch_rows: int,
    rejects: str | Path | None,
    strict: bool,
    progress: bool | Tell | None,
    file_format: str | None,
    history: str | Path | None,
    limits: Limits,
) -> ImportReport:
    """Store the rows of a source; see `Memory.import_`.

    `current` returns the engine and the embedder that the store has by now.
    """
    started = time.perf_counter()
    mapped = read_columns(columns)
    context = current()
    dim = engine_of(context, "arrow", "import_").identity()[1]
    asked = vectors is True
    wanted = Wanted(
        history=None if history is None else expanded(history),
        vectors=asked or (context.embedder is None and vectors is None),
        dim=dim,
    )
    reader = RowReader(
        columns=mapped.names,
        keys=mapped.keys,
        scope=scope,
        dim=dim,
        embeds=_embeds(context),
        on_conflict=on_conflict,
        max_row_bytes=limits.row,
    )
    with ExitStack() as stack:
        opened: Source = stack.enter_context(
            open_source(
                source,
                file_format=file_format,
                batch_rows=batch_rows,
                wanted=wanted,
                limits=limits,
            )
        )
        if opened.names is not None:
            check_header(opened.where, opened.names, mapped)
        matrix = None if vectors is None or asked else Matrix(vectors)
        if asked or (matrix is None and context.embedder is None):
            check_vectors(opened.where, opened.names, mapped, asked=asked)
        if matrix is not None:
            matrix.check(opened.total(0))
        tell = stack.enter_context(progress_of(progress))
        kept = stack.enter_context(Rejects(rejects))
        work = _Work(current, on_conflict != "fail")
        batches = _checked(opened.batches(reader, batch_rows, matrix), kept, strict=strict)
        rows = added = skipped = 0
        outcomes = stack.enter_context(closing(work.run(batches)))
        for batch, (new, known) in outcomes:
            rows, added, skipped = rows + batch.rows, added + new, skipped + known
            tell(rows, opened.total(rows))
        if matrix is not None and matrix.left:
            log.warning("%d vectors were not used: the source had fewer rows", matrix.left)
    if reader.left_out:
        log.warning(
            "%d metadata keys named an identity and were left out; map them with columns=",
            reader.left_out,
        )
    seconds = time.perf_counter() - started
    return ImportReport(rows, added, skipped, kept.count, work.embedded, seconds)


def _checked(batches: Iterator[Batch], rejects: Rejects, *, strict: bool) -> Iterator[Batch]:
    """Keep the bad rows of each batch; with `strict` the first ends it."""
    for batch in batches:
        if strict and batch.bad:
            raise RowError.at(batch.bad[0].line, batch.bad[0].reason)
        for row in batch.bad:
            rejects.add(row)
        yield batch


class _Work:
    """Reads here, embeds in one thread and commits in another, in order."""

    def __init__(self, current: Callable[[], Context], skips: bool) -> None:
        self._current = current
        self._skips = skips
        self._failed = False
        # Written by the embedding thread alone, read when it is done.
        self.embedded = 0

    def run(self, batches: Iterator[Batch]) -> Outcomes:
        """Yield each batch with how many rows were added and skipped, once it is on disk."""
        waiting: deque[tuple[Batch, Future[tuple[int, int]]]] = deque()
        embedding = Workers(1, "memfast-embed")
        committing = Workers(1, "memfast-commit")
        cancel = True
        try:
            for batch in batches:
                ready = embedding.submit(self._embed, batch.prepared)
                done = committing.submit(self._commit, batch.prepared, ready)
                waiting.append((batch, done))
                if len(waiting) > AHEAD:
                    first, outcome = waiting.popleft()
                    yield first, outcome.result()
            for first, outcome in waiting:
                yield first, outcome.result()
        except Exception:
            # A bad row ends the import; the batches before it are stored.
            cancel = False
            raise
        finally:
            # Waits for running work: nothing changes after the call returns.
            embedding.close(cancel=cancel)
            committing.close(cancel=cancel)

    def _embed(self, prepared: Prepared) -> tuple[int, Context]:
        """Give each text its vector.

        Returns:
            How many rows the store had already, and the context of the vectors.
        """
        context = self._current()
        if self._failed:
            return 0, context
        texts = prepared.texts(1)
        known = 0
        if texts and self._skips:
            known = prepared.leave_out_known(engine_of(context, "arrow", "import_"))
        self.embedded += _give_vectors(prepared, context)
        return known, context

    def _commit(self, prepared: Prepared, ready: Future[tuple[int, Context]]) -> tuple[int, int]:
        if self._failed:
            return 0, 0
        try:
            known, context = ready.result()
            while True:
                # A change of the embedder waits for this commit, or the commit for the change.
                with context.swap.serving:
                    now = self._current()
                    if now.space == context.space:
                        added, skipped = prepared.commit(
                            engine_of(context, "arrow", "import_"), context.space
                        )
                        return added, skipped + known
                prepared.take_back_vectors()
                _give_vectors(prepared, now)
                context = now
        except BaseException:
            # Later batches are not stored either: what is stored has no gap.
            self._failed = True
            raise


def _embeds(context: Context) -> Literal["nothing", "memories", "all"]:
    """Return which rows without a vector are given one."""
    if context.embedder is None:
        return "nothing"
    return "all" if context.embeds_here else "memories"


def _give_vectors(prepared: Prepared, context: Context) -> int:
    """Embed the texts that have no vector; return how many."""
    count = 0
    while texts := prepared.texts(TEXTS):
        vectors = context.needed_embedder().embed(texts)
        prepared.give_vectors(vectors)
        count += len(texts)
    return count
