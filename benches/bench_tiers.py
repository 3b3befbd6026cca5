"""Searches and imports of `memfast bench`, run by pytest-benchmark: `make bench`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memfast.bench.data import Synthetic
from memfast.bench.reads import SEARCHES, K
from memfast.bench.store import build_index, fill, import_chunk, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

    from memfast import Memory

TIERS = (1_000, 10_000, 100_000)
DIM = 384


@pytest.fixture(scope="module", params=TIERS, ids="{:,}".format)
def tier(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Memory, Synthetic]]:
    """A filled store with its index, and its data."""
    data = Synthetic(request.param, DIM)
    with open_store(tmp_path_factory.mktemp("tier") / "store", DIM) as memory:
        fill(memory, data)
        build_index(memory)
        yield memory, data


@pytest.mark.parametrize("name", SEARCHES)
def bench_search(benchmark: BenchmarkFixture, tier: tuple[Memory, Synthetic], name: str) -> None:
    memory, data = tier
    turn = iter(range(1 << 62))

    def search() -> object:
        query = data.queries[next(turn) % len(data.queries)]
        return memory.search(vector=query, limit=K, **SEARCHES[name])

    search()
    benchmark(search)


@pytest.mark.parametrize("rows", TIERS[:2])
def bench_import(benchmark: BenchmarkFixture, tmp_path: Path, rows: int) -> None:
    chunks = list(Synthetic(rows, DIM).chunks())
    turn = iter(range(1 << 62))

    def fresh() -> tuple[tuple[Memory], dict[str, object]]:
        return (open_store(tmp_path / f"store-{next(turn)}", DIM),), {}

    def load(memory: Memory) -> None:
        for chunk in chunks:
            import_chunk(memory, chunk)
        memory.close()

    benchmark.pedantic(load, setup=fresh, rounds=5)  # type: ignore[no-untyped-call]
