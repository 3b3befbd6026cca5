"""Permanent failures of a model are raised at once; temporary ones leave input pending."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from memfast import (
    AsyncMemory,
    ConfigurationError,
    DependencyError,
    MemfastError,
    Memory,
    ValidationError,
)
from memfast._flows.jobs import MOST_UNUSABLE
from memfast.providers.openai_embedder import OpenAIEmbedder
from memfast.providers.openai_llm import OpenAILLM
from memfast.testing import FakeLLM, HashEmbedder, fake_memory
from memfast.types import Prompt, Reply
from tests.python.llm_server import Answer, chat, serving

ANN: dict[str, Any] = {"user_id": "ann"}
FACTS = json.dumps({"facts": [{"text": "Ann lives in Oslo", "event": "ADD", "sources": [0]}]})


async def coroutine(_: object) -> str:
    return FACTS


def without_argument() -> str:
    return FACTS


def without_package(_: object) -> str:
    raise ModuleNotFoundError("No module named 'socksio'")


def unmade(_: object) -> str:
    raise NotImplementedError("complete")


@pytest.mark.parametrize(
    ("llm", "error", "says"),
    [
        (coroutine, ConfigurationError, "returned coroutine instead of text"),
        (lambda _: {"facts": []}, ConfigurationError, "returned dict instead of text"),
        (lambda _: 7, ConfigurationError, "returned int instead of text"),
        (without_argument, ConfigurationError, "takes 0 positional arguments"),
        (unmade, ConfigurationError, "complete"),
        (without_package, DependencyError, "socksio"),
    ],
)
@pytest.mark.parametrize("native", [False, True])
def test_a_permanent_failure_of_the_model_is_raised_and_nothing_is_pending(
    llm: Callable[..., Any], error: type[MemfastError], says: str, native: bool
) -> None:
    async def added() -> None:
        async with AsyncMemory(path=":memory:", embedder=HashEmbedder(), llm=llm) as memory:
            with pytest.raises(error, match=says):
                await memory.add("I live in Oslo", **ANN)
            assert await memory.pending() == []

    if native:
        asyncio.run(added())
        return
    memory = fake_memory(llm=llm)
    with pytest.raises(error, match=says):
        memory.add("I live in Oslo", **ANN)
    assert memory.pending() == []
    assert memory.search("Oslo", **ANN, include_messages=True)["results"] == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "ALL_PROXY"])
@pytest.mark.parametrize("native", [False, True])
def test_an_environment_without_a_working_client_is_raised(
    variable: str, native: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    # There is no client for this protocol.
    broken = {"SSL_CERT_FILE": str(tmp_path / "none.pem"), "ALL_PROXY": "gopher://localhost:1"}
    monkeypatch.setenv(variable, broken[variable])
    llm = OpenAILLM("m", base_url="https://127.0.0.1:1/v1", api_key="none", max_retries=5)
    memory = fake_memory(llm=llm)
    prompt = Prompt([{"role": "user", "content": "tea?"}])
    with pytest.raises(ConfigurationError, match="no client could be made"):
        asyncio.run(llm.acomplete(prompt)) if native else memory.add("I live in Oslo", **ANN)
    assert memory.pending() == []
    embedder = OpenAIEmbedder("m", base_url="https://127.0.0.1:1/v1", api_key="none")
    with pytest.raises(ConfigurationError, match="no client could be made"):
        embedder.embed(["tea"])


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("thought", [FACTS, f"Ann says where she lives. {FACTS}"])
def test_facts_in_the_reasoning_field_of_a_reply_are_read(key: str, thought: str) -> None:
    with serving(chat("", **{key: thought})) as server:
        llm = OpenAILLM("m", base_url=server.url, api_key="none")
        memory = fake_memory(llm=llm)
        added = memory.add("I live in Oslo", **ANN)
        llm.close()
    assert [one["memory"] for one in added["results"]] == ["Ann lives in Oslo"]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (chat("tea", reasoning_content=FACTS), "tea"),
        (chat("", reasoning_content="Let me think. I might say"), ""),
        (
            Answer(
                "".join(
                    f"data: {json.dumps({'choices': [choice]})}\n\n"
                    for choice in (
                        {"delta": {"reasoning_content": FACTS[:9]}},
                        {"delta": {"reasoning_content": FACTS[9:]}, "finish_reason": "stop"},
                    )
                ),
                headers={"content-type": "text/event-stream"},
            ),
            FACTS,
        ),
    ],
    ids=["content", "prose", "events"],
)
def test_reasoning_counts_as_the_reply_only_if_it_is_json_and_nothing_else_came(
    answer: Answer, text: str
) -> None:
    with serving(answer) as server:
        llm = OpenAILLM("m", base_url=server.url, api_key="none")
        assert llm.complete(Prompt([{"role": "user", "content": "tea?"}])).text == text
        llm.close()


@pytest.mark.parametrize("reply", ["There are no facts to extract.", "{}", '{"facts": null}'])
def test_a_reply_that_states_there_are_no_facts_ends_empty(reply: str) -> None:
    llm = FakeLLM([reply])
    memory = fake_memory(llm=llm)
    assert memory.add("hello", **ANN)["status"] == "empty"
    assert memory.pending() == []
    assert len(llm.prompts) == 1


def test_retry_stops_after_five_unusable_replies() -> None:
    llm = FakeLLM(["no JSON"] * 2)
    memory = fake_memory(llm=llm)
    memory.add("I live in Oslo", **ANN)
    for attempt in range(2, MOST_UNUSABLE + 1):
        assert memory.pending()[0]["ended"] is False
        llm.replies += ["no JSON"] * 2
        assert memory.retry() == {"results": [], "done": 0, "pending": 1}
        assert memory.pending()[0]["attempts"] == attempt
    (waiting,) = memory.pending()
    assert waiting["ended"] is True
    assert f"tried no more after {MOST_UNUSABLE} answers" in waiting["reason"]
    asked = len(llm.prompts)
    assert memory.retry() == {"results": [], "done": 0, "pending": 1}
    assert len(llm.prompts) == asked
    llm.replies.append(FACTS)
    assert memory.retry(ended=True)["done"] == 1
    assert memory.pending() == []


def test_retry_has_no_limit_while_the_model_is_unreachable() -> None:
    def down(_: Prompt) -> str:
        raise OSError("connection refused")

    llm = FakeLLM([down] * (MOST_UNUSABLE + 2))
    memory = fake_memory(llm=llm)
    memory.add("I live in Oslo", **ANN)
    for _ in range(MOST_UNUSABLE + 1):
        memory.retry()
    llm.replies.append(FACTS)
    assert memory.retry()["done"] == 1


def test_retry_refuses_an_ended_that_is_not_a_bool() -> None:
    with pytest.raises(ValidationError, match="ended must be True or False"):
        fake_memory().retry(ended="yes")  # type: ignore[arg-type]


class OneByOne:
    """An embedder in mem0's shape."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        assert isinstance(text, str)
        assert memory_action in {None, "add", "search", "update"}
        self.asked.append(text)
        return [float(len(text)), 1.0]


