"""The store of this process: the engine of memfast, in Rust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memfast._core import Engine
from memfast._lexicon import static_directory
from memfast.stores.protocol import Change, Identity, Known, Page, Pending, Scope, Slice

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from memfast.stores.protocol import (
        Capability,
        Cursor,
        Ids,
        Order,
        Query,
        Receipt,
        Selection,
        StoreSettings,
        Write,
    )
    from memfast.types import HistoryEntry, Hit, MemoryItem, MessageItem, StoreStats

# Rows that a search reads in less than a millisecond; those whose records it reads in that time, as
# it does for a filter the first time; and the hits that become dicts in that time.
BRIEF_ROWS = 20_000
BRIEF_RECORDS = 1_000
BRIEF_HITS = 500


def _names_one(ids: Ids) -> bool:
    """Return whether ids name one user: a search then ranks every memory of a partition."""
    return ids is not None and len(ids) == 1 and ids != ("*",)


class LocalStore:
    """A directory, or `:memory:`, opened by this process.

    Attributes:
        engine: The engine, for what the protocol leaves to capabilities: exports and imports, the
            event log, a change of the embedder, maintenance.
        capabilities: See `Store`.

    Raises:
        EmbedderMismatchError: Its vectors come from another embedder.
        StoreLockedError: Another process has it open.
    """

    capabilities: frozenset[Capability] = frozenset(
        ("approximate", "arrow", "exact", "history", "hybrid", "maintenance", "reembed", "sql")
    )

    def __init__(self, place: str | os.PathLike[str], settings: StoreSettings) -> None:
        self.engine = Engine(
            place,
            settings.embedder,
            read_only=settings.read_only,
            durability=settings.durability,
            cache_bytes=settings.cache_bytes,
            lexicon=static_directory(),
        )

    def identity(self) -> Identity:
        """See `Store.identity`."""
        return Identity._make(self.engine.identity())

    def get(self, ids: Sequence[str], within: Selection | None = None) -> list[MemoryItem | None]:
        """See `Store.get`."""
        return self.engine.get(ids, within)

    def sources(self, memory_id: str, within: Selection | None = None) -> list[MessageItem]:
        """See `Store.sources`."""
        return self.engine.sources(memory_id, within)

    def latest(
        self, selection: Selection, *, until: str | None = None, limit: int = 6
    ) -> list[MessageItem]:
        """See `Store.latest`."""
        return self.engine.latest(selection, until, limit)

    def search(self, query: Query) -> list[list[Hit]]:
        """See `Store.search`."""
        return self.engine.search(query)

    def candidates(self, query: Query) -> int | None:
        """See `Store.candidates`."""
        if query.mode != "hybrid" or query.exact or _names_one(query.selection.user_id):
            return None
        return self.engine.candidates(query)

    def is_brief(self, query: Query) -> bool:
        """See `Store.is_brief`."""
        selection, inputs = query.selection, query.texts or query.vectors
        if selection.known_at is not None:
            return False
        by_words = query.texts is not None and query.mode != "semantic"
        rows = self.engine.rows_in_memory(selection, by_words)
        if rows is None or inputs is None:
            return False
        by_fields = selection.filters or selection.as_of is not None or selection.latest_only
        most = BRIEF_RECORDS if by_fields else BRIEF_ROWS
        queries = len(inputs) * (2 if by_words else 1)
        return rows * queries <= most and min(rows, query.limit) * queries <= BRIEF_HITS

    def scan(self, selection: Selection, *, after: Cursor | None = None, limit: int = 100) -> Page:
        """See `Store.scan`."""
        return Page._make(self.engine.scan(selection, after, limit))

    def slice(
        self, selection: Selection, *, order: Order | None = None, offset: int = 0, limit: int = 100
    ) -> Slice:
        """See `Store.slice`."""
        return Slice._make(self.engine.slice(selection, order, offset, limit))

    def count(self, selection: Selection) -> int:
        """See `Store.count`."""
        return self.engine.count(selection)

    def write(self, write: Write) -> list[Change]:
        """See `Store.write`."""
        return [Change._make(outcome) for outcome in self.engine.write(write)]

    def write_each(self, writes: Sequence[Write]) -> list[list[Change] | Exception]:
        """See `Store.write_each`."""
        return [
            outcome if isinstance(outcome, Exception) else [Change._make(one) for one in outcome]
            for outcome in self.engine.write_each(writes)
        ]

    def erase(self, selection: Selection) -> int:
        """See `Store.erase`."""
        return self.engine.erase(selection)

    def reset(self) -> None:
        """See `Store.reset`."""
        self.engine.reset()

    def events(self, memory_id: str, within: Selection | None = None) -> list[HistoryEntry]:
        """See `Store.events`."""
        return self.engine.events(memory_id, within)

    def pending(self, selection: Selection) -> list[Pending]:
        """See `Store.pending`."""
        return [
            Pending(number, Scope(*ids), created_at, reason, body)
            for number, *ids, created_at, reason, body in self.engine.pending(selection)
        ]

    def knows(self, receipt: Receipt) -> Known | None:
        """See `Store.knows`."""
        known = self.engine.knows(receipt)
        return None if known is None else Known._make(known)

    def flush(self) -> None:
        """See `Store.flush`."""
        self.engine.flush()

    def close(self) -> None:
        """See `Store.close`."""
        self.engine.close()

    def stats(self) -> StoreStats:
        """See `Store.stats`."""
        return self.engine.stats()
