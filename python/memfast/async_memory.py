"""`AsyncMemory`: the verbs of `Memory` for an event loop. What they do stands in `_flows`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar
from weakref import WeakKeyDictionary

from memfast._bulk import Ids
from memfast._flows import checks
from memfast._flows.many import in_tasks
from memfast._flows.transaction import Transaction
from memfast._loop import Shared, arun, arun_here, arun_in
from memfast._steps import Context, Flow, is_brief
from memfast.errors import StoreClosedError
from memfast.memory import PAGE, Memory

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path
    from types import TracebackType

    import duckdb

    from memfast._core import Export
    from memfast.config import MemoryConfig
    from memfast.transfer.columns import Columns
    from memfast.transfer.progress import Tell
    from memfast.transfer.reports import ExportReport, ImportReport
    from memfast.types import (
        AddResult,
        BatchResult,
        HistoryEntry,
        MemoryItem,
        Messages,
        SearchResult,
        Vector,
        Vectors,
    )

T = TypeVar("T")

# Calls of the engine that run beside the loop at a time: enough for commits to share a flush.
BESIDE = 8
# Messages up to which an add computes on the loop.
FEW = 32


class _Plan(Memory):
    """The verbs of a memory, which return what they would run."""

    def __init__(self, memory: Memory) -> None:
        self.__dict__ = memory.__dict__

    def _run(self, flow: Callable[..., Flow[T]], *args: Any, **kwargs: Any) -> T:
        planned: Any = partial(flow, *args, **kwargs)
        found: T = planned
        return found


class AsyncMemory:
    """Memories for programs with an event loop: `Memory` with awaitable calls.

    Arguments, results and errors are those of `Memory`. Models with async clients are awaited;
    commits, and all that takes longer than a few milliseconds, run beside the loop. A call that
    is cancelled while it commits is committed whole.

    >>> import asyncio
    >>> from memfast.testing import HashEmbedder
    >>> async def main() -> str:
    ...     async with AsyncMemory(path=":memory:", embedder=HashEmbedder()) as memory:
    ...         await memory.add("I live in Oslo", user_id="ann", infer=False)
    ...         found = await memory.search("where does she live?", user_id="ann")
    ...         return found["results"][0]["memory"]
    >>> asyncio.run(main())
    'I live in Oslo'
    """

    def __init__(
        self,
        config: MemoryConfig | None = None,
        *,
        path: str | Path | None = None,
        embedder: object = checks.UNSET,
        dim: int | None = None,
        read_only: bool = False,
        durability: Literal["commit", "batch", "none"] = "commit",
        cache_bytes: int | None = None,
        llm: object = None,
        strategy: Literal["reconcile", "additive"] = "reconcile",
        keep_messages: bool = True,
    ) -> None:
        """Open the store; see `Memory`."""
        self._start(
            Memory(
                config,
                path=path,
                embedder=embedder,
                dim=dim,
                read_only=read_only,
                durability=durability,
                cache_bytes=cache_bytes,
                llm=llm,
                strategy=strategy,
                keep_messages=keep_messages,
            )
        )

    def _start(self, memory: Memory) -> None:
        self._memory = memory
        self._plan = _Plan(memory)
        self._pool = ThreadPoolExecutor(BESIDE, "memfast-async")
        self._shared: WeakKeyDictionary[asyncio.AbstractEventLoop, Shared] = WeakKeyDictionary()

    @classmethod
    def from_config(cls, config_dict: Mapping[str, Any]) -> Self:
        """See `Memory.from_config`."""
        from memfast.config import load_config

        return cls(load_config(config_dict))

    @property
    def config(self) -> MemoryConfig:
        """The settings."""
        return self._memory.config

    async def add(
        self,
        messages: Messages,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        infer: bool = True,
        memory_type: str | None = None,
        prompt: str | None = None,
        memory_id: str | None = None,
        vector: Vector | Vectors | None = None,
        timestamp: datetime | date | str | float | None = None,
        expiration_date: date | str | None = None,
    ) -> AddResult:
        """See `Memory.add`."""
        run = self._flow_here if _is_short(messages) else self._flow
        return await run(
            self._plan.add(
                messages,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                metadata=metadata,
                infer=infer,
                memory_type=memory_type,
                prompt=prompt,
                memory_id=memory_id,
                vector=vector,
                timestamp=timestamp,
                expiration_date=expiration_date,
            )
        )

    async def add_many(
        self,
        conversations: Sequence[Mapping[str, Any]],
        *,
        max_concurrency: int = 8,
        progress: Callable[[int, int], object] | None = None,
    ) -> list[AddResult]:
        """See `Memory.add_many`."""
        return await in_tasks(self.add, conversations, max_concurrency, progress)

    async def pending(
        self, *, user_id: Ids = "*", agent_id: Ids = None, run_id: Ids = None
    ) -> list[dict[str, Any]]:
        """See `Memory.pending`."""
        return await self._off(
            partial(self._memory.pending, user_id=user_id, agent_id=agent_id, run_id=run_id)
        )

    async def retry(
        self,
        *,
        user_id: Ids = "*",
        agent_id: Ids = None,
        run_id: Ids = None,
        limit: int | None = None,
    ) -> dict[str, Any]:
        """See `Memory.retry`."""
        return await self._flow_here(
            self._plan.retry(user_id=user_id, agent_id=agent_id, run_id=run_id, limit=limit)
        )

    async def search(
        self,
        query: str | None = None,
        *,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        limit: int | None = None,
        filters: Mapping[str, Any] | None = None,
        threshold: float | None = None,
        top_k: int | None = None,
        vector: Vector | None = None,
        show_expired: bool = False,
        include_superseded: bool = False,
        include_messages: bool = False,
        exact: bool = False,
        ef: int | None = None,
    ) -> SearchResult:
        """See `Memory.search`."""
        return await self._flow_here(
            self._plan.search(
                query,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                limit=limit,
                filters=filters,
                threshold=threshold,
                top_k=top_k,
                vector=vector,
                show_expired=show_expired,
                include_superseded=include_superseded,
                include_messages=include_messages,
                exact=exact,
                ef=ef,
            )
        )

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
                exact=exact,
                ef=ef,
            )
        )

    async def get(self, memory_id: str) -> MemoryItem | None:
        """See `Memory.get`."""
        return await self._off(self._memory.get, memory_id)

    async def get_all(
        self,
        *,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        limit: int | None = None,
        filters: Mapping[str, Any] | None = None,
        top_k: int | None = None,
        show_expired: bool = False,
        include_superseded: bool = False,
    ) -> dict[str, list[MemoryItem]]:
        """See `Memory.get_all`."""
        return await self._off(
            partial(
                self._memory.get_all,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                limit=limit,
                filters=filters,
                top_k=top_k,
                show_expired=show_expired,
                include_superseded=include_superseded,
            )
        )

    async def iter(
        self,
        *,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        filters: Mapping[str, Any] | None = None,
        show_expired: bool = False,
    ) -> AsyncIterator[MemoryItem]:
        """See `Memory.iter`."""
        items = await self._off(
            partial(
                self._memory.iter,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                filters=filters,
                show_expired=show_expired,
            )
        )
        page: list[MemoryItem]
        while page := await self._off(list, islice(items, PAGE)):
            for item in page:
                yield item

    async def count(
        self,
        *,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        filters: Mapping[str, Any] | None = None,
        show_expired: bool = False,
    ) -> int:
        """See `Memory.count`."""
        return await self._off(
            partial(
                self._memory.count,
                user_id=user_id,
                agent_id=agent_id,
                run_id=run_id,
                filters=filters,
                show_expired=show_expired,
            )
        )

    async def update(
        self,
        memory_id: str,
        data: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        text: str | None = None,
        expiration_date: date | str | checks.Unset | None = checks.UNSET,
        vector: Vector | None = None,
    ) -> dict[str, str]:
        """See `Memory.update`."""
        return await self._flow(
            self._plan.update(
                memory_id,
                data,
                metadata,
                text=text,
                expiration_date=expiration_date,
                vector=vector,
            )
        )

    async def delete(self, memory_id: str) -> dict[str, str]:
        """See `Memory.delete`."""
        return await self._off(self._memory.delete, memory_id)

    async def delete_all(
        self, user_id: Ids = None, agent_id: Ids = None, run_id: Ids = None
    ) -> dict[str, str]:
        """See `Memory.delete_all`."""
        return await self._off(self._memory.delete_all, user_id, agent_id, run_id)

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
        """See `Memory.transaction`. The changes are made without waiting for anything but models.

        An embedder that takes long should be asked before, and its vectors passed in.
        """
        transaction = Transaction(self._context())
        yield transaction
        await self._off(transaction.commit)

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

    async def history(self, memory_id: str) -> list[HistoryEntry]:
        """See `Memory.history`."""
        return await self._off(self._memory.history, memory_id)

    async def sql(self, query: str, params: object = None) -> duckdb.DuckDBPyRelation:
        """See `Memory.sql`."""
        return await self._off(self._memory.sql, query, params)

    async def reembed(self, embedder: object) -> int:
        """See `Memory.reembed`."""
        return await self._off(self._memory.reembed, embedder)

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

    async def reset(self) -> None:
        """See `Memory.reset`."""
        await self._off(self._memory.reset)

    def close(self) -> None:
        """See `Memory.close`. What still runs beside the loop is waited for."""
        self._pool.shutdown()
        self._memory.close()

    async def __aenter__(self) -> Self:
        """Return the memory."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the memory, beside the loop."""
        context = self._context()
        for model in (context.embedder, context.understanding.llm):
            if (aclose := getattr(model, "aclose", None)) is not None:
                await aclose()
        await asyncio.to_thread(self.close)

    def _context(self) -> Context:
        return self._memory._context  # noqa: SLF001 - the two are one

    def _off(self, function: Callable[..., T], /, *args: Any) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        try:
            return loop.run_in_executor(self._pool, function, *args)
        except RuntimeError as error:
            # The one other reason, an interpreter that ends, takes no new work either.
            raise StoreClosedError("the memory is closed; open it again") from error

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
        found: T = await arun_in(self._context, drive, flow.func, *flow.args, **flow.keywords)
        return found


def _is_short(messages: object) -> bool:
    """Tell whether what is computed of messages besides their texts takes no time."""
    if isinstance(messages, str):
        return is_brief([messages])
    return not isinstance(messages, list | tuple) or len(messages) <= FEW
