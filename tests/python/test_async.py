"""`AsyncMemory` is `Memory` for an event loop: the same calls, results and promises."""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import math
import threading
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

import memfast._loop as loop_drivers
import memfast._steps as steps
from memfast import AsyncMemory, Memory, NetworkError, ValidationError
from memfast.errors import StoreClosedError
from memfast.stores.protocol import Query, Selection
from memfast.testing import FakeLLM, HashEmbedder
from memfast.types import Prompt, Reply
from tests.python.llm_server import chat, serving

if TYPE_CHECKING:
    from pathlib import Path

ANN: dict[str, Any] = {"user_id": "ann"}


def facts(*texts: str) -> str:
    items = [{"text": text, "event": "ADD", "sources": [0]} for text in texts]
    return json.dumps({"facts": items})


class GatheringLLM:
    """Replies with the last message as a fact, once `together` calls have arrived."""

    name = "gathering"

    def __init__(self, together: int = 1) -> None:
        self.together = together
        self.busy = self.most = self.cancelled = 0
        self.asked, self.gathered = asyncio.Event(), asyncio.Event()

    def complete(self, prompt: Prompt) -> Reply:
        raise AssertionError(f"asked in a thread, and not awaited: {prompt}")

    async def acomplete(self, prompt: Prompt) -> Reply:
        self.busy += 1
        self.asked.set()
        self.most = max(self.most, self.busy)
        if self.busy >= self.together:
            self.gathered.set()
        try:
            await asyncio.sleep(0)
            await self.gathered.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.busy -= 1
        said = str(prompt.messages[-1]["content"]).splitlines()[-2]
        return Reply(facts(said))


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[AsyncMemory]:
    given = {"path": ":memory:", "embedder": HashEmbedder(), **options}
    async with AsyncMemory(**given) as memory:
        yield memory


def public(kind: type) -> dict[str, Any]:
    members = inspect.getmembers(kind, callable)
    return {name: member for name, member in members if not name.startswith("_")}


def test_async_memory_has_every_call_of_memory_with_the_same_parameters() -> None:
    sync, awaitable = public(Memory), public(AsyncMemory)
    assert sync.keys() == awaitable.keys() - {"aclose"}
    for name, member in sync.items():
        mine = inspect.signature(member).parameters
        other = inspect.signature(awaitable[name]).parameters
        assert list(mine) == list(other), name
        for parameter in mine.values():
            twin = other[parameter.name]
            assert (parameter.kind, parameter.default) == (twin.kind, twin.default), name
    mine = inspect.signature(Memory.__init__).parameters
    assert list(mine) == list(inspect.signature(AsyncMemory.__init__).parameters)


async def both(name: str, memory: Memory, twin: AsyncMemory, *args: Any, **kwargs: Any) -> None:
    def shape(value: Any) -> Any:
        """Leave out what differs between two stores: ids, times and hashes of ids."""
        if isinstance(value, dict):
            hidden = {"id", "created_at", "updated_at", "memory_id", "valid_from"}
            return {key: shape(one) for key, one in value.items() if key not in hidden}
        return [shape(one) for one in value] if isinstance(value, list) else value

    found = getattr(twin, name)(*args, **kwargs)
    assert isinstance(found, Awaitable)
    assert shape(await found) == shape(getattr(memory, name)(*args, **kwargs))


