"""`optimize` can be interrupted at any moment, and its progress function may do anything."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memfast import Memory
from memfast.errors import StoreClosedError

DIM = 256
ROWS = 2400


def rows(count: int) -> list[dict[str, object]]:
    chance = random.Random(7)
    return [
        {
            "memory": f"row {number}",
            "user_id": f"u{number % 5}",
            "vector": [chance.uniform(-1, 1) for _ in range(DIM)],
        }
        for number in range(count)
    ]


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(path=tmp_path / "store", embedder=None, dim=DIM) as memory:
        for start in range(0, ROWS, 1200):
            memory.import_(rows(ROWS)[start : start + 1200], progress=False)
        yield memory


def check(memory: Memory) -> None:
    """Check that the store works and can be optimized."""
    memory.optimize(progress=False)
    stats = memory.stats()
    assert stats["trouble"] is None
    assert (stats["records"], stats["segments"], stats["write_buffer"]) == (ROWS, 1, 0)
    assert stats["index"] is not None
    assert (stats["index"]["rows"], stats["index"]["behind"]) == (ROWS, 0)


def test_optimize_calls_progress_in_the_calling_thread(memory: Memory) -> None:
    seen: list[tuple[str, int, int]] = []
    threads: set[int] = set()

    def tell(stage: str, done: int, total: int) -> None:
        threads.add(threading.get_ident())
        seen.append((stage, done, total))

    memory.optimize(progress=tell)
    assert threads == {threading.get_ident()}
    assert {stage for stage, _, _ in seen} == {"merge", "index"}
    assert seen[-1] == ("index", ROWS, ROWS)


def test_a_failing_progress_function_ends_optimize(memory: Memory) -> None:
    calls: list[str] = []

    def tell(stage: str, done: int, total: int) -> None:
        calls.append(stage)
        raise LookupError(f"{stage}: {done} of {total}")

    with pytest.raises(LookupError, match="merge: "):
        memory.optimize(progress=tell)
    assert len(calls) == 1
    check(memory)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the system has no such signals")
def test_a_signal_ends_optimize_between_calls_of_progress(memory: Memory) -> None:
    """A signal handler that raises runs although no Python code runs."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            memory.optimize(progress=False)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert memory.stats()["index"] is None
    check(memory)


def test_the_progress_function_may_call_optimize(memory: Memory) -> None:
    nested: list[str] = []

    def tell(stage: str, *_: int) -> None:
        if not nested:
            nested.append(stage)
            memory.optimize(progress=False)

    memory.optimize(progress=tell)
    assert nested == ["merge"]
    check(memory)


@pytest.mark.parametrize("change", ["add", "delete", "search"])
def test_the_progress_function_may_use_the_memory(memory: Memory, change: str) -> None:
    vector = [1.0] * DIM
    calls: dict[str, Callable[[], object]] = {
        "add": lambda: memory.batch_add(["more"], user_id="eve", vectors=[vector]),
        "delete": lambda: memory.delete_all(user_id="eve"),
        "search": lambda: memory.search_many(vectors=[vector], user_id="*", limit=3),
    }
    memory.optimize(progress=lambda *_: calls[change]())
    memory.delete_all(user_id="eve")
    assert memory.stats()["records"] == ROWS


def test_a_progress_function_that_closes_the_memory_ends_optimize(
    memory: Memory, tmp_path: Path
) -> None:
    with pytest.raises(StoreClosedError):
        memory.optimize(progress=lambda *_: memory.close())
    with Memory(path=tmp_path / "store", embedder=None, dim=DIM) as again:
        check(again)
