"""Concurrent calls that state values of one slot end in one order, and none waits forever."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

from memfast import AsyncMemory, Memory
from memfast._flows import turn
from memfast._turns import Turns
from memfast.stores.protocol import Scope
from memfast.testing import FakeLLM, HashEmbedder, fake_memory

if TYPE_CHECKING:
    from memfast.types import Prompt

CITIES = ["Oslo", "Rome", "Paris", "Lima", "Cairo", "Delhi", "Tokyo", "London", "Berlin", "Riga"]
ANN: dict[str, Any] = {"user_id": "ann"}


def add_moves_at_once(memory: Memory, *, known: bool) -> list[Any]:
    """Add ten moves from threads that start together; return what each call returned."""
    if known:
        memory.add("I live in Lisbon.", **ANN)
    barrier = threading.Barrier(len(CITIES))
    added: list[Any] = []

    def tell(city: str) -> None:
        barrier.wait()
        added.append(memory.add(f"I moved to {city}.", **ANN))

    threads = [threading.Thread(target=tell, args=(city,)) for city in CITIES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return added


def check_one_order(memory: Memory, added: list[Any], *, known: bool) -> None:
    """Check that one move is current and that all others were superseded."""
    assert [one["status"] for one in added] == ["stored"] * len(CITIES)
    assert memory.pending() == []
    holds = memory.get_all(**ANN)["results"]
    assert len(holds) == 1
    ever = memory.get_all(**ANN, include_superseded=True)["results"]
    assert len(ever) == len(CITIES) + known
    for city in CITIES:
        assert any(city in item["memory"] for item in ever)


@pytest.mark.parametrize("known", [False, True])
def test_ten_concurrent_moves_end_in_one_order(*, known: bool) -> None:
    for _ in range(3):
        memory = fake_memory()
        check_one_order(memory, add_moves_at_once(memory, known=known), known=known)


@pytest.mark.parametrize("known", [False, True])
def test_ten_concurrent_async_moves_end_in_one_order(*, known: bool) -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", embedder=HashEmbedder()) as memory:
            if known:
                await memory.add("I live in Lisbon.", **ANN)
            added = await asyncio.gather(
                *[memory.add(f"I moved to {city}.", **ANN) for city in CITIES]
            )
            check_one_order(memory._memory, added, known=known)

    asyncio.run(main())


def test_ten_concurrent_moves_ask_the_model_twice_at_most_for_each() -> None:
    together = threading.Barrier(len(CITIES))
    asked: list[Prompt] = []

    def reply(prompt: Prompt) -> Any:
        asked.append(prompt)
        if len(asked) <= len(CITIES):
            together.wait()
        # Earlier messages stand in front of the new ones.
        said = str(prompt.messages[-1]["content"]).rpartition("\nMessages")[2]
        city = next(city for city in CITIES if f"moved to {city}" in said)
        return {"facts": [{"text": f"Ann lives in {city}", "event": "UPDATE", "id": "m1"}]}

    memory = fake_memory(llm=FakeLLM(reply))
    memory.add("Ann lives in Lisbon", **ANN, infer=False)
    check_one_order(memory, add_moves_at_once(memory, known=False), known=True)
    assert len(asked) == 2 * len(CITIES) - 1


def test_a_call_cancelled_while_it_waits_for_its_turn_blocks_no_other() -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", embedder=HashEmbedder()) as memory:
            for _ in range(5):
                calls = [
                    asyncio.ensure_future(memory.add(f"I moved to {city}.", **ANN))
                    for city in CITIES
                ]
                await asyncio.sleep(0)
                for call in calls[::2]:
                    call.cancel()
                await asyncio.gather(*calls, return_exceptions=True)
            added = await memory.add("I moved to Madrid.", **ANN)
            assert added["status"] == "stored"
            assert memory._memory._context.turns._queues == {}

    asyncio.run(main())


def test_an_interrupted_call_gives_up_its_turn() -> None:
    kept: list[BaseException] = []

    def interrupt(_: Prompt) -> Any:
        memory.update(first, "Ann lives in Rome")
        if len(llm.prompts) > 1:
            raise KeyboardInterrupt
        return {"facts": [{"text": "Ann lives in Oslo", "event": "UPDATE", "id": "m1"}]}

    llm = FakeLLM(interrupt)
    memory = fake_memory(llm=llm)
    first = memory.add("Ann lives in Lisbon", **ANN, infer=False)["results"][0]["id"]
    try:
        memory.add("I moved to Oslo.", **ANN)
    except KeyboardInterrupt as error:
        # The kept error holds the frames of the call.
        kept.append(error)
    assert kept
    assert memory._context.turns._queues == {}


def test_waiting_for_a_turn_ends_after_a_timeout(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(turn, "PATIENCE", 0.01)
    memory = fake_memory()
    memory.add("I live in Lisbon.", **ANN)
    held = memory._context.turns.enter(Scope(user_id="ann"))
    with caplog.at_level(logging.WARNING):
        assert memory.add("I moved to Oslo.", **ANN)["status"] == "stored"
    assert "goes on beside another" in caplog.text
    memory._context.turns.leave(Scope(user_id="ann"), held)
    assert memory._context.turns._queues == {}


def test_turns_are_given_in_order_and_can_be_given_up() -> None:
    turns = Turns()
    first, second, third = (turns.enter("ann") for _ in range(3))
    other = turns.enter("bob")
    assert first.comes is other.comes is None
    assert second.comes is not None
    assert third.comes is not None
    second.comes.cancel()
    turns.leave("ann", first)
    assert not third.comes.done()
    turns.leave("ann", second)
    assert third.comes.done()
    turns.leave("ann", third)
    turns.leave("bob", other)
    assert turns._queues == {}
