"""`AsyncMemory`: the calls of `Memory` for an event loop. What they do is in `verbs`."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar
from weakref import WeakKeyDictionary

from memfast._later import verbs
from memfast._loop import Shared, arun
from memfast._scoped import described, scoped_to
from memfast._transaction import Transaction
from memfast._unset import UNSET
from memfast._verb import averb, averb_iter
from memfast._workers import Workers
from memfast.errors import StoreClosedError
from memfast.memory import Memory

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from memfast._context import Context
    from memfast._steps import Flow
    from memfast.config import MemoryConfig
    from memfast.memory import Config

T = TypeVar("T")

# Calls of the store that run beside the loop at a time: enough for commits to share a flush.
BESIDE = 8


class _Runner:
    """Runs flows for the event loops that use one memory."""

    def __init__(self) -> None:
        self.pool = Workers(BESIDE, "memfast-async")
        self._shared: WeakKeyDictionary[asyncio.AbstractEventLoop, Shared] = WeakKeyDictionary()

    async def drive(self, flow: Flow[T]) -> T:
        """Run a flow."""
        loop = asyncio.get_running_loop()
        if (shared := self._shared.get(loop)) is None:
            shared = self._shared[loop] = Shared(self.off)
        return await arun(flow, shared)

    def off(self, function: Callable[..., T], /, *args: object) -> asyncio.Future[T]:
        """Run a function in another thread."""
        loop = asyncio.get_running_loop()
        try:
            running = self.pool.submit(function, *args)
        except RuntimeError as error:
            # The one other reason, an interpreter that ends, takes no new work either.
            raise StoreClosedError("the memory is closed; open it again") from error
        return asyncio.wrap_future(running, loop=loop)


class _AsyncCalls(ABC):
    """The calls that a memory and a scoped one have."""

    _runner: _Runner

    @property
    @abstractmethod
    def _context(self) -> Context: ...

    async def _drive(self, flow: Flow[T]) -> T:
        return await self._runner.drive(flow)

    add = averb(verbs.add)
    add_many = averb(verbs.add_many)
    batch_add = averb(verbs.batch_add)
    batch_delete = averb(verbs.batch_delete)
    batch_update = averb(verbs.batch_update)
    context = averb(verbs.context)
    count = averb(verbs.count)
    delete = averb(verbs.delete)
    delete_all = averb(verbs.delete_all)
    export = averb(verbs.export)
    get = averb(verbs.get)
    get_all = averb(verbs.get_all)
    history = averb(verbs.history)
    iter = averb_iter(verbs.iter)
    pending = averb(verbs.pending)
    retry = averb(verbs.retry)
    search = averb(verbs.search)
    search_many = averb(verbs.search_many)
    sources = averb(verbs.sources)
    sql = averb(verbs.sql)
    update = averb(verbs.update)

    def scoped(
        self,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
    ) -> AsyncScoped:
        """Return a memory that cannot leave a scope; see `Memory.scoped`."""
        return AsyncScoped(scoped_to(self._context, user_id, agent_id, run_id), self._runner)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit the changes of a block together when it ends; see `Memory.transaction`.

        The calls of the transaction are not awaited.
        """
        transaction = Transaction(self._context)
        try:
            yield transaction
            if transaction.is_open:
                await self._drive(transaction.ending())
        finally:
            transaction.close()


class AsyncScoped(_AsyncCalls):
    """The calls of an `AsyncMemory`, within one scope; `AsyncMemory.scoped` returns it."""

    def __init__(self, context: Context, runner: _Runner) -> None:
        """Bind the calls to the scope of a context."""
        self._given = context
        self._runner = runner

    @property
    def _context(self) -> Context:
        return self._given.now()

    def __repr__(self) -> str:
        """Return the scope."""
        return described(type(self).__name__, self._given)


class AsyncMemory(_AsyncCalls):
    """Memories for programs with an event loop: `Memory` with awaitable calls.

    Arguments, results and errors are those of `Memory`. Models with async clients are awaited;
    commits, and all that takes longer than a few milliseconds, run beside the loop. A call that
    is cancelled while it commits is committed whole.

    >>> import asyncio
    >>> from memfast.testing import HashEmbedder
    >>> async def main() -> str:
    ...     async with AsyncMemory(":memory:", embedder=HashEmbedder()) as memory:
    ...         await memory.add("I live in Oslo", user_id="ann", infer=False)
    ...         found = await memory.search("where does she live?", user_id="ann")
    ...         return found["results"][0]["memory"]
    >>> asyncio.run(main())
    'I live in Oslo'
    """

    def __init__(
        self,
        place: str | Path | Config | None = None,
        *,
        config: Config | None = None,
        path: str | Path | None = None,
        embedder: object = UNSET,
        dim: int | None = None,
        read_only: bool = False,
        durability: Literal["commit", "batch", "none"] = "commit",
        cache_bytes: int | None = None,
        llm: object = None,
        reranker: object = None,
        vector_weight: float | None = None,
        strategy: Literal["reconcile", "additive"] = "reconcile",
        reconcile_scope: Literal["user", "exact"] = "user",
        keep_messages: bool = True,
        timestamps: Literal["now"] | None = None,
        while_pending: Literal["rules"] | None = None,
        secrets: Literal["redact", "keep"] = "redact",
    ) -> None:
        """Open the store; see `Memory`."""
        self._memory = Memory(
            place,
            config=config,
            path=path,
            embedder=embedder,
            dim=dim,
            read_only=read_only,
            durability=durability,
            cache_bytes=cache_bytes,
            llm=llm,
            reranker=reranker,
            vector_weight=vector_weight,
            strategy=strategy,
            reconcile_scope=reconcile_scope,
            keep_messages=keep_messages,
            timestamps=timestamps,
            while_pending=while_pending,
            secrets=secrets,
        )
        self._runner = _Runner()

    @classmethod
    def from_config(
        cls, config_dict: Config | None, *, foreign: Literal["refuse", "warn"] = "refuse"
    ) -> Self:
        """See `Memory.from_config`; what it returns may be awaited too, as with mem0 1.0."""
        from memfast.config import load_config

        return cls(config=load_config(config_dict, foreign=foreign))

    def __await__(self) -> Generator[Any, Any, Self]:
        """Return the memory."""
        return _returned(self).__await__()

    @property
    def config(self) -> MemoryConfig:
        """The settings."""
        return self._memory.config

    @property
    def _context(self) -> Context:
        return self._memory._handle.context  # noqa: SLF001 - the two are one

    flush = averb(verbs.flush)
    import_ = averb(verbs.import_)
    optimize = averb(verbs.optimize)
    reembed = averb(verbs.reembed)
    reset = averb(verbs.reset)
    stats = averb(verbs.stats)

    def close(self) -> None:
        """See `Memory.close`. Waits for what still runs beside the loop, and holds the loop up.

        Connections of models to the running loop are left to it; `aclose` closes them.
        """
        self._runner.pool.close()
        self._memory.close()

    async def aclose(self) -> None:
        """Close the memory and its models, beside the loop. Closing twice has no effect."""
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

    def __repr__(self) -> str:
        """Return path, embedder and rows; a closed memory says so."""
        from memfast._handles import described

        return described(type(self).__name__, self._memory._handle)  # noqa: SLF001 - the two are one


async def _returned(value: T) -> T:
    return value
