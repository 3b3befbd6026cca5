"""`sql()` beside forks, signals, other threads, reset and close."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from memfast import Memory
from memfast.errors import StoreClosedError
from memfast.testing import HashEmbedder

if TYPE_CHECKING:
    from pathlib import Path

# Runs for minutes if nothing ends it.
ENDLESS = "select count(*) from range(1000000000000) as numbers(n) where n % 7 = 3"
BEGIN = """
import gc, os, signal, sys, threading, time
from memfast import Memory
from memfast.errors import MemfastError, StoreForkedError
from memfast.testing import HashEmbedder

# A parent in the background leaves it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

def open_store(path):
    return Memory(path=path, embedder=HashEmbedder(dim=16))

def outcome(child):
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)

memory = open_store(sys.argv[1])
memory.add("note", user_id="ann", infer=False)
kept = memory.sql("select memory from memories")
"""
FORKS = {
    "exits": "pass",
    "collects": "del kept; memory = None; gc.collect()",
    "closes": "memory.close(); gc.collect()",
    "reads what it has": "assert kept.fetchall() == [('note',)]",
    "opens its own": """
        own = open_store(sys.argv[1] + "-own")
        own.add("own", user_id="bob", infer=False)
        assert own.sql("select memory from memories").fetchall() == [("own",)]
        own.close()
""",
    "asks the parent's": """
        try:
            memory.sql("select 1")
        except StoreForkedError:
            pass
        else:
            sys.exit(7)
""",
}
# What the parent did before it forked.
BEFORE = {
    "open": "pass",
    "closed": "memory.close()",
    "closed, result gone": "memory.close(); kept = None; gc.collect()",
}


def run(code: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("what", FORKS)
def test_a_forked_child_works_after_sql(tmp_path: Path, before: str, what: str) -> None:
    if before != "open" and what == "asks the parent's":
        pytest.skip("a closed memory answers nobody")
    if "gone" in before and "what it has" in what:
        pytest.skip("there is no result")
    code = f"""
{BEFORE[before]}
child = os.fork()
if child == 0:
    if True:
        {FORKS[what]}
    gc.collect()
    sys.exit(5)
outcome(child)
if {before == "open"}:
    memory.add("later", user_id="ann", infer=False)
    assert memory.sql("select count(*) from memories").fetchall() == [(2,)]
"""
    assert run(code, tmp_path / "s") == "5\n"


def test_a_fork_during_a_query_of_another_thread_works(tmp_path: Path) -> None:
    code = f"""
def ask():
    try:
        memory.sql("{ENDLESS}")
    except MemfastError:
        pass
asking = threading.Thread(target=ask)
asking.start()
time.sleep(0.3)
child = os.fork()
if child == 0:
    memory.close()
    memory = None
    gc.collect()
    sys.exit(5)
