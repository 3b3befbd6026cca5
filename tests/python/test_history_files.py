"""The history's file belongs to memfast or is not touched, and holds the events of its log."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memfast import ConfigurationError, Memory
from memfast.errors import DatabaseError
from memfast.testing import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable


def open_store(path: Path | str, **settings: Any) -> Memory:
    return Memory.from_config(
        {"path": str(path), "embedder": {"provider": "hash", "config": {"dim": 16}}, **settings}
    )


def child(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    text = "from memfast import Memory\nfrom memfast.testing import HashEmbedder\n"
    return subprocess.run(
        [sys.executable, "-c", text + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def texts(memory: Memory) -> set[str]:
    return {row[0] for row in memory.sql("select memory from memories").fetchall()}


def make_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("create table history (id text, memory_id text)")
        database.execute("insert into history values ('a', 'b')")
    database.close()


def make_duckdb(path: Path) -> None:
    import duckdb

    with duckdb.connect(str(path)) as connection:
        connection.execute("create table sales as select 42 as amount")


def make_text(path: Path) -> None:
    path.write_text("notes of somebody\n" * 100)


@pytest.mark.parametrize("make", [make_sqlite, make_duckdb, make_text])
def test_the_file_of_another_program_is_never_changed(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    place = tmp_path / "history.db"
    make(place)
    (tmp_path / "history.db.backup").write_text("theirs")
    (tmp_path / "history.dbs-of-others.txt").write_text("theirs")
    (tmp_path / "history.db.damaged-by-flood").write_text("theirs")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    refused = pytest.raises(ConfigurationError, match="not a history of memfast")
    if make is make_duckdb:
        # Opening the database shows which program owns it.
        memory = open_store(tmp_path / "s", history_db_path=str(place))
        memory.add("a note", user_id="ann", infer=False)
        with refused:
            memory.sql("select 1")
        with refused:
            memory.reset()
        assert memory.count(user_id="ann") == 1
        memory.close()
    else:
        with refused:
            open_store(tmp_path / "s", history_db_path=str(place))
        assert not (tmp_path / "s").exists()
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert found == before


def test_reset_deletes_its_own_files_by_exact_name(tmp_path: Path) -> None:
    place = tmp_path / "history.db"
    theirs = {"history.db.backup", "history.dbs.txt", "history.db.damaged-by-flood", "history"}
    for name in theirs:
        (tmp_path / name).write_text("theirs")
    with open_store(tmp_path / "s", history_db_path=str(place)) as memory:
        memory.add("secret", user_id="ann", infer=False)
        assert texts(memory) == {"secret"}
        (tmp_path / "history.db.damaged-20260102T030405000006").write_text("secret")
        (tmp_path / "history.db.wal.damaged-20260102T030405000006").write_text("secret")
        memory.reset()
        assert {path.name for path in tmp_path.iterdir()} == {*theirs, "s"}
        assert texts(memory) == set()


def test_an_empty_or_in_memory_history_db_path_is_accepted(tmp_path: Path) -> None:
    empty = tmp_path / "history.db"
    empty.touch()
    for given in (str(empty), ":memory:"):
        with open_store(tmp_path / "s", history_db_path=given) as memory:
            memory.add(f"note {given}", user_id="ann", infer=False)
            assert f"note {given}" in texts(memory)
    assert not Path(":memory:").exists()
    assert empty.read_bytes()[8:12] == b"DUCK"


def test_two_stores_on_one_history_file_are_never_mixed(tmp_path: Path) -> None:
    shared = str(tmp_path / "history.db")
    for n in range(4):
        name = "ab"[n % 2]
        with open_store(tmp_path / name, history_db_path=shared) as memory:
            memory.add(f"{name} {n}", user_id="ann", infer=False)
            assert texts(memory) == {f"{name} {k}" for k in range(n % 2, n + 1, 2)}
    with (
        open_store(tmp_path / "a", history_db_path=shared) as one,
        open_store(tmp_path / "b", history_db_path=shared) as other,
    ):
        assert len(texts(one)) == 2
        with pytest.raises(ConfigurationError, match="in use by another store"):
            other.sql("select 1")
        assert len(texts(one)) == 2


GHOSTS = """
import os, signal, sys
memory = Memory(path=sys.argv[1], embedder=HashEmbedder(dim=16), durability=sys.argv[2])
for n in range(20):
    memory.add(f"before {n}", user_id="ann", infer=False)
