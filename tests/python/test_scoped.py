"""Calls by id with a scope, and memories that cannot leave theirs."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memfast import AsyncMemory, Memory, MemoryNotFoundError, ValidationError
from memfast.testing import FakeLLM, HashEmbedder, fake_memory
from memfast.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memfast._scoped import Scoped

ANN: dict[str, Any] = {"user_id": "ann"}
BOB: dict[str, Any] = {"user_id": "bob"}
BY_ID: dict[str, Callable[..., Any]] = {
    "get": lambda memory, key, **ids: memory.get(key, **ids),
    "sources": lambda memory, key, **ids: memory.sources(key, **ids),
    "update": lambda memory, key, **ids: memory.update(key, "changed", **ids),
    "update of metadata": lambda memory, key, **ids: memory.update(key, metadata={"n": 1}, **ids),
    "delete": lambda memory, key, **ids: memory.delete(key, **ids),
    "history": lambda memory, key, **ids: memory.history(key, **ids),
    "batch_update": lambda memory, key, **ids: memory.batch_update(
        [{"memory_id": key, "text": "changed"}], **ids
    ),
    "batch_delete": lambda memory, key, **ids: memory.batch_delete([key], **ids),
}


def stored(memory: Memory | Scoped, text: str, **ids: Any) -> str:
    return memory.add(text, infer=False, **ids)["results"][0]["id"]


def outcome(call: Callable[[], object]) -> object:
    """What a call returns, or the error without the id that it names."""
    try:
        return call()
    except MemoryNotFoundError as error:
        return type(error), str(error.suggestion)


@pytest.mark.parametrize("name", BY_ID)
def test_the_id_of_a_memory_of_another_scope_is_an_id_that_is_not_there(
    memory: Memory, name: str
) -> None:
    key = stored(memory, "Bob's secret", **BOB)
    call = BY_ID[name]
    scopes: list[dict[str, Any]] = [ANN, {"user_id": ["ann", "eve"]}, {**BOB, "agent_id": "bot"}]
    for within in scopes:
        other = outcome(partial(call, memory, key, **within))
        assert other == outcome(partial(call, memory, "none", **within))
    ann = memory.scoped(user_id="ann")
    assert outcome(lambda: call(ann, key)) == outcome(lambda: call(ann, "none"))
    item = memory.get(key, **BOB)
    assert item is not None
    assert (item["memory"], item["metadata"]) == ("Bob's secret", {})


@pytest.mark.parametrize("name", BY_ID)
def test_calls_by_id_reach_memories_of_their_scope(memory: Memory, name: str) -> None:
    for handle, ids in ((memory, ANN), (memory, {"user_id": "*"}), (memory.scoped(**ANN), {})):
        BY_ID[name](handle, stored(memory, "hers", **ANN), **ids)


def test_a_scoped_memory_needs_no_ids(memory: Memory) -> None:
    stored(memory, "his", **BOB)
    ann = memory.scoped(**ANN)
    key = stored(ann, "I live in Oslo")
    ann.batch_add(["I like tea"])
    assert {item["memory"] for item in ann.get_all()["results"]} == {"I live in Oslo", "I like tea"}
    assert ann.count() == len(list(ann.iter())) == 2
    assert ann.search("Oslo")["results"][0]["id"] == key
    assert [len(one["results"]) for one in ann.search_many(["a", "b"])] == [2, 2]
    assert ann.pending() == []
    ann.delete_all()
    assert (ann.count(), memory.count(**BOB)) == (0, 1)


def test_a_scoped_memory_refuses_the_ids_of_others(memory: Memory) -> None:
    ann = memory.scoped(user_id="ann", agent_id="bot")
    for call in (
        lambda: ann.search("x", user_id="bob"),
        lambda: ann.get_all(user_id=["ann", "bob"]),
        lambda: ann.add("x", user_id="bob"),
        lambda: ann.add("x", agent_id="other"),
        lambda: ann.batch_add([{"memory": "x", "user_id": "bob"}]),
        lambda: ann.add_many([{"messages": "x", "user_id": "bob"}]),
        lambda: ann.delete_all(user_id="bob"),
        lambda: ann.get("id", user_id="bob"),
        lambda: ann.scoped(user_id="bob"),
    ):
        with pytest.raises(ValidationError, match="scoped to"):
            call()
    assert memory.count(user_id="*") == 0


def test_all_scopes_are_its_own_to_a_scoped_memory(memory: Memory) -> None:
    stored(memory, "his", **BOB)
    ann = memory.scoped(**ANN)
    stored(ann, "hers")
    assert [item["memory"] for item in ann.get_all(user_id="*")["results"]] == ["hers"]
    narrowed = ann.get_all(filters={"OR": [{"user_id": "bob"}, {"user_id": "ann"}]})
    assert [item["memory"] for item in narrowed["results"]] == ["hers"]
    ann.delete_all(user_id="*")
    assert memory.count(user_id="*") == 1


@given(
    ids=st.dictionaries(
        st.sampled_from(["user_id", "agent_id", "run_id"]), st.sampled_from("ab*"), max_size=3
    ),
    bound=st.dictionaries(
        st.sampled_from(["user_id", "agent_id", "run_id"]), st.sampled_from("ab"), min_size=1
    ),
)
def test_no_ids_show_a_scoped_memory_anything_outside(
    ids: dict[str, str], bound: dict[str, str]
) -> None:
    with fake_memory() as memory:
        memory.batch_add(
            [
                {"memory": f"{user}{agent}{run}", "user_id": user, "agent_id": agent, "run_id": run}
                for user in "ab"
                for agent in "ab"
                for run in "ab"
            ]
        )
        try:
            items = memory.scoped(**bound).get_all(**ids)["results"]  # type: ignore[arg-type]
        except ValidationError:
            assert any(ids.get(name) not in (None, "*", value) for name, value in bound.items())
            return
        for item in items:
            assert all(item.get(name) == value for name, value in bound.items())
        assert items


def test_scopes_nest(memory: Memory) -> None:
    run = memory.scoped(**ANN).scoped(run_id="r1")
    stored(run, "in the run")
    stored(memory, "outside", **ANN)
    assert [item["memory"] for item in run.get_all()["results"]] == ["in the run"]
    assert repr(run) == "Scoped(user_id='ann', run_id='r1')"


def test_a_scoped_transaction_cannot_leave_its_scope(memory: Memory) -> None:
    his = stored(memory, "his", **BOB)
    with memory.scoped(**ANN).transaction() as tx:
        hers = tx.add("hers")["results"][0]["id"]
        with pytest.raises(MemoryNotFoundError):
            tx.delete(his)
        with pytest.raises(MemoryNotFoundError):
            tx.update(his, "changed")
        tx.update(hers, metadata={"n": 1})
    assert [item["memory"] for item in memory.get_all(user_id="*")["results"]] == ["his", "hers"]


def test_a_scoped_model_is_asked_about_its_scope_alone() -> None:
    llm = FakeLLM([{"facts": []}])
    with fake_memory(llm=llm) as memory:
        stored(memory, "Bob lives in Rome", **BOB)
        memory.scoped(**ANN).add("I live in Oslo")
    assert "Rome" not in str(llm.prompts[0].messages)


def test_sql_of_a_scope_has_no_rows_of_others(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder=HashEmbedder()) as memory:
        his = stored(memory, "his", **BOB)
        hers = stored(memory, "hers", metadata={"n": [1]}, **ANN)
        memory.delete(his)
        stored(memory, "his too", **BOB)
        ann = memory.scoped(**ANN)
        calls: list[Any] = [ann.sql, partial(memory.sql, **ANN)]
        for call in calls:
            assert call("select id, memory from memories").fetchall() == [(hers, "hers")]
            assert call("select memory_id, new_metadata from history").fetchall() == [
                (hers, '{"n":[1]}')
            ]
            for name in ("main.memories", "main.history"):
                assert len(call(f"select * from {name}").fetchall()) == 1
            for name in ("events", "main.events", "watermark"):
                with pytest.raises(ValidationError):
                    call(f"select * from {name}")
        assert len(memory.sql("select * from history").fetchall()) == 4
        with pytest.raises(ValidationError, match="scoped to"):
            ann.sql("select 1", user_id="bob")


def test_an_export_of_a_scoped_memory_holds_its_scope_alone(memory: Memory, tmp_path: Path) -> None:
    stored(memory, "his", **BOB)
    ann = memory.scoped(**ANN)
    stored(ann, "hers")
    target = tmp_path / "out.jsonl"
    assert ann.export(target).rows == 1
    assert "his" not in target.read_text().replace("history", "")


def test_a_scoped_memory_has_every_call_but_those_about_the_whole_store(memory: Memory) -> None:
    ann = memory.scoped(**ANN)
    for verb in VERBS.values():
        assert hasattr(ann, verb.name) is (verb.scope != "none"), verb.name


def test_a_scoped_async_memory_stays_in_its_scope() -> None:
    async def main() -> None:
        async with AsyncMemory(":memory:", embedder=HashEmbedder()) as memory:
            his = (await memory.add("his", infer=False, **BOB))["results"][0]["id"]
            ann = memory.scoped(**ANN)
            await ann.add("hers", infer=False)
            assert await ann.get(his) is None
            with pytest.raises(MemoryNotFoundError):
                await ann.delete(his)
            with pytest.raises(ValidationError, match="scoped to"):
                await ann.search("x", user_id="bob")
            assert [item["memory"] async for item in ann.iter()] == ["hers"]
            async with ann.transaction() as tx:
                tx.add("more")
            assert await ann.count() == 2
            for verb in VERBS.values():
                assert hasattr(ann, verb.name) is (verb.scope != "none"), verb.name

    asyncio.run(main())


def test_a_scope_of_no_id_is_refused(memory: Memory) -> None:
    with pytest.raises(ValidationError, match="At least one"):
        memory.scoped()
    with pytest.raises(ValidationError, match="all scopes"):
        memory.scoped(user_id="*")
