"""The verbs of `Memory` that work on many memories at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from memfast._flows import batch, checks
from memfast._flows.search import search_many
from memfast._flows.transaction import Transaction
from memfast._steps import Context, Flow, run_in

if TYPE_CHECKING:
    from memfast._core import Engine
    from memfast.types import BatchResult, SearchResult, Vectors

T = TypeVar("T")
P = ParamSpec("P")

Ids = str | list[str] | None


class Bulk:
    """Batches, transactions and searches with several queries."""

    _engine: Engine
    _context: Context

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
                `created_at`, `updated_at`, `expiration_date`.
            user_id: Scope of those that name none themselves.
            agent_id: See `user_id`.
            run_id: See `user_id`.
            vectors: One row per memory, in place of embedding the texts.

        Raises:
            ValidationError: An item is wrong; the message names it.
        """
        scope = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
        return self._run(batch.batch_add, memories, scope, vectors=vectors)

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
            memories: Dicts with `memory_id` and `text`, `metadata` or `expiration_date`.
            upsert: Store the memories whose ids are not there, with the scope given here or in
                the item.
            user_id: Scope of memories that `upsert` stores.
            agent_id: See `user_id`.
            run_id: See `user_id`.
            vectors: One row per memory, in place of embedding the texts that change.

        Raises:
            MemoryNotFoundError: Some ids are not there; names them, and changes nothing.
            ValidationError: An item is wrong; the message names it.
        """
        scope = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
        return self._run(batch.batch_update, memories, scope, vectors=vectors, upsert=upsert)

    def batch_delete(self, memories: Sequence[Mapping[str, Any] | str]) -> BatchResult:
        """Delete memories, all of them in one commit or none; their history stays.

        Args:
            memories: Ids, or dicts with `memory_id`.

        Raises:
            MemoryNotFoundError: Some ids are not there; names them, and deletes nothing.
        """
        return batch.batch_delete(self._context, memories)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit the changes of a block together when it ends, or none if it fails.

        >>> from memfast.testing import fake_memory
        >>> memory = fake_memory()
        >>> with memory.transaction() as tx:
        ...     first = tx.add("I live in Oslo", user_id="ann")["results"][0]["id"]
        ...     _ = tx.update(first, metadata={"checked": True})
        >>> memory.get(first)["metadata"]
        {'checked': True}
        """
        transaction = Transaction(self._context)
        yield transaction
        transaction.commit()

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
        exact: bool = False,
        ef: int | None = None,
    ) -> list[SearchResult]:
        """Return what `search` returns for each of several texts or vectors, in one pass."""
        return self._run(
            search_many,
            queries,
            checks.read_scope(user_id, agent_id, run_id),
            vectors=vectors,
            options={
                "filter": filters,
                "limit": checks.limit_of(limit, top_k, 100),
                "threshold": checks.threshold_of(threshold),
                "show_expired": show_expired,
                "exact": exact,
                "ef": checks.ef_of(ef),
            },
        )

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
