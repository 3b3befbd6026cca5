"""Import from mem0 takes everything it can and leaves mem0's files unchanged."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from memfast import ConfigurationError, Memory, ValidationError
from memfast.errors import DimensionError, StoreLockedError
from memfast.testing import HashEmbedder, fake_memory
from memfast.transfer.mem0 import looks_like_mem0, read_mem0
from tests.python.mem0_stores import (
    EVE,
    NO_SCOPE,
    STORAGE,
    VERSIONS,
    bytes_of,
    copied,
    get_all_items,
    instant,
    key,
    point,
    put,
    rejected,
    stored,
)


@pytest.fixture(params=VERSIONS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of a store that a test may change; its history lies beside it."""
    return copied(request.param, tmp_path)


def test_import_stores_every_memory_as_mem0_returns_it(store: Path) -> None:
    memory = fake_memory()
    report = memory.import_(store)
    expected = get_all_items(store.parent)
    assert (report.rows, report.added, report.rejected) == (len(expected) + 2, len(expected) + 1, 1)
    found = stored(memory)
    assert found.keys() == {item["id"] for item in expected} | {EVE}
    for item in expected:
        mine = found[item["id"]]
        for name in ("memory", "hash", "user_id", "agent_id", "run_id", "actor_id", "role"):
            assert mine.get(name) == item.get(name), name
        assert mine.get("expiration_date") == item.get("expiration_date")
        assert (mine["metadata"] or {}) == (item["metadata"] or {})
        assert instant(mine["created_at"]) == instant(item["created_at"])
        if item["updated_at"]:
            assert instant(mine["updated_at"]) == instant(item["updated_at"])


def test_import_stores_payloads_that_json_cannot_hold(tmp_path: Path) -> None:
    memory = fake_memory()
    memory.import_(copied("v2", tmp_path))
    eve = memory.get(EVE)
    assert eve is not None
    assert eve["metadata"] is not None
    assert instant(eve["metadata"].pop("seen")) == datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    assert eve["metadata"] == {"attributed_to": "user"}


def test_import_keeps_the_instant_of_times_with_an_offset(tmp_path: Path) -> None:
    store = copied("v0", tmp_path)
    texts = {item["created_at"][-6:] for item in get_all_items(store.parent)}
    assert texts <= {"-07:00", "-08:00"}
    memory = fake_memory()
    memory.import_(store)
    created = {item["created_at"][-6:] for item in stored(memory).values()}
    assert created == {"+00:00"}


def test_a_second_import_of_a_store_changes_nothing(store: Path) -> None:
    memory = fake_memory()
    first = memory.import_(store)
    before = stored(memory)
    second = memory.import_(store)
    assert (second.added, second.skipped) == (0, first.added)
    assert stored(memory) == before


def test_import_leaves_the_files_of_mem0_unchanged(store: Path) -> None:
    before = bytes_of(store.parent)
    fake_memory().import_(store)
    assert bytes_of(store.parent) == before


def test_import_of_get_alls_json_equals_import_of_the_store(store: Path) -> None:
    one, two = fake_memory(), fake_memory()
    one.import_(store)
    report = two.import_(store.parent / "get_all.json", history=store.parent / "history.db")
    assert report.added == len(get_all_items(store.parent))
    in_store = stored(one)
    assert stored(two) == {name: in_store[name] for name in stored(two)}


def test_a_row_without_scope_is_a_reject_unless_the_import_gives_one(store: Path) -> None:
    assert rejected(store).keys() == {NO_SCOPE}
    memory = fake_memory()
    assert memory.import_(store, user_id="zoe").rejected == 0
    found = memory.get(NO_SCOPE)
    assert found is not None
    assert found["user_id"] == "zoe"


def test_import_embeds_texts_again_if_there_is_an_embedder(store: Path) -> None:
    memory = fake_memory()
    memory.import_(store)
    found = memory.search("She codes in Rust", user_id="eve", limit=1, mode="semantic")["results"]
    assert found[0]["score"] == pytest.approx(1.0)


def assert_eve_has_the_stored_vector(memory: Memory, exported: Path) -> None:
    memory.export(exported)
    rows = {row["id"]: row["vector"] for row in map(json.loads, exported.read_text().splitlines())}
    text = "She codes in Rust"
    expected = [1.0 + sum(ord(letter) % 8 == at for letter in text) for at in range(8)]
    norm = sum(number * number for number in expected) ** 0.5
    mine = rows[EVE]
    length = sum(number * number for number in mine) ** 0.5
    assert [n / length for n in mine] == pytest.approx([n / norm for n in expected])


