"""A transaction ends once; what it commits fits the store at that moment."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from memfast import AsyncMemory, ConfigurationError, Memory, ValidationError
from memfast.errors import TransactionClosedError
from memfast.testing import HashEmbedder, MeanwhileEmbedder, fake_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from memfast._transaction import Transaction


def texts_of(memory: Memory) -> list[str]:
    return sorted(item["memory"] for item in memory.get_all(user_id="ann")["results"])


CALLS: dict[str, Callable[[Transaction, str], object]] = {
    "add": lambda tx, _: tx.add("late", user_id="ann"),
    "update": lambda tx, one: tx.update(one, "late"),
    "delete": lambda tx, one: tx.delete(one),
    "batch_add": lambda tx, _: tx.batch_add(["late"], user_id="ann"),
    "commit": lambda tx, _: tx.commit(),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def refused(memory: Memory, tx: Transaction, call: Callable[[Transaction, str], object]) -> None:
    """Check that a call of a transaction is refused, and that nothing changes."""
    before = memory.get_all(user_id="ann")["results"]
    with pytest.raises(TransactionClosedError, match="closed") as raised:
        call(tx, before[0]["id"])
    assert raised.value.suggestion
    assert memory.get_all(user_id="ann")["results"] == before


@every_call
def test_a_transaction_is_closed_after_its_block(memory: Memory, call: Any) -> None:
    with memory.transaction() as tx:
        tx.add("kept", user_id="ann")
    refused(memory, tx, call)
    assert texts_of(memory) == ["kept"]


@every_call
def test_a_transaction_is_closed_after_commit(memory: Memory, call: Any) -> None:
    with memory.transaction() as tx:
        tx.add("kept", user_id="ann")
        tx.commit()
        assert texts_of(memory) == ["kept"]
        refused(memory, tx, call)
    assert texts_of(memory) == ["kept"]


@every_call
def test_a_failed_transaction_commits_nothing_later(memory: Memory, call: Any) -> None:
    memory.add("there", user_id="ann", infer=False)
    begun: list[Transaction] = []

    def interrupted() -> None:
        with memory.transaction() as tx:
            begun.append(tx)
            tx.add("dropped", user_id="ann")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    refused(memory, begun[0], call)
    assert texts_of(memory) == ["there"]


@every_call
def test_a_transaction_whose_commit_failed_is_closed(memory: Memory, call: Any) -> None:
    memory.add("there", user_id="ann", infer=False)
    with memory.transaction() as tx:
        tx.add("x", user_id="ann", metadata={"v": float("nan")})
        with pytest.raises(ValidationError):
            tx.commit()
        refused(memory, tx, call)
    assert texts_of(memory) == ["there"]


def test_a_call_from_another_thread_is_committed_or_refused(memory: Memory) -> None:
    added: list[str] = []
    refusals: list[TransactionClosedError] = []
    begun = threading.Event()

    def add(tx: Transaction) -> None:
        for number in range(10_000):
            try:
                tx.add(f"note {number}", user_id="ann")
            except TransactionClosedError as error:
                refusals.append(error)
                break
            added.append(f"note {number}")
            begun.set()

    with memory.transaction() as tx:
        thread = threading.Thread(target=add, args=(tx,))
        thread.start()
        begun.wait()
    thread.join()
    assert refusals
    stored = memory.get_all(user_id="ann", limit=20_000)["results"]
    assert sorted(item["memory"] for item in stored) == sorted(added)


@every_call
def test_an_async_transaction_is_closed_after_its_end(call: Any) -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", embedder=HashEmbedder()) as memory:
            inner = memory._memory
            async with memory.transaction() as tx:
                tx.add("kept", user_id="ann")
            refused(inner, tx, call)
            begun: list[Transaction] = []

            async def cancelled() -> None:
                async with memory.transaction() as tx:
                    begun.append(tx)
                    tx.add("dropped", user_id="ann")
                    raise asyncio.CancelledError

            with pytest.raises(asyncio.CancelledError):
                await cancelled()
            refused(inner, begun[0], call)
            async with memory.transaction() as tx:
                tx.add("committed", user_id="ann")
                tx.commit()
                refused(inner, tx, call)
            assert texts_of(inner) == ["committed", "kept"]

    asyncio.run(main())


def test_the_texts_of_a_transaction_are_embedded_in_one_batch_at_its_end() -> None:
    embedder = MeanwhileEmbedder()
    memory = fake_memory(embedder=embedder)
    one = memory.add("first", user_id="ann", infer=False)["results"][0]["id"]
    embedder.texts.clear()
    with memory.transaction() as tx:
        tx.add(["a", "b"], user_id="ann")
        tx.update(one, "first")
        tx.update(one, "c")
        tx.update(one, metadata={"n": 1})
        tx.batch_add([{"memory": "d", "vector": [1.0] * 256}], user_id="ann")
        assert embedder.texts == []
    assert embedder.texts == ["a", "b", "c"]
    for text in ("a", "b", "c"):
        found = memory.search(text, user_id="ann", limit=1, mode="semantic")["results"][0]
        assert (found["memory"], found["score"]) == (text, 1)


def test_a_text_that_another_call_changes_before_the_commit_gets_its_vector() -> None:
    memory = fake_memory()
    one = memory.add("cats", user_id="ann", infer=False)["results"][0]["id"]
    with memory.transaction() as tx:
        tx.update(one, "cats")
        tx.add("other", user_id="ann")
        memory.update(one, "submarines")
    assert texts_of(memory) == ["cats", "other"]
    assert (
        memory.search("cats", user_id="ann", limit=1, mode="semantic")["results"][0]["score"] == 1
    )


def test_a_transaction_without_an_embedder_refuses_a_text_at_once() -> None:
    memory = Memory(path=":memory:", embedder=None, dim=2)
    with memory.transaction() as tx:
        with pytest.raises(ConfigurationError, match="embedder=None"):
            tx.add("x", user_id="ann")
        tx.add("y", user_id="ann", vector=[1.0, 2.0])
    assert texts_of(memory) == ["y"]


def test_commit_of_an_async_transaction_awaits_the_embedder() -> None:
    class Awaited(HashEmbedder):
        local = instant = False
        awaited = 0

        async def aembed(self, texts: Any) -> list[list[float]]:
            Awaited.awaited += len(texts)
            await asyncio.sleep(0)
            return self.embed(texts)

    async def main() -> None:
        async with AsyncMemory(path=":memory:", embedder=Awaited()) as memory:
            async with memory.transaction() as tx:
                tx.add(["a", "b"], user_id="ann")
            assert Awaited.awaited == 2
            assert await memory.count(user_id="ann") == 2

    asyncio.run(main())
