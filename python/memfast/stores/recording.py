"""The store of a transaction: it keeps changes for one commit at the end."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from memfast._core import new_id
from memfast.errors import (
    MemoryNotFoundError,
    TransactionClosedError,
    UnsupportedError,
    ValidationError,
    brief,
)
from memfast.stores.protocol import Change, Patch, Put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memfast.stores.protocol import (
        Capability,
        Cursor,
        Identity,
        Known,
        Operation,
        Order,
        Page,
        Pending,
        Query,
        Receipt,
        Selection,
        Slice,
        Store,
        Write,
    )
    from memfast.types import HistoryEntry, Hit, MemoryItem, MessageItem, StoreStats


class RecordingStore:
    """Changes to what another store holds.

    `get` returns memories as the changes leave them; other reads see the store as it is.

    Attributes:
        is_open: Whether changes can still be made; after it every call raises
            TransactionClosedError.
        capabilities: See `Store`.
    """

    capabilities: frozenset[Capability] = frozenset()

    def __init__(self, store: Store) -> None:
        self._store = store
        # Memories as the changes leave them; None for one that was deleted.
        self._left: dict[str, MemoryItem | None] = {}
        self._operations: list[Operation] = []
        self._lock = Lock()
        self.is_open = True

    def end(self) -> list[Operation]:
        """End the transaction; return its changes.

        Raises:
            TransactionClosedError: It ended before.
        """
        with self._lock:
            self._check_open()
            self.is_open = False
            return self._operations

    def _check_open(self) -> None:
        if not self.is_open:
            raise TransactionClosedError(
                "the transaction is closed: it ended with its block, with commit() or with an "
                "error, and nothing was changed by this call"
            )

    def identity(self) -> Identity:
        """See `Store.identity`."""
        return self._store.identity()

    def get(self, ids: Sequence[str], within: Selection | None = None) -> list[MemoryItem | None]:
        """See `Store.get`."""
        self._check_open()
        stored = iter(self._store.get([one for one in ids if one not in self._left], within))
        return [
            _only(self._left[one], within) if one in self._left else next(stored) for one in ids
        ]

    def sources(self, memory_id: str, within: Selection | None = None) -> list[MessageItem]:
        """See `Store.sources`."""
        return self._store.sources(memory_id, within)

    def latest(
        self, selection: Selection, *, until: str | None = None, limit: int = 6
    ) -> list[MessageItem]:
        """See `Store.latest`."""
        return self._store.latest(selection, until=until, limit=limit)

    def search(self, query: Query) -> list[list[Hit]]:
        """See `Store.search`."""
        return self._store.search(query)

    def candidates(self, query: Query) -> int | None:
        """See `Store.candidates`."""
        return self._store.candidates(query)

    def is_brief(self, query: Query) -> bool:
        """See `Store.is_brief`."""
        return self._store.is_brief(query)

    def scan(self, selection: Selection, *, after: Cursor | None = None, limit: int = 100) -> Page:
        """See `Store.scan`."""
        return self._store.scan(selection, after=after, limit=limit)

    def slice(
        self, selection: Selection, *, order: Order | None = None, offset: int = 0, limit: int = 100
    ) -> Slice:
        """See `Store.slice`."""
        return self._store.slice(selection, order=order, offset=offset, limit=limit)

    def count(self, selection: Selection) -> int:
        """See `Store.count`."""
        return self._store.count(selection)

    def write(self, write: Write) -> list[Change]:
        """Keep operations for the commit.

        Raises:
            UnsupportedError: The write has more than operations: a transaction has one commit.
        """
        if write.pending or write.processed or write.receipt:
            raise _unsupported("the pending queue and the names of calls")
        with self._lock:
            self._check_open()
            kept, undo = len(self._operations), Undo()
            try:
                return [self._record(one, write.within, undo) for one in write.operations]
            except BaseException:
                # The call is all or nothing, as it is without a transaction.
                del self._operations[kept:]
                undo.apply(self._left)
                raise

    def _record(self, operation: Operation, within: Selection | None, undo: Undo) -> Change:
        if isinstance(operation, Put):
            return self._put(operation, undo)
        before = self.get([operation.id], within)[0]
        if before is None:
            raise missing(operation.id)
        after: MemoryItem | None = None
        if isinstance(operation, Patch):
            text = operation.rewrite.text if operation.rewrite else before["memory"]
            after = {**before, "memory": text}
        undo.note(operation.id, self._left)
        self._left[operation.id] = after
        self._operations.append(operation)
        return Change(operation.id, "UPDATE" if after else "DELETE", before["memory"])

    def _put(self, put: Put, undo: Undo) -> Change:
        memory_id = put.id or new_id()
        before = self.get([memory_id])[0]
        if before is not None and put.existing != "update":
            raise ValidationError(
                f"Memory with id {memory_id} already exists; use `update` to change it",
                error_code="VALIDATION_EXISTS",
                details={"memory_id": memory_id},
            )
        item: MemoryItem = {
            "id": memory_id,
            "memory": put.text,
            "hash": "",
            "metadata": dict(put.metadata or {}),
            "created_at": "",
            "updated_at": "",
        }
        for name in ("user_id", "agent_id", "run_id"):
            if (value := getattr(put.scope, name)) is not None:
                item[name] = value
        undo.note(memory_id, self._left)
        self._left[memory_id] = item
        self._operations.append(put if put.id else put._replace(id=memory_id))
        if before is not None:
            return Change(memory_id, "UPDATE", before["memory"])
        return Change(memory_id, "ADD", None)

    def write_each(self, writes: Sequence[Write]) -> list[list[Change] | Exception]:
        """See `Store.write_each`."""
        outcomes: list[list[Change] | Exception] = []
        for write in writes:
            try:
                outcomes.append(self.write(write))
            except Exception as failure:  # noqa: BLE001 - it is the outcome of this write
                outcomes.append(failure)
        return outcomes

    def erase(self, selection: Selection) -> int:  # noqa: ARG002 - see `Store`
        """Raise UnsupportedError."""
        raise _unsupported("delete_all")

    def reset(self) -> None:
        """Raise UnsupportedError."""
        raise _unsupported("reset")

    def events(self, memory_id: str, within: Selection | None = None) -> list[HistoryEntry]:
        """See `Store.events`."""
        return self._store.events(memory_id, within)

    def pending(self, selection: Selection) -> list[Pending]:
        """See `Store.pending`."""
        return self._store.pending(selection)

    def knows(self, receipt: Receipt) -> Known | None:
        """See `Store.knows`."""
        return self._store.knows(receipt)

    def flush(self) -> None:
        """Raise UnsupportedError."""
        raise _unsupported("flush")

    def close(self) -> None:
        """Raise UnsupportedError."""
        raise _unsupported("close")

    def stats(self) -> StoreStats:
        """See `Store.stats`."""
        return self._store.stats()


class Undo:
    """What a call changed, to be taken back if it fails."""

    def __init__(self) -> None:
        self._before: list[tuple[str, bool, MemoryItem | None]] = []

    def note(self, memory_id: str, left: dict[str, MemoryItem | None]) -> None:
        """Keep what stands under an id before it changes."""
        self._before.append((memory_id, memory_id in left, left.get(memory_id)))

    def apply(self, left: dict[str, MemoryItem | None]) -> None:
        """Take the changes back."""
        for memory_id, known, item in reversed(self._before):
            if known:
                left[memory_id] = item
            else:
                del left[memory_id]


def _only(item: MemoryItem | None, within: Selection | None) -> MemoryItem | None:
    """Return a memory that belongs to a scope."""
    if item is None or within is None:
        return item
    for name in ("user_id", "agent_id", "run_id"):
        values = getattr(within, name)
        if values is not None and "*" not in values and item.get(name) not in values:
            return None
    return item


def missing(memory_id: str) -> MemoryNotFoundError:
    """Return the error about an id that no memory has."""
    return MemoryNotFoundError(
        f"Memory with id {brief(memory_id)} not found. Please provide a valid 'memory_id'",
        details={"memory_id": memory_id},
    )


def _unsupported(what: str) -> UnsupportedError:
    return UnsupportedError(
        f"a transaction has no {what}",
        suggestion="Call it on the memory, outside of the block.",
    )