def test_import_keeps_stored_vectors_if_there_is_no_embedder(store: Path) -> None:
    with Memory(path=":memory:", embedder=None) as memory:
        assert memory.import_(store).embedded == 0
        assert_eve_has_the_stored_vector(memory, store.parent / "out.jsonl")


def test_import_keeps_stored_vectors_if_asked(store: Path) -> None:
    with Memory(path=":memory:", embedder=HashEmbedder(dim=8)) as memory:
        assert memory.import_(store, vectors=True).embedded == 0
        assert_eve_has_the_stored_vector(memory, store.parent / "out.jsonl")


def test_equal_dimensions_alone_do_not_keep_a_vector(store: Path) -> None:
    with Memory(path=":memory:", embedder=HashEmbedder(dim=8)) as memory:
        report = memory.import_(store)
        assert report.embedded == report.added
        found = memory.search("She codes in Rust", user_id="eve", limit=1, mode="semantic")[
            "results"
        ]
    assert found[0]["score"] == pytest.approx(1.0)


def test_import_embeds_a_point_without_a_vector_also_if_vectors_are_kept(store: Path) -> None:
    name = "00000000-0000-4000-8000-00000000000e"
    put(store, name, point({"data": "No numbers", "user_id": "ann"}, name))
    with Memory(path=":memory:", embedder=HashEmbedder(dim=8)) as memory:
        assert memory.import_(store, vectors=True).embedded == 1


def test_keeping_vectors_of_a_file_without_vectors_is_an_error(store: Path) -> None:
    with pytest.raises(ConfigurationError, match="no column 'vector', and vectors=True asks"):
        fake_memory().import_(store.parent / "get_all.json", vectors=True)


def test_stored_vectors_of_another_dimension_are_an_error(store: Path) -> None:
    with (
        Memory(path=":memory:", embedder=None, dim=3) as memory,
        pytest.raises(DimensionError, match="vectors of 8 dimensions, and this memory those of 3"),
    ):
        memory.import_(store)
    with (
        Memory(path=":memory:", embedder=HashEmbedder(dim=16)) as memory,
        pytest.raises(DimensionError, match="vectors of 8 dimensions, and this memory those of 16"),
    ):
        memory.import_(store, vectors=True)


def test_a_truncated_store_is_an_error_that_says_so(store: Path) -> None:
    path = store / STORAGE
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(ValidationError, match=r"storage\.sqlite cannot be read to its end"):
        fake_memory().import_(store)


@pytest.mark.parametrize("content", [b"", b"SQLite", b"no database at all" * 100])
def test_a_file_that_is_not_sqlite_is_an_error_that_says_so(store: Path, content: bytes) -> None:
    (store / STORAGE).write_bytes(content)
    with pytest.raises(ValidationError, match=r"storage\.sqlite is not a SQLite file"):
        fake_memory().import_(store)


