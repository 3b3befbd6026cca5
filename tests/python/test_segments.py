"""Vector files are kept until it is certain that no database names them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from memfast import Memory
from memfast.errors import MemoryCorruptionError
from memfast.testing import HashEmbedder

# Enough rows for a segment of their own.
BULK = 1100


def open_store(path: Path, **settings: object) -> Memory:
    return Memory(path=path, embedder=HashEmbedder(dim=256), **settings)  # type: ignore[arg-type]


def fill(path: Path, word: str, segments: int = 1) -> None:
    with open_store(path) as memory:
        for number in range(segments):
            rows = [f"{word} {number}.{n}" for n in range(BULK)]
            memory.batch_add(rows, user_id=word)


def check(path: Path, word: str, segments: int = 1) -> None:
    with open_store(path) as memory:
        assert memory.count(user_id=word) == segments * BULK
        for text in (f"{word} 0.7", f"{word} {segments - 1}.{BULK - 1}"):
            [best] = memory.search(text, user_id=word, limit=1, mode="semantic")["results"]
            assert (best["memory"], best["score"]) == (text, 1.0)


def vectors(store: Path) -> list[str]:
    return sorted(path.name for path in (store / "vectors").glob("*.seg"))


def aside(store: Path) -> list[Path]:
    return sorted((store / "vectors" / "aside").glob("*"))


@pytest.mark.parametrize("mine", [1, 4])
@pytest.mark.parametrize("write", [False, True])
def test_a_directory_with_another_stores_database_loses_no_vector(
    tmp_path: Path, mine: int, write: bool
) -> None:
    store, other = tmp_path / "store", tmp_path / "other"
    fill(store, "ours", mine)
    with open_store(other) as memory:
        memory.add("theirs", user_id="them", infer=False)
    shutil.move(store / "memfast.redb", tmp_path / "kept.redb")
    shutil.copy(other / "memfast.redb", store / "memfast.redb")
    with open_store(store) as memory:
        assert (
            memory.search("theirs", user_id="them", mode="semantic")["results"][0]["score"] == 1.0
        )
        if write:
            # A segment with the number of one that was moved to `aside`.
            memory.batch_add([f"theirs {n}" for n in range(BULK)], user_id="them")
    shutil.move(store / "memfast.redb", tmp_path / "theirs.redb")
    shutil.move(tmp_path / "kept.redb", store / "memfast.redb")
    check(store, "ours", mine)
    check(store, "ours", mine)
    if write:
        shutil.move(tmp_path / "theirs.redb", store / "memfast.redb")
        with open_store(store) as memory:
            assert (
                memory.search("theirs 7", user_id="them", mode="semantic")["results"][0]["score"]
                == 1.0
            )


def test_a_directory_with_an_older_database_loses_no_vector(tmp_path: Path) -> None:
    store = tmp_path / "store"
    fill(store, "old")
    shutil.copy(store / "memfast.redb", tmp_path / "older.redb")
    fill(store, "new", 5)
    shutil.move(store / "memfast.redb", tmp_path / "newest.redb")
    shutil.move(tmp_path / "older.redb", store / "memfast.redb")
    check(store, "old")
    assert len(aside(store)) == 5
    shutil.move(tmp_path / "newest.redb", store / "memfast.redb")
    check(store, "old")
    check(store, "new", 5)
    assert aside(store) == []


def test_a_directory_without_its_database_loses_no_vector(tmp_path: Path) -> None:
    store = tmp_path / "store"
    fill(store, "ours", 2)
    shutil.move(store / "memfast.redb", tmp_path / "kept.redb")
    with open_store(store) as memory:
        assert memory.count(user_id="ours") == 0
    shutil.move(tmp_path / "kept.redb", store / "memfast.redb")
    check(store, "ours", 2)


@pytest.mark.parametrize("lose", ["missing", "cut off", "of another store"])
def test_a_lost_segment_is_reported_when_the_store_is_opened(tmp_path: Path, lose: str) -> None:
    store, other = tmp_path / "store", tmp_path / "other"
    fill(store, "ours", 2)
    segment, kept = store / "vectors" / vectors(store)[0], tmp_path / "kept.seg"
    shutil.copy(segment, kept)
    stray = store / "vectors" / "00000077.seg"
    shutil.copy(segment, stray)
    if lose == "missing":
        segment.unlink()
    elif lose == "cut off":
        segment.write_bytes(kept.read_bytes()[:-100])
    else:
        fill(other, "theirs")
        shutil.copy(other / "vectors" / vectors(other)[0], segment)
    before = vectors(store)
    for _ in range(2):
        with pytest.raises(MemoryCorruptionError, match=lose) as caught:
            open_store(store)
        assert caught.value.details == {"path": str(segment)}
        assert "read_only=True" in str(caught.value)
        assert vectors(store) == before, "nothing is changed"
        assert aside(store) == []
    with open_store(store, read_only=True) as memory:
        out = tmp_path / "rescued.jsonl"
        assert memory.export(out, user_id="*", vectors=False).rows == 2 * BULK
    shutil.copy(kept, segment)
    check(store, "ours", 2)


def test_dropped_segments_are_removed_and_not_kept(tmp_path: Path) -> None:
    store = tmp_path / "store"
    fill(store, "ours", 3)
    left = [store / "vectors" / name for name in vectors(store)]
    kept = [path.read_bytes() for path in left]
    with open_store(store) as memory:
        memory.optimize(progress=False)
    # The state that a process killed after the merge leaves.
    for path, content in zip(left, kept, strict=True):
        path.write_bytes(content)
    check(store, "ours", 3)
    assert len(vectors(store)) == 1
    assert aside(store) == []


def test_segments_of_killed_processes_do_not_pile_up(tmp_path: Path) -> None:
    store = tmp_path / "store"
    fill(store, "ours")
    segment = store / "vectors" / vectors(store)[0]
    unfinished = bytes(len(segment.read_bytes()))
    for kill in range(30):
        shutil.copy(segment, store / "vectors" / f"{100 + 2 * kill:08}.seg")
        (store / "vectors" / f"{101 + 2 * kill:08}.seg").write_bytes(unfinished)
        with open_store(store):
            pass
    check(store, "ours")
    assert [path.name[:8] for path in aside(store)] == [
        f"{100 + 2 * kill:08}" for kill in range(22, 30)
    ], "the newest are kept"