def test_async_calls_return_what_memory_returns() -> None:
    async def main() -> None:
        replies = [facts("Ann lives in Oslo"), facts("Ann has a dog")]
        memory = Memory(path=":memory:", embedder=HashEmbedder(), llm=FakeLLM(replies))
        async with opened(llm=FakeLLM(replies)) as twin:
            await both("add", memory, twin, "I live in Oslo", **ANN)
            await both("add", memory, twin, "I have a dog", **ANN, metadata={"n": 1})
            await both("add", memory, twin, "as it is", **ANN, infer=False)
            await both("batch_add", memory, twin, ["one", "two"], **ANN)
            await both("search", memory, twin, "dog", **ANN, limit=2)
            await both("search", memory, twin, "dog", **ANN, include_messages=True)
            await both("search_many", memory, twin, ["dog", "Oslo"], **ANN, limit=2)
            await both("get_all", memory, twin, **ANN)
            await both("count", memory, twin, user_id="*")
            await both("pending", memory, twin)
            await both("retry", memory, twin)
            first = (await twin.get_all(**ANN))["results"][0]["id"]
            await twin.update(first, "Ann lives in Bergen")
            assert [one["event"] for one in await twin.history(first)] == ["ADD", "UPDATE"]
            assert len([item async for item in twin.iter(**ANN)]) == 5
            async with twin.transaction() as tx:
                tx.delete(first)
            assert await twin.get(first) is None
            await twin.delete_all(**ANN)
            assert await twin.count(**ANN) == 0

    asyncio.run(main())


def test_async_calls_raise_what_memory_raises() -> None:
    async def main() -> None:
        async with opened() as memory:
            with pytest.raises(ValidationError, match="user_id"):
                await memory.add("hello")
            with pytest.raises(ValidationError, match="user_id"):
                await memory.search("hello")

    asyncio.run(main())


def test_concurrent_adds_ask_the_model_at_the_same_time() -> None:
    async def main() -> None:
        llm = GatheringLLM(together=40)
        async with opened(llm=llm) as memory:
            adds = [memory.add(f"note {number}", user_id=f"u{number}") for number in range(40)]
            added = await asyncio.gather(*adds)
            assert [one["status"] for one in added] == ["stored"] * 40
            assert await memory.count(user_id="*") == 40
        assert llm.most == 40

    asyncio.run(main())


def test_concurrent_adds_of_one_fact_store_it_once() -> None:
    async def main() -> None:
        async with opened(llm=GatheringLLM(together=30)) as memory:
            await asyncio.gather(*(memory.add("I have a dog", **ANN) for _ in range(30)))
            assert await memory.count(**ANN) == 1

    asyncio.run(main())


def test_add_cancelled_while_the_model_answers_stores_nothing() -> None:
    async def main() -> None:
        llm = GatheringLLM(together=2)
        async with opened(llm=llm) as memory:
            task = asyncio.create_task(memory.add("I live in Oslo", **ANN))
            await llm.asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert llm.cancelled == 1
            assert await memory.count(**ANN) == 0
            assert await memory.pending() == []

    asyncio.run(main())


def test_add_cancelled_at_any_moment_stores_all_or_nothing(tmp_path: Path) -> None:
    async def main() -> int:
        async with opened(path=tmp_path / "store") as memory:
            # Cancelled after more and more turns of the loop, until a call ends before that.
            turns = calls = 0
            ended = False
            while not ended:
                texts = [f"{calls}.{number}" for number in range(5)]
                task = asyncio.create_task(memory.add(texts, user_id=f"u{calls}", infer=False))
                for _ in range(turns):
                    await asyncio.sleep(0)
                ended = task.done()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                turns = max(turns + 1, int(turns * 1.2))
                calls += 1
        return calls

    calls = asyncio.run(main())
    with Memory(path=tmp_path / "store", embedder=HashEmbedder()) as reopened:
        counts = [reopened.count(user_id=f"u{call}") for call in range(calls)]
    # The first was cancelled before it began, and the last ended.
    assert (counts[0], counts[-1]) == (0, 5)
    assert set(counts) == {0, 5}


def test_add_many_keeps_the_order_of_conversations_in_a_scope() -> None:
    async def main() -> None:
        seen: list[str] = []

        class Listening(GatheringLLM):
            async def acomplete(self, prompt: Prompt) -> Reply:
                seen.append(str(prompt.messages[-1]["content"]).splitlines()[-2])
                return await super().acomplete(prompt)

        llm = Listening()
        async with opened(llm=llm) as memory:
            added = await memory.add_many(
                [
                    {"messages": f"{user} {turn}", "user_id": user}
                    for turn in range(4)
                    for user in "abc"
                ],
                max_concurrency=2,
            )
            assert len(added) == 12
        assert llm.most <= 2
        for user in "abc":
            assert [text for text in seen if text[0] == user] == [
                f"{user} {turn}" for turn in range(4)
            ]

    asyncio.run(main())


