"""1.x: a service with an event loop, opened with `await`."""

import asyncio

from memfast import AsyncMemory

config = {
    "vector_store": {"provider": "qdrant", "config": {"path": "qdrant", "collection_name": "svc"}},
    "llm": {"provider": "openai", "config": {"model": "gpt-4o-mini"}},
    "embedder": {"provider": "openai", "config": {"model": "text-embedding-3-small"}},
}


async def serve(memory: AsyncMemory, user: str) -> list[str]:
    await memory.add(
        messages=[{"role": "user", "content": f"My name is {user} and I collect stamps."}],
        user_id=user,
    )
    found = await memory.search(query="what does the user collect?", user_id=user, limit=2)
    return [entry["memory"] for entry in found["results"]]


async def main() -> None:
    memory = await AsyncMemory.from_config(config, foreign="warn")
    answers = await asyncio.gather(*(serve(memory, f"user{n}") for n in range(8)))
    assert all("stamps" in texts[0] for texts in answers)
    first = (await memory.get_all(user_id="user0"))["results"][0]["id"]
    await memory.update(memory_id=first, data="Collects stamps and coins")
    assert [entry["event"] for entry in await memory.history(memory_id=first)] == ["ADD", "UPDATE"]
    await memory.delete(memory_id=first)
    await memory.delete_all(user_id="user1")
    assert (await memory.get_all(user_id="user1"))["results"] == []


asyncio.run(main())
