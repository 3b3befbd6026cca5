"""Rules stand in while a model cannot be reached, until `retry` succeeds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from memfast import AsyncMemory, ConfigurationError, Memory
from memfast.errors import NetworkError
from memfast.testing import FakeLLM, HashEmbedder, fake_memory

SAID = "I live in Oslo."
MODEL = {"facts": [{"text": "Ann lives in Oslo", "event": "ADD", "sources": [0]}]}
DOWN = NetworkError("connection refused")


def texts(memory: Memory) -> list[str]:
    return sorted(item["memory"] for item in memory.get_all(user_id="ann")["results"])


def test_stand_ins_are_stored_and_replaced_by_retry_also_in_a_reopened_store(
    tmp_path: Path,
) -> None:
    def opened(*replies: object) -> Memory:
        llm = FakeLLM(replies)  # type: ignore[arg-type]
        return Memory(tmp_path, embedder=HashEmbedder(), llm=llm, while_pending="rules")

    with opened(DOWN) as memory:
        added = memory.add(SAID, user_id="ann")
        assert added["status"] == "pending"
        (result,) = added["results"]
        assert (result["memory"], result["event"], result.get("stand_in")) == (SAID, "ADD", True)
        assert texts(memory) == [SAID]
    with opened(DOWN, MODEL) as memory:
        assert memory.retry() == {"results": [], "done": 0, "pending": 1}
        assert texts(memory) == [SAID]
        retried = memory.retry()
        assert (retried["done"], retried["pending"]) == (1, 0)
        assert [one["memory"] for one in retried["results"]] == ["Ann lives in Oslo"]
        assert texts(memory) == ["Ann lives in Oslo"]


def test_both_drivers_store_stand_ins() -> None:
    async def main() -> None:
        llm = FakeLLM([DOWN, MODEL])
        async with AsyncMemory(
            path=":memory:", embedder=HashEmbedder(), llm=llm, while_pending="rules"
        ) as memory:
            added = await memory.add(SAID, user_id="ann")
            assert [one.get("stand_in") for one in added["results"]] == [True]
            await memory.retry()
            found = await memory.get_all(user_id="ann")
            assert [one["memory"] for one in found["results"]] == ["Ann lives in Oslo"]

    asyncio.run(main())


def test_a_stand_in_with_the_text_of_the_models_fact_stays() -> None:
    same = {"facts": [{"text": SAID, "event": "ADD", "sources": [0]}]}
    with fake_memory(llm=FakeLLM([DOWN, same]), while_pending="rules") as memory:
        (stand_in,) = memory.add(SAID, user_id="ann")["results"]
        memory.retry()
        assert [one["id"] for one in memory.get_all(user_id="ann")["results"]] == [stand_in["id"]]


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_stand_in_that_was_changed_by_hand_is_left_alone(change: str) -> None:
    with fake_memory(llm=FakeLLM([DOWN, MODEL]), while_pending="rules") as memory:
        (stand_in,) = memory.add(SAID, user_id="ann")["results"]
        if change == "update":
            memory.update(stand_in["id"], "I live in Bergen.")
        else:
            memory.delete(stand_in["id"])
        assert memory.retry()["done"] == 1
        by_hand = ["I live in Bergen."] if change == "update" else []
        assert texts(memory) == ["Ann lives in Oslo", *by_hand]


def test_a_stand_in_ends_no_memory_and_nothing_stands_in_without_the_setting() -> None:
    llm = FakeLLM([DOWN, {"facts": []}])
    with fake_memory(llm=llm, while_pending="rules") as memory:
        memory.add("I live in Bergen.", user_id="ann", infer=False)
        memory.add("I moved to Oslo.", user_id="ann")
        assert texts(memory) == ["I live in Bergen.", "I moved to Oslo."]
        assert memory.retry()["done"] == 1
        assert texts(memory) == ["I live in Bergen."]
    with fake_memory(llm=FakeLLM([DOWN])) as memory:
        assert memory.add(SAID, user_id="ann")["results"] == []
    with pytest.raises(ConfigurationError, match="while_pending"):
        fake_memory(while_pending="model")
