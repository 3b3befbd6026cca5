"""Rows of an import: which are stored, which are skipped, which are rejected."""

from __future__ import annotations

import json
import logging
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from memfast import Memory, RowError
from tests.python.transfer_rows import all_texts, vector_rows

if TYPE_CHECKING:
    from pathlib import Path

DIM = 4


def store(**options: Any) -> Memory:
    return Memory(path=":memory:", embedder=None, dim=DIM, **options)


def test_every_row_is_added_once_however_often_it_is_imported(memory: Memory) -> None:
    rows = [
        {"memory": f"text {n}", "user_id": "ann"} | ({"id": str(n)} if n % 2 else {})
        for n in range(50)
    ]
    first = memory.import_(rows, batch_rows=7)
    again = memory.import_(rows, batch_rows=9)
    assert (first.rows, first.added, first.skipped) == (50, 50, 0)
    assert (again.rows, again.added, again.skipped) == (50, 0, 50)
    assert len(all_texts(memory)) == 50
    assert len(memory.history("1")) == 1


def test_a_skipped_row_leaves_the_memory_as_it_is(memory: Memory) -> None:
    memory.import_([{"id": "a", "memory": "old", "user_id": "ann"}])
    memory.update("a", "changed since")
    memory.import_([{"id": "a", "memory": "old", "user_id": "ann"}])
    assert all_texts(memory) == ["changed since"]


def test_the_same_text_is_one_memory_per_scope_under_hash(memory: Memory) -> None:
    rows = [
        {"id": "1", "memory": "same", "user_id": "ann"},
        {"id": "2", "memory": "same", "user_id": "ann"},
        {"id": "3", "memory": "same", "user_id": "bob"},
        {"id": "4", "memory": "same", "user_id": "ann", "agent_id": "x"},
    ]
    report = memory.import_(rows, on_conflict="hash")
    assert (report.added, report.skipped) == (3, 1)
    assert memory.import_(rows, on_conflict="hash").added == 0


def test_the_same_text_under_two_ids_is_two_memories_under_id(memory: Memory) -> None:
    rows = [{"id": str(n), "memory": "same", "user_id": "ann"} for n in range(3)]
    assert memory.import_(rows).added == 3


