"""Files that are small on disk and large once they are unpacked."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from memfast import Memory, ValidationError
from memfast._core import ArrowRows, RowReader
from memfast.transfer.parquet import size_of

if TYPE_CHECKING:
    from pathlib import Path

KIB = 1 << 10
MIB = 1 << 20


def repeated(path: Path, text: str, rows: int) -> Path:
    """A Parquet file that holds one long text once, for many rows."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))
    table = pa.table({"memory": texts, "user_id": ["ann"] * rows, "n": list(range(rows))})
    pq.write_table(table, path, compression="zstd", store_schema=False)
    return path


def endless_list(path: Path) -> Path:
    """A Parquet file whose one row has a list of a million numbers that are all the same."""
    numbers = pa.array([[7] * MIB], pa.list_(pa.int64()))
    pq.write_table(pa.table({"memory": ["t"], "user_id": ["ann"], "n": numbers}), path)
    return path


def one_page(path: Path) -> Path:
    """A Parquet file with one text of 256 KiB that compresses well."""
    table = pa.table({"memory": ["x" * 256 * KIB], "user_id": ["ann"]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    return path


def packed_lines(path: Path) -> Path:
    rows = "".join(
        json.dumps({"memory": f"{n} {'x' * 64 * KIB}", "user_id": "ann"}) + "\n" for n in range(4)
    )
    path.write_bytes(gzip.compress(rows.encode()))
    return path


def table_lines(path: Path) -> Path:
    rows = "".join(f"{n} {'x' * 64 * KIB},ann\n" for n in range(4))
    path.write_bytes(gzip.compress(b"memory,user_id\n" + rows.encode()))
    return path


MADE: dict[str, Any] = {
    "repeats.parquet": lambda path: repeated(path, "x" * 32 * KIB, 20),
    "list.parquet": endless_list,
    "page.parquet": one_page,
    "rows.jsonl.gz": packed_lines,
    "rows.csv.gz": table_lines,
}


@pytest.mark.parametrize("name", MADE)
def test_a_file_that_unpacks_beyond_the_limit_is_refused(
    memory: Memory, tmp_path: Path, name: str
) -> None:
    source = MADE[name](tmp_path / name)
    assert source.stat().st_size < 64 * KIB
    form: Any = "csv" if "csv" in name else None
    with pytest.raises(ValidationError, match="max_unpacked_bytes is 131072") as caught:
        memory.import_(source, format=form, max_unpacked_bytes=128 * KIB)
    assert caught.value.details["max_unpacked_bytes"] == 128 * KIB
    assert memory.import_(source, format=form, max_unpacked_bytes=64 * MIB).rejected == 0


def test_the_default_limit_grows_with_the_file(
    memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = repeated(tmp_path / "rows.parquet", "x" * 1000, 100)
    size = source.stat().st_size
    monkeypatch.setattr("memfast.transfer.limits.UNPACKED", 1 << 10)
    monkeypatch.setattr("memfast.transfer.limits.UNPACKED_RATIO", 1000 * 100 // size // 2)
    with pytest.raises(ValidationError, match="unpacks to"):
        memory.import_(source)
    monkeypatch.setattr("memfast.transfer.limits.UNPACKED_RATIO", 1000 * 100 // size * 2)
    assert memory.import_(source).rows == 100


def reader(**options: Any) -> RowReader:
    return RowReader(
        columns={},
        keys=None,
        scope=("ann", None, None),
        dim=2,
        embeds="all",
        on_conflict="id",
        **({"max_row_bytes": 64 * MIB} | options),
    )


@pytest.mark.parametrize("view", [False, True])
def test_a_stream_is_read_in_pieces_of_bounded_size(view: bool) -> None:
    texts: Any = pa.DictionaryArray.from_arrays(
        pa.array([0] * 1000, pa.int32()), pa.array(["x" * MIB])
    )
    if view:
        texts = pa.array(["x" * MIB] * 100, pa.string_view())
    rows = ArrowRows(pa.table({"memory": texts}))
    piece = reader().arrow(rows, 20_000)
    assert piece is not None
    assert piece.rows == 64
    assert rows.taken == 64 * MIB
    following = reader().arrow(rows, 5)
    assert following is not None
    assert following.rows == 5


def test_pieces_hold_every_row_once_and_in_order() -> None:
    lengths = [0, 70 * MIB, 1, 2, 40 * MIB, 30 * MIB, 3]
    texts = [f"{n}{'x' * length}" for n, length in enumerate(lengths)]
    parts = [pa.table({"memory": texts[:3]}), pa.table({"memory": texts[3:]})]
    rows = ArrowRows(pa.concat_tables(parts))
    pieces = []
    taking = reader(max_row_bytes=128 * MIB)
    while (piece := taking.arrow(rows, 20_000)) is not None:
        pieces.append([text[0] for text in piece.texts(100)])
    assert pieces == [["0"], ["1"], ["2", "3", "4"], ["5", "6"]]


def test_texts_that_rows_share_stay_shared(tmp_path: Path) -> None:
    path = repeated(tmp_path / "rows.parquet", "x" * MIB, 1000)
    with pq.ParquetFile(path) as file:
        size = size_of(file.metadata)
    assert size.shared == ["memory", "user_id"]
    assert size.least < 2 * MIB


def test_a_parquet_file_with_nested_columns_is_imported_in_full(
    memory: Memory, tmp_path: Path
) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table(
        {
            "memory": pa.array(["one", "two", "one more"], pa.large_string()),
            "user_id": ["ann", "ann", None],
            "agent_id": ["x", None, "x"],
            "tags": [["a", "b"], [], None],
            "deep": [{"k": "v"}, {"k": None}, None],
            "metadata": ['{"m": 1}', None, '{"m": 1}'],
            "created_at": ["2026-01-02T03:04:05Z"] * 3,
        }
    )
    pq.write_table(table, path)
    report = memory.import_(path)
    assert (report.added, report.rejected) == (3, 0)
    (found,) = memory.get_all(user_id="ann", agent_id="x")["results"]
    assert found["metadata"] == {"m": 1, "tags": ["a", "b"], "deep": {"k": "v"}}
    assert found["created_at"].startswith("2026-01-02T03:04:05")


@pytest.mark.parametrize("name", ["rows.parquet", "a table"])
def test_a_row_of_a_table_that_is_too_large_is_rejected_alone(
    memory: Memory, tmp_path: Path, name: str
) -> None:
    table = pa.table({"memory": ["a", "b" * 2000, "c"], "user_id": ["ann"] * 3})
    source: Any = table
    if name != "a table":
        source = tmp_path / name
        pq.write_table(table, source)
    rejects = tmp_path / "rejects.jsonl"
    report = memory.import_(source, max_row_bytes=1000, rejects=rejects)
    assert (report.added, report.rejected) == (2, 1)
    (entry,) = map(json.loads, rejects.read_text().splitlines())
    assert entry["line"] == 2
    assert entry["reason"] == "the row takes 2003 bytes; max_row_bytes is 1000"


LONG = {
    "rows.jsonl": b'{"memory": "a", "user_id": "ann"}\n{"memory": "%s", "user_id": "ann"}\n',
    "rows.csv": b"memory,user_id\na,ann\n%s,ann\n",
    "lines.csv": b'memory,user_id\na,ann\n"%s",ann\n',
}


@pytest.mark.parametrize("name", LONG)
def test_a_line_longer_than_a_row_may_be_ends_the_import(
    memory: Memory, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    source.write_bytes(LONG[name] % (b"x\n" * 1000 if name == "lines.csv" else b"x" * 2000))
    with pytest.raises(ValidationError, match="is longer than max_row_bytes, 1000 bytes"):
        memory.import_(source, batch_rows=1, max_row_bytes=1000)
    assert memory.count(user_id="ann") == 1
    assert memory.import_(source, max_row_bytes=3000).rejected == 0


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv"])
def test_lines_are_read_in_pieces_of_bounded_size(
    memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("memfast.transfer.sources.PIECE", 10_000)
    source = tmp_path / name
    texts = [f"{n} {'x' * 1000}" for n in range(40)]
    if name == "rows.csv":
        source.write_text("memory,user_id\n" + "".join(f"{text},ann\n" for text in texts))
    else:
        rows = ({"memory": text, "user_id": "ann"} for text in texts)
        source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done: list[int] = []
    memory.import_(source, progress=lambda rows, _: done.append(rows))
    assert done == [16, 32, 40]
    assert memory.count(user_id="ann") == 40


@pytest.mark.parametrize("value", [0, -1, 1.5, "1 GiB", True, 1 << 63])
@pytest.mark.parametrize("name", ["max_unpacked_bytes", "max_row_bytes"])
def test_an_invalid_limit_is_refused(memory: Memory, name: str, value: Any) -> None:
    options: dict[str, Any] = {name: value}
    with pytest.raises(ValidationError, match=name):
        memory.import_([], **options)
