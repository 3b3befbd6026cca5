"""Calls that change the same memories at once: the commit decides on what it finds."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from memfast import ConflictError, Memory, MemoryNotFoundError
from memfast.testing import HashEmbedder, MeanwhileEmbedder, fake_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from memfast.stores.protocol import Selection, Store

CATS, SUBMARINES = "cats are great", "submarines are deep"
AGREES = pytest.approx(1)


class MeanwhileStore:
    """A store with another call right after the next read of a memory."""

    def __init__(self, store: Store, meanwhile: Callable[[], object]) -> None:
        self._store = store
        self._meanwhile: Callable[[], object] | None = meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _once(self) -> None:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()

    def get(self, memory_ids: list[str], within: Selection | None = None) -> Any:
        found = self._store.get(memory_ids, within)
        self._once()
        return found


def with_another_call(memory: Memory, call: Callable[[], object]) -> None:
    """Let another call commit between the next read of the memory and its commit."""
    handle = memory._handle
    embedder, plain = handle._seen

    def meanwhile() -> None:
        handle._seen = (embedder, plain)
        call()

    store = cast("Store", MeanwhileStore(plain.store, meanwhile))
    handle._seen = (embedder, replace(plain, store=store))


def stored(memory: Memory, text: str) -> str:
    return memory.add(text, user_id="ann", infer=False)["results"][0]["id"]


def score_of_own_text(memory: Memory, memory_id: str) -> float:
    """Return the score of a memory for its own text: 1 if its vector belongs to the text."""
    item = memory.get(memory_id)
    assert item is not None
    hits = memory.search(item["memory"], user_id="ann", mode="semantic")["results"]
    return next(hit["score"] for hit in hits if hit["id"] == memory_id)


def at_once(*calls: Callable[[], object]) -> list[BaseException]:
    """Run calls in threads that start together; return what they raised."""
    barrier = threading.Barrier(len(calls))
    raised: list[BaseException] = []

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
        except Exception as error:  # noqa: BLE001 - all of them are looked at
            raised.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_concurrent_updates_store_text_and_vector_of_one_call() -> None:
    memory = fake_memory()
    one = stored(memory, CATS)
    # The text is unchanged, so no vector seems to be needed.
    with_another_call(memory, lambda: memory.update(one, SUBMARINES))
    memory.update(one, CATS)
    item = memory.get(one)
    assert item is not None
    assert item["memory"] == CATS
    assert score_of_own_text(memory, one) == AGREES


def test_concurrent_batches_store_text_and_vector_of_one_call() -> None:
    embedder = MeanwhileEmbedder()
    memory = fake_memory(embedder=embedder)
    one, other = stored(memory, CATS), stored(memory, "something else")
    embedder.meanwhile = lambda: memory.update(one, SUBMARINES)
    memory.batch_update([{"memory_id": one, "text": CATS}, {"memory_id": other, "text": "new"}])
    assert [memory.get(each)["memory"] for each in (one, other)] == [CATS, "new"]  # type: ignore[index]
    assert [score_of_own_text(memory, each) for each in (one, other)] == [AGREES, AGREES]


@pytest.mark.parametrize("upsert", [False, True])
def test_threads_that_update_one_memory_store_matching_text_and_vector(*, upsert: bool) -> None:
    memory = fake_memory()
    one = stored(memory, CATS)

    def single(text: str) -> Callable[[], object]:
        return lambda: [memory.update(one, text) for _ in range(40)]

    def batch(text: str) -> Callable[[], object]:
        item = [{"memory_id": one, "text": text}]
        return lambda: [memory.batch_update(item, upsert=upsert, user_id="ann") for _ in range(40)]

    for _ in range(5):
        assert at_once(single(CATS), single(SUBMARINES), batch(CATS), batch(SUBMARINES)) == []
        assert score_of_own_text(memory, one) == AGREES


def test_update_with_an_unchanged_text_does_not_embed_it() -> None:
    embedder = MeanwhileEmbedder()
    memory = fake_memory(embedder=embedder)
    one = stored(memory, CATS)
    embedder.texts.clear()
    memory.update(one, CATS, metadata={"n": 1})
    memory.update(one, metadata={"n": 2})
    memory.batch_update([{"memory_id": one, "text": CATS}, {"memory_id": one, "metadata": {}}])
    assert embedder.texts == []
    memory.batch_update([{"memory_id": one, "text": text} for text in ("a", "a", "b", "a")])
    assert embedder.texts == ["a", "b", "a"]
    assert score_of_own_text(memory, one) == AGREES


def test_update_with_a_vector_alone_conflicts_if_the_text_changed_meanwhile() -> None:
    memory = fake_memory()
    one = stored(memory, CATS)
    vector = HashEmbedder().embed(["felines"])[0]
    with_another_call(memory, lambda: memory.update(one, SUBMARINES))
    with pytest.raises(ConflictError, match=one):
        memory.update(one, vector=vector)
    with_another_call(memory, lambda: memory.update(one, CATS))
    with pytest.raises(ConflictError, match=one):
        memory.batch_update([{"memory_id": one, "vector": vector}])
    assert score_of_own_text(memory, one) == AGREES
    memory.update(one, vector=vector)
    assert memory.search("felines", user_id="ann", mode="semantic")["results"][0]["score"] == AGREES
    memory.batch_update([{"memory_id": one, "text": "new"}, {"memory_id": one, "vector": vector}])
    found = memory.search("felines", user_id="ann", mode="semantic")["results"][0]
    assert found["memory"] == "new"
    assert found["score"] == AGREES


def test_update_of_a_memory_deleted_meanwhile_raises_not_found() -> None:
    memory = fake_memory()
    one = stored(memory, CATS)
    with_another_call(memory, lambda: memory.delete(one))
    with pytest.raises(MemoryNotFoundError, match=one):
        memory.update(one, CATS)
    assert memory.count(user_id="ann") == 0


def test_update_reports_the_previous_text_found_by_the_commit() -> None:
    embedder = MeanwhileEmbedder()
    memory = fake_memory(embedder=embedder)
    one = stored(memory, "first")
    changes: list[dict[str, Any]] = [
        {"memory_id": one, "text": "second"},
        {"memory_id": one, "metadata": {"n": 1}},
        {"memory_id": one, "text": "third"},
    ]
    added = memory.batch_update(changes)["results"]
    assert [(each["previous_memory"], each["memory"]) for each in added] == [
        ("first", "second"),
        ("second", "second"),
        ("second", "third"),
    ]
    embedder.meanwhile = lambda: memory.update(one, "fourth")
    added = memory.batch_update([{"memory_id": one, "text": "fifth"}])["results"]
    assert added[0]["previous_memory"] == "fourth"


def test_upsert_decides_in_the_commit_whether_to_add() -> None:
    embedder = MeanwhileEmbedder()
    memory = fake_memory(embedder=embedder)
    item = {"memory_id": "id", "text": CATS, "metadata": {"mine": 1}}

    def upsert() -> Any:
        return memory.batch_update([item], upsert=True, user_id="ann")["results"][0]

    embedder.meanwhile = lambda: memory.add(
        SUBMARINES,
        user_id="ann",
        infer=False,
        memory_id="id",
        metadata={"other": 1},
        expiration_date="2999-01-01",
    )
    assert upsert() == {
        "id": "id",
        "event": "UPDATE",
        "memory": CATS,
        "previous_memory": SUBMARINES,
    }
    found = memory.get("id")
    assert found is not None
    assert found["metadata"] == {"mine": 1, "other": 1}
    assert found["expiration_date"] == "2999-01-01"
    memory.update("id", SUBMARINES)
    embedder.meanwhile = lambda: memory.delete("id")
    assert upsert() == {"id": "id", "event": "ADD", "memory": CATS}
    # A stored text need not be embedded, but may be deleted before the commit.
    with_another_call(memory, lambda: memory.delete("id"))
    assert upsert()["event"] == "ADD"
    twice = memory.batch_update(
        [{"memory_id": "new", "text": "a"}, {"memory_id": "new", "text": "b"}],
        upsert=True,
        user_id="ann",
    )["results"]
    assert [each["event"] for each in twice] == ["ADD", "UPDATE"]
    assert [each.get("previous_memory") for each in twice] == [None, "a"]


def test_threads_that_upsert_and_delete_one_id_do_not_fail() -> None:
    memory = fake_memory()

    def upserts(text: str) -> Callable[[], object]:
        item = [{"memory_id": "id", "text": text}]
        return lambda: [memory.batch_update(item, upsert=True, user_id="ann") for _ in range(30)]

    def deletes() -> None:
        for _ in range(60):
            try:
                memory.delete("id")
            except MemoryNotFoundError:
                continue

    assert at_once(*[upserts(text) for text in (CATS, SUBMARINES) * 4], deletes) == []
    upserts(CATS)()
    assert score_of_own_text(memory, "id") == AGREES


def test_upsert_removes_an_expiration_date_only_if_it_is_named() -> None:
    memory = fake_memory()
    memory.add("x", user_id="ann", infer=False, memory_id="id", expiration_date="2999-01-01")
    memory.batch_update([{"memory_id": "id", "text": "y"}], upsert=True, user_id="ann")
    assert memory.get("id")["expiration_date"] == "2999-01-01"  # type: ignore[index]
    item = {"memory_id": "id", "text": "z", "expiration_date": None}
    memory.batch_update([item], upsert=True, user_id="ann")
    assert "expiration_date" not in memory.get("id")  # type: ignore[operator]