def test_on_conflict_fail_names_the_row_and_stores_nothing_of_its_batch(
    memory: Memory,
) -> None:
    memory.import_([{"id": "b", "memory": "there", "user_id": "ann"}])
    rows = [{"id": key, "memory": key, "user_id": "ann"} for key in "cb"]
    with pytest.raises(RowError, match=r"line 2: .*'?\"?b") as caught:
        memory.import_(rows, on_conflict="fail")
    assert caught.value.details["line"] == 2
    assert all_texts(memory) == ["there"]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no text": ({"memory": None}, "no memory text"),
    "blank text": ({"memory": " \n"}, "no memory text"),
    "text is a number": ({"memory": 7}, "must be text"),
    "no scope": ({"user_id": None}, "no scope"),
    "scope with a control character": ({"user_id": "a\nb"}, "control character"),
    "scope of all": ({"user_id": "*"}, "all scopes"),
    "NaN": ({"vector": [1.0, float("nan"), 0, 0]}, "component 1 is NaN"),
    "infinity": ({"vector": [1.0, 0, 0, float("inf")]}, "component 3 is infinite"),
    "no direction": ({"vector": [0.0] * 4}, "zero"),
    "three dimensions": ({"vector": [1.0, 2.0, 3.0]}, "3 dimensions"),
    "vector of words": ({"vector": ["a", "b"]}, "list of floats"),
    "metadata is text": ({"metadata": "{not json"}, "not a JSON object"),
    "metadata is a list": ({"metadata": "[1]"}, "must be an object"),
    "metadata with a huge integer": ({"metadata": '{"n": 123456789012345678901}'}, "64 bits"),
    "huge integer": ({"n": 2**64}, "64 bits"),
    "NaN in metadata": ({"metadata": {"x": float("nan")}}, "JSON cannot hold"),
    "lone surrogate": ({"memory": "\ud800"}, "surrogate"),
    "not a time": ({"created_at": "yesterday"}, "not a valid time"),
    "year 10000": ({"created_at": 253402300800}, "not a valid time"),
    "not a date": ({"expiration_date": "2026-02-30"}, "not a valid date"),
    "id is empty": ({"id": " "}, "Invalid id: "),
    "id twice": ({"id": "m0"}, "twice"),
    "kind": ({"kind": "note"}, "kind"),
    "note": ({"is_note": "perhaps"}, 'is_note must be true or false, not "perhaps"'),
    "source id": ({"source_ids": ["m1", None]}, "source_ids must be text"),
    "source ids": ({"source_ids": "m1"}, "source_ids is text, but not a JSON list"),
    "source hash": ({"source_hashes": ["xyz"]}, "source_hashes"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_kept_with_its_reason_and_the_others_are_stored(
    name: str, tmp_path: Path
) -> None:
    change, reason = BAD[name]
    rows = vector_rows(3)
    rows[1] |= change
    rejects = tmp_path / "rejects.jsonl"
    with store() as memory:
        report = memory.import_(rows, rejects=rejects)
        assert (report.rows, report.added, report.rejected) == (3, 2, 1)
        assert all_texts(memory) == ["text 0", "text 2"]
        (entry,) = map(json.loads, rejects.read_text().splitlines())
        assert entry["line"] == 2
        assert reason in entry["reason"]
        assert entry["raw"].keys() == rows[1].keys()
        with pytest.raises(RowError, match="line 2: "), store() as other:
            other.import_(rows, strict=True)


def test_strict_stores_nothing_of_the_batch_of_a_bad_row_and_all_before_it() -> None:
    rows = vector_rows(10)
    rows[7]["memory"] = ""
    with store() as memory:
        with pytest.raises(RowError, match="line 8: no memory text") as caught:
            memory.import_(rows, strict=True, batch_rows=3)
        assert caught.value.details == {"line": 8, "reason": "no memory text"}
        assert all_texts(memory) == [f"text {n}" for n in range(6)]


def test_the_reject_file_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    with store() as memory:
        memory.import_([{"memory": ""}], rejects=rejects)
        assert rejects.exists()
        memory.import_(vector_rows(1), rejects=rejects)
        assert not rejects.exists()


def test_without_a_reject_file_bad_rows_are_logged(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "memfast"):
        memory.import_([{"memory": ""}] * 9)
    assert "line 1 was not imported: no memory text" in caplog.text
    assert "9 rows were not imported" in caplog.text


def test_rejected_lines_of_json_have_their_line_number(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    good = json.dumps({"memory": "gut — 好", "user_id": "ann"}, ensure_ascii=False)
    path.write_bytes(
        b"\xef\xbb\xbf" + good.encode() + b'\n\n{"memory": "cut\n[1, 2]\n{"memory": "\xff"}\n'
    )
    report = memory.import_(path, rejects=tmp_path / "bad")
    assert (report.rows, report.added, report.rejected) == (4, 1, 3)
    bad = [json.loads(line) for line in (tmp_path / "bad").read_text().splitlines()]
    assert [row["line"] for row in bad] == [3, 4, 5]
    assert [row["reason"].split(":")[0] for row in bad] == [
        "not JSON",
        "not an object but list",
        "not UTF-8",
    ]


def test_rejected_lines_of_csv_have_their_line_number(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('memory,user_id\n"two\nlines",ann\nshort\nfine,bob\n,ann\n')
    report = memory.import_(path, rejects=tmp_path / "bad")
    assert (report.added, report.rejected) == (2, 2)
    assert all_texts(memory) == ["fine", "two\nlines"]
    bad = [json.loads(line) for line in (tmp_path / "bad").read_text().splitlines()]
    assert [(row["line"], row["reason"]) for row in bad] == [
        (4, "1 fields where the header has 2"),
        (6, "no memory text"),
    ]


def test_bad_rows_of_a_table_are_kept_whole(tmp_path: Path) -> None:
    rows = pa.table(
        {
            "memory": ["good", "bad"],
            "user_id": ["u", "u"],
            "vector": [[1.0, 0, 0, 0], [float("nan"), 0, 0, 0]],
            "mood": ["x", "y"],
        }
    )
    with store() as memory:
        assert memory.import_(rows, rejects=tmp_path / "bad").rejected == 1
    (entry,) = map(json.loads, (tmp_path / "bad").read_text().splitlines())
    assert entry["line"] == 2
    assert entry["raw"] == {
        "memory": "bad",
        "user_id": "u",
        "vector": ["NaN", 0, 0, 0],
        "mood": "y",
    }


def test_import_takes_time_in_proportion_to_its_scopes() -> None:
    def seconds(users: int) -> float:
        table = [
            {"memory": f"row {number}", "user_id": f"u{number}", "vector": [1.0, number]}
            for number in range(users)
        ]
        spent = []
        for _ in range(3):
            with Memory(path=":memory:", embedder=None, dim=2) as memory:
                begun = time.process_time()
                memory.import_(table, progress=False)
                spent.append(time.process_time() - begun)
        return min(spent)

    # Four times the scopes took 14 times as long when each was looked up in all earlier rows.
    assert seconds(6000) < 8 * seconds(1500)


def of_pandas(name: str, module: str, **members: Any) -> Any:
    """Like pandas' missing values: of this name, and not comparable."""
    return type(name, (), {"__module__": module, **members})()


def ambiguous(*_: object) -> bool:
    raise TypeError("boolean value of NA is ambiguous")


MISSING: dict[str, Any] = {
    "NaN": float("nan"),
    "NaN of 64 bits": np.float64("nan"),
    "NaN of 32 bits": np.float32("nan"),
    "NaN of 16 bits": np.float16("nan"),
    "no decimal": Decimal("NaN"),
    "no time of NumPy": np.datetime64("NaT"),
    "no duration of NumPy": np.timedelta64("NaT"),
    "NaT": of_pandas(
        "NaTType", "pandas._libs.tslibs.nattype", isoformat=lambda _: "NaT", __ne__=lambda *_: True
    ),
    "NA": of_pandas("NAType", "pandas._libs.missing", __ne__=ambiguous, __bool__=ambiguous),
}
OPTIONAL = (
    "id",
    "vector",
    "metadata",
    "agent_id",
    "actor_id",
    "role",
    "created_at",
    "expiration_date",
    "categories",
    "is_note",
    "source_ids",
    "source_hashes",
    "kind",
    "n",
)


@pytest.mark.parametrize("name", MISSING)
def test_null_values_of_a_table_are_absent_in_a_row(memory: Memory, name: str) -> None:
    row = {"memory": "a text", "user_id": "ann", **dict.fromkeys(OPTIONAL, MISSING[name])}
    report = memory.import_([row])
    assert (report.added, report.rejected) == (1, 0)
    (found,) = memory.get_all(user_id="ann")["results"]
    plain = {"id", "memory", "hash", "metadata", "created_at", "updated_at", "user_id"}
    assert found.keys() == plain
    assert found["metadata"] == {}


@pytest.mark.parametrize("name", MISSING)
def test_a_row_whose_text_is_missing_has_no_text(memory: Memory, name: str) -> None:
    with pytest.raises(RowError, match="line 1: no memory text"):
        memory.import_([{"memory": MISSING[name], "user_id": "ann"}], strict=True)


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_value_inside_metadata_is_an_error(memory: Memory, name: str) -> None:
    with pytest.raises(RowError, match="line 1: "):
        memory.import_([{"memory": "t", "user_id": "ann", "n": [MISSING[name]]}], strict=True)
