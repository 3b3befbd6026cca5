"""`add` keeps every message as a row of its own, and facts name those that they come from."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pyarrow as pa
import pytest

from memfast import AsyncMemory, Memory, NetworkError
from memfast.stores.protocol import EVERYTHING, Deferred, Write
from memfast.testing import FakeLLM, HashEmbedder, fake_memory

ANN: dict[str, Any] = {"user_id": "ann"}
FACT = {"text": "Ann drinks tea", "event": "ADD", "sources": [0]}


def said(*texts: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text} for text in texts]


def kept(memory: Memory, **scope: Any) -> list[Any]:
    """Return the kept messages in the order of their rows."""
    shown = memory.get_all(**(scope or ANN), include_messages=True, limit=1000)["results"]
    return [item for item in shown if item.get("kind") == "message"]


def texts(items: list[Any]) -> list[str]:
    return [item["memory"] for item in items]


def test_every_message_is_kept_also_one_that_repeats_an_earlier_text() -> None:
    with fake_memory() as memory:
        memory.add(said("I drink tea.", "Great.", "Great."), **ANN)
        memory.add(said("I live in Oslo.", "Great."), **ANN)
        expected = ["I drink tea.", "Great.", "Great.", "I live in Oslo.", "Great."]
        assert texts(kept(memory)) == expected
        assert len({item["id"] for item in kept(memory)}) == len(expected)


@pytest.mark.parametrize("model", [True, False], ids=["model", "rules"])
def test_a_message_that_gives_no_fact_is_kept(model: bool) -> None:
    with fake_memory(llm=FakeLLM([{"facts": []}]) if model else None) as memory:
        added = memory.add(said("Hi!", "Bye!"), **ANN)
        assert (added["status"], added["results"]) == ("empty", [])
        assert texts(kept(memory)) == ["Hi!", "Bye!"]


def test_no_message_is_kept_where_that_is_off_or_messages_are_stored_as_they_are() -> None:
    with fake_memory(keep_messages=False) as memory:
        memory.add(said("I drink tea."), **ANN)
        assert kept(memory) == []
    with fake_memory() as memory:
        memory.add(said("I drink tea."), **ANN, infer=False)
        assert kept(memory) == []


def test_sources_are_the_messages_of_the_call_and_not_older_ones_of_the_same_text() -> None:
    facts = [[FACT], [{"text": "Ann drinks tea daily", "event": "ADD", "sources": [0]}]]
    with fake_memory(llm=FakeLLM([{"facts": one} for one in facts])) as memory:
        for day in ("2026-05-06", "2026-05-07"):
            memory.add(said("Tea for me"), **ANN, timestamp=day)
        first, second = memory.get_all(**ANN)["results"]
        [old], [new] = memory.sources(first["id"]), memory.sources(second["id"])
        assert texts([old, new]) == ["Tea for me", "Tea for me"]
        assert [one["id"] for one in (old, new)] == [one["id"] for one in kept(memory)]
        assert old.get("said_at", "") < new.get("said_at", "")


def test_a_changed_memory_names_the_messages_of_its_new_text() -> None:
    with fake_memory() as memory:
        for text in ("I live in Oslo.", "I live in Rome.", "I live in Rome."):
            memory.add(said(text), **ANN)
        by_text = {item["memory"]: item for item in memory.get_all(**ANN)["results"]}
        [source] = memory.sources(by_text["I live in Rome."]["id"])
        assert source["id"] == kept(memory)[1]["id"]


def test_a_changed_memory_has_the_speaker_of_its_new_text() -> None:
    update = {"text": "Ann lives in Rome", "event": "UPDATE", "id": "m1", "sources": [0]}
    llm = FakeLLM([{"facts": [{"text": "Ann lives in Oslo"}]}, {"facts": [update]}])
    with fake_memory(llm=llm) as memory:
        for name, text in (("Ann", "I live in Oslo"), ("Bo", "Ann lives in Rome now")):
            memory.add([{"role": "user", "name": name, "content": text}], **ANN)
        items = memory.get_all(**ANN, include_superseded=True)["results"]
        speakers = {item["memory"]: item.get("actor_id") for item in items}
        assert speakers == {"Ann lives in Oslo": "Ann", "Ann lives in Rome": "Bo"}


def test_messages_lie_in_the_order_in_which_they_were_said_and_before_their_facts() -> None:
    with fake_memory() as memory:
        memory.add(said("I drink tea.", "I live in Oslo.", "Fine."), **ANN)
        shown = memory.get_all(**ANN, include_messages=True)["results"]
        kinds = [item.get("kind", "memory") for item in shown]
        assert kinds == ["message"] * 3 + ["memory"] * (len(shown) - 3)
        assert texts(shown)[:3] == ["I drink tea.", "I live in Oslo.", "Fine."]


def test_messages_and_facts_have_their_speaker_and_their_time() -> None:
    talk = [
        {"role": "assistant", "name": "Bot", "content": "What do you drink?"},
        {"role": "user", "name": "Ann", "content": "Tea", "timestamp": "2026-05-07"},
        {"role": "user", "name": "Bo", "content": "She does"},
    ]
    answer = {"text": "Ann drinks tea", "event": "ADD", "sources": [0, 1, 2], "by": "user"}
    with fake_memory(llm=FakeLLM([{"facts": [answer]}])) as memory:
        memory.add(talk, **ANN, timestamp="2026-05-06")
        speakers = [(item.get("role"), item.get("actor_id")) for item in kept(memory)]
        assert speakers == [("assistant", "Bot"), ("user", "Ann"), ("user", "Bo")]
        days = [item.get("said_at", "")[:10] for item in kept(memory)]
        assert days == ["2026-05-06", "2026-05-07", "2026-05-06"]
        [fact] = memory.get_all(**ANN)["results"]
        assert (fact.get("role"), fact.get("actor_id")) == ("user", "Ann")


def test_a_retry_keeps_no_message_twice() -> None:
    llm = FakeLLM([NetworkError("down"), NetworkError("still down"), {"facts": [FACT]}])
    with fake_memory(llm=llm) as memory:
        memory.add(said("Tea for me", "Tea for me"), **ANN)
        assert texts(kept(memory)) == ["Tea for me"] * 2
        ids = [item["id"] for item in kept(memory)]
        assert memory.retry()["pending"] == 1
        assert memory.retry()["done"] == 1
        assert [item["id"] for item in kept(memory)] == ids
        [fact] = memory.get_all(**ANN)["results"]
        assert [one["id"] for one in memory.sources(fact["id"])] == ids[:1]


def test_a_retry_keeps_the_messages_that_an_embedder_could_not_embed() -> None:
    class Unsteady(HashEmbedder):
        is_down = True

        def embed(self, texts: Any) -> Any:
            if self.is_down:
                raise NetworkError("down")
            return super().embed(texts)

    embedder = Unsteady()
    with Memory(path=":memory:", embedder=embedder) as memory:
        assert memory.add(said("I drink tea.", "Great."), **ANN)["status"] == "pending"
        assert kept(memory) == []
        embedder.is_down = False
        assert memory.retry()["done"] == 1
        [fact] = memory.get_all(**ANN)["results"]
        assert texts(memory.sources(fact["id"])) == ["I drink tea."]


def test_a_retry_of_input_of_an_older_store_keeps_no_message_twice() -> None:
    llm = FakeLLM([NetworkError("down"), {"facts": [FACT]}])
    with fake_memory(llm=llm) as memory:
        memory.add(said("Tea for me", "Great"), **ANN)
        ids = [item["id"] for item in kept(memory)]
        store = memory._context.store
        [waits] = store.pending(EVERYTHING)
        body = json.loads(waits.body)
        del body["unnamed"]
        for turn in body["turns"]:
            del turn["id"]
        older = Deferred(waits.scope, waits.reason, json.dumps(body))
        store.write(Write(pending=[older], processed=[waits.id]))
        assert memory.retry()["done"] == 1
        assert [item["id"] for item in kept(memory)] == ids
        [fact] = memory.get_all(**ANN)["results"]
        assert [one["id"] for one in memory.sources(fact["id"])] == ids[:1]


def test_sources_of_an_older_store_are_found_by_their_texts() -> None:
    with fake_memory(keep_messages=False) as bare, Memory(path=":memory:") as memory:
        bare.add(said("I drink tea."), **ANN)
        fact = pa.table(bare.export(vectors=False)).to_pylist()[0]
        message = {"id": "said", "memory": "I drink tea.", "kind": "message", **ANN}
        named = {**fact, "id": "named", "memory": "Ann drinks tea daily"}
        alone = {**named, "id": "alone", "source_hashes": None}
        assert memory.import_([message, named, alone], progress=False).added == 3
        assert [one["id"] for one in memory.sources("named")] == ["said"]
        assert memory.sources("alone") == []
        memory.reembed("hash")
        hits = memory.search("I drink tea.", **ANN, mode="semantic")["results"]
        score = {hit["id"]: hit["score"] for hit in hits}
        assert score["named"] > score["alone"] + 0.05


def test_a_call_that_is_repeated_by_its_key_keeps_its_messages_once() -> None:
    with fake_memory() as memory:
        for _ in range(2):
            memory.add(said("I drink tea.", "Great."), **ANN, idempotency_key="one")
        assert texts(kept(memory)) == ["I drink tea.", "Great."]


def test_a_call_that_decides_again_keeps_its_messages_once() -> None:
    def meanwhile(_: object) -> dict[str, Any]:
        if len(llm.prompts) == 2:
            memory.update(home, "Ann lives in Paris")
        return {"facts": [{"text": "Ann lives in Rome", "event": "UPDATE", "id": "m1"}]}

    llm = FakeLLM([{"facts": [{"text": "Ann lives in Oslo"}]}, meanwhile, meanwhile])
    with fake_memory(llm=llm) as memory:
        home = memory.add(said("I live in Oslo"), **ANN)["results"][0]["id"]
        memory.add(said("I live in Rome now"), **ANN)
        assert len(llm.prompts) == 3
        assert texts(kept(memory)) == ["I live in Oslo", "I live in Rome now"]


def test_conversations_added_together_keep_all_their_messages() -> None:
    conversations = [{"messages": said("Hi!", "Great."), **ANN} for _ in range(5)]

    async def added() -> int:
        async with AsyncMemory(path=":memory:", embedder=HashEmbedder()) as memory:
            await memory.add_many(conversations)
            return await memory.count(**ANN, include_messages=True)

    with fake_memory() as memory:
        memory.add_many(conversations)
        assert texts(kept(memory)) == ["Hi!", "Great."] * 5
    assert asyncio.run(added()) == 10


def test_a_deleted_message_is_no_source_and_the_others_stay() -> None:
    both = {"text": "Ann drinks tea and coffee", "event": "ADD", "sources": [0, 1]}
    with fake_memory(llm=FakeLLM([{"facts": [both]}])) as memory:
        memory.add(said("Tea for me", "And coffee"), **ANN)
        memory.delete(kept(memory)[0]["id"])
        [fact] = memory.get_all(**ANN)["results"]
        assert texts(memory.sources(fact["id"])) == ["And coffee"]


def test_ids_of_messages_of_another_scope_are_no_sources() -> None:
    with fake_memory() as memory:
        memory.add(said("I drink tea."), user_id="bob")
        [foreign] = kept(memory, user_id="bob")
        row = {"id": "f", "memory": "a fact", **ANN, "source_ids": [foreign["id"], "no such id"]}
        assert memory.import_([row], progress=False).added == 1
        assert memory.sources("f") == []


def test_sources_survive_an_export_and_an_import() -> None:
    with fake_memory() as memory, fake_memory() as other:
        memory.add(said("I drink tea.", "I live in Oslo.", "Great.", "Great."), **ANN)
        other.import_(memory.export(), progress=False)
        assert kept(other) == kept(memory)
        for item in memory.get_all(**ANN)["results"]:
            assert other.sources(item["id"]) == memory.sources(item["id"]) != []
