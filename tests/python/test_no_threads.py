"""Where the system starts no thread, every call works on the one that exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from memfast._workers import Workers
from tests.python.preload import library, needs_preload, run

# Refuses threads while a file exists, like a limit on processes.
LIMIT = """
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg) {
    const char *full = getenv("THREADS_FULL");
    if (full && access(full, F_OK) == 0)
        return EAGAIN;
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
        dlsym(RTLD_NEXT, "pthread_create");
    return real(thread, attr, run, arg);
}
"""

WORK = """
    import asyncio, pathlib, sys, threading
    from memfast import AsyncMemory, Memory

    def work(store):
        with Memory(path=store) as memory:
            texts = [f"fact number {number}" for number in range(600)]
            print(len(memory.batch_add(texts, user_id="ann")["results"]), end=" ")
            rows = [{"memory": f"row {number}", "user_id": "bob"} for number in range(600)]
            print(memory.import_(rows, progress=False, batch_rows=200).added, end=" ")
            talks = [{"messages": f"note {number}", "user_id": f"u{number}"} for number in range(4)]
            print(len(memory.add_many(talks, max_concurrency=2)), end=" ")
            memory.optimize(progress=False)
            found = memory.search_many(["fact number 7", "row 7"], user_id="*", limit=2)
            print([len(one["results"]) for one in found], end=" ")
            print(len(memory.search("row 7", user_id="bob", filters={"x": {"ne": 1}})["results"]))

    async def beside(store):
        async with AsyncMemory(path=store) as memory:
            await memory.batch_add(["a", "b"], user_id="ann")
            found = await memory.search("a", user_id="ann")
            print(len(found["results"]), (await memory.stats())["records"])
"""


@pytest.fixture(scope="module")
def limit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library(tmp_path_factory.mktemp("limit"), LIMIT)


@needs_preload
def test_every_call_works_if_no_thread_can_be_started(limit: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.touch()
    script = f"""{WORK}
    try:
        threading.Thread(target=print).start()
    except RuntimeError:
        print("no thread")
    work({str(tmp_path / "one")!r})
    asyncio.run(beside({str(tmp_path / "two")!r}))
    pathlib.Path({str(full)!r}).unlink()
    work({str(tmp_path / "three")!r})
    """
    out = run(limit, script, THREADS_FULL=str(full), MEMFAST_LLM="")
    work = "600 600 4 [2, 2] 100"
    assert out == ["no thread", work, "2 2", work]


def refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)


def test_a_function_whose_thread_was_refused_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    with Workers(2, "test") as workers:
        with monkeypatch.context() as patch:
            refuse(patch)
            refused = workers.submit(ran.append, 1)
            assert refused.done()
        assert workers.submit(ran.append, 2).result() is None
    assert ran == [1, 2]


def test_a_failing_function_raises_for_its_caller_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with Workers(1, "test") as workers:
        refuse(monkeypatch)
        with pytest.raises(ZeroDivisionError):
            workers.submit(lambda: 1 // 0).result()
        assert workers.submit(lambda: 1).result() == 1
    with pytest.raises(RuntimeError, match="shutdown"):
        workers.submit(lambda: 1)
