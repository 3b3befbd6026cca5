"""Import and export."""

from __future__ import annotations

import gzip
import json
import logging
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memfast import ConfigurationError, Memory, ValidationError
from memfast.testing import HashEmbedder, fake_memory
from memfast.transfer import formats
from tests.python.campaign import rounds
from tests.python.transfer_rows import all_texts, vector_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIM = 4
TYPES = ["parquet", "jsonl", "jsonl.gz", "csv", "arrow"]

unicode = st.text(st.characters(codec="utf-8"), max_size=20)
texts = unicode.filter(lambda text: text.strip() != "")
ids = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=8)
scope_ids = ids.filter(lambda text: text != "*" and not any(c.isspace() for c in text))
instants = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis takes naive bounds
days = st.dates()
floats32 = st.floats(-1e6, 1e6, width=32)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | unicode,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(unicode, inner, max_size=3),
    max_leaves=6,
)
keys = unicode.filter(lambda key: key not in {"user_id", "agent_id", "run_id", "actor_id"})
hashes = st.lists(st.binary(min_size=16, max_size=16).map(bytes.hex), min_size=1, max_size=2)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    vector = draw(
        st.lists(floats32, min_size=DIM, max_size=DIM).filter(lambda v: max(map(abs, v)) > 1e-3)
    )
    row = {"memory": draw(texts), "vector": vector, "user_id": draw(scope_ids)}
    options: dict[str, st.SearchStrategy[Any]] = {
        "agent_id": scope_ids,
        "run_id": scope_ids,
        "actor_id": texts,
        "role": texts,
        "memory_type": texts,
        "origin": texts,
        "superseded_by": ids,
        "metadata": st.dictionaries(keys, values, max_size=4),
        "created_at": instants,
        "updated_at": instants,
        "event_time": instants,
        "said_at": instants,
        "subject": texts,
        "attribute": texts,
        "value": texts,
        "entities": st.lists(texts, min_size=1, max_size=2),
        "may_contradict": st.lists(ids, min_size=1, max_size=2),
        "worth": st.floats(0, 1, exclude_min=True),
        "trust": st.just("untrusted"),
        "valid_from": instants,
        "valid_to": instants,
        "expiration_date": days,
        "is_note": st.booleans(),
        "source_ids": st.lists(ids, min_size=1, max_size=2),
        "source_hashes": hashes,
        "kind": st.sampled_from(["memory", "message"]),
    }
    for name, option in options.items():
        if draw(st.booleans()):
            row[name] = draw(option)
    return row


batches = st.lists(st.tuples(ids, rows()), min_size=1, max_size=5, unique_by=lambda pair: pair[0])


def store(**options: Any) -> Memory:
    return Memory(path=":memory:", embedder=None, dim=DIM, **options)


def everything(memory: Memory) -> dict[str, dict[str, Any]]:
    """Return all rows of a store, with times as integers, which have no library's limits."""
    table = pa.table(memory.export())
    instant = pa.timestamp("us", "UTC")
    fields = [pa.field(f.name, pa.int64()) if f.type == instant else f for f in table.schema]
    return {row["id"]: row for row in table.cast(pa.schema(fields)).to_pylist()}


