"""`get_all`, and the items that calls return."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from memfast import AsyncMemory, Memory, ValidationError
from memfast.testing import FakeLLM, HashEmbedder, fake_memory
from memfast.types import SortOrder

FACTS = {
    "facts": [
        {"text": "Ann likes tea", "sources": [0], "categories": ["food", "habits"]},
        {"text": "Ann lives in Oslo", "sources": [0]},
    ]
}
SAID = "Ann likes tea, and Ann lives in Oslo"


def texts(found: Any) -> list[str]:
    return [item["memory"] for item in found["results"]]


@pytest.fixture
def seven(memory: Memory) -> Memory:
    """Seven memories whose times are not in the order of adding."""
    for number in range(7):
        memory.batch_add(
            [
                {
                    "memory": f"m{number}",
                    "memory_id": f"m{number}",
                    "created_at": 1_000 + (number * 3) % 7,
                    "updated_at": 5_000 + (number * 5) % 7,
                    **({"timestamp": 100 - number} if number % 2 else {}),
                }
            ],
            user_id="ann",
        )
    memory.add("other", user_id="bob", infer=False)
    return memory


@pytest.mark.parametrize("filters", [None, {"memory_type": None}])
def test_pages_hold_each_memory_once_in_the_order_of_adding(
    seven: Memory, filters: dict[str, Any] | None
) -> None:
    pages = [
        seven.get_all(user_id="ann", filters=filters, page=page, page_size=3)
        for page in (1, 2, 3, 4)
    ]
    assert [texts(page) for page in pages] == [
        ["m0", "m1", "m2"],
        ["m3", "m4", "m5"],
        ["m6"],
        [],
    ]
    assert [page["count"] for page in pages] == [7] * 4
    assert [page["next"] for page in pages] == [2, 3, None, None]
    assert [page["previous"] for page in pages] == [None, 1, 2, 3]


def test_get_all_without_a_page_returns_only_results(seven: Memory) -> None:
    assert seven.get_all(user_id="ann").keys() == {"results"}
    assert texts(seven.get_all(user_id="ann")) == [f"m{number}" for number in range(7)]
    whole = seven.get_all(user_id="ann", page_size=7)
    assert (whole["count"], whole["next"], whole["previous"]) == (7, None, None)


SORTS: tuple[SortOrder, SortOrder] = ("event_time", "-event_time")
ORDERS: list[tuple[SortOrder, list[int]]] = [
    ("created_at", sorted(range(7), key=lambda n: (n * 3) % 7)),
    ("-created_at", sorted(range(7), key=lambda n: -((n * 3) % 7))),
    ("updated_at", sorted(range(7), key=lambda n: (n * 5) % 7)),
    ("-updated_at", sorted(range(7), key=lambda n: -((n * 5) % 7))),
    ("said_at", [5, 3, 1, 0, 2, 4, 6]),
    ("-said_at", [1, 3, 5, 0, 2, 4, 6]),
]


@pytest.mark.parametrize(("sort", "order"), ORDERS)
def test_get_all_returns_memories_in_the_order_asked_for(
    seven: Memory, sort: SortOrder, order: list[int]
) -> None:
    wanted = [f"m{number}" for number in order]
    assert texts(seven.get_all(user_id="ann", sort=sort)) == wanted
    assert texts(seven.get_all(user_id="ann", sort=sort, limit=2)) == wanted[:2]
    paged = [seven.get_all(user_id="ann", sort=sort, page=n, page_size=2) for n in (1, 2, 3, 4)]
    assert [text for page in paged for text in texts(page)] == wanted
    filtered = seven.get_all(user_id="ann", sort=sort, filters={"created_at": {"gte": 1_003}})
    assert texts(filtered) == [text for text in wanted if int(text[1]) * 3 % 7 >= 3]


def test_get_all_orders_by_what_happened_apart_from_when_it_was_said(memory: Memory) -> None:
    times = {"m0": None, "m1": "2024-03-01", "m2": "2024-01-01", "m3": "2024-02-01"}
    rows = [
        {"id": name, "memory": name, "user_id": "ann", "said_at": "2024-05-01", "event_time": time}
        for name, time in times.items()
    ]
    memory.import_(rows, progress=False)
    found = [texts(memory.get_all(user_id="ann", sort=sort)) for sort in SORTS]
    assert found == [["m2", "m3", "m1", "m0"], ["m1", "m3", "m2", "m0"]]


def test_a_page_includes_what_its_options_name(memory: Memory) -> None:
    memory.add("gone", user_id="ann", expiration_date="2020-01-01", infer=False)
    memory.add("here", user_id="ann", infer=False)
    assert memory.get_all(user_id="ann", page=1)["count"] == 1
    assert memory.get_all(user_id="ann", page=1, show_expired=True)["count"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {"page": 0},
        {"page": -1},
        {"page": "1"},
        {"page": True},
        {"page_size": 0},
        {"page_size": 10**30},
        {"page": 1, "limit": 5},
        {"page_size": 5, "top_k": 5},
        {"sort": "memory"},
        {"sort": "--created_at"},
        {"sort": ["created_at"]},
        {"sort": ""},
    ],
)
def test_an_invalid_page_or_order_is_an_error(memory: Memory, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        memory.get_all(user_id="ann", **arguments)


def test_the_page_after_the_last_is_empty(seven: Memory) -> None:
    assert texts(seven.get_all(user_id="ann", page=2**62, page_size=2**62)) == []


def test_async_memory_returns_the_same_pages() -> None:
    async def main() -> None:
        async with AsyncMemory(path=":memory:", embedder=HashEmbedder()) as memory:
            await memory.batch_add(["a", "b", "c"], user_id="ann")
            page = await memory.get_all(user_id="ann", page=2, page_size=2, sort="created_at")
            assert (page["count"], len(page["results"])) == (3, 1)

    asyncio.run(main())


def test_metadata_of_an_item_is_a_dict(memory: Memory) -> None:
    added = memory.add("I like tea", user_id="ann", infer=False)
    memory_id = added["results"][0]["id"]
    item = memory.get(memory_id)
    assert item is not None
    items = [
        item,
        *memory.get_all(user_id="ann")["results"],
        *memory.iter(user_id="ann"),
        *memory.search("tea", user_id="ann")["results"],
    ]
    assert [one["metadata"] for one in items] == [{}] * 4
    assert {**item.get("metadata", {})} == {}


# ---- Categories ---------------------------------------------------------------------------------


def understood(*more: dict[str, Any], **options: Any) -> Memory:
    memory = fake_memory(llm=FakeLLM([FACTS, *more]), **options)
    memory.add(SAID, user_id="ann", metadata={"categories": "mine"})
    return memory


def test_categories_of_facts_are_a_field_beside_the_metadata() -> None:
    memory = understood()
    tea, oslo = memory.get_all(user_id="ann")["results"]
    assert tea["categories"] == ["food", "habits"]
    assert "categories" not in oslo
    assert tea["metadata"] == oslo["metadata"] == {"categories": "mine"}
    assert texts(memory.search("tea", user_id="ann", filters={"categories": "food"})) == [
        tea["memory"]
    ]
    assert memory.count(user_id="ann", filters={"categories": {"ne": "food"}}) == 1
    assert memory.count(user_id="ann", filters={"categories": "mine"}) == 1


def test_categories_survive_updates_and_reopening(tmp_path: Path) -> None:
    with understood(path=tmp_path / "store") as memory:
        tea = memory.get_all(user_id="ann")["results"][0]["id"]
        memory.update(tea, metadata={"checked": True})
        memory.update(tea, "Ann likes green tea")
    with fake_memory(path=tmp_path / "store") as memory:
        found = memory.get(tea)
        assert found is not None
        assert found["categories"] == ["food", "habits"]
        assert [entry["event"] for entry in memory.history(tea)] == ["ADD", "UPDATE", "UPDATE"]


def test_a_fact_that_replaces_another_has_its_own_categories() -> None:
    update = {
        "text": "Ann hates tea",
        "sources": [0],
        "categories": ["dislikes"],
        "event": "UPDATE",
        "id": "m1",
    }
    memory = understood({"facts": [update]})
    old = memory.get_all(user_id="ann")["results"][0]
    memory.add("Ann hates tea now", user_id="ann")
    found = memory.get_all(user_id="ann", include_superseded=True)["results"]
    by_text = {item["memory"]: item.get("categories") for item in found}
    assert by_text["Ann hates tea"] == ["dislikes"]
    assert by_text[old["memory"]] == ["food", "habits"]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet", None])
def test_categories_are_exported_and_imported(tmp_path: Path, suffix: str | None) -> None:
    memory = understood()
    copy = fake_memory()
    if suffix is None:
        copy.import_(memory.export())
    else:
        target = tmp_path / f"all.{suffix}"
        memory.export(target)
        copy.import_(target)
    kept = [(item["memory"], item.get("categories")) for item in memory.iter(user_id="ann")]
    assert [(item["memory"], item.get("categories")) for item in copy.iter(user_id="ann")] == kept


def test_an_imported_categories_column_without_texts_is_metadata(memory: Memory) -> None:
    rows = [
        {"memory": "a", "user_id": "ann", "categories": {"x": 1}},
        {"memory": "b", "user_id": "ann", "categories": [1, 2]},
        {"memory": "c", "user_id": "ann", "categories": ["food"]},
    ]
    assert memory.import_(rows).added == 3
    found = memory.get_all(user_id="ann")["results"]
    assert [item["metadata"] for item in found] == [
        {"categories": {"x": 1}},
        {"categories": [1, 2]},
        {},
    ]
    assert found[2]["categories"] == ["food"]
