"""A store on a full disk: a small file system in memory, mounted for the test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from memfast import Memory
from memfast.errors import StoreFullError

SIZE = "6m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a directory on a file system of 6 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def add(memory: Memory, number: int) -> str:
    text = f"note {number}: " + " ".join(str(number * 7919 + word) for word in range(200))
    return memory.add(text, user_id=f"u{number % 2}", infer=False)["results"][0]["id"]


def stored_or_refused(memory: Memory, number: int) -> str | None:
    try:
        return add(memory, number)
    except StoreFullError:
        return None


def fill(memory: Memory) -> list[str]:
    """Add memories until the disk is full; returns their ids."""
    ids = (stored_or_refused(memory, number) for number in range(100_000))
    stored = list(takewhile(bool, ids))
    assert len(stored) < 100_000, "the disk takes everything"
    return [one for one in stored if one is not None]


def test_a_full_disk_refuses_adds_and_allows_reads_and_deletes(disk: Path) -> None:
    with Memory(path=disk / "store") as memory:
        stored = fill(memory)
        assert len(stored) > 50
        with pytest.raises(StoreFullError, match=r"the disk is full .* once space is freed"):
            add(memory, 0)
        assert memory.search("note 3", user_id="u1")["results"]
        for number in range(0, len(stored), 2):
            memory.delete(stored[number])
        assert memory.get_all(user_id="u0")["results"] == []
        left = memory.get_all(user_id="u1", limit=10_000)["results"]
        assert {row["id"] for row in left} == set(stored[1::2])
        memory.delete_all(user_id="u1")
        assert memory.get_all(user_id="u1")["results"] == []
        assert [row["event"] for row in memory.history(stored[1])] == ["ADD", "DELETE"]


def test_adds_work_again_when_space_is_freed(disk: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(3 << 20))
    with Memory(path=disk / "store") as memory:
        stored = fill(memory)
        ballast.unlink()
        stored.append(add(memory, len(stored)))
        more = fill(memory)
        assert len(more) > 20
        expected = len(stored) + len(more)
        memory.delete(stored[0])
    with Memory(path=disk / "store") as memory:
        rows = memory.get_all(filters={"user_id": "*"}, limit=10_000)["results"]
        assert len(rows) == expected - 1


def test_reset_works_on_a_full_disk(disk: Path) -> None:
    with Memory(path=disk / "store") as memory:
        stored = fill(memory)
        memory.reset()
        assert memory.get_all(filters={"user_id": "*"})["results"] == []
        assert len(fill(memory)) > len(stored) // 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_limit_on_file_size_refuses_adds_and_loses_nothing(tmp_path: Path) -> None:
    code = """
import resource, sys
from memfast import Memory
from memfast.errors import StoreFullError

memory = Memory(path=sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, resource.RLIM_INFINITY))
stored = []
try:
    while True:
        text = f"note {len(stored)} " + "x" * 2000
        added = memory.add(text, user_id="ann", infer=False)
        stored.append(added["results"][0]["id"])
except StoreFullError:
    pass
assert len(memory.get_all(user_id="ann", limit=10_000)["results"]) == len(stored)
assert memory.search("note 3", user_id="ann")["results"]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
memory.add("one more", user_id="ann", infer=False)
memory.close()
print(len(stored))
"""
    store = tmp_path / "store"
    command = [sys.executable, "-c", code, str(store)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    with Memory(path=store) as memory:
        rows = memory.get_all(user_id="ann", limit=10_000)["results"]
    assert len(rows) == int(ran.stdout) + 1
