"""One process writes a store, whatever happens to LOCK, forks and the directory."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memfast import Memory
from memfast.errors import StoreMovedError
from memfast.testing import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")


def open_store(path: Path, **settings: object) -> Memory:
    return Memory(path=path, embedder=HashEmbedder(dim=64), **settings)  # type: ignore[arg-type]


def add(memory: Memory, text: str) -> None:
    memory.add(text, user_id="ann", infer=False)


def texts(memory: Memory) -> list[str]:
    return [item["memory"] for item in memory.iter(user_id="ann")]


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own."""
    head = (
        "import os, sys, signal, time\nfrom memfast import Memory\nfrom memfast.errors import *\n"
    )
    words = [str(argument) for argument in arguments]
    return subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", head + code, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


WRITE = """
memory = Memory(path=sys.argv[1], embedder="hash")
memory.add("from another process", user_id="ann", infer=False)
memory.close()
"""


READ = """
with Memory(path=sys.argv[1], embedder="hash", read_only=True) as memory:
    print(*[item["memory"] for item in memory.iter(user_id="ann")], sep="\\n")
"""


def test_a_second_writer_is_refused_after_the_lock_file_was_deleted(tmp_path: Path) -> None:
    with Memory(path=tmp_path, embedder="hash") as memory:
        add(memory, "first")
        (tmp_path / "LOCK").unlink()
        # The second attempt finds the LOCK file that the first one made.
        for _ in range(2):
            second = run(WRITE, tmp_path)
            assert second.returncode == 1
            assert "StoreLockedError" in second.stderr
            assert "do not delete LOCK" in second.stderr
        reader = run(READ, tmp_path)
        assert "StoreLockedError" in reader.stderr
        assert "LOCK file was deleted" in reader.stderr
        add(memory, "second")
    assert run(WRITE, tmp_path).returncode == 0
    with Memory(path=tmp_path, embedder="hash") as memory:
        assert texts(memory) == ["first", "second", "from another process"]
        assert memory.search("second", user_id="ann")["results"][0]["memory"] == "second"


def test_readers_block_a_writer_after_the_lock_file_was_deleted(tmp_path: Path) -> None:
    with Memory(path=tmp_path, embedder="hash") as memory:
        add(memory, "first")
    with Memory(path=tmp_path, embedder="hash", read_only=True):
        assert "processes that read it" in run(WRITE, tmp_path).stderr
        (tmp_path / "LOCK").unlink()
        assert run(READ, tmp_path).stdout == "first\n"
        assert not (tmp_path / "LOCK").exists(), "a reader makes no file"
        assert "StoreLockedError" in run(WRITE, tmp_path).stderr
    assert run(WRITE, tmp_path).returncode == 0


@posix
def test_a_running_child_does_not_hold_the_lock_of_a_closed_store(tmp_path: Path) -> None:
    code = """
memory = Memory(path=sys.argv[1], embedder="hash")
memory.add("by the parent", user_id="ann", infer=False)
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.read(reading, 1)  # Lives until the parent says so.
    os._exit(0)
memory.close()
with Memory(path=sys.argv[1], embedder="hash") as again:
    again.add("after it", user_id="ann", infer=False)
    assert os.waitpid(child, os.WNOHANG) == (0, 0)
    os.write(writing, b"x")
    assert os.waitpid(child, 0)[1] == 0
"""
    assert run(code, tmp_path).stderr == ""


@posix
def test_the_child_of_a_killed_parent_does_not_hold_its_lock(tmp_path: Path) -> None:
    code = """
memory = Memory(path=sys.argv[1], embedder="hash")
memory.add("by the parent", user_id="ann", infer=False)
child = os.fork()
if child == 0:
    # `run` reads its pipes until they are closed.
    os.closerange(0, 3)
    time.sleep(100)
    os._exit(0)
print(child, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    child = int(run(code, tmp_path / "store").stdout)
    try:
        with Memory(path=tmp_path / "store", embedder="hash") as memory:
            assert texts(memory) == ["by the parent"]
    finally:
        os.kill(child, signal.SIGKILL)


@posix
def test_a_child_that_ends_releases_and_writes_nothing(tmp_path: Path) -> None:
    code = """
