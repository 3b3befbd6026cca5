"""A call with a key is committed once, however often it is made."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from memfast import AsyncMemory, AuthenticationError, Memory, ValidationError
from memfast.testing import FakeLLM, HashEmbedder, fake_memory

if TYPE_CHECKING:
    from pathlib import Path

ANN: dict[str, Any] = {"user_id": "ann"}
KEYED: dict[str, Any] = {**ANN, "idempotency_key": "turn-1"}
REPEATED: Any = {"results": [], "status": "repeated"}


def worded_anew(first: int = 0) -> FakeLLM:
    """A model that never says the same twice."""
    said = iter(range(first, 1_000))
    return FakeLLM(lambda _: {"facts": [{"text": f"Ann has dog {next(said)}"}]})


@pytest.mark.parametrize("infer", [True, False])
def test_a_call_is_made_once(tmp_path: Path, infer: bool) -> None:
    with Memory(path=tmp_path / "store", embedder=HashEmbedder(), llm=worded_anew()) as memory:
        assert memory.add("I have a dog", **KEYED, infer=infer)["status"] == "stored"
        assert memory.add("I have a dog", **KEYED, infer=infer) == REPEATED
    with Memory(path=tmp_path / "store", embedder=HashEmbedder(), llm=worded_anew(500)) as memory:
        assert memory.add("I have another dog", **KEYED, infer=infer) == REPEATED
        assert memory.count(**ANN) == 1
        told = memory.add("I have a dog", **ANN, idempotency_key="turn-2", infer=infer)
        assert told["status"] == "stored"


def test_no_model_is_asked_about_a_call_that_was_made() -> None:
    llm = worded_anew()
    memory = fake_memory(llm=llm)
    for _ in range(3):
        memory.add("I have a dog", **KEYED)
    assert len(llm.prompts) == 1


def test_a_key_is_one_of_its_scope() -> None:
    memory = fake_memory(llm=worded_anew())
    for scope in (ANN, {**ANN, "run_id": "r"}, {"user_id": "bob"}, {"agent_id": "ann"}):
        told = memory.add("I have a dog", **scope, idempotency_key="turn-1")
        assert told["status"] == "stored"


def test_a_call_that_tells_nothing_is_made_once_too() -> None:
    memory = fake_memory(keep_messages=False)
    assert memory.add("Hello!", **KEYED)["status"] == "empty"
    assert memory.add("Hello!", **KEYED) == REPEATED


def test_a_call_that_failed_may_be_made_again() -> None:
    memory = fake_memory(llm=FakeLLM([AuthenticationError("no"), {"facts": []}]))
    with pytest.raises(AuthenticationError):
        memory.add("I have a dog", **KEYED)
    assert memory.add("I have a dog", **KEYED)["status"] == "empty"


def test_a_call_that_waits_is_made_and_its_retry_counts_as_it() -> None:
    memory = fake_memory(llm=FakeLLM(["?", "?", {"facts": [{"text": "Ann has a dog"}]}]))
    assert memory.add("I have a dog", **KEYED)["status"] == "pending"
    assert memory.add("I have a dog", **KEYED) == REPEATED
    assert memory.retry()["done"] == 1
    assert memory.count(**ANN) == 1
    assert memory.add("I have a dog", **KEYED) == REPEATED


def test_a_record_of_a_run_is_made_once() -> None:
    memory = fake_memory(llm=FakeLLM(lambda _: "1. Opened the file"))
    options: dict[str, Any] = {"agent_id": "bot", "memory_type": "procedural_memory"}
    assert memory.add("open", **options, idempotency_key="run-1")["status"] == "stored"
    assert memory.add("open", **options, idempotency_key="run-1") == REPEATED


def test_keys_are_erased_with_their_scope() -> None:
    memory = fake_memory()
    memory.add("I have a dog.", **KEYED)
    memory.delete_all(user_id="bob")
    assert memory.add("I have a dog.", **KEYED) == REPEATED
    memory.delete_all(**ANN)
    assert memory.add("I have a dog.", **KEYED)["status"] == "stored"


def test_of_calls_at_once_one_is_made() -> None:
    memory = fake_memory(llm=worded_anew())
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda _: memory.add("I have a dog", **KEYED), range(64)))
    assert sorted(one["status"] for one in told) == ["repeated"] * 63 + ["stored"]
    assert memory.count(**ANN) == 1


def test_of_calls_at_once_on_an_event_loop_one_is_made() -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", llm=worded_anew()) as memory:
            calls = [memory.add("I have a dog", **KEYED) for _ in range(64)]
            told = await asyncio.gather(*calls)
            assert sorted(one["status"] for one in told) == ["repeated"] * 63 + ["stored"]
            assert await memory.count(**ANN) == 1

    asyncio.run(main())


@pytest.mark.parametrize("key", ["", 5, b"x", "x" * 1_025])
def test_a_key_that_is_none_is_named(key: Any) -> None:
    with pytest.raises(ValidationError, match="idempotency_key"):
        fake_memory().add("I have a dog", **ANN, idempotency_key=key)
