"""Many users at once on an event loop."""

import asyncio

from memfast import AsyncMemory


async def remember(memory: AsyncMemory, user_id: str) -> list[str]:
    added = await memory.add("I have two cats.", user_id=user_id)
    assert added["status"] in {"stored", "empty", "pending"}
    found = await memory.search("pets", user_id=user_id, limit=5)
    return [f"{hit['score']:.2f} {hit['memory']}" for hit in found["results"]]


async def main() -> None:
    async with AsyncMemory(path=":memory:") as memory:
        lines = await asyncio.gather(*(remember(memory, f"u{n}") for n in range(3)))
        print(sum(len(one) for one in lines))
        item = await memory.get("missing")
        if item is not None:
            await memory.update(item["id"], "I have three cats.")
        async for kept in memory.iter(user_id="*"):
            print(kept["memory"], kept["metadata"].get("topic"))
        page = await memory.get_all(user_id="u1", page=1, page_size=10)
        print(page.get("count"), page.get("next"))
        total: int = await memory.count(user_id="*")
        print(total)
        async with memory.transaction() as tx:
            tx.add("I have a dog.", user_id="u1")


asyncio.run(main())