import gc, subprocess
OPEN = "import sys, memfast; memfast.Memory(path=sys.argv[1], embedder='hash')"
memory = Memory(path=sys.argv[1], embedder="hash", durability="none")
for n in range(50):
    memory.add(f"text {n}", user_id="ann", infer=False)
page = memory.iter(user_id="ann")
next(page)
def content():
    return open(sys.argv[1] + "/memfast.redb", "rb").read()
before = content()
for leave in ("close", "collect", "exit"):
    child = os.fork()
    if child == 0:
        try:
            memory.add("by the child", user_id="ann", infer=False)
        except StoreForkedError:
            pass
        else:
            os._exit(3)
        if leave == "close":
            memory._handle.store.engine.close()
        elif leave == "collect":
            del memory, page
            gc.collect()
        if leave == "exit":
            sys.exit(0)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, leave
    assert content() == before, leave
    other = subprocess.run([sys.executable, "-c", OPEN, sys.argv[1]], capture_output=True)
    assert b"StoreLockedError" in other.stderr, leave
memory.add("by the parent", user_id="ann", infer=False)
assert memory.count(user_id="ann") == 51
memory.close()
with Memory(path=sys.argv[1], embedder="hash") as again:
    assert again.count(user_id="ann") == 51
"""
    assert run(code, tmp_path).stderr == ""


@posix
def test_a_child_may_open_the_store_that_its_parent_closed(tmp_path: Path) -> None:
    code = """
memory = Memory(path=sys.argv[1], embedder="hash")
memory.add("by the parent", user_id="ann", infer=False)
memory.close()
child = os.fork()
if child == 0:
    own = Memory(path=sys.argv[1], embedder="hash")
    own.add("by the child", user_id="ann", infer=False)
    own.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
with Memory(path=sys.argv[1], embedder="hash") as memory:
    assert memory.count(user_id="ann") == 2
"""
    assert run(code, tmp_path).stderr == ""


def replace_database(store: Path) -> None:
    copy = store / "copy"
    shutil.copy(store / "memfast.redb", copy)
    copy.replace(store / "memfast.redb")


@posix
@pytest.mark.parametrize(
    "lose",
    [
        pytest.param(shutil.rmtree, id="directory removed"),
        pytest.param(lambda store: store.rename(store.with_name("elsewhere")), id="moved"),
        pytest.param(lambda store: (store / "memfast.redb").unlink(), id="database removed"),
        pytest.param(replace_database, id="database replaced"),
    ],
)
@pytest.mark.parametrize("durability", ["commit", "none"])
def test_writes_to_a_removed_directory_are_errors(
    tmp_path: Path, lose: Callable[[Path], object], durability: str
) -> None:
    store = tmp_path / "store"
    memory = open_store(store, durability=durability)
    add(memory, "first")
    lose(store)
    for _ in range(2):
        with pytest.raises(StoreMovedError, match=r"memfast\.redb"):
            add(memory, "into the void")
    with pytest.raises(StoreMovedError):
        memory.batch_add([f"bulk {n}" for n in range(5000)], user_id="ann")
    with pytest.raises(StoreMovedError):
        memory.delete_all(user_id="ann")
    assert texts(memory) == ["first"], "reads go on"


@posix
def test_writes_work_again_when_the_directory_is_back(tmp_path: Path) -> None:
    store, elsewhere = tmp_path / "store", tmp_path / "elsewhere"
    with open_store(store) as memory:
        add(memory, "first")
        store.rename(elsewhere)
        with pytest.raises(StoreMovedError):
            add(memory, "into the void")
        elsewhere.rename(store)
        add(memory, "second")
    with open_store(store) as memory:
        assert texts(memory) == ["first", "second"]
