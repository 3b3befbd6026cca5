"""The time of `add(infer=True)` without the model, and of many adds on an event loop.

    python benches/understanding.py [--facts 10] [--adds 200] [--latency 0.05]

The language model answers at once, or after `--latency` seconds, so the times are those of memfast.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from importlib import resources
from pathlib import Path

from memfast import AsyncMemory, Memory
from memfast.types import Prompt, Reply

VOCABULARY = resources.files("memfast") / "data" / "static_embedder" / "vocab.txt"
WORDS = [
    word
    for word in VOCABULARY.read_text("utf-8").splitlines()
    if word.isascii() and word.isalpha() and len(word) > 4
]
WARM = 5
ROUNDS = 60
TURNS = 7


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


def message(chance: random.Random, facts: int) -> str:
    """Return sentences of random words."""
    return ". ".join(" ".join(chance.sample(WORDS, 9)) for _ in range(facts))


class Model:
    """Returns each sentence of the last message as a fact."""

    name = "instant"

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self.calls = 0

    def complete(self, prompt: Prompt) -> Reply:
        self.calls += 1
        lines = str(prompt.messages[-1]["content"]).splitlines()
        asked = [at for at, line in enumerate(lines) if " fact, sources " in line]
        # The second question asks about memories that are similar to the facts.
        texts = [lines[at + 1] for at in asked] if asked else lines[-2].split(". ")
        return Reply(json.dumps({"facts": [fact(text) for text in texts]}))

    async def acomplete(self, prompt: Prompt) -> Reply:
        await asyncio.sleep(self.latency)
        return self.complete(prompt)


def own_time(directory: Path, facts: int) -> None:
    """Print the time of an add whose model answers at once."""
    times = []
    model, chance = Model(), random.Random(0)
    with Memory(path=directory / "sync", llm=model) as memory:
        for turn in range(WARM + ROUNDS):
            said = message(chance, facts)
            begin = time.perf_counter()
            outcome = memory.add(said, user_id=f"user-{turn % 4}")
            times.append(time.perf_counter() - begin)
            assert len(outcome["results"]) == facts, outcome
    p50 = statistics.median(times[WARM:]) * 1e3
    calls = model.calls / (WARM + ROUNDS)
    print(
        f"add(infer=True), {facts} facts, model at once, durable: p50 {p50:.2f} ms, "
        f"{calls:.2f} calls of the model"
    )


async def concurrent(directory: Path, adds: int, latency: float) -> None:
    """Print the time of many concurrent adds and of one, and the stalls of the loop."""
    stalls: list[float] = []
    done = False

    async def watch() -> None:
        while not done:
            begin = time.perf_counter()
            await asyncio.sleep(0.001)
            stalls.append(time.perf_counter() - begin - 0.001)

    chance = random.Random(1)
    alone: list[float] = []
    together: list[float] = []

    async def timed(times: list[float], adds: int, turn: int) -> None:
        said = [(message(chance, 3), f"user-{turn}-{adds}-{at}") for at in range(adds)]
        begin = time.perf_counter()
        await asyncio.gather(*(memory.add(text, user_id=user) for text, user in said))
        times.append(time.perf_counter() - begin)

    async with AsyncMemory(path=directory / "async", llm=Model(latency)) as memory:
        await memory.add(message(chance, 3), user_id="warm")
        watcher = asyncio.create_task(watch())
        for turn in range(TURNS):
            await timed(alone, 1, turn)
            await timed(together, adds, turn)
        done = True
        await watcher
        stored = await memory.count(user_id="*")
        assert stored == 3 * (TURNS * (adds + 1) + 1), stored
    stalls.sort()
    p99 = stalls[int(len(stalls) * 0.99)] * 1e3
    one, many = statistics.median(alone), statistics.median(together)
    print(
        f"{adds} adds at once, model {latency * 1e3:.0f} ms: {many:.3f} s, one {one:.3f} s, "
        f"{many / one:.2f} times (medians of {TURNS}); stalls of the loop p99 {p99:.1f} ms, "
        f"longest {stalls[-1] * 1e3:.1f} ms"
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