def test_add_with_a_failing_model_keeps_the_messages_pending() -> None:
    async def main() -> None:
        async with opened(
            llm=FakeLLM([NetworkError("down"), facts("Ann lives in Oslo")])
        ) as memory:
            assert (await memory.add("I live in Oslo", **ANN))["status"] == "pending"
            assert len(await memory.pending()) == 1
            assert (await memory.retry())["done"] == 1
            assert await memory.count(**ANN) == 1

    asyncio.run(main())


def test_one_async_memory_works_in_several_event_loops() -> None:
    memory = AsyncMemory(path=":memory:", embedder=HashEmbedder())

    async def adds() -> int:
        said = "I live in Oslo."
        await asyncio.gather(*(memory.add(said, user_id=f"user-{at}") for at in range(20)))
        return await memory.count(user_id="*")

    assert asyncio.run(adds()) == 20
    assert asyncio.run(adds()) == 20  # the second round adds nothing new
    memory.close()


def test_rules_yield_to_the_event_loop_between_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    # A time slice of 0: the flow yields to the loop after each sentence.
    monkeypatch.setattr(steps, "SLICE", 0.0)
    around = 0

    async def main() -> None:
        nonlocal around
        async with opened() as memory:
            said = " ".join(f"I have boat number {at}." for at in range(100))
            adding = asyncio.ensure_future(memory.add(said, **ANN))
            while not adding.done():
                around += 1
                await asyncio.sleep(0)
            assert "boat number 99" in adding.result()["results"][-1]["memory"]

    asyncio.run(main())
    assert around >= 100


