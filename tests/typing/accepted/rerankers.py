"""Rerankers of every form, and what they add to a result."""

import asyncio
from collections.abc import Sequence

from memfast import AsyncMemory, ConfigurationError, Memory, Reranked


class Mine:
    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        return [float(query in text) for text in texts]


class Async:
    async def rerank(self, query: str, texts: list[str]) -> list[float]:
        return [float(query in text) for text in texts]


def function(query: str, texts: list[str]) -> list[float]:
    return [float(len(text)) for text in texts]


async def coroutine(query: str, texts: Sequence[str]) -> tuple[float, ...]:
    return tuple(float(len(text)) for text in texts)


def said(reranked: Reranked | None) -> str:
    if reranked is None or reranked["status"] == "done":
        return ""
    return reranked.get("reason", "")


memory = Memory(path=":memory:", reranker=Mine())
memory.add("I like tea", user_id="ann", infer=False)
for reranker in (True, False, None, Mine(), Async(), function, coroutine):
    found = memory.search("tea", user_id="ann", rerank=reranker)
    print([hit.get("rerank_score", 0.0) + hit["score"] for hit in found["results"]])
    print(said(found.get("rerank")))
config = {"provider": "tei", "config": {"base_url": "http://127.0.0.1:9", "max_retries": 0}}
print(said(memory.search("tea", user_id="ann", rerank=config).get("rerank")))
try:
    memory.search("tea", user_id="ann", rerank="llm")
except ConfigurationError as error:
    print(error.message)


async def main() -> None:
    async with AsyncMemory(path=":memory:", reranker=coroutine) as awaited:
        print(said((await awaited.search("tea", user_id="ann", rerank=True)).get("rerank")))


asyncio.run(main())
