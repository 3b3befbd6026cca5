"""Scope ids are checked alike in arguments, filters, batches and imports."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from memfast import Memory, ValidationError
from memfast.errors import FilterError
from tests.python.mem0_stores import EVE, copied, point, put

NAMES = ["user_id", "agent_id", "run_id"]
IDS: list[tuple[Any, str]] = [
    ("Ann Lee", "Ann Lee"),
    (" ann\t", "ann"),
    ("Ann\u3000Lee", "Ann\u3000Lee"),
    (42, "42"),
    (-1, "-1"),
    (UUID(int=7), str(UUID(int=7))),
]
REFUSED: list[Any] = [
    "",
    " \n",
    "ann\nlee",
    "a\0",
    "a\x7fb",
    "\ud800",
    True,
    1.5,
    float("nan"),
    b"ann",
    {"a": 1},
    object(),
]


class Tenant(StrEnum):
    ANN = "ann"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("given", "kept"), IDS)
def test_an_id_means_the_same_in_every_call(
    memory: Memory, name: str, given: Any, kept: str
) -> None:
    scope: dict[str, Any] = {name: given}
    memory.add("by add", **scope, infer=False)
    memory.add("by the rules.", **scope)
    memory.batch_add(["by batch"], **scope)
    memory.batch_add([{"memory": "by an item", **scope}])
    memory.import_([{"memory": "by import"}], **scope)
    memory.import_([{"memory": "by a row", name: given}])
    with memory.transaction() as tx:
        tx.add("by a transaction", **scope)
    same: dict[str, Any] = {name: kept}
    several: dict[str, Any] = {name: [given, "other"]}
    found = memory.get_all(**same, limit=20)["results"]
    assert len(found) == 7
    assert all(item[name] == kept for item in found)  # type: ignore[literal-required]
    assert memory.count(**several) == 7
    for filters in ({name: given}, {name: [given]}, {name: {"in": [given]}}, {name: {"eq": given}}):
        assert memory.count(filters=filters) == 7
        assert memory.count(filters={"AND": [filters]}) == 7
        assert len(memory.search("by", filters=filters)["results"]) == 7
    assert memory.count(user_id="*", filters={name: {"ne": given}}) == 0
    assert memory.export(filters={name: given}).json_lines(10) is not None
    memory.delete_all(**scope)
    assert memory.count(user_id="*") == 0


def test_an_enum_member_is_accepted_as_its_value(memory: Memory) -> None:
    memory.add("x", user_id=Tenant.ANN, infer=False)
    assert memory.count(user_id="ann") == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", REFUSED)
def test_an_invalid_id_is_refused_by_every_call_with_one_message(
    memory: Memory, name: str, bad: Any
) -> None:
    scope: dict[str, Any] = {name: bad}
    start = f"Invalid {name}: "
    calls: list[Any] = [
        lambda: memory.add("x", **scope, infer=False),
        lambda: memory.add("x", **scope),
        lambda: memory.batch_add(["x"], **scope),
        lambda: memory.batch_add([{"memory": "x", **scope}]),
        lambda: memory.import_([{"memory": "x"}], **scope),
    ]
    if not isinstance(bad, dict):
        calls += [
            lambda: memory.search("x", **scope),
            lambda: memory.get_all(**scope),
            lambda: memory.iter(**scope),
            lambda: memory.count(**scope),
            lambda: memory.delete_all(**scope),
            lambda: memory.pending(**scope),
            lambda: memory.export(**scope),
        ]
    for call in calls:
        with pytest.raises(ValidationError) as caught:
            call()
        assert start in caught.value.message
    assert memory.count(user_id="*") == 0


@pytest.mark.parametrize("bad", ["", " ", "a\nb", True, 1.5])
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [v], lambda v: {"eq": v}])
def test_ids_in_filters_are_checked_like_arguments(memory: Memory, bad: Any, wrap: Any) -> None:
    with pytest.raises(ValidationError) as argument:
        memory.count(user_id=bad)
    for filters in ({"user_id": wrap(bad)}, {"NOT": [{"user_id": wrap(bad)}]}):
        with pytest.raises(FilterError) as caught:
            memory.count(user_id="ann", filters=filters)
        result = caught.value.message.partition(": ")[2]
        if isinstance(bad, str):
            assert result == argument.value.message
        assert result.startswith("Invalid user_id: ")


@pytest.mark.parametrize("name", NAMES)
def test_a_list_of_ids_cannot_own_a_memory(memory: Memory, name: str) -> None:
    scope: dict[str, Any] = {name: ["ann"]}
    for call in (
        lambda: memory.add("x", **scope, infer=False),
        lambda: memory.batch_add(["x"], **scope),
        lambda: memory.import_([{"memory": "x"}], **scope),
    ):
        with pytest.raises(ValidationError, match="neither text, an integer nor a UUID"):
            call()


def test_a_cyclic_id_is_refused(memory: Memory) -> None:
    loop: list[Any] = []
    loop.append(loop)
    values: list[Any] = [loop, [loop]]
    for value in values:
        with pytest.raises(ValidationError, match="Invalid user_id"):
            memory.count(user_id=value)
        with pytest.raises(ValidationError):
            memory.count(filters={"user_id": value})


def test_an_id_of_mem0_with_a_blank_is_imported(memory: Memory, tmp_path: Path) -> None:
    store = copied("v0", tmp_path)
    put(store, EVE, point({"data": "likes tea", "user_id": " Ann Lee "}))
    rejects = tmp_path / "rejects.jsonl"
    memory.import_(store, rejects=rejects)
    reasons = [json.loads(line)["reason"] for line in rejects.read_text().splitlines()]
    assert not any("Invalid" in reason for reason in reasons)
    assert memory.get_all(user_id="Ann Lee")["results"][0]["memory"] == "likes tea"


def test_a_row_with_an_id_of_control_characters_is_rejected(memory: Memory, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    rows = [{"memory": "x", "user_id": "a\nb"}, {"memory": "y", "user_id": ""}]
    report = memory.import_(rows, rejects=rejects)
    assert (report.added, report.rejected) == (0, 2)
    reasons = [json.loads(line)["reason"] for line in rejects.read_text().splitlines()]
    assert all(reason.startswith("Invalid user_id: ") for reason in reasons)