@pytest.mark.parametrize("kind", TYPES)
@given(batch=batches)
@settings(
    max_examples=rounds(test=15, campaign=200),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_import_of_an_export_is_the_same_store(
    kind: str, batch: list[tuple[str, dict[str, Any]]], tmp_path: Path
) -> None:
    given = [{"id": key, **row} for key, row in batch]
    with store() as first, store() as second:
        first.import_(given, strict=True)
        if kind == "arrow":
            second.import_(first.export(), strict=True)
        else:
            first.export(tmp_path / f"all.{kind}")
            second.import_(tmp_path / f"all.{kind}", strict=True)
        assert everything(second) == everything(first)
        result = {item["id"]: item for item in second.iter(user_id="*", show_expired=True)}
        assert result == {i["id"]: i for i in first.iter(user_id="*", show_expired=True)}


@given(batch=batches)
@settings(max_examples=rounds(test=30, campaign=500))
def test_import_stores_every_field_of_a_row(batch: list[tuple[str, dict[str, Any]]]) -> None:
    with store() as memory:
        memory.import_([{"id": key, **row} for key, row in batch], strict=True)
        found = everything(memory)
        for key, row in batch:
            kept = found[key]
            assert kept["vector"] == row.pop("vector")
            metadata = row.pop("metadata", {})
            assert json.loads(kept["metadata"] or "{}") == metadata
            nobody = row.keys().isdisjoint({"role", "actor_id", "source_ids", "source_hashes"})
            row["is_note"] = row.get("kind") != "message" and (row.get("is_note") or nobody)
            for name, value in row.items():
                if isinstance(value, datetime):
                    since = value - datetime(1970, 1, 1, tzinfo=UTC)
                    value = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds  # noqa: PLW2901
                assert kept[name] == value, name


@given(user=st.text(max_size=6) | st.integers(-(2**63), 2**63 - 1))
@settings(max_examples=rounds(test=100, campaign=2000))
def test_import_accepts_the_scope_ids_that_add_accepts(user: str | int) -> None:
    with fake_memory() as added, fake_memory() as imported:
        try:
            added.add("text", user_id=user, infer=False)  # type: ignore[arg-type]
        except ValidationError:
            assert imported.import_([{"memory": "text", "user_id": user}]).rejected == 1
        else:
            imported.import_([{"memory": "text", "user_id": user}], strict=True)
            assert [i["user_id"] for i in imported.iter(user_id="*")] == [
                i["user_id"] for i in added.iter(user_id="*")
            ]


COLUMNS = {"memory": "text", "user_id": "uid"}


def table() -> pa.Table:
    return pa.table(
        {
            "text": ["one", "two"],
            "uid": pa.array([1, 2], pa.int32()),
            "mood": pa.array(["glad", None]).dictionary_encode(),
            "when": pa.array([datetime(2026, 1, 2), None], pa.timestamp("ns")),  # noqa: DTZ001
            "vector": pa.array([[1.0, 0, 0, 0], [0, 1.0, 0, 0]], pa.list_(pa.float64())),
        }
    )


def of_polars() -> object:
    polars = pytest.importorskip("polars")
    return polars.from_arrow(table())


def of_pandas() -> object:
    pytest.importorskip("pandas")
    return table().to_pandas()


def of_duckdb() -> object:
    import duckdb

    rows = table()
    con = duckdb.connect()
    con.register("rows", rows)
    # The connection lives as long as the relation that the test holds.
    return con.sql("select * from rows")


SOURCES: dict[str, Callable[[], object]] = {
    "pyarrow table": table,
    "pyarrow reader": lambda: table().to_reader(max_chunksize=1),
    "polars": of_polars,
    "pandas": of_pandas,
    "duckdb": of_duckdb,
    "dicts": lambda: table().to_pylist(),
    "generator": lambda: (row for row in table().to_pylist()),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_kind_of_source_gives_the_same_memories(source: str) -> None:
    with store() as memory:
        report = memory.import_(SOURCES[source](), columns=COLUMNS, strict=True)
        assert report.added == 2
        found = {row["memory"]: row for row in everything(memory).values()}
        assert found["one"]["user_id"] == "1"
        assert found["two"]["vector"] == [0, 1, 0, 0]
        assert json.loads(found["one"]["metadata"])["mood"] == "glad"
        assert json.loads(found["one"]["metadata"])["when"].startswith("2026-01-02T00:00:00")
        assert found["two"]["metadata"] is None


ARROW_TEXT = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.dictionary(pa.int8(), pa.string()),
]
ARROW_VECTOR = [
    pa.list_(pa.float32()),
    pa.large_list(pa.float64()),
    pa.list_(pa.float32(), DIM),
    pa.list_(pa.float16(), DIM),
    pa.list_(pa.int16()),
]


@pytest.mark.parametrize("text", ARROW_TEXT, ids=str)
@pytest.mark.parametrize("vector", ARROW_VECTOR, ids=str)
def test_every_arrow_type_of_text_and_vector_is_read(
    text: pa.DataType, vector: pa.DataType
) -> None:
    half = np.float16 if vector == pa.list_(pa.float16(), DIM) else int
    numbers = [[half(n), half(1), half(0), half(0)] for n in range(5)]
    rows = pa.table(
        {
            "id": [f"m{n}" for n in range(5)],
            "memory": pa.array([f"text {n}" for n in range(5)]).cast(text),
            "user_id": pa.array(["ann"] * 5).cast(text),
            "vector": pa.array(numbers, vector),
        }
    )
    with store() as memory:
        # A slice begins inside its buffers.
        memory.import_(rows.slice(2), strict=True, batch_rows=2)
        found = {key: row["vector"] for key, row in everything(memory).items()}
        assert found == {f"m{n}": [n, 1, 0, 0] for n in (2, 3, 4)}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_a_timestamp_is_the_same_moment_in_any_unit_and_zone(unit: str, zone: str | None) -> None:
    seconds = -86_401
    stamp = pa.array([seconds * 10 ** {"s": 0, "ms": 3, "us": 6, "ns": 9}[unit]])
    rows = pa.table(
        {"memory": ["x"], "user_id": ["a"], "created_at": stamp.cast(pa.timestamp(unit, zone))}
    )
    with fake_memory() as memory:
        memory.import_(rows, strict=True)
        assert (
            memory.get_all(user_id="a")["results"][0]["created_at"]
            == "1969-12-30T23:59:59.000000+00:00"
        )


def test_metadata_may_be_json_text_a_struct_or_columns() -> None:
    want = {"a": 1, "b": {"c": [True, None]}}
    shapes = [
        {"metadata": pa.array([json.dumps(want)])},
        {"metadata": pa.array([want])},
        {"a": pa.array([1]), "b": pa.array([{"c": [True, None]}])},
    ]
    for shape in shapes:
        with fake_memory() as memory:
            memory.import_(pa.table({"memory": ["x"], "user_id": ["u"], **shape}), strict=True)
            assert memory.get_all(user_id="u")["results"][0]["metadata"] == want


def test_a_list_of_columns_leaves_the_others_out(memory: Memory) -> None:
    row = {"memory": "x", "user_id": "u", "a": 1, "b": 2, "metadata": {"c": 3}}
    memory.import_([row], columns={"metadata": ["a"]})
    assert memory.get_all(user_id="u")["results"][0]["metadata"] == {"a": 1}


def test_keys_that_name_an_identity_do_not_enter_metadata(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "memfast"):
        memory.import_([{"memory": "x", "user_id": "u", "metadata": {"user_id": "eve", "a": 1}}])
    assert memory.get_all(user_id="u")["results"][0]["metadata"] == {"a": 1}
    assert "1 metadata keys named an identity" in caplog.text


def test_rows_without_a_scope_get_the_scope_of_the_call(memory: Memory) -> None:
    memory.import_(
        [{"memory": "x"}, {"memory": "y", "user_id": "bob"}], user_id="ann", agent_id="bot"
    )
    scopes = {(i["memory"], i["user_id"], i["agent_id"]) for i in memory.iter(agent_id="bot")}
    assert scopes == {("x", "ann", "bot"), ("y", "bob", "bot")}


def test_vectors_beside_the_rows_belong_to_them_in_order(tmp_path: Path) -> None:
    matrix = np.arange(40, dtype=np.float64).reshape(10, 4) + 1
    np.save(tmp_path / "v.npy", matrix)
    rows = [{k: v for k, v in row.items() if k != "vector"} for row in vector_rows(10)]
    rows[4]["memory"] = ""
    for source in (rows, pa.Table.from_pylist(rows)):
        for vectors in (matrix, tmp_path / "v.npy"):
            with store() as memory:
                report = memory.import_(source, vectors=vectors, batch_rows=3)
                assert (report.added, report.rejected) == (9, 1)
                for key, row in everything(memory).items():
                    assert row["vector"] == list(matrix[int(key[1:])])


def test_a_matrix_of_another_length_is_refused_before_anything_is_stored() -> None:
    with store() as memory:
        with pytest.raises(ValidationError, match="3 vectors for 2 rows"):
            memory.import_(vector_rows(2), vectors=np.ones((3, 4)))
        assert all_texts(memory) == []
        report = memory.import_(iter(vector_rows(3)), vectors=np.ones((2, 4)))
        assert (report.added, report.rejected) == (2, 1)


def test_only_rows_without_a_vector_are_embedded() -> None:
    class Counting(HashEmbedder):
        seen: list[str]

        def embed(self, texts: Any) -> list[list[float]]:
            self.seen.extend(texts)
            return super().embed(texts)

    model = Counting(dim=4)
    model.seen = []
    rows = vector_rows(4)
    del rows[2]["vector"]
    with Memory(path=":memory:", embedder=model) as memory:
        memory.import_(rows, strict=True)
        assert model.seen == ["text 2"]
        found = everything(memory)
        assert found["m1"]["vector"] == [1, 1, 0, 0]
        assert found["m2"]["vector"] == [
            np.float32(x) for x in HashEmbedder(4).embed(["text 2"])[0]
        ]
        rows[2]["memory"] = "another text"
        memory.import_(rows, strict=True)
        assert model.seen == ["text 2"], "a row that is in the store was embedded"


def test_import_without_embedder_and_vectors_reads_nothing() -> None:
    with store() as memory, pytest.raises(ConfigurationError, match="vector"):
        memory.import_(pa.table({"memory": ["x"], "user_id": ["u"]}))


def test_a_source_without_the_text_names_the_columns_found(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("text,uid\nx,ann\n")
    with pytest.raises(ValidationError, match=r"no column 'memory'.*'text', 'uid'") as caught:
        memory.import_(path)
    assert "columns=" in str(caught.value.suggestion)
    assert memory.import_(path, columns=COLUMNS).added == 1


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"memry": "text"}, "did you mean 'memory'"),
        ({"memory": ["a", "b"]}, "must name one column"),
        ({"memory": "a", "role": "a"}, "two parts"),
    ],
)
def test_wrong_columns_are_refused(memory: Memory, columns: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        memory.import_([], columns=columns)


def test_a_column_that_no_memory_can_hold_is_refused_unless_left_out(memory: Memory) -> None:
    rows = pa.table({"memory": ["x"], "user_id": ["u"], "took": pa.array([1], pa.duration("s"))})
    with pytest.raises(ValidationError, match=r'"took" is of type Duration'):
        memory.import_(rows)
    assert memory.import_(rows, columns={"metadata": []}).added == 1


@pytest.mark.parametrize("source", [7, b"bytes", {"memory": "x"}, "missing.csv", "README"])
def test_unsupported_sources_are_refused(
    memory: Memory, source: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README").write_text("x")
    with pytest.raises(ValidationError):
        memory.import_(source)


def test_an_explicit_format_is_used_for_an_unknown_suffix(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    memory.add("x", user_id="u", infer=False)
    with pytest.raises(ValidationError, match="type of"):
        memory.export(path)
    memory.export(path, format="jsonl")
    with fake_memory() as other:
        assert other.import_(path, format="jsonl").added == 1


def test_parquet_without_pyarrow_names_the_extra(
    memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"memfast\[parquet\]"):
        formats.load_parquet()
    with pytest.raises(ImportError, match=r"memfast\[parquet\]"):
        memory.export(tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


def test_import_calls_progress_after_each_commit() -> None:
    result: list[tuple[int, int | None]] = []
    with store() as memory:
        memory.import_(vector_rows(10), batch_rows=4, progress=lambda *step: result.append(step))
    assert result == [(4, 10), (8, 10), (10, 10)]


def test_an_export_shows_one_moment(memory: Memory) -> None:
    memory.import_([{"id": str(n), "memory": f"t{n}", "user_id": f"u{n}"} for n in range(20)])
    export = memory.export()
    memory.delete_all(user_id="u3")
    memory.update("4", "changed")
    memory.add("new", user_id="u5", infer=False)
    found = {row["id"]: row["memory"] for row in pa.table(export).to_pylist()}
    assert found == {str(n): f"t{n}" for n in range(20)}
    assert pa.table(export).num_rows == 20, "the second reading differs"


def test_an_export_holds_the_memories_of_the_scope_and_filter(
    memory: Memory, tmp_path: Path
) -> None:
    memory.import_(
        [
            {"memory": f"t{n}", "user_id": f"u{n % 2}", "n": n, "expiration_date": date(2000, 1, 1)}
            for n in range(6)
        ]
    )
    assert memory.export(tmp_path / "x.csv").rows == 6
    assert memory.export(tmp_path / "x.csv", user_id="u0").rows == 3
    assert memory.export(tmp_path / "x.csv", filters={"n": {"gte": 4}}).rows == 2
    assert memory.export(tmp_path / "x.csv", user_id="u0", filters={"n": {"gte": 4}}).rows == 1
    assert memory.export(tmp_path / "x.csv", user_id="none").rows == 0


def test_an_export_without_vectors_has_none(memory: Memory, tmp_path: Path) -> None:
    memory.add("x", user_id="u", infer=False)
    assert "vector" not in pa.table(memory.export(vectors=False)).column_names
    memory.export(tmp_path / "x.jsonl", vectors=False)
    assert "vector" not in json.loads((tmp_path / "x.jsonl").read_text())


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "jsonl.gz", "csv"])
def test_an_empty_store_can_be_exported_and_imported(
    memory: Memory, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / f"none.{kind}"
    assert memory.export(path, history=True).rows == 0
    if kind == "jsonl":
        assert path.read_bytes() == b""
    assert memory.import_(path).rows == 0


def test_an_export_with_history_writes_it_beside_the_memories(
    memory: Memory, tmp_path: Path
) -> None:
    memory.import_([{"id": key, "memory": key, "user_id": key} for key in "ab"])
    memory.update("a", "aa")
    memory.delete("a")
    want = [("a", "ADD", None), ("a", "UPDATE", "a"), ("a", "DELETE", "aa")]
    memory.export(tmp_path / "x.parquet", history=True, user_id="a")
    found = pq.read_table(tmp_path / "x.history.parquet").to_pylist()
    assert [(e["memory_id"], e["event"], e["old_memory"]) for e in found] == want
    memory.export(tmp_path / "x.jsonl.gz", history=True, user_id="a")
    with gzip.open(tmp_path / "x.history.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    assert [(e["memory_id"], e["event"], e["old_memory"]) for e in found] == want
    assert {e["user_id"] for e in found} == {"a"}
    assert memory.export(tmp_path / "x.csv", history=True).rows == 1
    assert len((tmp_path / "x.history.csv").read_text().splitlines()) == 5
    with pytest.raises(ValidationError, match="needs a file"):
        memory.export(history=True)  # type: ignore[call-overload]


def cli(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "memfast", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_line_imports_and_exports_files(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,uid,mood\nI live in Oslo,ann,glad\n,bob,\n")
    one, two = tmp_path / "one", tmp_path / "two"
    columns = ("--column", "memory=text", "--column", "user_id=uid")
    done = cli("import", tmp_path / "in.csv", "--path", one, *columns)
    assert done.returncode == 0, done.stderr
    assert "2 rows in" in done.stdout
    assert "1 added, 0 there before, 1 rejected" in done.stdout
    assert (tmp_path / "in.csv.rejects.jsonl").exists()
    done = cli("export", tmp_path / "out.parquet", "--path", one)
    assert done.stdout == f"1 memories in {tmp_path / 'out.parquet'}\n", done.stderr
    done = cli("import", tmp_path / "out.parquet", "--path", two, "--strict")
    assert done.returncode == 0, done.stderr
    with Memory(path=one) as first, Memory(path=two) as second:
        assert everything(first) == everything(second)
        assert second.get_all(user_id="ann")["results"][0]["metadata"] == {"mood": "glad"}


def test_the_command_line_prints_an_error_in_one_line(tmp_path: Path) -> None:
    done = cli("import", tmp_path / "none.csv", "--path", tmp_path / "store")
    assert done.returncode == 1
    assert done.stderr == f"error: there is no file '{tmp_path / 'none.csv'}'\n"
    done = cli("import", "x.csv", "--path", tmp_path / "store", "--column", "memory")
    assert "PART=NAME" in done.stderr
