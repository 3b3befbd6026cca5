"""`Memory`: the signatures, with their documentation. What they do stands in `_flows`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from memfast._bulk import Bulk, Ids
from memfast._flows import change, checks
from memfast._flows.add import add
from memfast._flows.messages import as_list
from memfast._flows.search import search
from memfast._steps import run
from memfast.errors import ValidationError

if TYPE_CHECKING:
    from datetime import date, datetime

    import duckdb
    from pydantic import BaseModel

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

    Config = BaseModel | Mapping[str, Any]

PAGE = 1000


class Memory(Bulk):
    """Memories of users, agents and runs, in a directory of their own.

    Args:
        config: All settings in a `MemoryConfig` or a dict, or the store's path. Beside settings
            no other argument is taken.
        path: The store's directory; made if it is missing. Default: the user's data directory, or
            `MEMFAST_HOME`. ":memory:" keeps nothing on disk.
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
        strategy: "reconcile" changes memories that what is told makes untrue; "additive" only adds.
        keep_messages: Keep the messages beside the memories made from them; they stay out of
            results unless asked for, and go with their scope.

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
        """Open the store."""
        from memfast._handles import open_memory
        from memfast.config import given_settings

        given: dict[str, Any] = {
            "path": path,
            "dim": dim,
            "read_only": read_only,
            "durability": durability,
            "cache_bytes": cache_bytes,
            "llm": llm,
            "strategy": strategy,
            "keep_messages": keep_messages,
        }
        if embedder is not checks.UNSET:
            given["embedder"] = embedder
        settings = given_settings(config, given)
        self.config = settings
        self._handle = open_memory(settings)

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

        return cls(load_config(config_dict, foreign=foreign))

    def add(
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
        """Store what messages tell, in one commit.

        With `infer` facts are found in the messages, by the language model or, where none is named,
        by rules, and compared with the memories of the scope: what is known is left out, what was
        true until now is superseded. Input that cannot be understood now is kept and waits; see
        `pending` and `retry`.

        Args:
            messages: A text, a message, or a list or iterator of messages: dicts (`role`,
                `content`, `name`, `timestamp`), pairs of role and text, or objects of a client
                library. One without role is the user's. Messages of the roles "system" and
                "developer" are not stored; empty and malformed ones stand under `skipped`.
            user_id: Whose memory it is. At least one of the three ids is needed.
            agent_id: The agent that holds it.
            run_id: The session it comes from.
            metadata: JSON-like values to keep with each memory; scalars and arrays of NumPy become
                numbers, texts and lists. As in mem0, `created_at` and `updated_at` in it are the
                times of the memories; `created_at` is also when it was said, where `timestamp` and
                the messages do not tell.
            infer: Find facts; False stores the messages as they are. Messages that come with
                vectors are stored as they are.
            memory_type: None, or "procedural_memory" for a summary of what an agent did.
            prompt: Instructions for the extraction, or in place of those for the summary.
            memory_id: Id of the one memory to be stored. Default: a new UUID.
            vector: The memory's vector, or one row per message; they are stored as they are.
            timestamp: When it was said, where the messages do not tell; a time without offset is
                UTC. Default: not known, so that "yesterday" stays as it is.
            expiration_date: Last day (UTC) on which the memory is shown.
            idempotency_key: The caller's name for this call, committed with it: a second call of
                that name in the scope does nothing and returns what the first did, with
                `repeated`, so that a call that may have been lost can be made again. Known until
                the scope is deleted.
            **extras: Arguments of mem0's that have no effect: `version`, `output_format`,
                `keyword_search`. The first use of each is logged.

        Returns:
            `results`: id, memory and event ("ADD", "UPDATE" with `previous_memory`, "DELETE") of
            each memory; `status`: "stored", "empty" or "pending"; `extractor`: what
            found the facts; `pending`, `rejected` and `skipped` with reasons, where there are any.

        Raises:
            ValidationError: No id, or a bad value.
            ConflictError: The idempotency_key was used for other messages.
            AuthenticationError: The language model refused the key; nothing was stored.
        """
        checks.ignore("add", extras)
        scope = checks.write_scope(user_id, agent_id, run_id)
        return self._run(
            add,
            as_list(messages),
            scope,
            metadata=metadata,
            infer=infer,
            prompt=prompt,
            memory_type=memory_type,
            memory_id=memory_id,
            vector=vector,
            timestamp=timestamp,
            expiration_date=expiration_date,
            idempotency_key=idempotency_key,
        )

    def add_many(
        self,
        conversations: Sequence[Mapping[str, Any]],
        *,
        max_concurrency: int = 8,
        progress: Callable[[int, int], object] | None = None,
    ) -> list[AddResult]:
        """Add conversations, several at a time; those of one scope one after another.

        Args:
            conversations: The arguments of `add` for each, such as
                `{"messages": [...], "user_id": "ann"}`.
            max_concurrency: Most conversations at a time.
            progress: Told how many are done, and how many there are.

        Returns:
            What `add` returns for each, in their order; one that failed has `status` "failed" and
            `error`.
        """
        from memfast._flows.many import in_threads

        return in_threads(self.add, conversations, max_concurrency, progress)

    def pending(
        self, *, user_id: Ids = "*", agent_id: Ids = None, run_id: Ids = None
    ) -> list[dict[str, Any]]:
        """Return the input that waits for another attempt, oldest first, with the reasons."""
        from memfast._flows import waiting

        return waiting.pending(self._context, checks.read_scope(user_id, agent_id, run_id))

    def retry(
        self,
        *,
        user_id: Ids = "*",
        agent_id: Ids = None,
        run_id: Ids = None,
        limit: int | None = None,
        ended: bool = False,
    ) -> dict[str, Any]:
        """Try again to make memories of the input that waits.

        Input of which the model gave five answers that cannot be used is asked about no more,
        unless `ended` is true; `pending()` says so of it, under `ended` and in its reason.

        Returns:
            `results` of all attempts; `done` and `pending`: how many were settled, how many wait.
        """
        scope = checks.read_scope(user_id, agent_id, run_id)
        from memfast._flows import waiting

        return self._run(waiting.retry, scope, limit, ended, waiting.Retried())

    def search(
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
        """Return the memories of a scope that best match a text or a vector.

        Hits come best first; equal scores are ordered by id, so results are stable.

        Args:
            query: The text to match.
            user_id: Whose memories; several ids are ORed, "*" names all. The scope may stand in
                `filters` instead.
            agent_id: The agent that holds them.
            run_id: The session they come from.
            limit: Most hits returned. Default: 100.
            filters: Conditions on ids, fields and metadata.
            threshold: Least score of a hit, in [0, 1]. Default: no cut.
            top_k: Another name of `limit`.
            vector: The query's vector, in place of `query`.
            show_expired: Show memories after their expiration date too.
            include_superseded: Show what held until something else took its place, too.
            include_messages: Show kept messages too; they have `kind` "message".
            exact: Demand the exact scan. Only a search over the whole store may do without one.
            ef: How many memories the approximate index looks at in such a search; more find
                more. Default: by the limit.
            **extras: Arguments of mem0's that have no effect yet: `rerank`, `explain`,
                `keyword_search`, `version`, `output_format`. The first use of each is logged.

        Returns:
            `results`: memories with `score`, the cosine similarity cut to [0, 1]. The vector of
                a fact leans on the messages it comes from, so its own text scores below 1.

        Raises:
            ValidationError: No scope, or a bad value.
            FilterError: The filter is malformed; the message names the place.
        """
        checks.ignore("search", extras)
        return self._run(
            search,
            query,
            checks.read_scope(user_id, agent_id, run_id),
            vector=vector,
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

    def get(self, memory_id: str) -> MemoryItem | None:
        """Return one memory, or None if there is none with this id."""
        item: MemoryItem | None = self._engine.get(checks.memory_id_of(memory_id))  # type: ignore[assignment]
        return item

    def sources(self, memory_id: str) -> list[MemoryItem]:
        """Return the messages that a memory was made from, in their order, where they are kept.

        Raises:
            MemoryNotFoundError: There is no such memory.
        """
        return self._engine.sources(checks.memory_id_of(memory_id))  # type: ignore[return-value]

    def get_all(
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
        """Return the memories of a scope, at most 100 by default.

        Args:
            user_id: See `search`.
            agent_id: See `search`.
            run_id: See `search`.
            limit: Most memories returned. Default: 100.
            filters: Conditions on ids, fields and metadata.
            top_k: Another name of `limit`.
            show_expired: See `search`.
            include_superseded: See `search`.
            include_messages: See `search`.
            sort: A time to order by, with "-" before it the latest first; memories without an
                `event_time` come last. Default: the order in which they were added, those of one
                user (else agent, else run) together.
            page: Return this page, the first being 1, instead of the first memories.
            page_size: Memories of a page. Default: 100.
            **extras: See `add`.

        Returns:
            `results`; of a page also `count`, the number of memories in all, and `next` and
            `previous`, the numbers of the pages beside it or None. Pages are cut anew at each
            call: use `iter` to see each memory once while others are added or deleted.

        Raises:
            ValidationError: No scope, or a bad value.
            FilterError: The filter is malformed; the message names the place.
        """
        from memfast._flows.listing import get_all

        checks.ignore("get_all", extras)
        return get_all(
            self._engine,
            checks.read_scope(user_id, agent_id, run_id),
            filters,
            checks.shows(show_expired, include_superseded, include_messages),
            limit=limit,
            top_k=top_k,
            sort=sort,
            page=page,
            page_size=page_size,
        )

    def iter(
        self,
        *,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        filters: Mapping[str, Any] | None = None,
        show_expired: bool = False,
        include_superseded: bool = False,
        include_messages: bool = False,
    ) -> Iterator[MemoryItem]:
        """Iterate over all memories of a scope without holding them all; none comes twice."""
        read = partial(
            self._engine.scan,
            checks.read_scope(user_id, agent_id, run_id),
            filters,
            **checks.shows(show_expired, include_superseded, include_messages),
            limit=PAGE,
        )
        # The first page is read at once, so that a bad argument fails here and not at first use.
        page = read()

        def pages(
            page: tuple[list[dict[str, Any]], tuple[int, int] | None],
        ) -> Iterator[MemoryItem]:
            while True:
                items, after = page
                yield from items  # type: ignore[misc]
                if after is None:
                    return
                page = read(after=after)

        return pages(page)

    def count(
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
        """Return how many memories a scope holds."""
        return self._engine.count(
            checks.read_scope(user_id, agent_id, run_id),
            filters,
            **checks.shows(show_expired, include_superseded, include_messages),
        )

    def update(
        self,
        memory_id: str,
        data: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        text: str | None = None,
        expiration_date: date | str | checks.Unset | None = checks.UNSET,
        vector: Vector | None = None,
    ) -> dict[str, str]:
        """Change a memory's text, metadata or expiration date.

        Metadata is merged: given keys are set, others stay. Only a new text is embedded.

        Args:
            memory_id: The memory.
            data: The new text (`text` is another name).
            metadata: Keys to set.
            text: The new text.
            expiration_date: The new last day; None removes it.
            vector: The vector of the new text, in place of embedding it; without a text, that of
                the text that is there.

        Raises:
            MemoryNotFoundError: There is no such memory.
            ConflictError: A vector came without its text, and another call changed the text
                meanwhile.
            ValidationError: Nothing to change, or a bad value.
        """
        if text is not None and data is not None and text != data:
            raise ValidationError("text and data are two names of one argument; pass one of them")
        return self._run(
            change.update,
            memory_id,
            data if text is None else text,
            metadata=metadata,
            expiration_date=expiration_date,
            vector=vector,
        )

    def delete(self, memory_id: str) -> dict[str, str]:
        """Delete a memory; its history stays. MemoryNotFoundError if there is none."""
        return change.delete(self._context, memory_id)

    def delete_all(
        self,
        user_id: Ids = None,
        agent_id: Ids = None,
        run_id: Ids = None,
        **extras: Unpack[Extras],
    ) -> dict[str, str]:
        """Delete all memories of a scope in one commit; their history stays."""
        checks.ignore("delete_all", extras)
        return change.delete_all(self._context, checks.read_scope(user_id, agent_id, run_id))

    def history(self, memory_id: str) -> list[HistoryEntry]:
        """Return all changes of a memory, oldest first, also of a deleted one; [] if unknown."""
        return self._engine.history(checks.memory_id_of(memory_id))  # type: ignore[return-value]

    def sql(self, query: str, params: object = None) -> duckdb.DuckDBPyRelation:
        """Run one read-only SQL statement over the views `history` and `memories`.

        Returns:
            The rows, read to their end, as a relation of their own: later calls, `reset` and
            `close` leave it as it is.

        Raises:
            ValidationError: The statement is not a single SELECT, or it fails.
            StoreClosedError: The memory was closed before the query ended.
            DatabaseError: The file of the history cannot be opened or written now; it is kept.
        """
        return self._handle.history().sql(query, params)

    def reembed(self, embedder: object) -> int:
        """Change to another embedder; returns how many texts this call embedded.

        The old vectors serve until all new ones are there. An interrupted call goes on where it
        stopped when it is made again.
        """
        from memfast._flows.reembed import reembed, width_of
        from memfast.providers import load_embedder

        model = load_embedder(embedder)
        if model is None:
            raise ValidationError("reembed needs an embedder, not None")
        dim = model.dim or width_of(model)
        context = replace(self._context, embedder=model)
        serve = partial(self._handle.change_embedder, embedder, model)
        return run(reembed(context, (model.name, dim, model.fingerprint), serve), context)

    def reset(self) -> None:
        """Forget everything: all memories of all scopes and their history."""
        self._handle.reset()

    def close(self) -> None:
        """Write what is open to disk and let go of the store. Closing twice is no error.

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


def __getattr__(name: str) -> Any:
    # mem0's programs import it from here; it brings asyncio.
    if name == "AsyncMemory":
        from memfast.async_memory import AsyncMemory

        return AsyncMemory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
