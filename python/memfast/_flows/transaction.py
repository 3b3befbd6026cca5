"""`transaction`: changes of several calls, committed together at the end of the block."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

from memfast._flows import batch, change, checks
from memfast._flows.add import add
from memfast._flows.rewrite import Draft, commit_drafts, decided
from memfast._flows.vectors import rows
from memfast._steps import Context, Flow, Outcome, run, run_in
from memfast.errors import TransactionClosedError, ValidationError
from memfast.types import AddResult, BatchResult, Messages, Vector, Vectors

T = TypeVar("T")
P = ParamSpec("P")

EVENTS = {"put": "ADD", "update": "UPDATE", "delete": "DELETE"}


@dataclass(frozen=True, slots=True)
class Unembedded:
    """Stands in for the vector of a text until the commit."""

    text: str


class Later:
    """Stands in for the embedder: texts get their vectors at the commit, all in one batch."""

    def embed(self, texts: Sequence[str]) -> list[Unembedded]:
        """Return what stands in for the vectors of texts."""
        return [Unembedded(text) for text in texts]


class Recorder:
    """Stands in for the engine: keeps changes instead of committing them."""

    def __init__(self, engine: Any) -> None:
        """Record changes to what `engine` holds."""
        self._engine = engine
        self._items: dict[str, dict[str, Any] | None] = {}
        self.drafts: list[Draft] = []

    def get(self, memory_id: str) -> dict[str, Any] | None:
        """Return a memory as the transaction has left it so far."""
        if memory_id in self._items:
            return self._items[memory_id]
        item: dict[str, Any] | None = self._engine.get(memory_id)
        return item

    def get_many(self, memory_ids: list[str]) -> list[dict[str, Any] | None]:
        """Return memories as the transaction has left them so far."""
        return [self.get(memory_id) for memory_id in memory_ids]

    def apply(self, ops: list[dict[str, Any]], vectors: Any = None, *_: object) -> list[Outcome]:
        """Keep changes for the commit.

        The space is checked when all of them are committed; nothing is put aside by infer=False,
        and a call in a transaction has no name of its own.
        """
        given = [] if vectors is None else rows(vectors)
        outcomes: list[Outcome] = []
        for op in ops:
            kept = {key: value for key, value in op.items() if key != "vector"}
            row = op.get("vector")
            vector = None if row is None else given[row]
            memory_id, previous = self._keep(kept)
            outcomes.append((memory_id, EVENTS[kept["op"]], previous))
            if isinstance(vector, Unembedded):
                self.drafts.append(Draft(kept, embeds=True))
            else:
                self.drafts.append(Draft(kept, vector))
        return outcomes

    def _keep(self, op: dict[str, Any]) -> tuple[str, str | None]:
        """Note what an operation leaves; return its memory's id and the text before."""
        if op["op"] == "put":
            added: str = op.setdefault("id", str(uuid.uuid4()))
            if self.get(added) is not None:
                raise ValidationError(
                    f"Memory with id {added} already exists; use `update` to change it",
                    error_code="VALIDATION_EXISTS",
                    details={"memory_id": added},
                )
            self._items[added] = {"id": added, "memory": op["text"]}
            return added, None
        memory_id: str = op["id"]
        before = self.get(memory_id)
        if before is None:
            raise change.missing(memory_id)
        previous: str = before["memory"]
        after = {**before, "memory": op.get("text", previous)}
        self._items[memory_id] = after if op["op"] == "update" else None
        return memory_id, previous


def commit_changes(context: Context, changes: Recorder) -> Flow[list[Outcome]]:  # noqa: ARG001 - see `run_in`
    """Commit what a transaction recorded.

    Its texts are embedded here and not when they were recorded, so that they fit the embedder that
    the store has by now, and all of them are one batch.
    """

    def attempt(trusted: bool) -> Flow[list[Outcome]]:
        drafts = changes.drafts
        if not trusted:
            drafts = [
                replace(draft, embeds=draft.vector is None and "text" in draft.op)
                for draft in drafts
            ]
        return commit_drafts(drafts)

    return decided(attempt)


class Transaction:
    """Changes that are committed together when the block ends, or not at all when it fails.

    Reads through the memory see the store as it was before the block. Texts are embedded when the
    transaction is committed, in one batch. After its end every call raises TransactionClosedError.
    """

    def __init__(self, current: Callable[[], Context]) -> None:
        """Begin without changes, in the context that `current` returns."""
        self._current = current
        self._recorder = Recorder(current().engine)
        self._lock = Lock()
        self._open = True

    def add(
        self,
        messages: Messages,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        memory_id: str | None = None,
        vector: Vector | Vectors | None = None,
        timestamp: object = None,
        expiration_date: object = None,
    ) -> AddResult:
        """Store messages as they are; see `Memory.add`."""
        return self._run(
            add,
            messages,
            checks.write_scope(user_id, agent_id, run_id),
            metadata=metadata,
            infer=False,
            prompt=None,
            memory_type=None,
            memory_id=memory_id,
            vector=vector,
            timestamp=timestamp,
            expiration_date=expiration_date,
            idempotency_key=None,
        )

    def update(
        self,
        memory_id: str,
        data: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        expiration_date: object = checks.UNSET,
        vector: Vector | None = None,
    ) -> dict[str, str]:
        """Change a memory; see `Memory.update`."""
        return self._run(
            change.update,
            memory_id,
            data,
            metadata=metadata,
            expiration_date=expiration_date,
            vector=vector,
        )

    def delete(self, memory_id: str) -> dict[str, str]:
        """Delete a memory; see `Memory.delete`."""
        with self._recording() as context:
            return change.delete(context, memory_id)

    def batch_add(
        self,
        memories: object,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        vectors: Vectors | None = None,
    ) -> BatchResult:
        """Store memories as they are; see `Memory.batch_add`."""
        scope = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
        return self._run(batch.batch_add, memories, scope, vectors=vectors)

    def commit(self) -> None:
        """Commit all changes, and end the transaction; the end of the block does it otherwise.

        Raises:
            TransactionClosedError: It ended before; nothing is committed.
            ConflictError: A memory whose vector was given without its text was changed meanwhile.
        """
        changes = self.end()
        if changes.drafts:
            run_in(self._current, commit_changes, changes)

    @property
    def is_open(self) -> bool:
        """Whether changes can still be made."""
        return self._open

    def end(self) -> Recorder:
        """End the transaction; return its changes, which are not committed yet."""
        with self._recording():
            self._open = False
            return self._recorder

    def close(self) -> None:
        """End the transaction, and drop what is not committed. Closing twice is no error."""
        with self._lock:
            self._open = False

    @contextmanager
    def _recording(self) -> Iterator[Context]:
        """Record one call at a time.

        Raises:
            TransactionClosedError: The transaction ended.
        """
        with self._lock:
            if not self._open:
                raise TransactionClosedError(
                    "the transaction is closed: it ended with its block, with commit() or with an "
                    "error, and nothing was changed by this call"
                )
            context = self._current()
            embedder = None if context.embedder is None else Later()
            yield replace(context, engine=self._recorder, embedder=embedder)

    def _run(
        self,
        flow: Callable[Concatenate[Context, P], Flow[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        with self._recording() as context:
            return run(flow(context, *args, **kwargs), context)
