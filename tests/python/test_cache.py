"""The cache size in `stats` is what the shards in memory have allocated."""

from __future__ import annotations

from pathlib import Path

import pytest

from memfast import Memory
from memfast.stores.protocol import Query, Selection

USERS = 300
DIM = 64


def add(memory: Memory, first: int, count: int) -> None:
    """Add rows over all users in one commit."""
    rows = range(first, first + count)
    memory.batch_add(
        [
            {"memory": f"row {row}", "user_id": f"u{row % USERS}", "metadata": {"row": row}}
            for row in rows
        ],
        vectors=[[1.0, *(float(row >> bit & 1) for bit in range(1, DIM))] for row in rows],
    )


def warm(memory: Memory, **options: object) -> int:
    """Search each user's memories; return the size of the cache after that."""
    for user in range(USERS):
        memory.search_many(vectors=[[1.0] * DIM], user_id=f"u{user}", limit=1, **options)  # type: ignore[arg-type]
    return int(memory.stats()["cache_bytes"])


def test_a_commit_charges_each_shard_its_own_rows(tmp_path: Path) -> None:
    with Memory(path=tmp_path / "store", embedder=None, dim=DIM) as memory:
        add(memory, 0, 10 * USERS)
        before = warm(memory)
        add(memory, 10 * USERS, 10 * USERS)
        after = memory.stats()["cache_bytes"]
        assert before < after < 2.2 * before
    with Memory(path=tmp_path / "store", embedder=None, dim=DIM) as memory:
        assert after == pytest.approx(warm(memory), rel=0.1)


def asked(user: int) -> Query:
    return Query(Selection((f"u{user}",)), vectors=[[1.0] * DIM], limit=20)


def test_a_commit_keeps_cached_shards_in_the_cache(tmp_path: Path) -> None:
    with Memory(path=tmp_path / "store", embedder=None, dim=DIM) as memory:
        add(memory, 0, 10 * USERS)
        whole = warm(memory)
    # A limit of about twice the rows.
    with Memory(path=tmp_path / "store", embedder=None, dim=DIM, cache_bytes=3 * whole) as memory:
        warm(memory)
        add(memory, 10 * USERS, 10 * USERS)
        for user in range(USERS):
            assert memory._context.store.is_brief(asked(user))


def test_filter_columns_are_charged_to_their_shard(tmp_path: Path) -> None:
    with Memory(path=tmp_path / "store", embedder=None, dim=DIM) as memory:
        add(memory, 0, 20 * USERS)
        plain = warm(memory)
        filtered = warm(memory, filters={"row": {"gte": 7}})
        assert filtered > plain + USERS * 20 * 8
        assert warm(memory, filters={"row": {"gte": 8}}) == filtered