assert memory.sql("select count(*) from memories").fetchall() == [(20,)]
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("durability", "later"), [("none", 5), ("none", 20), ("none", 30), ("batch", 20)]
)
def test_the_projection_matches_the_log_after_a_crash(
    tmp_path: Path, durability: str, later: int
) -> None:
    crashed = child(GHOSTS, tmp_path / "s", durability)
    assert crashed.returncode == -signal.SIGKILL, crashed.stderr
    with open_store(tmp_path / "s") as memory:
        survived = {item["memory"] for item in memory.iter(user_id="*")}
        for n in range(later):
            memory.add(f"after {n}", user_id="ann", infer=False)
        assert texts(memory) == survived | {f"after {n}" for n in range(later)}


@pytest.mark.parametrize("later", [5, 20, 30])
def test_a_backup_without_its_history_is_not_mixed_with_later_events(
    tmp_path: Path, later: int, caplog: pytest.LogCaptureFixture
) -> None:
    store, backup = tmp_path / "s", tmp_path / "backup"
    with open_store(store) as memory:
        memory.add("base", user_id="ann", infer=False)
    shutil.copytree(store, backup, ignore=shutil.ignore_patterns("history.duckdb*"))
    with open_store(store) as memory:
        for n in range(20):
            memory.add(f"before {n}", user_id="ann", infer=False)
        assert len(texts(memory)) == 21
    shutil.copytree(backup, store, dirs_exist_ok=True)
    with caplog.at_level(logging.WARNING, "memfast"), open_store(store) as memory:
        for n in range(later):
            memory.add(f"after {n}", user_id="ann", infer=False)
        assert texts(memory) == {"base", *(f"after {n}" for n in range(later))}
    assert "built again" in caplog.text


def test_a_history_of_an_older_format_is_built_again(tmp_path: Path) -> None:
    import duckdb

    with open_store(tmp_path) as memory:
        memory.add("note", user_id="ann", infer=False)
        log_id = memory._context.store.identity().log_id
    with duckdb.connect(str(tmp_path / "history.duckdb")) as connection:
        connection.execute("drop table watermark")
        connection.execute("create table watermark (format integer, log_id varchar, seq ubigint)")
        connection.execute("insert into watermark values (1, ?, 1)", [log_id])
        connection.execute("update events set new_memory = 'of the old format'")
    with open_store(tmp_path) as memory:
        assert texts(memory) == {"note"}
    assert not [path for path in tmp_path.iterdir() if "damaged" in path.name]


