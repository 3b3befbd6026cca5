"""A call with an idempotency key is committed once, however often it is made."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from memfast import AsyncMemory, AuthenticationError, ConflictError, Memory, ValidationError
from memfast.stores.protocol import Receipt, Scope, Write
from memfast.testing import FakeLLM, HashEmbedder, fake_memory

if TYPE_CHECKING:
    from pathlib import Path

ANN: dict[str, Any] = {"user_id": "ann"}
KEYED: dict[str, Any] = {**ANN, "idempotency_key": "turn-1"}


def again(added: Any) -> Any:
    """What the second call of a name returns."""
    return {**added, "repeated": True}


def worded_anew(first: int = 0) -> FakeLLM:
    """A model that words every reply differently."""
    said = iter(range(first, 1_000))
    return FakeLLM(lambda _: {"facts": [{"text": f"User has a {'very ' * next(said)}good dog"}]})


@pytest.mark.parametrize("infer", [True, False])
def test_two_calls_with_one_key_store_once(tmp_path: Path, infer: bool) -> None:
    with Memory(path=tmp_path / "store", embedder=HashEmbedder(), llm=worded_anew()) as memory:
        added = memory.add("I have a dog", **KEYED, infer=infer)
        assert added["status"] == "stored"
        assert memory.get(added["results"][0]["id"]) is not None
        assert memory.add("I have a dog", **KEYED, infer=infer) == again(added)
    with Memory(path=tmp_path / "store", embedder=HashEmbedder(), llm=worded_anew(500)) as memory:
        assert memory.add("I have a dog", **KEYED, infer=infer) == again(added)
        assert memory.count(**ANN) == 1
        added = memory.add("I have a dog", **ANN, idempotency_key="turn-2", infer=infer)
        assert added["status"] == "stored"


def test_a_repeated_call_asks_no_model() -> None:
    llm = worded_anew()
    memory = fake_memory(llm=llm)
    for _ in range(3):
        memory.add("I have a dog", **KEYED)
    assert len(llm.prompts) == 1


def test_a_key_counts_only_in_its_scope() -> None:
    memory = fake_memory(llm=worded_anew())
    for scope in (ANN, {**ANN, "run_id": "r"}, {"user_id": "bob"}, {"agent_id": "ann"}):
        added = memory.add("I have a dog", **scope, idempotency_key="turn-1")
        assert added["status"] == "stored"


def test_a_repeated_call_without_facts_is_recognised_by_its_key() -> None:
    memory = fake_memory(keep_messages=False)
    added = memory.add("Hello!", **KEYED)
    assert added["status"] == "empty"
    assert memory.add("Hello!", **KEYED) == again(added)


def test_a_call_that_failed_can_be_repeated() -> None:
    memory = fake_memory(llm=FakeLLM([AuthenticationError("no"), {"facts": []}]))
    with pytest.raises(AuthenticationError):
        memory.add("I have a dog", **KEYED)
    assert memory.add("I have a dog", **KEYED)["status"] == "empty"


def test_a_pending_call_counts_as_made_and_its_retry_completes_it() -> None:
    memory = fake_memory(llm=FakeLLM(["?", "?", {"facts": [{"text": "Ann has a dog"}]}]))
    added = memory.add("I have a dog", **KEYED)
    assert added["status"] == "pending"
    assert memory.add("I have a dog", **KEYED) == again(added)
    assert memory.retry()["done"] == 1
    assert memory.count(**ANN) == 1
    assert memory.add("I have a dog", **KEYED) == again(added)


def test_two_procedural_adds_with_one_key_store_once() -> None:
    memory = fake_memory(llm=FakeLLM(lambda _: "1. Opened the file"))
    options: dict[str, Any] = {"agent_id": "bot", "memory_type": "procedural_memory"}
    added = memory.add("open", **options, idempotency_key="run-1")
    assert added["status"] == "stored"
    assert memory.add("open", **options, idempotency_key="run-1") == again(added)


def test_keys_are_erased_with_their_scope() -> None:
    memory = fake_memory()
    added = memory.add("I have a dog.", **KEYED)
    memory.delete_all(user_id="bob")
    assert memory.add("I have a dog.", **KEYED) == again(added)
    memory.delete_all(**ANN)
    assert "repeated" not in memory.add("I have a cat.", **KEYED)


def test_concurrent_adds_with_one_key_store_once() -> None:
    memory = fake_memory(llm=worded_anew())
    with ThreadPoolExecutor(16) as pool:
        added = list(pool.map(lambda _: memory.add("I have a dog", **KEYED), range(64)))
    assert sum("repeated" in one for one in added) == 63
    assert len({one["results"][0]["id"] for one in added}) == 1
    assert memory.count(**ANN) == 1


def test_concurrent_async_adds_with_one_key_store_once() -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", llm=worded_anew()) as memory:
            calls = [memory.add("I have a dog", **KEYED) for _ in range(64)]
            added = await asyncio.gather(*calls)
            assert sum("repeated" in one for one in added) == 63
            assert len({one["results"][0]["id"] for one in added}) == 1
            assert await memory.count(**ANN) == 1

    asyncio.run(main())


@pytest.mark.parametrize("infer", [True, False])
def test_a_key_reused_with_other_messages_is_a_conflict(infer: bool) -> None:
    memory = fake_memory()
    memory.add("I have a dog.", **KEYED, infer=infer)
    with pytest.raises(ConflictError, match="'turn-1' was used for other messages"):
        memory.add("I have a cat.", **KEYED, infer=infer)
    with pytest.raises(ConflictError, match="'turn-1' was used for other messages"):
        memory.add("I have a dog.", **KEYED, infer=not infer)
    assert memory.count(**ANN) == 1


def test_a_repeated_call_returns_the_first_outcome() -> None:
    memory = fake_memory()
    memory.add("I live in Oslo.", **ANN)
    added = memory.add("I live in Rome.", **KEYED)
    assert added["results"][0]["previous_memory"] == "I live in Oslo."
    memory.add("I live in Paris.", **ANN)
    assert memory.add("I live in Rome.", **KEYED) == again(added)


def test_a_key_stored_without_an_outcome_is_reported_as_repeated() -> None:
    memory = fake_memory()
    # An older version stored the key alone, without an outcome.
    memory._context.store.write(Write(receipt=Receipt(Scope(user_id="ann"), "turn-1")))
    assert memory.add("I have a dog.", **KEYED) == {
        "results": [],
        "status": "repeated",
        "repeated": True,
    }


@pytest.mark.parametrize("key", ["", 5, b"x", "x" * 1_025])
def test_an_invalid_key_is_named(key: Any) -> None:
    with pytest.raises(ValidationError, match="idempotency_key"):
        fake_memory().add("I have a dog", **ANN, idempotency_key=key)
