"""A forked process works with stores of its own and does not touch those of its parent."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from memfast import AsyncMemory, Memory
from memfast.errors import StoreForkedError

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork"),
    # Newer versions of Python warn about what is tested here.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

TEXTS = [f"fact number {number}" for number in range(200)]


def work(store: Path, *, tidies: bool = False) -> None:
    """Use the calls that run on several cores, in a store of this process."""
    with Memory(path=store) as memory:
        assert len(memory.batch_add(TEXTS, user_id="ann")["results"]) == 200
        rows = [{"memory": f"row {number}", "user_id": f"u{number % 50}"} for number in range(2000)]
        assert memory.import_(rows, progress=False).added == 2000
        messages = [{"role": "user", "content": f"message {number}"} for number in range(100)]
        assert len(memory.add(messages, user_id="bob", infer=False)["results"]) == 100
        if tidies:
            memory.optimize(progress=False)
        hits = memory.search_many(["fact number 7", "row 7"], user_id="*", limit=3)
        assert [len(hit["results"]) for hit in hits] == [3, 3]


def in_child(run: Callable[[], object], seconds: float = 60) -> None:
    """Run a function in a forked child, which must end by itself."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            run()
            code = 0
        except BaseException:  # noqa: BLE001 - the parent learns of it by the code
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    pytest.fail("the child hangs")


def test_a_child_of_a_process_that_closed_its_store_works_with_its_own(tmp_path: Path) -> None:
    work(tmp_path / "parent")
    in_child(partial(work, tmp_path / "child", tidies=True))
    in_child(lambda: in_child(lambda: work(tmp_path / "grandchild")))


def test_a_child_of_a_process_with_an_open_store_works_with_its_own(tmp_path: Path) -> None:
    with Memory(path=tmp_path / "parent") as memory:
        memory.batch_add(TEXTS, user_id="ann")
        ends = threading.Event()

        def busy() -> None:
            while not ends.is_set():
                memory.batch_add(TEXTS, user_id="bob")
                memory.delete_all(user_id="bob")

        thread = threading.Thread(target=busy)
        thread.start()
        try:
            for number in range(4):
                in_child(partial(work, tmp_path / f"child{number}"))
        finally:
            ends.set()
            thread.join()
        assert memory.stats()["records"] == 200


def test_a_pool_of_forked_processes_works(tmp_path: Path) -> None:
    work(tmp_path / "parent")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        done = pool.map_async(work, [tmp_path / f"worker{number}" for number in range(4)])
        assert done.get(timeout=60) == [None] * 4


def test_a_child_does_not_touch_the_store_of_its_parent(tmp_path: Path) -> None:
    """A child that drops, closes or collects objects writes nothing to the parent's files."""

    def parent() -> None:
        memory = Memory(path=tmp_path / "store")
        memory.batch_add(TEXTS, user_id="ann")
        holder = [memory, memory.export(user_id="ann")]
        files = sorted(path for path in (tmp_path / "store").rglob("*") if path.is_file())
        before = [path.read_bytes() for path in files]

        def child() -> None:
            with pytest.raises(StoreForkedError):
                memory.add("from the child", user_id="ann", infer=False)
            memory.close()
            memory.close()
            holder.clear()

        in_child(child)
        assert [path.read_bytes() for path in files] == before

        def careless() -> None:
            nonlocal memory
            holder.clear()
            del memory
            gc.collect()

        in_child(careless)
        assert [path.read_bytes() for path in files] == before
        memory.add("after the children", user_id="ann", infer=False)

    # The parent ends without closing the store, as if it were killed.
    in_child(parent)
    with Memory(path=tmp_path / "store") as memory:
        assert memory.stats()["records"] == 201


def test_an_async_call_in_a_forked_child_is_an_error(tmp_path: Path) -> None:
    async def use(memory: AsyncMemory) -> None:
        await memory.add("a fact", user_id="ann", infer=False)
        await memory.search("a fact", user_id="ann")

    memory = AsyncMemory(path=tmp_path / "parent")
    asyncio.run(use(memory))

    def child() -> None:
        calls: list[Callable[[], Coroutine[Any, Any, object]]] = [
            lambda: memory.search("a fact", user_id="ann"),
            lambda: memory.batch_add(TEXTS, user_id="ann"),
            lambda: memory.import_([{"memory": "x", "user_id": "ann"}], progress=False),
            memory.stats,
            lambda: memory.add("more", user_id="ann", infer=False),
        ]
        for call in calls:
            with pytest.raises(StoreForkedError):
                asyncio.run(call())
        memory.close()

        async def own() -> None:
            async with AsyncMemory(path=tmp_path / "child") as other:
                await use(other)
                await other.batch_add(TEXTS, user_id="ann")

        asyncio.run(own())

    in_child(child)
    memory.close()


def test_stores_and_memories_of_siblings_have_different_ids(tmp_path: Path) -> None:
    """Forked processes draw the same random numbers."""
    with Memory(path=tmp_path / "parent") as memory:
        memory.add("a fact", user_id="ann", infer=False)
    ids = multiprocessing.get_context("fork").SimpleQueue()

    def child(number: int) -> None:
        with Memory(path=tmp_path / f"child{number}") as memory:
            memory.add("a fact", user_id="ann", infer=False)
            ids.put(memory._context.store.identity().log_id)

    for number in range(3):
        in_child(partial(child, number))
    assert len({ids.get() for _ in range(3)}) == 3