def test_a_store_that_mem0_has_open_is_an_error_that_says_so(store: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with (store / ".lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(StoreLockedError, match="is open in a running mem0"):
            fake_memory().import_(store)
    assert fake_memory().import_(store).added


def test_mem0_cannot_open_the_store_during_an_import(store: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    rows = read_mem0(store)
    next(rows)
    with (store / ".lock").open("r+") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        rows.close()  # type: ignore[attr-defined]
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_store_with_a_log_of_a_killed_writer_is_read_from_a_copy(
    tmp_path: Path, mode: str
) -> None:
    store = copied("v2", tmp_path)
    db = sqlite3.connect(store / STORAGE, isolation_level=None)
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.execute("PRAGMA cache_spill = ON")
    db.execute("PRAGMA cache_size = 1")
    blob = point({"data": "In the log", "user_id": "ann"}, "00000000-0000-4000-8000-00000000000e")
    name = key("00000000-0000-4000-8000-00000000000e")
    db.execute("BEGIN")
    db.execute("INSERT INTO points VALUES (?, ?)", (name, blob))
    if mode == "WAL":
        db.execute("COMMIT")
    else:
        db.execute("INSERT INTO points VALUES ('big', zeroblob(200000))")
    # A copy of the files at this moment is what a killed process leaves.
    left = tmp_path / "left"
    shutil.copytree(store, left)
    db.close()
    before = bytes_of(left)
    assert any(path.endswith(("-wal", "-journal")) for path in before)
    memory = fake_memory()
    assert memory.import_(left).added == len(get_all_items(store.parent)) + 1 + (mode == "WAL")
    assert bytes_of(left) == before


def test_the_later_of_two_points_with_one_id_is_imported(tmp_path: Path) -> None:
    store = copied("v2", tmp_path)
    twice = point({"data": "Later", "user_id": "eve"}, EVE.upper())
    with sqlite3.connect(store / STORAGE) as db:
        name = base64.b64encode(pickle.dumps(EVE, protocol=5)).decode()
        db.execute("INSERT INTO points VALUES (?, ?)", (name, twice))
    db.close()
    memory = fake_memory()
    assert memory.import_(store, user_id="zoe").rejected == 0
    found = memory.get(EVE)
    assert found is not None
    assert found["memory"] == "Later"


def test_import_keeps_a_point_with_an_unknown_key(tmp_path: Path) -> None:
    store = copied("v2", tmp_path)
    names = [f"00000000-0000-4000-8000-0000000000{at:02}" for at in range(10, 14)]
    with sqlite3.connect(store / STORAGE) as db:
        for name, odd in zip(names, ["x" * 100_000, "no base64", b"\0bytes", ""], strict=True):
            blob = point({"data": "Here", "user_id": "ann"}, name)
            db.execute("INSERT INTO points VALUES (?, ?)", (odd, blob))
    db.close()
    memory = fake_memory()
    memory.import_(store)
    assert all(memory.get(name) for name in names)


def with_collections(store: Path, *names: str) -> None:
    meta = json.loads((store / "meta.json").read_text())
    config = meta["collections"].pop("mem0")
    meta["collections"] = dict.fromkeys(names, config)
    for name in names:
        if name != "mem0":
            shutil.copytree(store / "collection" / "mem0", store / "collection" / name)
    (store / "meta.json").write_text(json.dumps(meta))


@pytest.mark.parametrize(
    "names",
    [
        ["mem0", "mem0_entities", "mem0migrations"],
        ["mine", "mem0migrations", "mine_entities"],
        ["my_entities"],
    ],
)
def test_import_skips_internal_collections_of_mem0(
    tmp_path: Path, names: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    store = copied("v2", tmp_path)
    with_collections(store, *names)
    with caplog.at_level(logging.WARNING, "memfast"):
        assert fake_memory().import_(store, user_id="zoe").rejected == 0
    assert caplog.text == ""


def test_several_collections_are_an_error_that_names_them(tmp_path: Path) -> None:
    store = copied("v2", tmp_path)
    with_collections(store, "work", "home", "home_entities")
    with pytest.raises(ValidationError, match="it has 'home', 'work'"):
        fake_memory().import_(store)
    assert (
        fake_memory().import_(store / "collection" / "home").added
        == len(get_all_items(store.parent)) + 1
    )


def test_import_of_the_default_collection_reports_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = copied("v2", tmp_path)
    with_collections(store, "mem0", "work")
    with caplog.at_level(logging.WARNING, "memfast"):
        fake_memory().import_(store, user_id="zoe")
    assert "other collections were skipped: work" in caplog.text


@pytest.mark.parametrize("name", ["../outside", "/etc", "."])
def test_a_collection_outside_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    store = copied("v2", tmp_path)
    meta = json.loads((store / "meta.json").read_text())
    meta["collections"] = {name: {}}
    (store / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(ValidationError, match="outside the folder"):
        fake_memory().import_(store)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"collections": 3}'])
def test_an_unknown_meta_json_is_an_error(store: Path, content: str) -> None:
    (store / "meta.json").write_text(content)
    with pytest.raises(ValidationError, match=r"meta\.json is not that of a Qdrant client"):
        fake_memory().import_(store)


def test_a_folder_that_is_not_a_store_is_an_error(tmp_path: Path) -> None:
    assert not looks_like_mem0(tmp_path)
    with pytest.raises(ValidationError, match=r"is not a mem0 store: it has no meta\.json"):
        fake_memory().import_(tmp_path)


def without_times(store: Path) -> str:
    """Store a point whose payload has no times, and an event that has."""
    name = "00000000-0000-4000-8000-00000000000e"
    put(store, name, point({"data": "Old", "user_id": "ann"}, name))
    with sqlite3.connect(store.parent / "history.db") as db:
        for event, created, updated in (
            ("ADD", "2023-01-01T00:00:00-08:00", None),
            ("UPDATE", "2023-01-02T00:00:00-08:00", "2023-02-01T00:00:00-08:00"),
        ):
            row = (event, name, event, created, updated, "Bot", "user")
            db.execute(
                "INSERT INTO history (id, memory_id, event, created_at, updated_at, actor_id, role)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
    db.close()
    return name


@pytest.mark.parametrize("where", ["beside", "inside", "named"])
def test_import_takes_missing_fields_from_the_history(
    store: Path, where: str, tmp_path: Path
) -> None:
    name = without_times(store)
    history = store.parent / "history.db"
    options: dict[str, Any] = {}
    if where == "inside":
        history.rename(store / "history.db")
    elif where == "named":
        options["history"] = history.rename(tmp_path / "events.sqlite")
    memory = fake_memory()
    memory.import_(store, **options)
    found = memory.get(name)
    assert found is not None
    assert found["created_at"] == "2023-01-01T08:00:00.000000+00:00"
    assert found["updated_at"] == "2023-02-01T08:00:00.000000+00:00"
    assert (found["actor_id"], found["role"]) == ("Bot", "user")


def test_memories_that_only_the_history_has_are_not_imported(store: Path) -> None:
    with sqlite3.connect(store.parent / "history.db") as db:
        (gone,) = db.execute("SELECT memory_id FROM history WHERE event = 'DELETE'").fetchone()
    db.close()
    memory = fake_memory()
    memory.import_(store)
    assert memory.get(gone) is None


def test_an_invalid_history_file_is_an_error_only_if_named(
    store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    history = store.parent / "history.db"
    history.write_bytes(b"something else")
    with pytest.raises(ValidationError, match="is not a SQLite file"):
        fake_memory().import_(store, history=history)
    with pytest.raises(ValidationError, match="there is no file"):
        fake_memory().import_(store, history=store / "none.db")
    with caplog.at_level(logging.WARNING, "memfast"):
        assert fake_memory().import_(store, user_id="zoe").rejected == 0
    assert "the history was not used" in caplog.text


def test_the_history_argument_is_refused_for_other_sources(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="history= is for mem0 stores"):
        fake_memory().import_([{"memory": "a", "user_id": "ann"}], history=tmp_path / "history.db")


def test_the_mem0_format_is_refused_for_sources_other_than_paths() -> None:
    with pytest.raises(ValidationError, match="format='mem0' is for files"):
        fake_memory().import_([{"memory": "a", "user_id": "ann"}], format="mem0")


def test_unknown_columns_of_a_mem0_store_are_an_error(store: Path) -> None:
    with pytest.raises(ValidationError, match="no column 'uid' for user_id"):
        fake_memory().import_(store, columns={"user_id": "uid"})


def test_the_command_imports_a_mem0_store(store: Path, tmp_path: Path) -> None:
    name = without_times(store)
    history = (store.parent / "history.db").rename(tmp_path / "events.sqlite")
    before = bytes_of(store)
    command = [sys.executable, "-m", "memfast", "import", f"{store}/"]
    options = ["--path", tmp_path / "mine", "--history", history]
    done = subprocess.run(
        [*command, *map(str, options)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    count = len(get_all_items(store.parent)) + 2
    assert f", {count:,} embedded: {count:,} added, 0 there before, 1 rejected" in done.stdout
    assert bytes_of(store) == before
    assert NO_SCOPE in store.with_name("qdrant.rejects.jsonl").read_text()
    with Memory(path=tmp_path / "mine") as memory:
        found = memory.get(name)
        assert found is not None
        assert found["created_at"] == "2023-01-01T08:00:00.000000+00:00"


def test_the_command_keeps_stored_vectors_if_told(store: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "memfast", "import", str(store), "--keep-vectors"]
    options = ["--path", str(tmp_path / "mine"), "--embedder", "none"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ", 0 embedded: " in done.stdout
    both = [*command, *options, "--vectors", str(tmp_path / "more.npy")]
    done = subprocess.run(both, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "exclude each other" in done.stderr
