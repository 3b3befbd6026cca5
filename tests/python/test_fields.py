"""The table of a memory's fields, and what must agree with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NotRequired, get_origin, get_type_hints

import duckdb
import pytest

from memfast import Memory
from memfast._core import memory_fields
from memfast.errors import FilterError
from memfast.history import tables
from memfast.types import MemoryItem

TYPES: dict[str, object] = {
    "text": str,
    "instant": str,
    "day": str,
    "texts": list[str],
    "object": dict[str, Any],
    "number": float,
}
# A row with a value in every field that can be imported.
ROW = {
    "id": "m1",
    "memory": "Ann drinks tea",
    "user_id": "ann",
    "agent_id": "bot",
    "run_id": "r1",
    "actor_id": "bo",
    "role": "user",
    "memory_type": "semantic",
    "categories": ["food"],
    "kind": "message",
    "metadata": {"k": 1},
    "created_at": "2026-01-02T00:00:00+00:00",
    "updated_at": "2026-01-03T00:00:00+00:00",
    "expiration_date": "2030-01-01",
    "event_time": "2026-01-01T00:00:00+00:00",
    "said_at": "2026-01-04T00:00:00+00:00",
    "valid_from": "2026-01-01T00:00:00+00:00",
    "valid_to": "2026-02-01T00:00:00+00:00",
    "superseded_by": "m2",
    "subject": "Ann",
    "attribute": "drink",
    "value": "tea",
    "entities": ["Ann"],
    "may_contradict": ["m4"],
    "worth": 0.5,
    "trust": "untrusted",
    "origin": "crm",
    "is_note": False,
    "source_ids": ["m3"],
    "source_hashes": ["00" * 16],
}


@pytest.fixture
def memory(tmp_path: Path) -> Any:
    with Memory(path=tmp_path / "m") as memory:
        yield memory


def test_a_memory_item_has_the_fields_of_the_table() -> None:
    hints = get_type_hints(MemoryItem)
    fields = {field.name: field for field in memory_fields() if field.in_dicts != "never"}
    assert hints.keys() == fields.keys()
    for name, field in fields.items():
        # A literal names the values that a text may have.
        hint = str if get_origin(hints[name]) is Literal else hints[name]
        assert hint == TYPES[field.kind], name
    always = {name for name, field in fields.items() if field.in_dicts == "always"}
    extras = get_type_hints(MemoryItem, include_extras=True)
    assert {name for name, hint in extras.items() if get_origin(hint) is not NotRequired} == always


def test_a_dict_has_every_field_that_is_set(memory: Memory) -> None:
    assert ROW.keys() == {field.name for field in memory_fields()} - {"hash"}
    assert memory.import_([ROW], progress=False).added == 1
    item: dict[str, Any] = dict(memory.get("m1") or {})
    hidden = {field.name for field in memory_fields() if field.in_dicts == "never"}
    expected = {name: value for name, value in ROW.items() if name not in hidden}
    times = {"created_at", "updated_at", "event_time", "said_at", "valid_from", "valid_to"}
    expected |= {name: str(ROW[name]).replace("+", ".000000+") for name in times}
    assert item == {**expected, "hash": item["hash"]}


def test_a_dict_without_values_has_the_fields_that_are_always_there(memory: Memory) -> None:
    memory.import_([{"id": "m1", "memory": "tea", "user_id": "ann"}], progress=False)
    always = {field.name for field in memory_fields() if field.in_dicts == "always"}
    assert (memory.get("m1") or {}).keys() == always | {"user_id"}


def test_exports_have_a_column_for_every_field(memory: Memory) -> None:
    memory.import_([ROW], progress=False)
    names = memory.export().names
    assert names == [*(field.name for field in memory_fields()), "vector"]


def test_filters_compare_every_filterable_field(memory: Memory) -> None:
    memory.import_([ROW | {"kind": "memory", "valid_to": None}], progress=False)

    def read(filters: dict[str, Any] | None) -> list[Any]:
        return list(
            memory.get_all(user_id="ann", filters=filters, include_superseded=True)["results"]
        )

    (item,) = read(None)
    for field in memory_fields():
        if field.filterable:
            value = item[field.name]
            one = value[0] if isinstance(value, list) else value
            assert read({field.name: one}) == [item], field.name
            if field.kind in {"instant", "day"}:
                with pytest.raises(FilterError):
                    read({field.name: "soon"})


def test_a_filter_on_a_new_field_asks_for_the_metadata_key_where_a_memory_has_none(
    memory: Memory,
) -> None:
    mixed = {"subject": "billing", "value": 7, "worth": 3, "entities": ["X"], "trust": True}
    memory.add("a note", user_id="ann", metadata=mixed, infer=False)
    told = {"id": "m1", "memory": "Ann drinks tea", "user_id": "ann", "subject": "Ann"}
    memory.import_([told | {"value": "tea", "worth": 0.5}], progress=False)

    def read(filters: dict[str, Any]) -> list[str]:
        return [one["memory"] for one in memory.get_all(user_id="ann", filters=filters)["results"]]

    for name, value in mixed.items():
        one = value[0] if isinstance(value, list) else value
        assert read({name: one}) == ["a note"], name
    assert read({"subject": {"icontains": "ann"}}) == ["Ann drinks tea"]
    assert read({"worth": {"gte": 0.5, "lte": 1}}) == ["Ann drinks tea"]
    assert read({"value": {"gt": 5}}) == ["a note"]


def test_an_imported_value_that_does_not_fit_a_new_field_is_the_metadata_key(
    memory: Memory,
) -> None:
    row = {"id": "m1", "memory": "tea", "user_id": "ann", "value": 7, "worth": 3, "entities": {}}
    assert memory.import_([row], progress=False).added == 1
    item: dict[str, Any] = dict(memory.get("m1") or {})
    assert item["metadata"] == {"value": 7, "worth": 3, "entities": {}}
    assert not {"value", "worth", "entities"} & item.keys()


def test_an_imported_timestamp_is_when_it_was_said_unless_another_column_is(
    memory: Memory,
) -> None:
    row = {"memory": "tea", "user_id": "ann", "timestamp": "2026-01-04", "when": "2026-01-05"}
    memory.import_([row | {"id": "m1"}], progress=False)
    memory.import_([row | {"id": "m2"}], columns={"said_at": "when"}, progress=False)
    first, second = memory.get("m1"), memory.get("m2")
    assert first is not None
    assert second is not None
    assert (first["said_at"][:10], first["metadata"]) == ("2026-01-04", {"when": "2026-01-05"})
    assert second["said_at"][:10] == "2026-01-05"
    assert second["metadata"] == {"timestamp": "2026-01-04"}


def test_a_new_text_that_nothing_read_has_no_facets(memory: Memory) -> None:
    memory.import_([ROW | {"kind": "memory", "valid_to": None}], progress=False)
    memory.update("m1", "Ann drinks coffee")
    item: dict[str, Any] = dict(memory.get("m1") or {})
    read = {"subject", "attribute", "value", "entities", "may_contradict"}
    assert not read & item.keys()
    assert (item["worth"], item["event_time"][:10], item["said_at"][:10]) == (
        0.5,
        "2026-01-01",
        "2026-01-04",
    )


def test_the_history_has_a_column_for_every_field_of_it(memory: Memory) -> None:
    memory.import_([ROW | {"kind": "memory", "valid_to": None}], progress=False)
    held = {field.name for field in memory_fields() if field.in_history}
    assert held <= tables.columns().keys()
    rows = memory.sql("select * from memories")
    found = dict(zip(rows.columns, rows.fetchall()[0], strict=True))
    for name in held - {"kind"}:
        assert found[name] is not None, name


def test_a_history_of_other_fields_is_built_again(tmp_path: Path) -> None:
    path = tmp_path / "m"
    with Memory(path=path) as memory:
        memory.import_([ROW | {"kind": "memory", "valid_to": None}], progress=False)
        assert memory.sql("select count(*) from history").fetchall() == [(1,)]
    with duckdb.connect(str(path / "history.duckdb")) as file:
        file.execute("drop view memories; drop view history")
        file.execute("alter table events drop column role")
    with Memory(path=path) as memory:
        assert memory.sql("select role from memories").fetchall() == [("user",)]


def test_identities_are_the_scope_and_the_speaker() -> None:
    named = {field.name for field in memory_fields() if field.is_identity}
    assert named == {"user_id", "agent_id", "run_id", "actor_id"}
