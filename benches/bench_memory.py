"""Times of calls of `Memory`: `make bench`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from memfast import Memory

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

    from memfast.types import SearchMode

DIM = 384


def filled(path: Path | str, rows: int) -> Memory:
    memory = Memory(path=path, embedder=None, dim=DIM)
    vectors = np.random.default_rng(0).normal(size=(rows, DIM)).astype(np.float32)
    messages = [{"role": "user", "content": f"note {n}"} for n in range(rows)]
    memory.add(messages, user_id="ann", vector=vectors, metadata={"half": 1}, infer=False)
    return memory


@pytest.mark.parametrize("rows", [100, 1_000, 10_000])
def bench_search(benchmark: BenchmarkFixture, rows: int) -> None:
    memory = filled(":memory:", rows)
    query = np.ones(DIM, dtype=np.float32)
    benchmark(lambda: memory.search(vector=query, user_id="ann", limit=10))


def bench_search_with_filter(benchmark: BenchmarkFixture) -> None:
    memory = filled(":memory:", 1_000)
    query = np.ones(DIM, dtype=np.float32)
    filters = {"half": 1}
    benchmark(lambda: memory.search(vector=query, user_id="ann", limit=10, filters=filters))


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
@pytest.mark.parametrize("rows", [1_000, 10_000])
def bench_search_text(benchmark: BenchmarkFixture, rows: int, mode: SearchMode) -> None:
    memory = Memory(path=":memory:")
    messages = [{"role": "user", "content": f"I like the colour {n}"} for n in range(rows)]
    memory.add(messages, user_id="ann", infer=False)
    benchmark(lambda: memory.search("which colour?", user_id="ann", limit=10, mode=mode))


def bench_durable_add(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    memory = filled(tmp_path / "store", 1_000)
    vector = np.ones(DIM, dtype=np.float32)
    benchmark(lambda: memory.add("note", user_id="ann", vector=vector, infer=False))


def bench_bulk_add(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    memory = filled(tmp_path / "store", 10)
    vectors = np.random.default_rng(1).normal(size=(10_000, DIM)).astype(np.float32)
    messages = [{"role": "user", "content": f"note {n}"} for n in range(10_000)]
    benchmark.pedantic(  # type: ignore[no-untyped-call]
        lambda: memory.add(messages, user_id="ann", vector=vectors, infer=False), rounds=5
    )
