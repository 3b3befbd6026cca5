"""`Memory`: the calls of a store of memories. What they do is in `verbs`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from memfast._later import verbs
from memfast._unset import UNSET
from memfast._verb import verb, verb_iter

if TYPE_CHECKING:
    from pydantic import BaseModel

    from memfast._context import Context
    from memfast._scoped import Scoped
    from memfast._transaction import Transaction
    from memfast.config import MemoryConfig

    Config = BaseModel | Mapping[str, Any]


class Memory:
    """Memories of users, agents and runs, in a directory of their own.

    Args:
        place: The store's directory; made if it is missing. Default: the user's data directory, or
            `MEMFAST_HOME`. ":memory:" keeps nothing on disk. A dict or a `MemoryConfig` here is
            `config`.
        config: Settings in a `MemoryConfig` or a dict. An argument beside it must not contradict
            it.
        path: Another name of `place`.
        embedder: A name (`"static"`, `"hash"`, `"sentence-transformers:NAME"`, `"wordllama"`), a
            config dict, an object that embeds, or None for a store of outside vectors. Default:
            the static table in the package.
        dim: Dimensions of the vectors of a store without an embedder.
        read_only: Open without the right to change anything; several processes may at once.
        durability: When a change is safe from a crash of the machine. "commit": when its call
            returns. "batch": a call that makes several changes when it returns; a single change
            with the next of those, `flush` or `close`. "none": with `flush` or `close`.
        cache_bytes: Bytes of vectors, codes and filter columns kept in memory; the rest is read
            from disk when it is searched. Default: 384 MiB.
        llm: The language model that finds facts: a name (`"openai:gpt-5-mini"`, `"ollama:..."`), a
            config dict or an object. Default: none; rules find what they can, offline.
        reranker: What `search(..., rerank=True)` orders hits by: a name (`"cohere"`, `"jina"`,
            `"cross-encoder:..."`, `"llm"`), a config dict, an object with `rerank(query, texts)` or
            a function. Default: none.
        vector_weight: What the number `vector` counts in searches that give no weight of it, from
            0 to 1,000; for another embedder `memfast eval --fit` finds one. Default: 3.1.
        strategy: "reconcile" updates memories that new messages contradict; "additive" only adds.
        reconcile_scope: "user" compares new facts with the memories of all runs of the user (and
            the same agent), "exact" with those of the same run.
        keep_messages: Keep the messages beside the memories made from them; they stay out of
            results unless asked for, and are deleted with their scope.
        timestamps: "now" takes the time of an `add` that names none for when it was said, as live
            chats want it. Default: it is not known.
        while_pending: "rules" lets the rules store facts of input that waits for the model, until
            `retry` succeeds. Default: nothing is stored of it before.
        secrets: "redact" masks passwords, keys, card and social security numbers in messages that
            facts are made of; "keep" keeps those messages word for word. Facts never hold one.

    Raises:
        ConfigurationError: An argument is wrong.
        EmbedderMismatchError: The store's vectors come from another embedder.
        StoreLockedError: Another process has the store open.

    >>> from memfast.testing import fake_memory
    >>> memory = fake_memory()
    >>> added = memory.add("I live in Oslo", user_id="ann", infer=False)
    >>> memory.search("where does she live?", user_id="ann")["results"][0]["memory"]
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
        """Open the store."""
        from memfast._handles import open_memory
        from memfast.config import given_settings

        given: dict[str, object] = {
            "path": path,
            "dim": dim,
            "read_only": read_only,
            "durability": durability,
            "cache_bytes": cache_bytes,
            "llm": llm,
            "reranker": reranker,
            "vector_weight": vector_weight,
            "strategy": strategy,
            "reconcile_scope": reconcile_scope,
            "keep_messages": keep_messages,
            "timestamps": timestamps,
            "while_pending": while_pending,
            "secrets": secrets,
        }
        if embedder is not UNSET:
            given["embedder"] = embedder
        self.config: MemoryConfig = given_settings(place, config, given)
        self._handle = open_memory(self.config)

    @classmethod
    def from_config(
        cls, config_dict: Config | None, *, foreign: Literal["refuse", "warn"] = "refuse"
    ) -> Self:
        """Open a memory from a dict with `path` and mem0's keys.

        Args:
            config_dict: The settings, in a dict or a pydantic model.
            foreign: What to do about settings that have no effect here, such as those of a vector
                store: "refuse" raises; "warn" ignores them and names them in one logged warning,
                as `from_mem0` does.

        Raises:
            ConfigurationError: A key is unknown, or names a part that memfast does not have; the
                message says what to write instead.
        """
        from memfast.config import load_config

        return cls(config=load_config(config_dict, foreign=foreign))

    @property
    def _context(self) -> Context:
        return self._handle.context

    add = verb(verbs.add)
    add_many = verb(verbs.add_many)
    batch_add = verb(verbs.batch_add)
    batch_delete = verb(verbs.batch_delete)
    batch_update = verb(verbs.batch_update)
    context = verb(verbs.context)
    count = verb(verbs.count)
    delete = verb(verbs.delete)
    delete_all = verb(verbs.delete_all)
    export = verb(verbs.export)
    flush = verb(verbs.flush)
    get = verb(verbs.get)
    get_all = verb(verbs.get_all)
    history = verb(verbs.history)
    import_ = verb(verbs.import_)
    iter = verb_iter(verbs.iter)
    optimize = verb(verbs.optimize)
    pending = verb(verbs.pending)
    reembed = verb(verbs.reembed)
    reset = verb(verbs.reset)
    retry = verb(verbs.retry)
    search = verb(verbs.search)
    search_many = verb(verbs.search_many)
    sources = verb(verbs.sources)
    sql = verb(verbs.sql)
    stats = verb(verbs.stats)
    update = verb(verbs.update)

    def scoped(
        self,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
    ) -> Scoped:
        """Return a memory that cannot leave a scope.

        Its calls need no ids, and those that name another scope fail; the id of a memory of
        another scope is not found.

        Args:
            user_id: The only user whose memories it reaches. At least one id is needed.
            agent_id: The only agent whose memories it reaches.
            run_id: The only run whose memories it reaches.

        Raises:
            ValidationError: No id, or a bad value.

        >>> from memfast.testing import fake_memory
        >>> ann = fake_memory().scoped(user_id="ann")
        >>> _ = ann.add("I live in Oslo", infer=False)
        >>> ann.get_all()["results"][0]["user_id"]
        'ann'
        """
        from memfast._scoped import Scoped, scoped_to

        return Scoped(scoped_to(self._context, user_id, agent_id, run_id))

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
        from memfast._transaction import transacted

        with transacted(self._context) as transaction:
            yield transaction

    def close(self) -> None:
        """Write what is open to disk and close the store. Closing twice has no effect.

        Other memories of this process on the same path stay open; the last one closes the store.
        """
        self._handle.close()

    def __enter__(self) -> Self:
        """Return the memory."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the memory."""
        self.close()

    def __repr__(self) -> str:
        """Return path, embedder and rows; a closed memory says so."""
        from memfast._handles import described

        return described(type(self).__name__, self._handle)


def __getattr__(name: str) -> Any:
    # mem0's programs import it from here; it brings asyncio.
    if name == "AsyncMemory":
        from memfast.async_memory import AsyncMemory

        return AsyncMemory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
