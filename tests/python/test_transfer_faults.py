"""Imports and exports that are cut off: what is stored is whole, and another run completes it."""

from __future__ import annotations

import gzip
import json
import random
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from memfast import Memory, ValidationError
from memfast.errors import DatabaseError, EmbeddingError, StoreReadOnlyError
from memfast.testing import HashEmbedder, fake_memory
from tests.python.campaign import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

CHILD = Path(__file__).with_name("transfer_child.py")
child = SimpleNamespace(**runpy.run_path(str(CHILD)))
ROWS, open_store, rows = child.ROWS, child.open_store, child.rows
KILLS = 12


def start(path: Path, largest: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, str(CHILD), str(path), str(largest)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stored(memory: Memory) -> list[str]:
    return [item["memory"] for item in memory.iter(user_id="*")]


def check_exactly_once(path: Path) -> None:
    with open_store(path) as memory:
        assert sorted(stored(memory)) == sorted(row["memory"] for row in rows())
        table = pa.table(memory.export())
        assert table.num_rows == ROWS
        vectors = dict(zip(table["memory"].to_pylist(), table["vector"].to_pylist(), strict=True))
        for row in rows():
            if "vector" in row:
                assert vectors[row["memory"]] == row["vector"]
        assert all(len(memory.history(f"m{n}")) == 1 for n in (1, 2, ROWS - 1))


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(rounds(test=1, campaign=10)))
def test_an_import_killed_at_any_point_and_run_again_stores_every_row_once(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    path = tmp_path / "store"
    counts = [0]
    for _ in range(KILLS):
        victim = start(path)
        assert victim.stdout is not None
        for _ in range(1 + chance.randint(0, 6)):
            victim.stdout.readline()  # "begun", and the rows of each batch that is committed
        time.sleep(chance.random() * 0.01)
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        with open_store(path) as memory:
            found = stored(memory)
            assert len(found) == len(set(found))
            # Whole batches, in order, and none lost that was there before.
            assert len(found) % 250 == 0
            assert set(found) == {f"text {n}" for n in range(len(found))}
            assert len(found) >= counts[-1]
            counts.append(len(found))
        if counts[-1] == ROWS:
            break
    assert len(set(counts)) > 1, "no child stored anything"
    assert start(path).communicate()[0].endswith("done\n")
    check_exactly_once(path)


def test_an_import_on_a_full_disk_raises_and_can_be_continued(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store"
    open_store(path).close()
    size = max(file.stat().st_size for file in path.rglob("*"))
    victim = start(path, largest=size + 600_000)
    out, err = victim.communicate()
    assert (out.splitlines()[0], victim.returncode) == ("begun", 1)
    assert "done" not in out
    # The last lines are the error and its hint, if it has one.
    assert [line for line in err.splitlines()[-2:] if line.startswith("memfast.errors.")], err
    with open_store(path) as memory:
        assert 0 < len(stored(memory)) < ROWS
    assert start(path).communicate()[0].endswith("done\n")
    check_exactly_once(path)


def test_a_truncated_parquet_file_is_refused(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"memory": ["x"] * 100, "user_id": ["u"] * 100}), path)
    whole = path.read_bytes()
    for length in (0, 3, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValidationError, match=r"x\.parquet is not a whole Parquet file"):
            memory.import_(path)
    assert stored(memory) == []


def test_damage_inside_a_parquet_file_is_a_typed_error(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    texts = [f"text {n} {random.Random(n).random()}" for n in range(5000)]
    pq.write_table(pa.table({"memory": texts, "user_id": ["u"] * 5000}), path, compression="zstd")
    data = bytearray(path.read_bytes())
    data[1000:3000] = b"\xff" * 2000
    path.write_bytes(data)
    with pytest.raises(ValidationError, match="cannot be read"):
        memory.import_(path)


def test_a_gzip_file_that_ends_early_is_a_typed_error(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    lines = [json.dumps({"memory": f"t{n}", "user_id": "u"}) for n in range(1000)]
    path.write_bytes(gzip.compress("\n".join(lines).encode())[:-200])
    with pytest.raises(ValidationError, match="cannot be read to its end"):
        memory.import_(path, batch_rows=100)
    assert len(stored(memory)) % 100 == 0


def test_a_failing_embedder_ends_the_import_between_batches() -> None:
    class Failing(HashEmbedder):
        broken = True

        def embed(self, texts: Any) -> list[list[float]]:
            if self.broken and "text 35" in texts:
                raise OSError("no more tokens")
            return super().embed(texts)

    model = Failing()
    given = [{"memory": f"text {n}", "user_id": "u"} for n in range(100)]
    with Memory(path=":memory:", embedder=model) as memory:
        with pytest.raises(EmbeddingError, match="no more tokens"):
            memory.import_(given, batch_rows=10)
        assert len(stored(memory)) == 30
        model.broken = False
        assert memory.import_(given, batch_rows=10).added == 70


def test_a_failing_source_leaves_its_earlier_batches_stored(memory: Memory) -> None:
    def source() -> Iterator[dict[str, str]]:
        for number in range(25):
            yield {"memory": f"text {number}", "user_id": "u"}
        raise KeyError("gone")

    with pytest.raises(KeyError):
        memory.import_(source(), batch_rows=10)
    assert len(stored(memory)) == 20


def test_a_store_opened_for_reading_refuses_an_import(tmp_path: Path) -> None:
    with fake_memory(path=tmp_path) as memory:
        memory.add("x", user_id="u", infer=False)
    with (
        fake_memory(path=tmp_path, read_only=True) as memory,
        pytest.raises(StoreReadOnlyError),
    ):
        memory.import_([{"memory": "y", "user_id": "u"}])


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "csv"])
def test_an_export_that_fails_leaves_the_file_that_was_there(
    memory: Memory, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.import_([{"memory": f"t{n}", "user_id": "u"} for n in range(10)])
    path = tmp_path / f"x.{kind}"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DatabaseError, match="No space left"):
        memory.export(path, history=True)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_into_a_missing_directory_is_a_typed_error(
    memory: Memory, tmp_path: Path
) -> None:
    with pytest.raises(DatabaseError, match="cannot be written"):
        memory.export(tmp_path / "none" / "x.jsonl")
