"""The history in DuckDB is a projection: it can be lost, damaged and rebuilt."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from memfast import Memory, ValidationError
from memfast.testing import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = "select * exclude (changed_at), changed_at from history order by seq"


def fill(memory: Memory) -> None:
    for n in range(20):
        memory.add(f"note {n}", user_id="ann", metadata={"n": n}, infer=False, memory_id=f"m{n}")
    for n in range(0, 20, 3):
        memory.update(f"m{n}", f"changed {n}")
    for n in range(0, 20, 5):
        memory.delete(f"m{n}")


def rows(memory: Memory, query: str = ROWS) -> list[Any]:
    return memory.sql(query).fetchall()


def delete(path: Path) -> None:
    path.unlink()


def garble(path: Path) -> None:
    path.write_bytes(b"garbage " * 512)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def spoil_log(path: Path) -> None:
    path.with_name(path.name + ".wal").write_bytes(b"\x07" * 999)


def foreign(path: Path) -> None:
    import duckdb

    path.unlink()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table events (other integer)")


@pytest.mark.parametrize("harm", [delete, garble, truncate, spoil_log, foreign])
def test_a_lost_or_damaged_file_is_rebuilt_row_for_row(
    tmp_path: Path, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=16)) as memory:
        fill(memory)
        before = rows(memory)
        history = {n: memory.history(f"m{n}") for n in range(20)}
    assert len(before) == 31
    harm(tmp_path / "history.duckdb")
    with (
        caplog.at_level(logging.WARNING, "memfast"),
        Memory(path=tmp_path, embedder=HashEmbedder(dim=16)) as memory,
    ):
        assert rows(memory) == before
        assert {n: memory.history(f"m{n}") for n in range(20)} == history
    if harm in {garble, truncate, foreign}:
        assert "is damaged" in caplog.text
        assert any("damaged" in path.name for path in tmp_path.iterdir())


def test_the_projection_holds_the_events_of_the_store(tmp_path: Path) -> None:
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=16)) as memory:
        fill(memory)
        current = {item["id"]: item["memory"] for item in memory.iter(user_id="ann")}
        assert dict(rows(memory, "select id, memory from memories")) == current
        added = [
            row[0] for row in rows(memory, "select event from history where memory_id = 'm15'")
        ]
        assert added == [entry["event"] for entry in memory.history("m15")]
        memory.add("newest", user_id="ann", infer=False)
        assert rows(memory, "select count(*) from memories where memory = 'newest'") == [(1,)]


def test_reopening_adds_no_event_twice(tmp_path: Path) -> None:
    for _ in range(3):
        with Memory(path=tmp_path, embedder=HashEmbedder(dim=16)) as memory:
            memory.add("note", user_id="ann", infer=False)
            rows(memory)
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=16)) as memory:
        assert [row[0] for row in rows(memory, "select seq from history order by seq")] == [1, 2, 3]


@pytest.mark.parametrize(
    "query",
    [
        "delete from events",
        "insert into events select * from events",
        "drop view history",
        "attach 'other.duckdb'",
        "copy events to 'out.csv'",
        "select 1; select 2",
        "select * from read_text('/etc/hostname')",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from memory",
        "set enable_external_access = true",
        "install httpfs",
        "with a as (insert into events select * from events returning seq) select * from a",
        "with a as (delete from events returning seq) select * from a",
        "selec 1",
        "",
    ],
)
def test_sql_reads_the_projection_and_nothing_else(memory: Memory, query: str) -> None:
    with pytest.raises(ValidationError):
        memory.sql(query)


def test_new_events_are_appended_to_the_existing_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING, "memfast"),
        Memory(path=tmp_path, embedder=HashEmbedder(dim=16)) as memory,
    ):
        for n in range(1, 4):
            memory.add(f"note {n}", user_id="ann", infer=False)
            assert rows(memory, "select count(*) from memories") == [(n,)]
    assert not caplog.records
    assert not [path.name for path in tmp_path.iterdir() if "damaged" in path.name]


def test_sql_binds_parameters(memory: Memory) -> None:
    memory.add('it\'s "quoted"', user_id="ann", infer=False)
    found = memory.sql("select memory from memories where user_id = $user", {"user": "ann"})
    assert found.fetchall() == [('it\'s "quoted"',)]
