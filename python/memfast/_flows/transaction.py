"""`transaction`: changes of several calls, committed together at the end of the block."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from memfast._flows import batch, change, checks
from memfast._flows.add import add
from memfast._flows.vectors import rows
from memfast._steps import Context, Flow, run
from memfast.errors import MemoryNotFoundError, ValidationError
from memfast.types import AddResult, BatchResult, Messages, Vector, Vectors

T = TypeVar("T")
P = ParamSpec("P")


class Recorder:
    """Stands in for the engine: keeps changes instead of committing them."""

    def __init__(self, engine: Any) -> None:
        """Record changes to what `engine` holds."""
        self._engine = engine
        self._items: dict[str, dict[str, Any] | None] = {}
        self.ops: list[dict[str, Any]] = []
        self.vectors: list[Any] = []

    def get(self, memory_id: str) -> dict[str, Any] | None:
        """Return a memory as the transaction has left it so far."""
        if memory_id in self._items:
            return self._items[memory_id]
        item: dict[str, Any] | None = self._engine.get(memory_id)
        return item

    def get_many(self, memory_ids: list[str]) -> list[dict[str, Any] | None]:
        """Return memories as the transaction has left them so far."""
        return [self.get(memory_id) for memory_id in memory_ids]

    def apply(
        self, ops: list[dict[str, Any]], vectors: Any = None, *_: object
    ) -> list[tuple[str, str]]:
        """Keep changes for the commit.

        The space is checked when all of them are committed; nothing is put aside by infer=False,
        and a call in a transaction has no name of its own.
        """
        given = [] if vectors is None else rows(vectors)
        outcomes = []
        for op in ops:
            kept = dict(op)
            if (row := kept.get("vector")) is not None:
                kept["vector"] = len(self.vectors)
                self.vectors.append(given[row])
            outcomes.append((self._keep(kept), kept["op"]))
            self.ops.append(kept)
        events = {"put": "ADD", "update": "UPDATE", "delete": "DELETE"}
        return [(memory_id, events[kind]) for memory_id, kind in outcomes]

    def _keep(self, op: dict[str, Any]) -> str:
        if op["op"] == "put":
            memory_id: str = op.setdefault("id", str(uuid.uuid4()))
            if self.get(memory_id) is not None:
                raise ValidationError(
                    f"a memory with id {memory_id!r} exists", details={"memory_id": memory_id}
                )
            self._items[memory_id] = {"id": memory_id, "memory": op["text"]}
            return memory_id
        memory_id = op["id"]
        before = self.get(memory_id)
        if before is None:
            raise MemoryNotFoundError(
                f"Memory with id {memory_id} not found. Please provide a valid 'memory_id'",
                details={"memory_id": memory_id},
            )
        after = {**before, "memory": op.get("text", before["memory"])}
        self._items[memory_id] = after if op["op"] == "update" else None
        return memory_id


class Transaction:
    """Changes that are committed together when the block ends, or not at all when it fails.

    Reads through the memory see the store as it was before the block.
    """

    def __init__(self, context: Context) -> None:
        """Begin without changes."""
        self._recorder = Recorder(context.engine)
        self._engine = context.engine
        self._context = replace(context, engine=self._recorder)

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
        return change.delete(self._context, memory_id)

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
        """Commit all changes so far; called at the end of the block."""
        if self._recorder.ops:
            self._engine.apply(
                self._recorder.ops, self._recorder.vectors or None, self._context.space
            )
        self._recorder = Recorder(self._engine)
        self._context = replace(self._context, engine=self._recorder)

    def _run(
        self,
        flow: Callable[Concatenate[Context, P], Flow[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return run(flow(self._context, *args, **kwargs), self._context)