def test_event_loop_runs_between_flows_that_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    around = 0

    class Counting(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            computed.append(around)
            return super().embed(texts)

    async def main() -> None:
        nonlocal around
        async with AsyncMemory(path=":memory:", embedder=Counting()) as memory:
            adds = [memory.add(f"I have cat number {at}.", user_id=f"u{at}") for at in range(50)]
            running = [asyncio.ensure_future(add) for add in adds]
            while not all(add.done() for add in running):
                around += 1
                await asyncio.sleep(0)

    # A time slice of 0: the loop runs between any two flows that compute.
    monkeypatch.setattr(loop_drivers, "SLICE", 0.0)
    monkeypatch.setattr(steps, "SLICE", math.inf)
    asyncio.run(main())
    # Each flow embeds its message and then its fact without a pause.
    assert computed[::2] == computed[1::2]
    assert len(set(computed)) == 50


def test_an_add_that_raises_does_not_block_other_adds() -> None:
    class Broken(BaseException):
        pass

    class Breaking(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if "number 3" in texts[0]:
                raise Broken
            return super().embed(texts)

    async def main() -> None:
        async with opened(embedder=Breaking()) as memory:
            adds = [memory.add(f"I have cat number {at}.", **ANN) for at in range(8)]
            ended = await asyncio.gather(*adds, return_exceptions=True)
            broken = [at for at, end in enumerate(ended) if isinstance(end, BaseException)]
            assert broken == [3]
            assert isinstance(ended[3], Broken)
            assert await memory.count(**ANN) == 7

    asyncio.run(main())


def test_adds_cancelled_before_they_compute_store_nothing() -> None:
    async def main() -> None:
        async with opened() as memory:
            adds = [memory.add(f"I have cat number {at}.", user_id=f"u{at}") for at in range(60)]
            running = [asyncio.ensure_future(add) for add in adds]
            await asyncio.sleep(0)
            for task in running[::2]:
                task.cancel()
            ended = await asyncio.gather(*running, return_exceptions=True)
            # The first has computed already, and may be in its commit.
            lost = [isinstance(end, asyncio.CancelledError) for end in ended]
            assert lost[2::2] == [True] * 29
            assert lost[1::2] == [False] * 30
            for at in range(1, 60):
                assert await memory.count(user_id=f"u{at}") == at % 2

    asyncio.run(main())


def brief(memory: Memory, selection: Selection) -> bool:
    return memory._context.store.is_brief(Query(selection, ["Oslo"], limit=10))


def test_a_store_reports_whether_the_rows_of_a_search_are_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Memory(path=path, embedder=HashEmbedder()) as memory:
        memory.add("I live in Oslo", **ANN, infer=False)
        memory.search("Oslo", **ANN)
        assert brief(memory, Selection(("ann",)))
        assert brief(memory, Selection(("bob",)))
    with Memory(path=path, embedder=HashEmbedder()) as memory:
        of_filter = Selection(filters={"user_id": "ann"})
        assert not brief(memory, Selection(("ann",)))
        assert not brief(memory, of_filter)
        assert memory.search("Oslo", **ANN)["results"]
        assert brief(memory, Selection(("ann",)))
        assert brief(memory, of_filter)


def test_an_embedder_that_is_not_instant_runs_off_the_event_loop() -> None:
    where: list[bool] = []

    class Local(HashEmbedder):
        instant = False

        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            where.append(threading.current_thread() is threading.main_thread())
            return super().embed(texts)

    async def main() -> None:
        async with opened(embedder=Local()) as memory:
            await memory.add("I live in Oslo.", **ANN)
            await memory.search("Oslo", **ANN)

    asyncio.run(main())
    assert where
    assert not any(where)


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_aclose_closes_the_connections_of_models() -> None:
    async def main() -> None:
        with serving(chat(facts("I have a dog"))) as server:
            config = {"model": "m", "base_url": server.url, "api_key": "k"}
            memory = AsyncMemory(path=":memory:", llm={"provider": "openai", "config": config})
            assert (await memory.add("I have a dog", user_id="ann"))["status"] == "stored"
            await memory.aclose()
            await memory.aclose()
            with pytest.raises(StoreClosedError):
                await memory.count(user_id="ann")

    asyncio.run(main())
    gc.collect()


def test_calls_after_close_raise_store_closed() -> None:
    async def main() -> None:
        memory = AsyncMemory(path=":memory:", embedder=HashEmbedder())
        memory.close()
        calls: list[Awaitable[Any]] = [
            memory.add("I live in Oslo", **ANN),
            memory.add("I live in Oslo", **ANN, infer=False),
            memory.search("Oslo", **ANN),
            memory.get("m"),
            memory.stats(),
            memory.pending(),
            memory.retry(),
            memory.delete("m"),
            memory.batch_add(["x"], **ANN),
        ]
        for call in calls:
            with pytest.raises(StoreClosedError):
                await call

    asyncio.run(main())


def test_close_ends_the_calls_under_way() -> None:
    async def main() -> None:
        memory = AsyncMemory(path=":memory:", embedder=HashEmbedder())
        calls = [memory.add(f"I like tea number {at}.", **ANN) for at in range(50)]
        running = [asyncio.ensure_future(call) for call in calls]
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        memory.close()
        ends = await asyncio.wait_for(asyncio.gather(*running, return_exceptions=True), 30)
        assert any(isinstance(end, dict) for end in ends)
        assert all(isinstance(end, dict | StoreClosedError) for end in ends)

    asyncio.run(main())


def test_an_add_that_fails_leaves_adds_of_the_same_commit_stored() -> None:
    async def main() -> None:
        async with opened() as memory:
            await memory.add("first", **ANN, infer=False, memory_id="taken")
            calls = [
                memory.add(f"text {at}", **ANN, infer=False, memory_id="taken" if at % 3 else None)
                for at in range(30)
            ]
            ends = await asyncio.gather(*calls, return_exceptions=True)
            for at, end in enumerate(ends):
                assert isinstance(end, ValidationError if at % 3 else dict)
            assert await memory.count(**ANN) == 11

    asyncio.run(main())
