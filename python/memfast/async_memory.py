"""`AsyncMemory`: the verbs of `Memory` for an event loop. What they do stands in `_flows`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Unpack

from memfast._async_bulk import AsyncBulk
from memfast._bulk import Ids
from memfast._flows import checks
from memfast._flows.many import in_tasks
from memfast._flows.messages import as_list
from memfast._workers import Workers
from memfast.memory import PAGE, Memory

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path
    from types import TracebackType

    import duckdb

    from memfast.config import MemoryConfig
    from memfast.memory import Config
    from memfast.types import (
        AddResult,
        Extras,
        HistoryEntry,
        MemoryItem,
        MemoryPage,
        Messages,
        SearchExtras,
        SearchResult,
        SortOrder,
        Vector,
        Vectors,
    )

T = TypeVar("T")

# Messages up to which an add computes on the loop.
FEW = 32


class AsyncMemory(AsyncBulk):
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
        config: Config | str | Path | None = None,
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

    @classmethod
    def from_config(
        cls, config_dict: Config | None, *, foreign: Literal["refuse", "warn"] = "refuse"
    ) -> Self:
        """See `Memory.from_config`; what it returns may be awaited too, as with mem0 1.0."""
        from memfast.config import load_config

        return cls(load_config(config_dict, foreign=foreign))

    def __await__(self) -> Generator[Any, Any, Self]:
        """Return the memory."""
        return _returned(self).__await__()

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
        idempotency_key: str | None = None,
        **extras: Unpack[Extras],
    ) -> AddResult:
        """See `Memory.add`."""
        messages = as_list(messages)
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
                idempotency_key=idempotency_key,
                **extras,
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
        ended: bool = False,
    ) -> dict[str, Any]:
        """See `Memory.retry`."""
        return await self._flow_here(
            self._plan.retry(
                user_id=user_id, agent_id=agent_id, run_id=run_id, limit=limit, ended=ended
            )
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
        **extras: Unpack[SearchExtras],
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
                **extras,
            )
        )

    async def get(self, memory_id: str) -> MemoryItem | None:
        """See `Memory.get`."""
        return await self._off(self._memory.get, memory_id)

    async def sources(self, memory_id: str) -> list[MemoryItem]:
        """See `Memory.sources`."""
        return await self._off(self._memory.sources, memory_id)

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
        include_messages: bool = False,
        sort: SortOrder | None = None,
        page: int | None = None,
        page_size: int | None = None,
        **extras: Unpack[Extras],
    ) -> MemoryPage:
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
                include_messages=include_messages,
                sort=sort,
                page=page,
                page_size=page_size,
                **extras,
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
        include_superseded: bool = False,
        include_messages: bool = False,
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
                include_superseded=include_superseded,
                include_messages=include_messages,
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
        include_superseded: bool = False,
        include_messages: bool = False,
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
                include_superseded=include_superseded,
                include_messages=include_messages,
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
        self,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        **extras: Unpack[Extras],
    ) -> dict[str, str]:
        """See `Memory.delete_all`."""
        return await self._off(
            partial(self._memory.delete_all, user_id, agent_id, run_id, **extras)
        )

    async def history(self, memory_id: str) -> list[HistoryEntry]:
        """See `Memory.history`."""
        return await self._off(self._memory.history, memory_id)

    async def sql(self, query: str, params: object = None) -> duckdb.DuckDBPyRelation:
        """See `Memory.sql`."""
        return await self._off(self._memory.sql, query, params)

    async def reembed(self, embedder: object) -> int:
        """See `Memory.reembed`."""
        return await self._off(self._memory.reembed, embedder)

    async def reset(self) -> None:
        """See `Memory.reset`."""
        await self._off(self._memory.reset)

    def close(self) -> None:
        """See `Memory.close`. What still runs beside the loop is waited for, and holds it up.

        Connections of models to the running loop are left to it; `aclose` closes them.
        """
        self._pool.close()
        self._memory.close()

    async def aclose(self) -> None:
        """Close the memory and its models, beside the loop. Closing twice is no error."""
        for model in self._memory._handle.models():  # noqa: SLF001 - the two are one
            if (aclose := getattr(model, "aclose", None)) is not None:
                await aclose()
        with Workers(1, "memfast-close") as worker:
            await asyncio.wrap_future(worker.submit(self.close))

    async def __aenter__(self) -> Self:
        """Return the memory."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the memory, as `aclose` does."""
        await self.aclose()


async def _returned(value: T) -> T:
    return value


def _is_short(messages: object) -> bool:
    """Tell whether what is computed of messages besides their texts takes no time."""
    return not isinstance(messages, list | tuple) or len(messages) <= FEW
