"""Memories of one process on one path share a store."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from memfast import AsyncMemory, ConfigurationError, EmbedderMismatchError, Memory
from memfast.errors import StoreClosedError
from memfast.testing import FakeLLM, HashEmbedder

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")


def add(memory: Memory, text: str) -> None:
    memory.add(text, user_id="ann", infer=False)


def texts(memory: Memory) -> list[str]:
    return [item["memory"] for item in memory.iter(user_id="ann")]


def other_process(path: Path) -> str:
    """Open a store in another process; return its error."""
    code = "import sys, memfast; memfast.Memory(sys.argv[1], embedder='hash').close()"
    ended = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    return ended.stderr


def test_a_cell_that_opens_the_store_may_run_twice(tmp_path: Path) -> None:
    """As in a notebook: the name is bound again while the output still holds the first one."""
    shown: list[Memory] = []
    for n in range(3):
        shown.append(Memory(tmp_path, embedder="hash"))
        add(shown[-1], f"run {n}")
    assert texts(shown[0]) == texts(shown[-1]) == ["run 0", "run 1", "run 2"]
    shown[-1].close()
    for one in shown:
        one.close()
    with Memory(tmp_path, embedder="hash") as memory:
        assert len(texts(memory)) == 3


def test_a_memory_dropped_without_close_does_not_keep_the_store_open(tmp_path: Path) -> None:
    memory = Memory(tmp_path, embedder="hash")
    add(memory, "first")
    memory = Memory(tmp_path, embedder="hash", durability="commit")
    gc.collect()
    add(memory, "second")
    memory.close()
    assert other_process(tmp_path) == ""
    memory = Memory(tmp_path, embedder="hash")
    del memory
    gc.collect()
    assert other_process(tmp_path) == ""
    # Nothing holds the store open, so other settings are accepted.
    with Memory(tmp_path, embedder="hash", durability="batch") as memory:
        assert texts(memory) == ["first", "second"]


def test_the_last_close_closes_the_store(tmp_path: Path) -> None:
    one, two = Memory(tmp_path, embedder="hash"), Memory(str(tmp_path), embedder="hash")
    add(one, "first")
    one.close()
    one.close()
    add(two, "second")
    assert "StoreLockedError" in other_process(tmp_path)
    two.close()
    assert other_process(tmp_path) == ""


def test_a_closed_memory_stays_closed_while_others_are_open(tmp_path: Path) -> None:
    one, two = Memory(tmp_path, embedder="hash"), Memory(tmp_path, embedder="hash")
    add(one, "first")
    one.close()
    calls: list[Any] = [
        lambda: add(one, "x"),
        lambda: one.search("x", user_id="ann"),
        lambda: one.get_all(user_id="ann"),
        lambda: one.count(user_id="ann"),
        lambda: one.delete_all(user_id="ann"),
        lambda: one.sql("select 1"),
        lambda: one.batch_add(["x"], user_id="ann"),
        one.stats,
        one.reset,
        lambda: one.reembed("static"),
        one.export,
    ]
    for call in calls:
        with pytest.raises(StoreClosedError):
            call()
    assert texts(two) == ["first"]
    two.close()


@posix
@pytest.mark.parametrize("durability", ["none", "batch"])
def test_close_of_one_of_several_memories_flushes_its_changes(
    tmp_path: Path, durability: Any
) -> None:
    # The database as it would be found after a crash of the machine at that moment.
    path, copy = tmp_path / "store", tmp_path / "copy"
    with Memory(path, embedder="hash", durability=durability):
        with Memory(path, embedder="hash", durability=durability) as memory:
            add(memory, "first")
        shutil.copytree(path, copy)
        (copy / "LOCK").unlink(missing_ok=True)
    with Memory(copy, embedder="hash") as memory:
        assert texts(memory) == ["first"]


def test_links_and_relative_paths_open_the_same_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "store")
    monkeypatch.chdir(tmp_path)
    with (
        Memory(tmp_path / "store", embedder="hash") as one,
        Memory("link", embedder="hash") as two,
        Memory("./link/../store/", embedder="hash") as three,
    ):
        add(two, "first")
        assert texts(one) == texts(three) == ["first"]


def test_memories_without_files_are_not_shared() -> None:
    with Memory(":memory:", embedder="hash") as one, Memory(":memory:", embedder="hash") as two:
        add(one, "first")
        assert texts(two) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("durability", "batch"),
        ("read_only", True),
        ("cache_bytes", 1_000_000),
        ("history_db_path", "elsewhere.duckdb"),
    ],
)
def test_a_different_engine_setting_is_refused_and_both_are_named(
    tmp_path: Path, setting: str, value: Any
) -> None:
    config = {"path": tmp_path / "s", "embedder": "hash"}
    with Memory(config) as memory:
        with pytest.raises(ConfigurationError, match="is open in this process") as caught:
            Memory({**config, setting: value})
        assert f"{setting}=" in caught.value.message
        assert str(value) in caught.value.message
        # Details hold the start of a long value.
        assert caught.value.details["open"].rstrip("….") in caught.value.message
        add(memory, "first")
    if setting != "history_db_path":
        with Memory({**config, setting: value}) as memory:
            assert texts(memory) == ["first"]


def test_a_memory_that_names_no_cache_size_accepts_any(tmp_path: Path) -> None:
    with (
        Memory(tmp_path, embedder="hash", cache_bytes=1_000_000),
        Memory(tmp_path, embedder="hash") as two,
    ):
        add(two, "first")


@pytest.mark.parametrize("spec", ["static", {"provider": "hash", "config": {"dim": 64}}])
def test_a_different_embedder_is_refused_and_both_are_named(tmp_path: Path, spec: object) -> None:
    with Memory(tmp_path, embedder="hash"):
        with pytest.raises(EmbedderMismatchError, match=r"hash, 256 dimensions.*open it with"):
            Memory(tmp_path, embedder=spec)
        with (
            Memory(tmp_path, embedder=HashEmbedder()) as equal,
            Memory(tmp_path, embedder={"provider": "hash", "config": {"dim": 256}}) as written,
            Memory(tmp_path, embedder=None) as outside,
        ):
            add(equal, "first")
            assert texts(written) == texts(outside) == ["first"]
            with pytest.raises(ConfigurationError, match="takes only vectors"):
                add(outside, "text")


def test_each_memory_has_a_language_model_of_its_own(tmp_path: Path) -> None:
    reply = {"facts": [{"text": "Ann swims", "source": [0]}]}
    llm = FakeLLM([reply])
    with (
        Memory(tmp_path, embedder="hash") as rules,
        Memory(tmp_path, embedder="hash", llm=llm, keep_messages=False) as model,
    ):
        assert rules.add("I live in Oslo.", user_id="bob").get("extractor") == "rules"
        assert llm.prompts == []
        model.add("I, Ann, swim", user_id="ann")
        assert len(llm.prompts) >= 1


def test_reembed_in_one_memory_changes_the_embedder_of_all(tmp_path: Path) -> None:
    with (
        Memory(tmp_path, embedder="hash") as one,
        Memory(tmp_path, embedder=HashEmbedder()) as two,
        Memory(tmp_path, embedder=None) as outside,
    ):
        add(one, "I like swimming")
        assert one.reembed(HashEmbedder(dim=64)) == 1
        add(two, "I like running")
        for memory in (one, two):
            hits = memory.search("running", user_id="ann")["results"]
            assert hits[0]["memory"] == "I like running"
        with pytest.raises(ConfigurationError, match="takes only vectors"):
            outside.search("running", user_id="ann", mode="semantic")
        assert outside.search("running", user_id="ann", limit=1) == one.search(
            "running", user_id="ann", limit=1, mode="lexical"
        )
        assert outside.search(vector=[1.0] + [0.0] * 63, user_id="ann")["results"]
        assert two.reembed("hash") == 2
        assert one.search("swimming", user_id="ann")["results"][0]["memory"] == "I like swimming"
    with Memory(tmp_path, embedder="hash") as memory:
        assert len(texts(memory)) == 2


def test_reset_in_one_memory_empties_all(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash") as one, Memory(tmp_path, embedder="hash") as two:
        add(one, "first")
        assert two.sql("select memory from memories").fetchall() == [("first",)]
        two.reset()
        assert texts(one) == []
        assert one.sql("select count(*) from memories").fetchall() == [(0,)]
        add(one, "second")
        assert two.sql("select memory from memories").fetchall() == [("second",)]


def test_a_directory_removed_and_made_again_is_another_store(tmp_path: Path) -> None:
    path = tmp_path / "store"
    one = Memory(path, embedder="hash")
    add(one, "first")
    shutil.rmtree(path)
    with Memory(path, embedder="hash", durability="batch") as two:
        assert texts(two) == []
        add(two, "second")
        one.close()
        assert texts(two) == ["second"]
    with Memory(path, embedder="hash") as memory:
        assert texts(memory) == ["second"]


def test_close_closes_only_the_models_of_its_memory(tmp_path: Path) -> None:
    closed: list[str] = []

    class Model(HashEmbedder):
        def close(self) -> None:
            closed.append("embedder")

        def complete(self, _: object) -> str:
            return ""

    # A memory closes models that it made from a name; an object belongs to the caller.
    spec = {"provider": "vllm", "config": {"model": "m", "embedding_dims": 4}}
    with Memory(tmp_path, embedder=spec) as one:
        with Memory(tmp_path, embedder=spec) as two:
            assert two._context.embedder is one._context.embedder
            assert two._context.embedder not in two._handle.models()
        assert one._context.embedder in one._handle.models()
    Memory(":memory:", embedder=Model(), llm=Model()).close()
    assert closed == []


def test_many_threads_open_use_and_close_one_store(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for turn in range(6):
            with Memory(tmp_path, embedder="hash", durability="none") as memory:
                add(memory, f"{number} {turn}")
                assert f"{number} {turn}" in texts(memory)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with Memory(tmp_path, embedder="hash") as memory:
        assert len(texts(memory)) == 48
        assert memory.sql("select count(*) from memories").fetchall() == [(48,)]


def test_async_and_other_memories_share_a_store(tmp_path: Path) -> None:
    async def main() -> None:
        async with AsyncMemory(tmp_path, embedder="hash") as one:
            await one.add("first", user_id="ann", infer=False)
            with Memory(tmp_path, embedder="hash") as two:
                assert texts(two) == ["first"]
            async with await AsyncMemory.from_config(
                {"path": tmp_path, "embedder": "hash"}
            ) as three:
                await three.add("second", user_id="ann", infer=False)
            assert await one.count(user_id="ann") == 2

    asyncio.run(main())


@posix
def test_a_forked_child_does_not_share_the_store_of_its_parent(tmp_path: Path) -> None:
    code = """
import os, sys, threading
from memfast import Memory
from memfast.errors import StoreForkedError, StoreLockedError
memory = Memory(sys.argv[1], embedder="hash")
other = Memory(sys.argv[1], embedder="hash")
memory.add("by the parent", user_id="ann", infer=False)
child = os.fork()
if child == 0:
    other.close()
    try:
        Memory(sys.argv[1], embedder="hash")
    except (StoreLockedError, StoreForkedError):
        pass
    else:
        os._exit(3)
    with Memory(sys.argv[1] + "/../own", embedder="hash") as own:
        own.add("by the child", user_id="ann", infer=False)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
memory.add("after it", user_id="ann", infer=False)
assert memory.count(user_id="ann") == 2
memory.close()
"""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, str(tmp_path / "s")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.stderr == ""
    assert ended.returncode == 0
