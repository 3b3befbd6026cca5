"""Memories as things stood at a time."""

import asyncio
from datetime import UTC, date, datetime

from memfast import AsyncMemory, Memory

memory = Memory(path=":memory:")
spring = datetime(2026, 4, 1, tzinfo=UTC)
hits = memory.search("Where does Ann live?", user_id="ann", as_of=spring)["results"]
print([hit["memory"] for hit in hits])
print(memory.search_many(["Ann", "Bob"], user_id="ann", as_of="2026-04-01", mode="semantic"))
print(memory.get_all(user_id="ann", as_of=date(2026, 4, 1), latest_only=True)["results"])
print(memory.count(user_id="ann", as_of=1_775_001_600))
print(memory.context("Where does Ann live?", user_id="ann", as_of=1_775_001_600.5)["text"])
print(memory.scoped(user_id="ann").search("Ann", include_superseded=True, latest_only=True))
print(memory.get("id", known_at=spring), memory.count(user_id="ann", known_at="2026-04-01"))
print(memory.get_all(user_id="ann", known_at=spring, as_of=date(2026, 4, 1))["results"])
print(memory.search("Ann", user_id="ann", known_at=spring, mode="lexical")["results"])


async def main() -> None:
    async with AsyncMemory(path=":memory:") as shared:
        print(await shared.count(user_id="ann", as_of=spring))
        print((await shared.search("Ann", user_id="ann", as_of=spring))["results"])


asyncio.run(main())
