"""Who said a memory: a message has a speaker, a note has none, a fact has that of its messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from memfast import Memory
from memfast.testing import FakeLLM, fake_memory

ANN: dict[str, Any] = {"user_id": "ann"}


def notes(memory: Memory) -> dict[str, bool]:
    """Return of each text whether it is a note, as an export has it."""
    rows = pa.table(memory.export()).to_pylist()
    return {row["memory"]: row["is_note"] for row in rows}


def test_a_bare_string_is_a_note_and_is_shown_as_the_users() -> None:
    with fake_memory() as memory:
        memory.add("Tea at four", **ANN, infer=False)
        memory.add(["Milk", "Bread"], **ANN, infer=False)
        assert notes(memory) == {"Tea at four": True, "Milk": True, "Bread": True}
        shown = memory.get_all(**ANN)["results"]
        assert {item.get("role") for item in shown} == {"user"}


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": "Tea at four"},
        {"role": "assistant", "content": "Tea at four", "name": "Bot"},
        {"content": "Tea at four"},
        ("user", "Tea at four"),
    ],
    ids=str,
)
def test_a_message_is_no_note(message: Any) -> None:
    with fake_memory() as memory:
        memory.add([message], **ANN, infer=False)
        assert notes(memory) == {"Tea at four": False}


def test_items_of_a_batch_and_rows_of_an_import_are_notes_unless_somebody_is_named() -> None:
    rows = [
        {"memory": "nobody"},
        {"memory": "a role", "role": "user"},
        {"memory": "a name", "actor_id": "Bo"},
    ]
    expected = {"nobody": True, "a role": False, "a name": False}
    with fake_memory() as memory, fake_memory() as other:
        memory.batch_add(rows, **ANN)
        assert notes(memory) == expected
        other.import_(rows, **ANN, progress=False)
        assert notes(other) == expected


def test_a_fact_is_no_note_whether_its_messages_are_kept_or_not() -> None:
    for keep in (True, False):
        llm = FakeLLM([{"facts": [{"text": "Ann drinks tea"}]}])
        with fake_memory(llm=llm, keep_messages=keep) as memory:
            memory.add("I drink tea", **ANN)
            assert not any(notes(memory).values())


def test_a_note_that_is_changed_by_hand_stays_one() -> None:
    with fake_memory() as memory:
        key = memory.add("Tea at four", **ANN, infer=False)["results"][0]["id"]
        memory.update(key, "Tea at five")
        memory.update(key, metadata={"day": "Monday"})
        assert notes(memory) == {"Tea at five": True}


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_exports_and_imports_keep_who_said_it(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"export.{kind}"
    with fake_memory() as memory, fake_memory() as other:
        memory.add("a bare string", **ANN, infer=False)
        memory.add({"role": "user", "content": "a message"}, **ANN, infer=False)
        memory.batch_add(["an item"], **ANN)
        expected = {"a bare string": True, "a message": False, "an item": True}
        assert notes(memory) == expected
        memory.export(path)
        other.import_(path, progress=False)
        assert notes(other) == expected
