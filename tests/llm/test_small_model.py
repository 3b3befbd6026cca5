"""The whole path with a real model behind a real server: `make test-llm`.

The model is small and weak, so nothing is said of its wording: it must be reached, what it answers
must end in one of the three ways that are promised, and no memory may lack all words of what was
said.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memfast import AsyncMemory, Memory
from memfast.providers import load_llm
from memfast.testing import HashEmbedder
from memfast.types import Prompt

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ANN: dict[str, Any] = {"user_id": "ann"}
SAID = [
    "I live in Lisbon and I work as a nurse.",
    "My sister Mia has two dogs, Rex and Luna.",
    "I moved to Porto in May.",
]


@pytest.fixture(scope="module")
def llm() -> Iterator[dict[str, Any]]:
    """Settings of a model that a server of its own answers for."""
    packages = os.environ["SMALL_MODEL"]
    server = subprocess.Popen(
        [sys.executable, str(HERE / "serve.py")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": packages},
        text=True,
    )
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        config = {"model": "smollm2", "base_url": f"{address}/v1", "api_key": "none"}
        yield {"provider": "openai", "config": {**config, "max_tokens": 160, "timeout": 120.0}}
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def check_reached(pending: list[dict[str, Any]]) -> None:
    """Check that pending input waits because of the model's replies, not for a failing server."""
    for one in pending:
        assert not re.match(r"\w+Error: ", one["reason"]), one


def test_the_model_is_reached_and_its_reply_has_the_form_that_was_asked_for(
    llm: dict[str, Any],
) -> None:
    schema = {
        "type": "object",
        "properties": {"pets": {"type": "boolean"}},
        "required": ["pets"],
        "additionalProperties": False,
    }
    prompt = Prompt([{"role": "user", "content": SAID[1]}], schema=schema, name="pets")
    model: Any = load_llm(llm)

    async def ask() -> Any:
        reply = await model.acomplete(prompt)
        await model.aclose()
        return reply

    replies = [model.complete(prompt), asyncio.run(ask())]
    model.close()
    for reply in replies:
        assert reply.text
        assert reply.prompt_tokens > 0
        assert reply.reply_tokens > 0
        if reply.finish == "stop":
            assert json.loads(reply.text).keys() == {"pets"}


def check(added: Any, said: list[str]) -> None:
    """Check the result of an add: a known status, and no fact from nowhere."""
    assert added["status"] in {"stored", "empty", "pending"}
    assert (added["status"] == "stored") == bool(added["results"] and "pending" not in added)
    assert ("pending" in added) == (added["status"] == "pending")
    check_reached(added.get("pending", []))
    heard = " ".join(said).lower()
    for one in added["results"]:
        assert one["event"] in {"ADD", "UPDATE", "DELETE"}
        words = {word.strip(".,'\"").lower() for word in one["memory"].split()}
        # Words are free; a fact that shares none with the messages is about the user.
        shares = any(len(word) > 2 and word in heard for word in words)
        assert shares or not words.isdisjoint({"user", "user's"}), one
        numbers = re.findall(r"\d+", one["memory"])
        assert all(number in heard or number in "2026-05-10" for number in numbers), one


def test_what_is_said_is_stored_or_waits(llm: dict[str, Any], tmp_path: Path) -> None:
    with Memory(path=tmp_path / "store", llm=llm) as memory:
        ended = []
        for at, text in enumerate(SAID):
            added = memory.add(text, **ANN, timestamp="2026-05-10")
            check(added, SAID[: at + 1])
            ended.append(added["status"])
        waiting = memory.pending(**ANN)
        assert len(waiting) == ended.count("pending")
        kept = memory.search("Lisbon", **ANN, include_messages=True)["results"]
        messages = {item["memory"] for item in kept if item.get("kind") == "message"}
        assert messages == set(SAID) or waiting
    with Memory(path=tmp_path / "store", llm=llm) as memory:
        assert len(memory.pending(**ANN)) == len(waiting)


def test_a_run_of_an_agent_becomes_one_memory(llm: dict[str, Any]) -> None:
    memory = Memory(path=":memory:", embedder=HashEmbedder(), llm=llm)
    run = [
        {"role": "user", "content": "Find the cheapest train to Rome."},
        {"role": "assistant", "content": "I searched two sites; the cheapest costs 42 euros."},
    ]
    added = memory.add(run, agent_id="bot", memory_type="procedural_memory")
    assert added["status"] in {"stored", "pending"}
    check_reached(added.get("pending", []))
    items = memory.get_all(agent_id="bot")["results"]
    assert [item["memory_type"] for item in items] == ["procedural_memory"] * len(added["results"])


def test_calls_at_once_are_each_told_of(llm: dict[str, Any]) -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", llm=llm) as memory:
            adds = [memory.add(text, user_id=f"user-{at}") for at, text in enumerate(SAID[:2])]
            for text, added in zip(SAID, await asyncio.gather(*adds), strict=False):
                check(added, [text])

    asyncio.run(main())
