"""The verbs of `AsyncMemory` that work on many memories at once, and what drives all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import WeakKeyDictionary

from memfast._bulk import Ids
from memfast._flows.transaction import Transaction, commit_changes
from memfast._loop import Shared, arun, arun_here, arun_in
from memfast._steps import Context, Flow
from memfast._workers import Workers
from memfast.errors import StoreClosedError
from memfast.memory import Memory

if TYPE_CHECKING:
    from pathlib import Path

    from memfast._core import Export
    from memfast.transfer.columns import Columns
    from memfast.transfer.progress import Tell
    from memfast.transfer.reports import ExportReport, ImportReport
    from memfast.types import BatchResult, SearchResult, Vectors

T = TypeVar("T")

# Calls of the engine that run beside the loop at a time: enough for commits to share a flush.
BESIDE = 8


class _Plan(Memory):
    """The verbs of a memory, which return what they would run."""

    def __init__(self, memory: Memory) -> None:
        self.__dict__ = memory.__dict__

    def _run(self, flow: Callable[..., Flow[T]], *args: Any, **kwargs: Any) -> T:
        planned: Any = partial(flow, *args, **kwargs)
        found: T = planned
        return found


class AsyncBulk:
    """Batches, transactions and searches with several queries."""

    def _start(self, memory: Memory) -> None:
        self._memory = memory
        self._plan = _Plan(memory)
        self._pool = Workers(BESIDE, "memfast-async")
        self._shared: WeakKeyDictionary[asyncio.AbstractEventLoop, Shared] = WeakKeyDictionary()

    async def search_many(
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
        """See `Memory.search_many`."""
        return await self._flow(
            self._plan.search_many(
                queries,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                limit=limit,
                filters=filters,
                threshold=threshold,
                top_k=top_k,
                vectors=vectors,
                show_expired=show_expired,
                include_superseded=include_superseded,
                include_messages=include_messages,
                exact=exact,
                ef=ef,
            )
        )

    async def batch_add(
        self,
        memories: Sequence[Mapping[str, Any] | str],
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        vectors: Vectors | None = None,
    ) -> BatchResult:
        """See `Memory.batch_add`."""
        return await self._flow(
            self._plan.batch_add(
                memories, user_id=user_id, agent_id=agent_id, run_id=run_id, vectors=vectors
            )
        )

    async def batch_update(
        self,
        memories: Sequence[Mapping[str, Any]],
        *,
        upsert: bool = False,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        vectors: Vectors | None = None,
    ) -> BatchResult:
        """See `Memory.batch_update`."""
        return await self._flow(
            self._plan.batch_update(
                memories,
                upsert=upsert,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                vectors=vectors,
            )
        )

    async def batch_delete(self, memories: Sequence[Mapping[str, Any] | str]) -> BatchResult:
        """See `Memory.batch_delete`."""
        return await self._off(self._memory.batch_delete, memories)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """See `Memory.transaction`. Its calls wait for nothing; the end of the block is awaited."""
        transaction = Transaction(self._context)
        try:
            yield transaction
            if transaction.is_open and (changes := transaction.end()).drafts:
                planned: Any = partial(commit_changes, changes=changes)
                await self._flow(planned)
        finally:
            transaction.close()

    async def import_(
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
        format: Literal["parquet", "csv", "jsonl", "mem0"] | None = None,  # noqa: A002 - as `Memory` has it
        history: str | Path | None = None,
        max_unpacked_bytes: int | None = None,
        max_row_bytes: int = 64 << 20,
    ) -> ImportReport:
        """See `Memory.import_`."""
        return await self._off(
            partial(
                self._memory.import_,
                source,
                columns=columns,
                vectors=vectors,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                on_conflict=on_conflict,
                batch_rows=batch_rows,
                rejects=rejects,
                strict=strict,
                progress=progress,
                format=format,
                history=history,
                max_unpacked_bytes=max_unpacked_bytes,
                max_row_bytes=max_row_bytes,
            )
        )

    async def export(
        self,
        target: str | Path | None = None,
        *,
        format: Literal["parquet", "csv", "jsonl"] | None = None,  # noqa: A002 - as `Memory` has it
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        filters: Mapping[str, Any] | None = None,
        vectors: bool = True,
        history: bool = False,
    ) -> ExportReport | Export:
        """See `Memory.export`."""
        found: ExportReport | Export = await self._off(
            partial(
                self._memory.export,
                target,
                format=format,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                filters=filters,
                vectors=vectors,
                history=history,
            )
        )
        return found

    async def optimize(
        self, progress: bool | Callable[[str, int, int], object] | None = None
    ) -> None:
        """See `Memory.optimize`."""
        await self._off(self._memory.optimize, progress)

    async def stats(self) -> dict[str, Any]:
        """See `Memory.stats`."""
        return await self._off(self._memory.stats)

    async def flush(self) -> None:
        """See `Memory.flush`."""
        await self._off(self._memory.flush)

    def _context(self) -> Context:
        return self._memory._context  # noqa: SLF001 - the two are one

    def _off(self, function: Callable[..., T], /, *args: Any) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        try:
            running = self._pool.submit(function, *args)
        except RuntimeError as error:
            # The one other reason, an interpreter that ends, takes no new work either.
            raise StoreClosedError("the memory is closed; open it again") from error
        return asyncio.wrap_future(running, loop=loop)

    async def _flow(self, planned: T) -> T:
        """Run what was planned beside the loop."""
        return await self._drive(arun, planned)

    async def _flow_here(self, planned: T) -> T:
        """Run what was planned on the loop, but for what takes long."""
        return await self._drive(arun_here, planned)

    async def _drive(self, driver: Callable[..., Awaitable[Any]], planned: T) -> T:
        loop = asyncio.get_running_loop()
        if (shared := self._shared.get(loop)) is None:
            shared = self._shared[loop] = Shared(self._off)
        flow: Any = planned
        drive: Any = partial(driver, shared=shared)
        found: T = await arun_in(
            self._context, drive, self._off, flow.func, *flow.args, **flow.keywords
        )
        return found
