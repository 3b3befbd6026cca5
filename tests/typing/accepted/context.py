"""A text for a prompt, with a tokenizer of the user's."""

import asyncio
from collections.abc import Callable

from memfast import AsyncMemory, Memory, PromptContext


def show(context: PromptContext) -> str:
    return (
        f"{context['text']} ({context['tokens']} tokens of {len(context['memory_ids'])} memories)"
    )


def words(text: str) -> int:
    return len(text.split())


memory = Memory(path=":memory:")
memory.add({"role": "user", "name": "Ann", "content": "I like tea"}, user_id="ann", infer=False)
counters: tuple[Callable[[str], int] | None, ...] = (None, len, words)
for counter in counters:
    print(show(memory.context("tea", 300, user_id="ann", floor=0.1, tokenizer=counter)))
print(show(memory.scoped(user_id="ann").context("tea", tokens=300, limit=5, filters={})))


async def main() -> None:
    async with AsyncMemory(path=":memory:") as awaited:
        print(show(await awaited.context("tea", user_id=["ann", "bob"])))


asyncio.run(main())
