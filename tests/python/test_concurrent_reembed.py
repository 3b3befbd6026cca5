"""`reembed` while other calls run: none of them fails because of it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from memfast import AsyncMemory, Memory, ValidationError
from memfast._flows.capabilities import engine_of
from memfast.errors import VectorStoreError
from memfast.stores.protocol import Put, Scope, Write
from memfast.testing import FakeLLM, HashEmbedder, MeanwhileEmbedder, fake_memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memfast.types import Prompt


class Model(MeanwhileEmbedder):
    """An embedder whose vectors differ from those of its other versions."""

    def __init__(self, version: int) -> None:
        super().__init__(64)
        self.fingerprint = f"version {version}"
        self._version = version

    def _vector(self, text: str) -> list[float]:
        return super()._vector(f"{self._version} {text}")


def scores_of_own_texts(memory: Memory) -> list[float]:
    items = memory.get_all(user_id="ann", limit=10_000)["results"]
    hits = [
        memory.search(item["memory"], user_id="ann", limit=1, mode="semantic")["results"][0][
            "score"
        ]
        for item in items
    ]
    assert items
    return hits


CALLS: dict[str, Callable[[Memory, str], object]] = {
    "add": lambda memory, _: memory.add("new", user_id="ann", infer=False),
    "infer": lambda memory, _: memory.add("I moved to Oslo.", user_id="ann"),
    "search": lambda memory, _: memory.search("old", user_id="ann", mode="semantic")["results"][0],
    "search_many": lambda memory, _: memory.search_many(["old"], user_id="ann", mode="semantic"),
    "update": lambda memory, one: memory.update(one, "new"),
    "batch_add": lambda memory, _: memory.batch_add(["new"], user_id="ann"),
    "batch_update": lambda memory, one: memory.batch_update([{"memory_id": one, "text": "new"}]),
    "import_": lambda memory, _: memory.import_([{"memory": "new", "user_id": "ann"}]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_during_reembed_is_repeated_with_the_new_embedder(call: Any) -> None:
    first = Model(1)
    memory = fake_memory(embedder=first)
    one = memory.add("old", user_id="ann", infer=False)["results"][0]["id"]
    # The embedder changes between the embedding of the call and its commit.
    first.meanwhile = lambda: memory.reembed(Model(2))
    call(memory, one)
    assert first.meanwhile is None
    assert scores_of_own_texts(memory) == pytest.approx([1] * memory.count(user_id="ann"), abs=0.35)
    plain = [item for item in memory.get_all(user_id="ann")["results"] if item["memory"] == "new"]
    for item in plain:
        hits = memory.search("new", user_id="ann", mode="semantic")["results"]
        assert next(hit for hit in hits if hit["id"] == item["id"])["score"] == 1


def test_a_transaction_committed_after_reembed_has_new_vectors() -> None:
    memory = fake_memory(embedder=Model(1))
    one = memory.add("old", user_id="ann", infer=False)["results"][0]["id"]
    with memory.transaction() as tx:
        tx.add("first", user_id="ann")
        memory.reembed(Model(2))
        tx.update(one, "second")
    assert scores_of_own_texts(memory) == [1, 1]


def test_a_retry_interrupted_by_reembed_reports_each_input_once() -> None:
    asked: list[str] = []

    def reply(prompt: Prompt) -> Any:
        if not ready.is_set():
            return "not JSON"
        asked.append("Oslo" if "Oslo" in str(prompt.messages) else "Rome")
        if len(asked) == 2:
            # The first input is done, and the second one is not committed yet.
            memory.reembed(Model(2))
        return {"facts": [{"text": f"Lives in {asked[-1]}", "event": "ADD"}]}

    ready = threading.Event()
    memory = fake_memory(embedder=Model(1), llm=FakeLLM(reply))
    for place in ("Oslo", "Rome"):
        memory.add(f"I live in {place}.", user_id=place)
    assert len(memory.pending()) == 2
    ready.set()
    added = memory.retry()
    assert [one["memory"] for one in added["results"]] == ["Lives in Oslo", "Lives in Rome"]
    assert asked == ["Oslo", "Rome", "Rome"]
    assert (added["done"], added["pending"]) == (2, 0)


def test_calls_wait_until_the_memory_has_the_new_embedder_of_the_engine() -> None:
    """The engine swaps the spaces shortly before the memory has the new embedder."""
    first = Model(1)
    memory = fake_memory(embedder=first)
    memory.add("old", user_id="ann", infer=False)
    store = memory._handle._opened
    change = store.change_embedder
    swapped, refused = threading.Event(), threading.Event()
    found: list[Any] = []

    def slowly(spec: object, model: Any) -> None:
        swapped.set()
        # The engine refuses the old embedder's vector of the search.
        refused.wait()
        change(spec, model)

    def search() -> None:
        swapped.wait()
        found.append(memory.search("old", user_id="ann", mode="semantic")["results"])

    store.change_embedder = slowly  # type: ignore[method-assign]
    first.meanwhile = None
    calls = [
        threading.Thread(target=memory.reembed, args=(Model(2),)),
        threading.Thread(target=search),
    ]
    calls[0].start()
    swapped.wait()
    first.meanwhile = refused.set
    calls[1].start()
    for call in calls:
        call.join()
    assert found[0][0]["score"] == 1


@pytest.mark.parametrize("kind", ["memory", "async"])
def test_calls_work_during_reembed(tmp_path: Path, kind: str) -> None:
    failures: list[BaseException] = []
    with fake_memory(path=tmp_path / "store", embedder=Model(0)) as memory:
        memory.batch_add([f"note {number}" for number in range(50)], user_id="ann")
        done = threading.Event()

        def in_threads(number: int) -> None:
            while not done.is_set():
                try:
                    text = f"about {number}"
                    one = memory.add(text, user_id="ann", infer=False)["results"][0]["id"]
                    memory.update(one, f"{text} again")
                    memory.search(text, user_id="ann", limit=3)
                    memory.delete(one)
                except Exception as error:  # noqa: BLE001 - all of them are looked at
                    failures.append(error)

        async def on_a_loop() -> None:
            shared = AsyncMemory(path=tmp_path / "store", embedder=memory.config.embedder)

            async def calls(number: int) -> None:
                text = f"about {number}"
                added = await shared.add(text, user_id="ann", infer=False)
                one = added["results"][0]["id"]
                await shared.update(one, f"{text} again")
                await shared.search(text, user_id="ann", limit=3)
                await shared.delete(one)

            async with shared:
                while not done.is_set():
                    added = await asyncio.gather(
                        *[calls(number) for number in range(3)], return_exceptions=True
                    )
                    failures.extend(one for one in added if one is not None)

        callers = (
            [threading.Thread(target=in_threads, args=(number,)) for number in range(3)]
            if kind == "memory"
            else [threading.Thread(target=lambda: asyncio.run(on_a_loop()))]
        )
        for caller in callers:
            caller.start()
        for version in range(1, 5):
            memory.reembed(Model(version))
        done.set()
        for caller in callers:
            caller.join()
        assert failures == []
        assert scores_of_own_texts(memory) == pytest.approx([1] * 50)


def test_concurrent_reembeds_do_not_mix_their_vectors() -> None:
    first, second = Model(1), Model(2)
    memory = fake_memory(embedder=Model(0))
    memory.batch_add([f"note {number}" for number in range(20)], user_id="ann")
    threads: list[threading.Thread] = []

    def another() -> None:
        threads.append(threading.Thread(target=memory.reembed, args=(second,)))
        threads[0].start()

    first.meanwhile = another
    memory.reembed(first)
    threads[0].join()
    assert memory._context.store.identity().fingerprint == "version 2"
    assert scores_of_own_texts(memory) == pytest.approx([1] * 20)


def test_the_engine_refuses_vectors_of_a_reembed_that_was_replaced() -> None:
    memory = fake_memory(embedder=HashEmbedder(2))
    memory.add("old", user_id="ann", infer=False)
    engine = engine_of(memory._context, "reembed", "the test")
    engine.reembed_begin(("one", 2, "x"))
    engine.reembed_finish()
    step = engine.reembed_next(10)
    engine.reembed_begin(("two", 2, "y"))
    with pytest.raises(ValidationError, match="two"):
        engine.reembed_put(step, [[1.0, 2.0]])


def test_vectors_of_an_unknown_space_are_an_error() -> None:
    memory = fake_memory()
    with pytest.raises(VectorStoreError) as raised:
        memory._context.store.write(Write([Put(Scope("ann"), "x", [1.0] * 256)], space=7))
    assert raised.value.error_code == "SPACE_CHANGED"
