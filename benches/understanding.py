"""What memfast itself takes of `add(infer=True)`, and how many adds an event loop carries.

    python benches/understanding.py [--facts 10] [--adds 200] [--latency 0.05]

The language model is one that answers at once, or after `--latency` seconds, so that what is told
is the engine's and the library's own time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from memfast import AsyncMemory, Memory
from memfast.types import Prompt, Reply

WARM = 5
ROUNDS = 60


def fact(text: str) -> dict[str, object]:
    return {
        "text": text,
        "event": "ADD",
        "id": None,
        "sources": [0],
        "kind": "semantic",
        "time": None,
        "categories": ["bench"],
        "by": "user",
    }


class Model:
    """Tells `facts` new facts of each prompt's last message."""

    name = "instant"

    def __init__(self, facts: int, latency: float = 0.0) -> None:
        self.facts = facts
        self.latency = latency

    def complete(self, prompt: Prompt) -> Reply:
        lines = str(prompt.messages[-1]["content"]).splitlines()
        asked = [at for at, line in enumerate(lines) if " fact, sources " in line]
        if asked:
            # The second question: what becomes of memories that the facts resemble.
            texts = [lines[at + 1] for at in asked]
        else:
            texts = [f"{lines[-2]} and thing {number}" for number in range(self.facts)]
        return Reply(json.dumps({"facts": [fact(text) for text in texts]}))

    async def acomplete(self, prompt: Prompt) -> Reply:
        await asyncio.sleep(self.latency)
        return self.complete(prompt)


def own_time(directory: Path, facts: int) -> None:
    """Tell the time of an add whose model answers at once."""
    times = []
    with Memory(path=directory / "sync", llm=Model(facts)) as memory:
        for turn in range(WARM + ROUNDS):
            begin = time.perf_counter()
            told = memory.add(f"On day {turn} I bought a boat", user_id=f"user-{turn % 4}")
            times.append(time.perf_counter() - begin)
            assert len(told["results"]) == facts, told
    p50 = statistics.median(times[WARM:]) * 1e3
    print(f"add(infer=True), {facts} facts, model at once, durable: p50 {p50:.2f} ms")


async def concurrent(directory: Path, adds: int, latency: float) -> None:
    """Tell how long many adds at once take, beside one, and how long the loop stood still."""
    stalls: list[float] = []
    done = False

    async def watch() -> None:
        while not done:
            begin = time.perf_counter()
            await asyncio.sleep(0.001)
            stalls.append(time.perf_counter() - begin - 0.001)

    async with AsyncMemory(path=directory / "async", llm=Model(3, latency)) as memory:
        await memory.add("I have a boat", user_id="warm")
        begin = time.perf_counter()
        await memory.add("I have a dog", user_id="one")
        one = time.perf_counter() - begin
        watcher = asyncio.create_task(watch())
        begin = time.perf_counter()
        await asyncio.gather(
            *(memory.add(f"I have boat {at}", user_id=f"user-{at}") for at in range(adds))
        )
        many = time.perf_counter() - begin
        done = True
        await watcher
        stored = await memory.count(user_id="*")
        assert stored == 3 * (adds + 2), stored
    stalls.sort()
    p99 = stalls[int(len(stalls) * 0.99)] * 1e3
    print(
        f"{adds} adds at once, model {latency * 1e3:.0f} ms: {many:.3f} s, one {one:.3f} s, "
        f"{many / one:.2f} times; stalls of the loop p99 {p99:.1f} ms, longest {stalls[-1] * 1e3:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=10)
    parser.add_argument("--adds", type=int, default=200)
    parser.add_argument("--latency", type=float, default=0.05)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        own_time(Path(place), given.facts)
        asyncio.run(concurrent(Path(place), given.adds, given.latency))


if __name__ == "__main__":
    main()