def test_an_embedder_that_takes_one_text_is_called_for_each() -> None:
    embedder = OneByOne()
    with Memory(path=":memory:", embedder=embedder) as memory:
        memory.batch_add(["tea", "coffee"], **ANN)
        assert memory.search("a large pot", **ANN, limit=1)["results"][0]["memory"] == "coffee"
    assert embedder.asked == ["tea", "coffee", "a large pot"]


def test_an_async_embedder_that_takes_one_text_is_called_for_each() -> None:
    class Native(OneByOne):
        async def aembed(self, text: str, memory_action: str | None = None) -> list[float]:
            return self.embed(text, memory_action)

    embedder = Native()

    async def main() -> None:
        async with AsyncMemory(path=":memory:", embedder=embedder) as memory:
            await memory.add(["tea", "coffee"], **ANN, infer=False)
            assert await memory.count(**ANN) == 2

    asyncio.run(main())
    assert embedder.asked == ["tea", "coffee"]


def test_a_procedural_memory_without_a_model_is_its_messages() -> None:
    messages = [
        {"role": "user", "content": "find a flight"},
        {"role": "assistant", "content": "1. Opened the site\n2. Chose the first"},
    ]
    memory = fake_memory()
    added = memory.add(messages, agent_id="bot", memory_type="procedural_memory")
    assert (added["status"], added["extractor"]) == ("stored", "rules")
    (item,) = memory.get_all(agent_id="bot")["results"]
    assert item["memory_type"] == "procedural_memory"
    assert item["memory"] == (
        "user: find a flight\nassistant: 1. Opened the site\n2. Chose the first"
    )
    added = memory.add("Opened the site.", agent_id="bot", memory_type="procedural_memory")
    assert [one["memory"] for one in added["results"]] == ["Opened the site."]


def test_complete_may_return_a_reply_object() -> None:
    memory = fake_memory(llm=lambda _: Reply(FACTS))
    assert memory.add("I live in Oslo", **ANN)["status"] == "stored"
