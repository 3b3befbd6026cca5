"""What a store may be opened on: whose directory, which files, and what they hold."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from memfast import Memory
from memfast.errors import (
    ConfigurationError,
    DatabaseError,
    MemoryCorruptionError,
    StoreFormatError,
)
from memfast.testing import HashEmbedder

FORMATS = sorted((Path(__file__).parents[1] / "data" / "formats").iterdir())

posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners of POSIX")


def open_store(path: Path, **settings: object) -> Memory:
    return Memory(path=path, embedder=HashEmbedder(dim=64), **settings)  # type: ignore[arg-type]


def fill(path: Path, *texts: str) -> None:
    with open_store(path) as memory:
        for text in texts:
            memory.add(text, user_id="ann", infer=False)


def texts(memory: Memory) -> list[str]:
    return [item["memory"] for item in memory.iter(user_id="ann")]


def test_an_empty_database_file_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "memfast.redb").touch()
    for _ in range(2):
        with pytest.raises(StoreFormatError, match="it is empty; restore it from a backup"):
            open_store(tmp_path)
    assert (tmp_path / "memfast.redb").read_bytes() == b""
    (tmp_path / "memfast.redb").unlink()
    fill(tmp_path, "an empty store is begun")


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_of_another_program_is_refused_and_kept(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "memfast.redb"
    with sqlite3.connect(path) as database:
        database.execute("create table t (a)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreFormatError, match="SQLite format 3") as caught:
        open_store(tmp_path, read_only=read_only)
    assert caught.value.details == {"path": str(path)}
    assert path.read_bytes() == before


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("stored", FORMATS, ids=lambda path: path.name)
def test_a_store_of_each_format_opens_with_its_memories_and_their_history(
    stored: Path, read_only: bool, tmp_path: Path
) -> None:
    shutil.copytree(stored, tmp_path / "store")
    before = (tmp_path / "store" / "memfast.redb").read_bytes()
    expected = json.loads((stored / "expected.json").read_text("utf-8"))
    with Memory(path=tmp_path / "store", embedder=None, read_only=read_only) as memory:
        for record in expected["records"]:
            item = memory.get(record["id"])
            assert item is not None
            assert item["memory"] == record["text"]
            assert item["hash"] == record["hash"]
        rich = memory.get("rich")
        assert rich is not None
        assert rich["metadata"]["map"] == {"inner": "é"}
        assert rich["categories"] == ["work", "Zürich"]
        assert [event["event"] for event in memory.history("run's")] == ["ADD", "DELETE"]
    if read_only:
        assert (tmp_path / "store" / "memfast.redb").read_bytes() == before


def test_a_database_that_is_cut_off_is_refused_and_kept(tmp_path: Path) -> None:
    fill(tmp_path, *(f"text {n}" for n in range(20)))
    path = tmp_path / "memfast.redb"
    whole = path.read_bytes()
    for length in (100, 4096, len(whole) // 2):
        path.write_bytes(whole[:length])
        with pytest.raises((MemoryCorruptionError, StoreFormatError), match=r"memfast\.redb"):
            open_store(tmp_path)
        assert path.read_bytes() == whole[:length]
    path.write_bytes(whole)
    with open_store(tmp_path) as memory:
        assert memory.count(user_id="ann") == 20


@posix
@pytest.mark.parametrize("name", ["LOCK", "memfast.redb", "memfast.redb.new"])
@pytest.mark.parametrize("dangling", [False, True])
def test_a_symbolic_link_is_not_followed(tmp_path: Path, name: str, dangling: bool) -> None:
    store, victim = tmp_path / "store", tmp_path / "victim"
    store.mkdir()
    if not dangling:
        victim.write_text("precious")
    (store / name).symlink_to(victim)
    with pytest.raises(DatabaseError, match=f"{name}: .*symbolic link"):
        open_store(store)
    assert (store / name).is_symlink()
    if dangling:
        assert not victim.exists()
    else:
        assert victim.read_text() == "precious"
    (store / name).unlink()
    fill(store, "a file in its place")


@posix
@pytest.mark.parametrize("name", ["index.hnsw.new", "index.hnsw"])
def test_the_index_file_does_not_follow_a_link(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    with open_store(tmp_path / "store") as memory:
        memory.add("I like tea", user_id="ann", infer=False)
        (tmp_path / "store" / "hnsw").mkdir(mode=0o700)
        (tmp_path / "store" / "hnsw" / name).symlink_to(victim)
        if name == "index.hnsw":
            memory.optimize(progress=False)  # A rename replaces the link.
        else:
            with pytest.raises(DatabaseError, match="symbolic link"):
                memory.optimize(progress=False)
        assert victim.read_text() == "precious"
        assert texts(memory) == ["I like tea"]


@posix
def test_a_directory_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    store.chmod(0o777)
    with pytest.raises(ConfigurationError, match=f"mode 0777.*chmod 700 {store}") as caught:
        open_store(store)
    assert caught.value.error_code == "CFG_UNSAFE_PATH"
    assert list(store.iterdir()) == [], "nothing is made in it"
    store.chmod(0o1777)
    with pytest.raises(ConfigurationError, match=f"of your own in it, such as {store}/memfast"):
        open_store(store)
    fill(store / "memfast", "its own directory")
    store.chmod(0o700)
    fill(store, "as the message says")
    for part in (store, store / "vectors"):
        part.chmod(0o777)
        for read_only in (False, True):
            with pytest.raises(ConfigurationError, match="every user"):
                open_store(store, read_only=read_only)
        part.chmod(0o700)


@posix
@pytest.mark.parametrize("mode", [0o700, 0o755, 0o750, 0o775, 0o2770])
def test_an_existing_directory_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    store = tmp_path / "store"
    store.mkdir()
    store.chmod(mode)
    fill(store, "I like tea")
    assert stat.S_IMODE(store.stat().st_mode) == mode
    assert stat.S_IMODE((store / "memfast.redb").stat().st_mode) == 0o600


@posix
def test_a_new_directory_is_accessible_to_its_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        fill(tmp_path / "a" / "store", "I like tea")
    finally:
        os.umask(before)
    for part in ("a", "a/store", "a/store/vectors"):
        assert stat.S_IMODE((tmp_path / part).stat().st_mode) == 0o700, part


@posix
def test_a_linked_directory_above_the_store_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    fill(tmp_path / "linked" / "store", "I like tea")
    with open_store(tmp_path / "real" / "store") as memory:
        assert texts(memory) == ["I like tea"]


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root may give a directory away"
)
def test_a_directory_of_another_user_is_refused() -> None:
    # Only the user of the tests may enter `tmp_path`.
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        check_owners(Path(name))


def check_owners(place: Path) -> None:
    given, roots = place / "given", place / "roots"
    for directory in (given, roots):
        directory.mkdir()
        directory.chmod(0o775)
    os.chown(given, 4321, 8765)
    os.chown(roots, 0, 8765)
    code = f"""
import os, sys
import memfast.errors
from memfast.testing import fake_memory
# Import what is loaded at first use now: the other user may not be able to read the modules.
with fake_memory() as memory:
    memory.add("x", user_id="a", infer=False)
    memory.count(user_id="a")
os.chdir({str(place)!r})
os.setgroups([])
os.setgid(8765)
os.setuid(1234)
try:
    fake_memory(path="given").close()
except memfast.errors.ConfigurationError as error:
    print(error)
with fake_memory(path="roots") as memory:
    memory.add("x", user_id="a", infer=False)
    print(memory.count(user_id="a"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    message, count = done.stdout.splitlines()
    assert "belongs to another user (UID 4321, not 1234)" in message
    assert count == "1"
    fill(given, "root may open anyone's")