def damage_head(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for at in (4096 + 20, 8192 + 20):
        content[at] ^= 0xFF
    path.write_bytes(content)


def damage_rows(path: Path) -> None:
    content = bytearray(path.read_bytes())
    # Damage every block after the three of the head, so that its checksum is wrong.
    for at in range(3 * 4096 + 100, len(content), 4096):
        content[at] ^= 0xFF
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("damage", [damage_head, damage_rows, truncate])
def test_the_first_query_rebuilds_a_damaged_history(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with open_store(tmp_path) as memory:
        memory.batch_add([f"note {n}" for n in range(2000)], user_id="ann")
        assert len(texts(memory)) == 2000
    damage(tmp_path / "history.duckdb")
    with open_store(tmp_path) as memory:
        assert len(texts(memory)) == 2000
        assert len(texts(memory)) == 2000
    assert len([path for path in tmp_path.iterdir() if "damaged" in path.name]) == 1


def test_a_query_that_meets_damage_rebuilds_the_history(tmp_path: Path) -> None:
    with open_store(tmp_path) as memory:
        memory.batch_add([f"note {n}" for n in range(2000)], user_id="ann")
        assert memory.sql("select count(*) from history").fetchall() == [(2000,)]
        damage_rows(tmp_path / "history.duckdb")
        memory.add("newest", user_id="ann", infer=False)
        assert len(texts(memory)) == 2001


def test_a_file_locked_by_another_process_is_not_taken_for_damage(tmp_path: Path) -> None:
    with open_store(tmp_path) as memory:
        memory.add("note", user_id="ann", infer=False)
        memory.sql("select 1")
    before = (tmp_path / "history.duckdb").read_bytes()
    code = (
        "import duckdb, sys\n"
        "held = duckdb.connect(sys.argv[1])\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "history.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with open_store(tmp_path) as memory:
        memory.add("another", user_id="ann", infer=False)
        for _ in range(2):
            with pytest.raises(DatabaseError, match="lock"):
                memory.sql("select 1")
        assert (tmp_path / "history.duckdb").read_bytes() == before
        holder.communicate("")
        assert texts(memory) == {"note", "another"}
    assert not [path for path in tmp_path.iterdir() if "damaged" in path.name]


FULL = """
import logging, resource, signal, sys
from memfast.errors import DatabaseError
logging.basicConfig(level=logging.WARNING)
memory = Memory(path=sys.argv[1], embedder=HashEmbedder(dim=16))
memory.batch_add([f"{n}-" + "x" * 4000 for n in range(300)], user_id="ann")
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
for _ in range(2):
    try:
        memory.sql("select 1")
    except DatabaseError as error:
        print("full", flush=True)
if sys.argv[3] == "space":
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    print(memory.sql("select count(*) from memories").fetchall())
memory.close()
"""


@pytest.mark.parametrize("then", ["space", "close"])
def test_a_full_disk_is_not_taken_for_damage(tmp_path: Path, then: str) -> None:
    with open_store(tmp_path) as memory:
        memory.add("note", user_id="ann", infer=False)
        memory.sql("select 1")
    size = (tmp_path / "history.duckdb").stat().st_size
    # A write beyond the limit fails, as on a full disk.
    done = child(FULL, tmp_path, size + 50_000, then)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["full", "full", *(["[(301,)]"] if then == "space" else [])]
    assert done.stderr.count("not brought up to date") == (then == "close")
    assert not [path for path in tmp_path.iterdir() if "damaged" in path.name]
    with open_store(tmp_path) as memory:
        assert len(texts(memory)) == 301


@pytest.mark.parametrize(
    "name", [b"a?b", b"a?access_mode=read_only", b"a\\b", b"#%20'\"\n;*", b"md:x", b"~"]
)
def test_sql_works_with_any_name_of_the_directory(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    for n in range(2):
        with Memory(path=path, embedder=HashEmbedder(dim=16)) as memory:
            memory.add(f"note {n}", user_id="ann", infer=False)
            assert texts(memory) == {f"note {k}" for k in range(n + 1)}
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with Memory(path=path, embedder=HashEmbedder(dim=16)) as memory:
        memory.reset()
        assert texts(memory) == set()


@pytest.mark.parametrize("name", ["a?b.duckdb", "a\\b.duckdb"])
def test_a_history_db_path_that_duckdb_cannot_open_is_refused_when_opening(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(ConfigurationError, match="cannot open"):
        open_store(tmp_path / "s", history_db_path=str(tmp_path / name))
    assert not (tmp_path / "s").exists()


def test_files_of_a_creation_that_was_killed_are_removed(tmp_path: Path) -> None:
    left = tmp_path / ".history.duckdb.new-abcd1234"
    left.mkdir()
    (left / "history.duckdb").write_text("half")
    theirs = tmp_path / ".history.duckdb.new-of-somebody-else"
    theirs.mkdir()
    with open_store(tmp_path) as memory:
        memory.add("note", user_id="ann", infer=False)
        assert texts(memory) == {"note"}
    assert not left.exists()
    assert theirs.exists()
    assert (tmp_path / "history.duckdb").stat().st_mode & 0o777 == 0o600
