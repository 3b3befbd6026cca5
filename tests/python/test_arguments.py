"""Bad arguments are short, typed errors in every call, and change nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from memfast import AsyncMemory, MemfastError, Memory, ValidationError
from memfast._flows import checks
from memfast.errors import shown
from memfast.testing import FakeLLM, HashEmbedder, fake_memory
from memfast.types import AddResult, Hit, UpdatedMemory

ANN: dict[str, Any] = {"user_id": "ann"}
HALF = "a\ud800b"
HUGE = 10**30
LONG = "long " * 100_000


def cyclic() -> dict[str, Any]:
    loop: dict[str, Any] = {}
    loop["self"] = [loop]
    return loop


def in_transaction(memory: Any, call: Any) -> None:
    with memory.transaction() as tx:
        call(tx)


READS = ("search", "get_all", "iter", "count", "search_many")
FLAGS = ("show_expired", "include_superseded", "include_messages")


def read(memory: Any, verb: str, **arguments: Any) -> Any:
    query: dict[str, list[Any]] = {"search": ["x"], "search_many": [["x"]]}
    return getattr(memory, verb)(*query.get(verb, []), **{**ANN, **arguments})


CALLS: dict[str, Any] = {
    # Lone surrogates
    "text": lambda m: m.add(HALF, **ANN, infer=False),
    "text by the rules": lambda m: m.add(HALF, **ANN),
    "role": lambda m: m.add([{"role": HALF, "content": "x"}], **ANN),
    "name": lambda m: m.add([{"content": "x", "name": HALF}], **ANN),
    "metadata": lambda m: m.add("x", **ANN, metadata={"k": HALF}, infer=False),
    "metadata by the rules": lambda m: m.add("I like tea", **ANN, metadata={"k": HALF}),
    "metadata key": lambda m: m.add("x", **ANN, metadata={HALF: 1}, infer=False),
    "prompt": lambda m: m.add("x", **ANN, prompt=HALF),
    "key": lambda m: m.add("x", **ANN, idempotency_key=HALF),
    "memory_id": lambda m: m.add("x", **ANN, memory_id=HALF, infer=False),
    "get": lambda m: m.get(HALF),
    "sources": lambda m: m.sources(HALF),
    "history": lambda m: m.history(HALF),
    "delete": lambda m: m.delete(HALF),
    "update id": lambda m: m.update(HALF, "x"),
    "update text": lambda m: m.update("there", HALF),
    "update metadata": lambda m: m.update("there", metadata={"k": HALF}),
    "batch_add": lambda m: m.batch_add([HALF], **ANN),
    "batch_add metadata": lambda m: m.batch_add([{"memory": "x", "metadata": {"k": HALF}}], **ANN),
    "batch_update": lambda m: m.batch_update([{"memory_id": "there", "text": HALF}]),
    "batch_delete": lambda m: m.batch_delete([HALF]),
    "transaction": lambda m: in_transaction(m, lambda tx: tx.add(HALF, **ANN)),
    "query": lambda m: m.search(HALF, **ANN),
    "queries": lambda m: m.search_many([HALF], **ANN),
    "filter value": lambda m: m.count(**ANN, filters={"k": HALF}),
    "filter key": lambda m: m.count(**ANN, filters={HALF: 1}),
    "column": lambda m: m.import_([{"memory": "x"}], **ANN, columns={"memory": HALF}),
    # Numbers that are too large, and values that are not numbers
    "ef": lambda m: m.search("x", **ANN, ef=HUGE),
    "ef of many": lambda m: m.search_many(["x"], **ANN, ef=HUGE),
    "ef text": lambda m: m.search("x", **ANN, ef="1"),
    "limit": lambda m: m.search("x", **ANN, limit=HUGE),
    "limit of all": lambda m: m.get_all(**ANN, limit=HUGE),
    "top_k": lambda m: m.search("x", **ANN, top_k=HUGE),
    "limit of retry": lambda m: m.retry(limit=HUGE),
    "threshold": lambda m: m.search("x", **ANN, threshold=10**400),
    "threshold NaN": lambda m: m.search("x", **ANN, threshold=float("nan")),
    "batch_rows": lambda m: m.import_([], batch_rows=HUGE),
    "batch_rows text": lambda m: m.import_([], batch_rows="many"),
    "max_concurrency": lambda m: m.add_many([], max_concurrency=HUGE),
    "timestamp": lambda m: m.add("x", **ANN, timestamp=HUGE, infer=False),
    "metadata number": lambda m: m.add("x", **ANN, metadata={"k": HUGE}, infer=False),
    "filter number": lambda m: m.count(**ANN, filters={"k": HUGE}),
    # Cycles
    "cyclic metadata": lambda m: m.add("x", **ANN, metadata=cyclic(), infer=False),
    "cyclic metadata by the rules": lambda m: m.add("I like tea", **ANN, metadata=cyclic()),
    "cyclic update": lambda m: m.update("there", metadata=cyclic()),
    "cyclic batch": lambda m: m.batch_add([{"memory": "x", "metadata": cyclic()}], **ANN),
    "cyclic filter": lambda m: m.count(**ANN, filters=cyclic()),
    "cyclic scope": lambda m: m.count(user_id=[cyclic()]),
    # Invalid columns
    "columns text": lambda m: m.import_([], columns="memory"),
    "columns list": lambda m: m.import_([], columns=["memory"]),
    "columns number": lambda m: m.import_([], columns=5),
    "column number": lambda m: m.import_([], columns={"memory": 5}),
    "column None": lambda m: m.import_([], columns={"memory": None}),
    "part number": lambda m: m.import_([], columns={5: "x"}),
    "part long": lambda m: m.import_([], columns={LONG: "x"}),
    "metadata columns": lambda m: m.import_([], columns={"metadata": 5}),
    "metadata column number": lambda m: m.import_([], columns={"metadata": [5]}),
    # Flags that are not bool
    "infer": lambda m: m.add("x", **ANN, infer="no"),
    "exact": lambda m: m.search("x", **ANN, exact="yes"),
    "exact of many": lambda m: m.search_many(["x"], **ANN, exact=1),
    "strict": lambda m: m.import_([], strict="yes"),
    "upsert": lambda m: m.batch_update([], upsert="yes"),
    "export vectors": lambda m: m.export(vectors="yes"),
    "export history": lambda m: m.export(history=1),
    **{
        f"{flag} of {verb}": lambda m, verb=verb, flag=flag: read(m, verb, **{flag: "yes"})
        for verb in READS
        for flag in FLAGS
    },
    # Very long values
    "long id": lambda m: m.add("x", user_id=[LONG], infer=False),
    "long time": lambda m: m.add("x", **ANN, timestamp=LONG, infer=False),
    "long date": lambda m: m.add("x", **ANN, expiration_date=LONG, infer=False),
    "long text as metadata": lambda m: m.add("x", **ANN, metadata=LONG, infer=False),
    "long memory_type": lambda m: m.add("x", **ANN, memory_type=LONG),
    "long memory_id": lambda m: m.get(LONG),
    "long key": lambda m: m.add("x", **ANN, idempotency_key=LONG),
    "long limit": lambda m: m.search("x", **ANN, limit=LONG),
    "long sort": lambda m: m.get_all(**ANN, sort=LONG),
    "long conversation": lambda m: m.add_many([LONG]),
    "long item": lambda m: m.batch_add([[LONG]], **ANN),
    "long key of an item": lambda m: m.batch_add([{"memory": "x", LONG: 1}], **ANN),
    "long filter": lambda m: m.count(**ANN, filters={"created_at": LONG}),
    "long filter id": lambda m: m.count(filters={"user_id": LONG + "\n" + LONG}),
    "long group": lambda m: m.count(**ANN, filters={"OR": LONG}),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_bad_argument_is_a_short_typed_error_and_changes_nothing(
    memory: Memory, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    memory.add("there", **ANN, memory_id="there", infer=False)
    with caplog.at_level(logging.DEBUG, "memfast"), pytest.raises(ValidationError) as caught:
        CALLS[name](memory)
    error = caught.value
    error.message.encode()
    assert len(error.message) < 600
    assert len(repr(error.details)) < 800
    assert len(caplog.text) < 600
    assert memory.count(user_id="*") == 1
    assert [row["event"] for row in memory.history("there")] == ["ADD"]


def test_a_missing_memory_of_a_long_id_is_a_short_error(memory: Memory) -> None:
    name = "m" * 60_000
    calls: list[Any] = [
        lambda: memory.update(name, "x"),
        lambda: memory.delete(name),
        lambda: memory.batch_delete([name]),
        lambda: memory.batch_update([{"memory_id": name, "text": "x"}]),
    ]
    for call in calls:
        with pytest.raises(MemfastError) as caught:
            call()
        assert len(caught.value.message) < 300
        assert len(repr(caught.value.details)) < 300


def test_a_value_is_shown_by_its_first_80_characters() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError

    for value in (LONG, [LONG], {"k": LONG}, b"x" * 1_000, HALF, cyclic(), 10**5_000, Odd()):
        text = shown(value)
        assert 0 < len(text) <= 80
        text.encode()
    assert shown("short") == "'short'"


def test_details_keep_short_values_and_the_start_of_long_ones() -> None:
    details = {"n": 5, "text": LONG, "list": [LONG, {"k": LONG}], "path": "/" + "p" * 200}
    error = ValidationError("x", details=details)
    assert error.details["n"] == 5
    assert error.details["text"] == LONG[:77] + "..."
    assert error.details["list"] == [LONG[:77] + "...", {"k": LONG[:77] + "..."}]
    assert error.details["path"] == details["path"]


# ---- Arguments of mem0 without effect ----------------------------------------------------

EVERYWHERE = {"version": "v2", "output_format": "v1.1", "keyword_search": True}
OF_SEARCH = {"rerank": True, **EVERYWHERE}
VERBS: dict[str, tuple[Any, dict[str, Any]]] = {
    "add": (lambda m, **more: m.add("I like tea", **ANN, **more), EVERYWHERE),
    "search": (lambda m, **more: m.search("tea", **ANN, **more), OF_SEARCH),
    "get_all": (lambda m, **more: m.get_all(**ANN, **more), EVERYWHERE),
    "delete_all": (lambda m, **more: m.delete_all(**ANN, **more), EVERYWHERE),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_mem0_argument_without_effect_is_logged_once(
    memory: Memory, verb: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_warned", set())
    call, names = VERBS[verb]
    for _ in range(2):
        call(memory, **names)
    for name in names:
        assert caplog.text.count(f"{verb}({name}=...) has no effect") == 1


def test_an_argument_that_asks_for_nothing_is_not_logged(
    memory: Memory, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_warned", set())
    memory.search("tea", **ANN, rerank=False, explain=False, keyword_search=None)
    assert caplog.text == ""


def test_instructions_without_a_model_are_logged_once_for_each_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = ("add(prompt=...) has no effect", "MemoryConfig(custom_instructions=...) has no effect")
    config = {"custom_instructions": "Only food."}
    for opened in (1, 2):
        with fake_memory(config=config) as memory:
            memory.add("I live in Oslo", **ANN, prompt="Only food.", infer=False)
            assert [caplog.text.count(one) for one in said] == [opened - 1] * 2
            for _ in range(2):
                memory.scoped(**ANN).add("I like tea", prompt="Only food.")
            assert [caplog.text.count(one) for one in said] == [opened] * 2
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_instructions_for_a_model_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    llm = FakeLLM([{"facts": []}])
    with fake_memory(config={"custom_instructions": "Only food.", "llm": llm}) as memory:
        memory.add("I like tea", **ANN, prompt="Only drinks.")
    assert caplog.text == ""


@pytest.mark.parametrize("verb", VERBS)
def test_any_other_unknown_argument_is_a_type_error(memory: Memory, verb: str) -> None:
    call, _ = VERBS[verb]
    with pytest.raises(TypeError, match="unexpected keyword argument 'vresion'"):
        call(memory, vresion="v2")
    if verb != "search":
        with pytest.raises(TypeError, match="rerank"):
            call(memory, rerank=True)


def test_add_many_accepts_arguments_of_mem0_and_refuses_others(memory: Memory) -> None:
    one = {"messages": "I like tea", "user_id": "ann"}
    (added,) = memory.add_many([{**one, "version": "v2"}])
    assert added["status"] == "stored"
    with pytest.raises(ValidationError, match="vresion"):
        memory.add_many([{**one, "vresion": "v2"}])


def test_async_memory_accepts_arguments_of_mem0() -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", embedder=HashEmbedder()) as memory:
            await memory.add("I like tea", **ANN, version="v2")
            found = await memory.search("tea", **ANN, rerank=True, output_format="v1.1")
            assert len(found["results"]) == 1
            assert len((await memory.get_all(**ANN, version="v2"))["results"]) == 1
            await memory.delete_all(**ANN, version="v2")

    asyncio.run(main())


# ---- Types --------------------------------------------------------------------------------------


def test_result_types_require_the_keys_that_examples_read() -> None:
    assert "score" in Hit.__required_keys__
    assert "previous_memory" in UpdatedMemory.__required_keys__
    assert {"results", "status"} <= AddResult.__required_keys__
