"""A memory names the messages it was made from, and every read can show them."""

from __future__ import annotations

from typing import Any

import pytest

from memfast import Memory, MemoryNotFoundError
from memfast.testing import FakeLLM, fake_memory

ANN: dict[str, Any] = {"user_id": "ann"}
TALK: list[dict[str, Any]] = [
    {"role": "user", "content": "I live in Oslo"},
    {"role": "assistant", "content": "How is it there?"},
    {"role": "user", "content": "Cold! I want to move to Rome"},
]
FACTS: list[dict[str, Any]] = [
    {"text": "Ann lives in Oslo", "event": "ADD", "sources": [0]},
    {"text": "Ann finds Oslo cold and wants to move to Rome", "event": "ADD", "sources": [0, 2]},
]


def talked(**options: Any) -> Memory:
    memory = fake_memory(llm=FakeLLM([{"facts": FACTS}]), **options)
    memory.add(TALK, **ANN, timestamp="2026-05-06")
    return memory


def contents(items: Any) -> list[str]:
    return [item["memory"] for item in items]


def test_a_memory_names_the_messages_it_was_made_from() -> None:
    memory = talked()
    home, wish = memory.get_all(**ANN)["results"]
    assert contents(memory.sources(home["id"])) == ["I live in Oslo"]
    assert contents(memory.sources(wish["id"])) == [TALK[0]["content"], TALK[2]["content"]]
    [source] = memory.sources(home["id"])
    assert source.get("kind") == "message"
    assert source.get("role") == "user"
    assert source.get("said_at", "").startswith("2026-05-06")


def test_sources_are_of_the_scope_of_their_memory() -> None:
    memory = fake_memory(llm=FakeLLM(lambda _: {"facts": FACTS[:1]}))
    for run in ("one", "two"):
        memory.add("I live in Oslo", **ANN, run_id=run)
    for item in memory.get_all(**ANN)["results"]:
        [source] = memory.sources(item["id"])
        assert source.get("run_id") == item.get("run_id")


def test_a_version_that_was_superseded_keeps_its_own_sources() -> None:
    memory = fake_memory()
    for said in ("I live in Oslo.", "I live in Rome."):
        memory.add(said, **ANN)
    items = memory.get_all(**ANN, include_superseded=True)["results"]
    assert len(items) == 2
    for item in items:
        assert contents(memory.sources(item["id"])) == [item["memory"]]


def test_a_text_changed_by_hand_has_no_sources() -> None:
    memory = talked()
    home = memory.get_all(**ANN)["results"][0]["id"]
    memory.update(home, "Ann lives in Bergen")
    assert memory.sources(home) == []


def test_messages_that_are_not_kept_are_not_sources() -> None:
    memory = talked(keep_messages=False)
    assert memory.sources(memory.get_all(**ANN)["results"][0]["id"]) == []
    plain = memory.add("as it is", **ANN, infer=False)["results"][0]["id"]
    assert memory.sources(plain) == []


def test_sources_of_an_unknown_id_are_an_error() -> None:
    with pytest.raises(MemoryNotFoundError):
        talked().sources("no-such-id")


def test_every_read_includes_messages_if_asked() -> None:
    memory = talked()
    all_texts = sorted([fact["text"] for fact in FACTS] + [turn["content"] for turn in TALK])
    shown: dict[str, Any] = {**ANN, "include_messages": True}
    assert sorted(contents(memory.get_all(**shown)["results"])) == all_texts
    assert sorted(contents(memory.iter(**shown))) == all_texts
    assert memory.count(**shown) == len(all_texts)
    assert sorted(contents(memory.search("Oslo", **shown)["results"])) == all_texts
    [many] = memory.search_many(["Oslo"], **shown)
    assert sorted(contents(many["results"])) == all_texts
    hits = memory.search("Oslo", **shown, limit=3)["results"]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert len(hits) == 3
    # Messages are returned only if asked for.
    assert memory.count(**ANN) == len(memory.get_all(**ANN)["results"]) == len(FACTS)
    assert len(list(memory.iter(**ANN))) == len(memory.search("Oslo", **ANN)["results"]) == 2


def test_every_read_includes_superseded_memories_if_asked() -> None:
    memory = fake_memory()
    memory.add("I live in Oslo.", **ANN)
    memory.add("I live in Rome.", **ANN)
    shown: dict[str, Any] = {**ANN, "include_superseded": True}
    assert memory.count(**ANN) == 1
    assert memory.count(**shown) == len(list(memory.iter(**shown))) == 2
    [many] = memory.search_many(["home"], **shown)
    assert len(many["results"]) == len(memory.search("home", **shown)["results"]) == 2
