"""Superseded facts and the dates of facts, which come from the messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from memfast import Memory, ValidationError
from memfast.testing import FakeLLM, fake_memory

ANN: dict[str, Any] = {"user_id": "ann"}


def active_texts(memory: Memory) -> list[str]:
    return [item["memory"] for item in memory.get_all(**ANN)["results"]]


def over(memory: Memory) -> dict[str, tuple[str | None, str | None]]:
    """Return superseded texts with the days on which they began and ceased to hold."""
    found = memory.search("anything", **ANN, include_superseded=True)["results"]
    return {
        item["memory"]: (item.get("valid_from", "")[:10], item["valid_to"][:10])
        for item in found
        if "valid_to" in item
    }


def test_an_older_statement_does_not_supersede_a_newer_one() -> None:
    memory = fake_memory()
    memory.add("I live in Porto.", **ANN, timestamp="2025-01-01")
    late = memory.add("I live in Lisbon.", **ANN, timestamp="2020-01-01")
    assert active_texts(memory) == ["I live in Porto."]
    assert over(memory) == {"I live in Lisbon.": ("2020-01-01", "2025-01-01")}
    (only,) = late["results"]
    assert (only["memory"], only["event"], only["valid_to"][:10]) == (
        "I live in Lisbon.",
        "ADD",
        "2025-01-01",
    )


def test_the_last_of_several_statements_in_one_call_holds() -> None:
    memory = fake_memory()
    memory.add("My favourite colour is red.", **ANN, timestamp="2025-01-01")
    memory.add(
        [
            {"role": "user", "content": "My favourite colour is blue.", "timestamp": "2025-02-01"},
            {"role": "user", "content": "My favourite colour is green.", "timestamp": "2025-03-01"},
        ],
        **ANN,
    )
    assert active_texts(memory) == ["My favourite colour is green."]
    assert over(memory) == {
        "My favourite colour is red.": ("2025-01-01", "2025-02-01"),
        "My favourite colour is blue.": ("2025-02-01", "2025-03-01"),
    }


def test_the_old_value_is_superseded_when_other_memories_are_nearer() -> None:
    memory = fake_memory()
    memory.add("I live in Oslo.", **ANN, timestamp="2025-01-01")
    for name in ("Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal"):
        memory.add(f"{name} moved to Bergen.", **ANN, timestamp="2025-02-01")
    memory.add("I moved to Bergen.", **ANN, timestamp="2025-03-01")
    assert "I live in Oslo." not in active_texts(memory)
    assert len(active_texts(memory)) == 8


def test_no_memory_ends_before_it_began() -> None:
    lives = {
        "text": "Ann lives in Lisbon",
        "event": "ADD",
        "id": None,
        "sources": [0],
        "kind": "semantic",
        "time": None,
        "categories": [],
        "by": "user",
    }
    moved = {**lives, "text": "Ann lives in Porto", "event": "UPDATE", "id": "m1"}
    gone = {**moved, "event": "DELETE"}
    replies = [json.dumps({"facts": [fact]}) for fact in (lives, moved, gone)]
    memory = fake_memory(llm=FakeLLM(replies))
    memory.add("I live in Lisbon", **ANN, timestamp="2025-01-01")
    memory.add("I lived in Porto", **ANN, timestamp="2020-01-01")
    memory.add("I do not live in Porto", **ANN, timestamp="2019-01-01")
    assert over(memory) == {
        "Ann lives in Lisbon": ("2025-01-01", "2025-01-01"),
        "Ann lives in Porto": ("2025-01-01", "2025-01-01"),
    }


@pytest.mark.parametrize("per_message", [True, False])
@pytest.mark.parametrize(
    ("timestamp", "day"),
    [("2026-05-10T23:30:00-08:00", "9 May 2026"), ("2026-05-10T01:00:00+09:00", "9 May 2026")],
)
def test_a_relative_date_is_resolved_in_the_offset_of_the_message(
    timestamp: str, day: str, *, per_message: bool
) -> None:
    memory = fake_memory()
    said = "I went to the dentist yesterday."
    if per_message:
        memory.add([{"role": "user", "content": said, "timestamp": timestamp}], **ANN)
    else:
        memory.add(said, **ANN, timestamp=timestamp)
    assert active_texts(memory) == [f"I went to the dentist yesterday ({day})."]


def test_the_prompt_shows_the_local_time_of_the_speaker() -> None:
    llm = FakeLLM([{"facts": []}])
    fake_memory(llm=llm).add("I ran yesterday", **ANN, timestamp="2026-05-10T01:00:00+09:00")
    assert "Sunday 2026-05-10T01:00:00+09:00" in str(llm.prompts[0].messages[-1]["content"])


@pytest.mark.parametrize("infer", [True, False])
@pytest.mark.parametrize("day", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_timestamp_outside_the_calendar_raises_a_typed_error(day: str, *, infer: bool) -> None:
    with pytest.raises(ValidationError, match="is not a valid time"):
        fake_memory().add("I saw Bob", **ANN, timestamp=day, infer=infer)
