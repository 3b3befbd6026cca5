"""`known_at`: memories as they were stored at a time; what was erased never comes back."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from memfast import AsyncMemory, Memory, UnsupportedError, ValidationError
from memfast.stores.local import LocalStore
from memfast.testing import HashEmbedder, fake_memory

ANN: dict[str, Any] = {"user_id": "ann"}
WORDS = ("coffee", "Oslo", "Porto", "bicycle", "works")


def now() -> datetime:
    """Return a time after all commits so far, and before all later ones."""
    sleep(0.002)
    moment = datetime.now(UTC)
    sleep(0.002)
    return moment


def known(memory: Memory, at: Any, **more: Any) -> dict[str, str]:
    found = memory.get_all(**ANN, known_at=at, limit=1000, **more)["results"]
    return {item["id"]: item["memory"] for item in found}


@pytest.mark.parametrize("seed", range(5))
def test_every_read_returns_the_versions_of_then_that_were_not_deleted(seed: int) -> None:
    draw = random.Random(seed)
    memory = fake_memory()
    current: dict[str, str] = {}
    steps: list[tuple[datetime, dict[str, str]]] = [(now(), {})]
    for number in range(25):
        choice = draw.random()
        text = f"{draw.choice(WORDS)} {number}"
        if choice < 0.5 or not current:
            # Ids of deleted memories are used again.
            key = draw.choice([f"m{one}" for one in range(30) if f"m{one}" not in current])
            memory.batch_add([{"memory": text, "memory_id": key}], **ANN)
            current[key] = text
            for _, then in steps:
                then.pop(key, None)
        elif choice < 0.8:
            key = draw.choice(sorted(current))
            memory.update(key, text)
            current[key] = text
        else:
            key = draw.choice(sorted(current))
            memory.delete(key)
            del current[key]
            for _, then in steps:
                then.pop(key, None)
        steps.append((now(), dict(current)))
    for at, then in steps:
        assert known(memory, at) == then
        assert memory.count(**ANN, known_at=at) == len(then)
        page = memory.get_all(**ANN, known_at=at, page=1, sort="-created_at")
        assert page["count"] == len(then)
        assert {item["id"]: item["memory"] for item in page["results"]} == then
        for key in (f"m{one}" for one in range(30)):
            item = memory.get(key, known_at=at)
            assert (item and item["memory"]) == then.get(key)
        hits = memory.search("coffee in Oslo", **ANN, known_at=at)["results"]
        assert {hit["id"]: hit["memory"] for hit in hits} == then


def test_a_search_ranks_the_versions_as_a_store_that_holds_nothing_else() -> None:
    texts = ["Ann drinks coffee", "Ann rides a bicycle", "Bob works in Oslo", "coffee, coffee"]
    memory, other = fake_memory(), fake_memory()
    rows = [{"memory": text, "memory_id": f"m{at}"} for at, text in enumerate(texts)]
    for one in (memory, other):
        one.batch_add(rows, **ANN)
    at = now()
    memory.update("m0", "Ann drinks tea")
    memory.batch_add([{"memory": "more coffee", "memory_id": "m9"}], **ANN)
    for question in ("Who drinks coffee?", "bicycle", "Where does Bob work?"):
        then = memory.search(question, **ANN, known_at=at, explain=True)["results"]
        alone = other.search(question, **ANN, mode="lexical", explain=True)["results"]
        shown = [(hit["id"], hit["memory"], hit["score"], hit["score_details"]) for hit in then]
        assert shown == [
            (hit["id"], hit["memory"], hit["score"], hit["score_details"]) for hit in alone
        ]


def test_a_later_end_is_not_known_yet() -> None:
    memory = fake_memory()
    memory.add("I live in Oslo.", **ANN, timestamp="2026-01-10")
    at = now()
    memory.add("I moved to Porto.", **ANN, timestamp="2026-05-10")
    assert list(known(memory, at).values()) == ["I live in Oslo."]
    # As was known then, it still held in June; as is known today, it did not.
    june = {"as_of": "2026-06-01"}
    assert list(known(memory, at, **june).values()) == ["I live in Oslo."]
    assert list(known(memory, now(), **june).values()) == ["I moved to Porto."]
    assert known(memory, at, as_of="2026-01-01") == {}


def test_what_delete_all_and_reset_erase_never_comes_back() -> None:
    memory = fake_memory()
    memory.add("I live in Oslo.", **ANN, infer=False)
    at = now()
    memory.delete_all(**ANN)
    assert known(memory, at) == {}
    memory.add("I live in Oslo.", **ANN, infer=False)
    at = now()
    memory.reset()
    assert known(memory, at) == {}
    assert memory.search("Oslo", **ANN, known_at=at)["results"] == []


def test_scoped_async_and_read_only_memories_know_what_was_known(tmp_path: Path) -> None:
    place = tmp_path / "store"
    with Memory(place, embedder=HashEmbedder()) as memory:
        memory.batch_add([{"memory": "old", "memory_id": "a"}], **ANN)
        memory.batch_add([{"memory": "bob's", "memory_id": "b"}], user_id="bob")
        at = now()
        memory.update("a", "new")
    with Memory(place, embedder=HashEmbedder(), read_only=True) as memory:
        ann = memory.scoped(**ANN)
        item = ann.get("a", known_at=at)
        assert item is not None
        assert item["memory"] == "old"
        assert ann.get("b", known_at=at) is None
        assert [hit["memory"] for hit in ann.search("x", known_at=at)["results"]] == ["old"]

    async def run() -> int:
        async with AsyncMemory(place, embedder=HashEmbedder()) as memory:
            return await memory.count(**ANN, known_at=at)

    assert asyncio.run(run()) == 1


@pytest.mark.parametrize("more", [{"mode": "semantic"}, {"mode": "hybrid"}, {"mmr": 0.5}])
def test_a_search_that_needs_old_vectors_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"^known_at searches by words"):
        fake_memory().search("x", **ANN, known_at="2026-01-01", **more)


def test_a_store_without_history_knows_nothing_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = fake_memory()
    monkeypatch.setattr(LocalStore, "capabilities", frozenset({"exact", "hybrid"}))
    with pytest.raises(UnsupportedError, match="known_at needs a store"):
        memory.get("x", known_at="2026-01-01")
    with pytest.raises(UnsupportedError, match="known_at needs a store"):
        memory.search("x", **ANN, known_at="2026-01-01")


@pytest.mark.parametrize("at", [True, "soon", "2026-13-01", [], float("nan"), 1e300])
def test_a_bad_time_is_refused_by_its_name(at: Any) -> None:
    memory = fake_memory()
    calls = (
        lambda: memory.get("x", known_at=at),
        lambda: memory.get_all(**ANN, known_at=at),
        lambda: memory.count(**ANN, known_at=at),
        lambda: memory.search("x", **ANN, known_at=at),
    )
    for call in calls:
        with pytest.raises(ValidationError, match=r"^known_at "):
            call()
