"""Batches and transactions are all or nothing; `search_many` returns what each search returns."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from memfast import Memory, MemoryNotFoundError, ValidationError
from memfast.testing import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def texts_of(memory: Memory, **scope: Any) -> list[str]:
    return [item["memory"] for item in memory.get_all(limit=1000, **scope)["results"]]


def filled(memory: Memory, *texts: str) -> list[str]:
    return [one["id"] for one in memory.batch_add(texts, user_id="ann")["results"]]


def test_batch_calls_accept_the_dicts_of_mem0s_client(memory: Memory) -> None:
    first, second = filled(memory, "one", "two")
    added = memory.batch_update(
        [{"memory_id": first, "text": "eins"}, {"memory_id": second, "metadata": {"n": 2}}]
    )
    assert added["message"] == "Successfully updated 2 memories"
    assert [(one["id"], one["event"], one["memory"]) for one in added["results"]] == [
        (first, "UPDATE", "eins"),
        (second, "UPDATE", "two"),
    ]
    assert added["results"][0]["previous_memory"] == "one"
    changed = memory.get(second)
    assert changed is not None
    assert changed["metadata"] == {"n": 2}
    gone = memory.batch_delete([{"memory_id": first}, {"memory_id": second}])
    assert [one["event"] for one in gone["results"]] == ["DELETE", "DELETE"]
    assert texts_of(memory, user_id="ann") == []


def test_a_batch_with_an_unknown_id_names_it_and_changes_nothing(memory: Memory) -> None:
    first, second = filled(memory, "one", "two")
    memory.delete(second)
    with pytest.raises(MemoryNotFoundError) as raised:
        memory.batch_update([{"memory_id": first, "text": "x"}, {"memory_id": second, "text": "y"}])
    assert raised.value.details["memory_ids"] == [second]
    with pytest.raises(MemoryNotFoundError, match=second):
        memory.batch_delete([first, second])
    assert texts_of(memory, user_id="ann") == ["one"]


def test_upsert_adds_a_memory_that_does_not_exist(memory: Memory) -> None:
    (first,) = filled(memory, "one")
    added = memory.batch_update(
        [{"memory_id": first, "text": "eins"}, {"memory_id": "new", "text": "neu"}],
        upsert=True,
        user_id="ann",
    )
    assert [one["event"] for one in added["results"]] == ["UPDATE", "ADD"]
    assert texts_of(memory, user_id="ann") == ["eins", "neu"]
    with pytest.raises(ValidationError, match="user_id"):
        memory.batch_update([{"memory_id": "other", "text": "x"}], upsert=True)


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"memory": "x", "metdata": {}}, "metdata"),
        ({"memory": ""}, "item 1"),
        ({"memory": "x", "text": "y"}, "both"),
        ({"memory": "x", "created_at": "soon"}, "item 1"),
        ({"memory": "x", "metadata": {"v": float("nan")}}, "item 1"),
        (5, "item 1"),
    ],
)
def test_a_batch_with_a_bad_item_names_it_and_stores_nothing(
    memory: Memory, bad: Any, named: str
) -> None:
    with pytest.raises(ValidationError, match=named):
        memory.batch_add(["good", bad], user_id="ann")
    assert texts_of(memory, user_id="ann") == []


@pytest.mark.parametrize(
    "vectors",
    [
        np.ones((1, 256), np.float32),
        np.ones((2, 8), np.float32),
        np.full((2, 256), np.nan, np.float32),
    ],
    ids=["too few", "another dimension", "NaN"],
)
def test_batch_with_bad_vectors_is_an_error_and_stores_nothing(
    memory: Memory, vectors: Any
) -> None:
    memory.add("before", user_id="ann", infer=False)
    with pytest.raises(ValidationError):
        memory.batch_add(["one", "two"], user_id="ann", vectors=vectors)
    assert texts_of(memory, user_id="ann") == ["before"]


def test_batch_with_an_id_twice_is_an_error_and_stores_nothing(memory: Memory) -> None:
    with pytest.raises(ValidationError, match="twin"):
        memory.batch_add([{"memory": text, "id": "twin"} for text in "ab"], user_id="ann")
    assert texts_of(memory, user_id="ann") == []
    (first,) = filled(memory, "one")
    with pytest.raises(ValidationError, match="twice"):
        memory.batch_delete([first, first])
    assert texts_of(memory, user_id="ann") == ["one"]


def test_a_batch_of_thousands_is_one_commit(disk_memory: Callable[..., Memory]) -> None:
    memory = disk_memory("store")
    texts = [f"note {number}" for number in range(3000)]
    ids = [one["id"] for one in memory.batch_add(texts, user_id="ann")["results"]]
    assert memory.search("note 2999", user_id="ann", limit=1)["results"][0]["memory"] == "note 2999"
    memory.batch_update([{"memory_id": one, "metadata": {"seen": True}} for one in ids])
    assert memory.count(user_id="ann", filters={"seen": True}) == len(ids)
    memory.batch_delete(ids[:2999])
    assert texts_of(disk_memory("store"), user_id="ann") == ["note 2999"]


def test_a_transaction_commits_at_its_end_and_a_failed_one_not_at_all(memory: Memory) -> None:
    (first,) = filled(memory, "one")

    def changes(then: Callable[[], object]) -> None:
        with memory.transaction() as tx:
            made = tx.add("two", user_id="ann")["results"][0]["id"]
            tx.update(made, "two and a half")
            tx.update(first, "eins")
            assert texts_of(memory, user_id="ann") == ["one"]
            then()

    with pytest.raises(ZeroDivisionError):
        changes(lambda: 1 // 0)
    assert texts_of(memory, user_id="ann") == ["one"]
    changes(lambda: None)
    assert sorted(texts_of(memory, user_id="ann")) == ["eins", "two and a half"]


@pytest.mark.parametrize("embedder", ["static", "hash"])
def test_a_transaction_accepts_vectors_of_any_sequence_type(embedder: str) -> None:
    memory = Memory(path=":memory:", embedder=embedder)
    with memory.transaction() as tx:
        tx.add(["I have two dogs", "I swim on Tuesdays"], user_id="ann")
        tx.batch_add(["I live in Oslo"], user_id="ann")
    found = memory.search("which pets?", user_id="ann", limit=3)["results"]
    assert {one["memory"] for one in found} == {
        "I have two dogs",
        "I swim on Tuesdays",
        "I live in Oslo",
    }
    assert (
        memory.search("I live in Oslo", user_id="ann", limit=1, mode="semantic")["results"][0][
            "score"
        ]
        == 1
    )


def test_a_transaction_sees_its_own_deletes(memory: Memory) -> None:
    (first,) = filled(memory, "one")
    with memory.transaction() as tx:
        tx.delete(first)
        with pytest.raises(MemoryNotFoundError):
            tx.update(first, "again")
    assert texts_of(memory, user_id="ann") == []


def test_search_many_returns_what_each_search_returns(memory: Memory) -> None:
    filled(memory, *[f"note {number} about {number % 7}" for number in range(200)])
    queries = [f"note {number}" for number in (3, 77, 150)]
    each = [memory.search(query, user_id="ann", limit=5, mode="semantic") for query in queries]
    assert memory.search_many(queries, user_id="ann", limit=5, mode="semantic") == each
    vectors = HashEmbedder().embed(queries)
    assert memory.search_many(vectors=vectors, user_id="ann", limit=5) == each
    assert memory.search_many([], user_id="ann") == []


@pytest.mark.parametrize("durability", ["commit", "batch", "none"])
def test_close_flushes_every_change_at_any_durability(tmp_path: Path, durability: Any) -> None:
    def opened() -> Memory:
        path = tmp_path / "store"
        return Memory(path=path, embedder=HashEmbedder(), durability=durability)

    with opened() as memory:
        memory.add("one", user_id="ann", infer=False)
        memory.flush()
        filled(memory, "two", "three")
    with opened() as memory:
        assert sorted(texts_of(memory, user_id="ann")) == ["one", "three", "two"]


def test_optimize_reports_its_stages_and_changes_no_result(
    disk_memory: Callable[..., Memory],
) -> None:
    memory = disk_memory("store")
    for part in range(3):
        filled(memory, *[f"note {part * 1500 + number}" for number in range(1500)])
    before = memory.search("note 77", user_id="*", limit=10)
    added: list[tuple[str, int, int]] = []
    memory.optimize(lambda *step: added.append(step))
    assert {stage for stage, _, _ in added} == {"merge", "index"}
    assert all(done <= total for _, done, total in added)
    assert memory.search("note 77", user_id="*", limit=10) == before
    stats = memory.stats()
    assert (stats["records"], stats["segments"], stats["write_buffer"]) == (4500, 1, 0)
    assert stats["index"] is not None
    assert stats["index"]["rows"] == 4500
    assert stats["trouble"] is None


def test_concurrent_adds_from_threads_lose_nothing(disk_memory: Callable[..., Memory]) -> None:
    memory = disk_memory("store")
    ids: list[str] = []

    def add(writer: int) -> None:
        for number in range(20):
            text = f"{writer}.{number}"
            added = memory.add(text, user_id=f"user-{writer % 3}", infer=False)
            ids.append(added["results"][0]["id"])

    threads = [threading.Thread(target=add, args=(writer,)) for writer in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reopened = disk_memory("store")
    assert len(set(ids)) == 16 * 20
    assert reopened.count(user_id="*") == 16 * 20
    assert all(reopened.get(one) is not None for one in ids)
