"""The shapes of messages that `add` accepts, and what it cannot store."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from memfast import AsyncMemory, Memory, ValidationError
from memfast.testing import FakeLLM, HashEmbedder, fake_memory

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 2_000_000}}


class Sdk(BaseModel):
    role: str
    content: Any
    name: str | None = None
    refusal: str | None = None


class LangChain(BaseModel):
    type: str
    content: str


@dataclass
class Plain:
    role: str
    content: str


SHAPES: dict[str, Any] = {
    "text": lambda: "I like tea",
    "dict": lambda: {"role": "user", "content": "I like tea"},
    "no role": lambda: [{"content": "I like tea"}],
    "one object": lambda: Sdk(role="user", content="I like tea"),
    "objects": lambda: [Sdk(role="user", content="I like tea")],
    "langchain": lambda: [LangChain(type="human", content="I like tea")],
    "plain objects": lambda: [Plain("user", "I like tea")],
    "namespace": lambda: [SimpleNamespace(role="user", content="I like tea")],
    "pair": lambda: [("user", "I like tea")],
    "pair of langchain": lambda: [("human", "I like tea")],
    "pair from JSON": lambda: [["user", "I like tea"]],
    "generator": lambda: (message for message in [("user", "I like tea")]),
    "iterator": lambda: iter([{"role": "user", "content": "I like tea"}]),
    "list of texts as content": lambda: [{"role": "user", "content": ["I like tea"]}],
    "parts": lambda: [Sdk(role="user", content=[{"type": "text", "text": "I like tea"}, IMAGE])],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("infer", [True, False])
def test_add_stores_every_shape_of_message(memory: Memory, shape: str, *, infer: bool) -> None:
    added = memory.add(SHAPES[shape](), user_id="ann", infer=infer)
    assert "skipped" not in added
    (item,) = memory.get_all(user_id="ann")["results"]
    assert (item["memory"], item["role"]) == ("I like tea", "user")


def test_async_add_accepts_a_generator() -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", embedder=HashEmbedder()) as memory:
            added = await memory.add((text for text in ["I like tea", "I like jam"]), user_id="ann")
            assert len(added["results"]) == 2

    asyncio.run(main())


def test_the_role_of_a_client_object_is_kept(memory: Memory) -> None:
    memory.add([LangChain(type="ai", content="Tea it is")], user_id="ann", infer=False)
    memory.add([("assistant", "Tea again")], user_id="ann", infer=False)
    roles = {item["role"] for item in memory.get_all(user_id="ann")["results"]}
    assert roles == {"assistant"}


def test_a_list_of_two_texts_is_two_messages(memory: Memory) -> None:
    memory.add(["user", "I like tea"], user_id="ann", infer=False)
    assert memory.count(user_id="ann") == 2


@pytest.mark.parametrize("role", ["system", "developer"])
@pytest.mark.parametrize("infer", [True, False])
def test_system_messages_are_neither_stored_nor_shown_to_the_model(
    role: str, *, infer: bool
) -> None:
    llm = FakeLLM([{"facts": []}])
    memory = fake_memory(llm=llm)
    messages = [{"role": role, "content": "be terse"}, {"role": "user", "content": "hello there"}]
    memory.add(messages, user_id="ann", infer=infer)
    shown = memory.get_all(user_id="ann", include_messages=True)["results"]
    assert "be terse" not in {item["memory"] for item in shown}
    assert not any("be terse" in str(prompt.messages) for prompt in llm.prompts)


@pytest.mark.parametrize(
    "messages",
    [
        "",
        " \n",
        [],
        [{"role": "user"}],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": [IMAGE]}],
        [{"role": "user", "content": IMAGE}],
        [{"role": ["user"] * 100_000, "content": "x"}],
        [{"role": "user", "content": {"x": "y" * 100_000}}],
        [{"role": "user", "content": "x", "name": ["n" * 100_000]}],
        [{"role": "user", "content": "x", "timestamp": "soon" * 100_000}],
        [17],
        [b"x" * 100_000],
        iter(()),
    ],
)
@pytest.mark.parametrize("infer", [True, False])
def test_add_skips_malformed_messages_with_a_short_reason(
    memory: Memory, caplog: pytest.LogCaptureFixture, messages: Any, *, infer: bool
) -> None:
    count = len(messages) if isinstance(messages, list) else int(isinstance(messages, str))
    with caplog.at_level(logging.DEBUG, "memfast"):
        added = memory.add(messages, user_id="ann", infer=infer)
    assert (added["results"], added["status"]) == ([], "empty")
    assert [one["index"] for one in added.get("skipped", [])] == list(range(count))
    assert all(len(one["reason"]) < 160 for one in added.get("skipped", []))
    assert len(caplog.text) < 400
    assert memory.count(user_id="*", include_messages=True) == 0


def test_add_names_an_image_as_the_reason_to_skip(memory: Memory) -> None:
    added = memory.add([{"role": "user", "content": [IMAGE]}], user_id="ann")
    assert "image" in added["skipped"][0]["reason"]


@pytest.mark.parametrize("messages", [17, None, b"x", {1, 2}, object(), 1.5])
def test_messages_of_an_unsupported_type_are_an_error(memory: Memory, messages: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        memory.add(messages, user_id="ann")
    assert caught.value.error_code == "VALIDATION_003"


@pytest.mark.parametrize("infer", [True, False])
def test_a_backfilled_memory_has_the_time_it_was_given(memory: Memory, *, infer: bool) -> None:
    metadata = {"created_at": "2023-05-06T07:08:09+02:00", "source": "crm"}
    added = memory.add("I live in Oslo", user_id="ann", metadata=metadata, infer=infer)
    item = memory.get(added["results"][0]["id"])
    assert item is not None
    assert item["created_at"] == "2023-05-06T05:08:09.000000+00:00"
    assert item["updated_at"] == item["created_at"]
    assert item["said_at"] == item["created_at"]
    assert item["metadata"] == {"source": "crm"}
    assert memory.count(user_id="ann", filters={"created_at": {"lt": "2024-01-01"}}) == 1


def test_a_backfilled_statement_does_not_replace_a_later_one(memory: Memory) -> None:
    memory.add("I live in Oslo.", user_id="ann", timestamp="2026-01-01")
    memory.add("I live in Rome.", user_id="ann", metadata={"created_at": "2023-05-06"})
    (item,) = memory.get_all(user_id="ann")["results"]
    assert item["memory"] == "I live in Oslo."


def test_pending_messages_keep_their_backfilled_time() -> None:
    llm = FakeLLM(["", "", {"facts": [{"text": "Lives in Oslo", "sources": [0]}]}])
    memory = fake_memory(llm=llm)
    metadata = {"created_at": 1_683_355_689, "updated_at": "2024-01-01"}
    added = memory.add("I live in Oslo", user_id="ann", metadata=metadata)
    assert added["status"] == "pending"
    memory.retry()
    (item,) = memory.get_all(user_id="ann")["results"]
    assert item["created_at"].startswith("2023-05-06T06:48:09")
    assert item["updated_at"].startswith("2024-01-01")


@pytest.mark.parametrize("value", ["soon", True, [2023], 1e30, "x" * 1_000])
def test_an_invalid_backfilled_time_is_an_error(memory: Memory, value: Any) -> None:
    with pytest.raises(ValidationError, match="created_at") as caught:
        memory.add("x", user_id="ann", metadata={"created_at": value}, infer=False)
    assert len(caught.value.message) < 240
    assert memory.count(user_id="*") == 0
