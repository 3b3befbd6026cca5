"""If the embedder fails, no message is lost: it is pending."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from memfast import (
    AsyncMemory,
    AuthenticationError,
    DimensionError,
    EmbeddingError,
    Memory,
    NetworkError,
    RateLimitError,
)
from memfast.testing import FakeLLM, HashEmbedder

ANN: dict[str, Any] = {"user_id": "ann"}
SAID = "I live in Oslo. I have a dog called Rex."
TOLD = [{"text": "Ann lives in Oslo", "event": "ADD", "sources": [0]}]
HASHED = HashEmbedder(4)
Broken = Callable[[list[list[float]]], Any]


class Unsteady:
    """Fails while `broken` is set, and has no attributes that describe it, as a remote one."""

    name = "unsteady"
    dim = 4
    fingerprint = "1"
    broken: Broken | None = None

    def embed(self, texts: Sequence[str]) -> Any:
        vectors = HASHED.embed(texts)
        return vectors if self.broken is None else self.broken(vectors)


class UnsteadyHere(Unsteady):
    local = True


def raising(error: Exception) -> Broken:
    def broken(_: object) -> None:
        raise error

    return broken


BROKEN: dict[str, Broken] = {
    "raises": raising(RuntimeError("no such model")),
    "is not reached": raising(NetworkError("no route")),
    "limits": raising(RateLimitError("slow down")),
    "tells one too many": lambda vectors: [*vectors, vectors[0]],
    "tells one too few": lambda vectors: vectors[1:],
    "tells NaN": lambda vectors: [*vectors[:-1], [math.nan, 0.0, 0.0, 0.0]],
    "tells infinity": lambda vectors: [*vectors[:-1], [math.inf, 0.0, 0.0, 0.0]],
    "tells no direction": lambda vectors: [*vectors[:-1], [0.0] * 4],
    "tells text": lambda vectors: ["abcd"] * len(vectors),
    "tells numbers": lambda vectors: [1.0] * len(vectors),
    "tells nothing": lambda _: None,
}


@pytest.mark.parametrize("kind", [Unsteady, UnsteadyHere])
@pytest.mark.parametrize("model", [True, False], ids=["model", "rules"])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_add_keeps_messages_pending_if_the_embedder_fails(
    kind: type[Unsteady], model: bool, broken: Broken
) -> None:
    embedder = kind()
    embedder.broken = broken
    llm = FakeLLM(lambda _: {"facts": TOLD}) if model else None
    with Memory(path=":memory:", embedder=embedder, llm=llm) as memory:
        added = memory.add(SAID, **ANN, metadata={"from": "test"}, timestamp="2026-03-04")
        assert (added["status"], added["results"]) == ("pending", [])
        assert memory.count(user_id="*", include_messages=True) == 0
        [waits] = memory.pending()
        assert waits["messages"] == [{"role": "user", "content": SAID}]
        assert "Error" in waits["reason"]
        embedder.broken = None
        assert memory.retry()["done"] == 1
        assert memory.pending() == []
        item = next(memory.iter(**ANN))
        assert "Oslo" in item["memory"]
        assert item["metadata"] is not None
        assert item["metadata"]["from"] == "test"
        assert item.get("valid_from", "").startswith("2026-03-04")


def test_a_procedural_add_is_pending_if_the_embedder_fails() -> None:
    embedder = Unsteady()
    embedder.broken = BROKEN["is not reached"]
    with Memory(path=":memory:", embedder=embedder, llm=FakeLLM(lambda _: "1. Opened")) as memory:
        added = memory.add("opened", agent_id="bot", memory_type="procedural_memory")
        assert added["status"] == "pending"
        embedder.broken = None
        assert memory.retry()["results"][0]["memory"] == "1. Opened"


@pytest.mark.parametrize(
    "broken",
    [raising(AuthenticationError("wrong key")), lambda vectors: [row[:3] for row in vectors]],
)
def test_embedder_settings_that_cannot_work_raise_at_once(broken: Broken) -> None:
    embedder = UnsteadyHere()
    embedder.broken = broken
    with Memory(path=":memory:", embedder=embedder) as memory:
        with pytest.raises((AuthenticationError, DimensionError)):
            memory.add(SAID, **ANN)
        assert memory.pending() == []


def test_add_without_infer_raises_if_the_embedder_fails() -> None:
    embedder = Unsteady()
    embedder.broken = BROKEN["tells one too many"]
    with Memory(path=":memory:", embedder=embedder) as memory:
        with pytest.raises(EmbeddingError):
            memory.add(SAID, **ANN, infer=False)
        assert memory.pending() == []


def test_async_add_keeps_messages_pending_if_the_embedder_fails() -> None:
    async def main() -> None:
        embedder = Unsteady()
        embedder.broken = BROKEN["raises"]
        async with AsyncMemory(path=":memory:", embedder=embedder) as memory:
            many = [memory.add(f"{SAID} {at}", user_id=f"user-{at}") for at in range(8)]
            assert {added["status"] for added in await asyncio.gather(*many)} == {"pending"}
            embedder.broken = None
            assert (await memory.retry())["done"] == 8

    asyncio.run(main())