outcome(child)
memory.close()
asking.join()
"""
    assert run(code, tmp_path / "s") == "5\n"


def start(call: Any) -> tuple[threading.Thread, list[Any]]:
    """Run a call in a thread; what it returns or raises is put into the list."""
    found: list[Any] = []

    def work() -> None:
        try:
            found.append(call())
        except Exception as error:  # noqa: BLE001 - which one is what is tested
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, found


def running_queries(memory: Memory) -> object:
    history = memory._handle._opened.history
    assert history is not None
    return history._running


def wait_for_query(memory: Memory) -> None:
    while not running_queries(memory):
        threading.Event().wait(0.01)


def damaged(path: Path) -> list[str]:
    return [entry.name for entry in path.iterdir() if "damaged" in entry.name]


def test_close_ends_a_query_of_another_thread_with_a_typed_error(tmp_path: Path) -> None:
    memory = Memory(path=tmp_path, embedder=HashEmbedder(dim=16))
    memory.add("note", user_id="ann", infer=False)
    thread, found = start(lambda: memory.sql(ENDLESS))
    wait_for_query(memory)
    memory.close()
    thread.join()
    assert [type(one) for one in found] == [StoreClosedError]
    with pytest.raises(StoreClosedError):
        memory.sql("select 1")
    assert not damaged(tmp_path)
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=16)) as memory:
        assert memory.sql("select count(*) from memories").fetchall() == [(1,)]


def test_queries_beside_writes_resets_and_close_see_one_moment(tmp_path: Path) -> None:
    memory = Memory(path=tmp_path, embedder=HashEmbedder(dim=16))
    total = "select count(*), count(distinct user_id) from memories"

    def ask() -> int:
        asked = 0
        while True:
            # Each commit adds two memories.
            rows, users = memory.sql(total).fetchall()[0]
            assert rows % 2 == 0, rows
            assert users <= 1
            asked += 1
            if closing.is_set():
                return asked

    closing = threading.Event()
    threads = [start(ask) for _ in range(4)]
    for n in range(6):
        memory.batch_add([f"a {n}", f"b {n}"], user_id="ann")
        memory.sql(total)
        if n == 3:
            memory.reset()
    assert memory.sql(total).fetchall() == [(4, 1)]
    closing.set()
    memory.close()
    for thread, found in threads:
        thread.join()
        assert len(found) == 1
        assert isinstance(found[0], int | StoreClosedError), found
    assert not damaged(tmp_path)


def test_reset_restarts_a_query_under_way(tmp_path: Path) -> None:
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=16)) as memory:
        memory.add("note", user_id="ann", infer=False)
        slow = "select count(*) from memories, range(200000000) as numbers(n) where n % 7 = 3"
        thread, found = start(lambda: memory.sql(slow).fetchall())
        wait_for_query(memory)
        memory.reset()
        thread.join()
        assert found == [[(0,)]]


def test_a_result_stays_valid_after_reset_and_close(tmp_path: Path) -> None:
    memory = Memory(path=tmp_path, embedder=HashEmbedder(dim=16))
    memory.batch_add([f"note {n}" for n in range(100)], user_id="ann")
    result = memory.sql("select memory from memories order by id")
    stream = pa.RecordBatchReader.from_stream(result)
    memory.reset()
    assert memory.sql("select * from memories").fetchall() == []
    memory.close()
    assert sum(batch.num_rows for batch in stream) == 100
    assert len(result.fetchall()) == 100
    assert result.filter("memory like '%7'").aggregate("count(*)").fetchall() == [(10,)]


@pytest.mark.parametrize(
    "call", [f"memory.sql({ENDLESS!r})", f"memory.sql({ENDLESS!r}).fetchall()"]
)
def test_a_signal_during_a_query_raises_keyboard_interrupt(tmp_path: Path, call: str) -> None:
    code = f"""
print("begun", flush=True)
try:
    {call}
except KeyboardInterrupt:
    print("interrupted")
print(memory.sql("select count(*) from memories").fetchall())
memory.close()
print([name for name in os.listdir(sys.argv[1]) if "damaged" in name])
"""
    victim = subprocess.Popen(
        [sys.executable, "-c", BEGIN + code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == "begun\n"
    threading.Event().wait(0.5)
    os.kill(victim.pid, signal.SIGINT)
    try:
        out, _ = victim.communicate(timeout=60)
    finally:
        victim.kill()
    assert out == "interrupted\n[(1,)]\n[]\n"


def test_a_signal_while_the_history_catches_up_loses_nothing(tmp_path: Path) -> None:
    code = """
memory.batch_add([f"text {n}" for n in range(500)], user_id="ann")
class Source:
    def __init__(self, engine):
        self.engine = engine
    def log_state(self, seq):
        return self.engine.log_state(seq)
    def events_arrow(self, after, limit):
        found = self.engine.events_arrow(after, 100)
        if found[1] > 250:
            os.kill(os.getpid(), 2)
        return found
engine = memory._handle._opened.history._source
memory._handle._opened.history._source = Source(engine)
try:
    memory.sql("select 1")
except KeyboardInterrupt:
    print("interrupted")
memory._handle._opened.history._source = engine
print(memory.sql("select count(*) from memories").fetchall())
memory.close()
print([name for name in os.listdir(sys.argv[1]) if "damaged" in name])
"""
    assert run(code, tmp_path / "s") == "interrupted\n[(501,)]\n[]\n"
