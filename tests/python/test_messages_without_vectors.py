"""With an embedder elsewhere, which costs, a kept message has no vector of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from memfast import Memory, ValidationError
from memfast.stores.protocol import Put, Scope, Write
from memfast.testing import FakeLLM, HashEmbedder

ANN: dict[str, Any] = {"user_id": "ann"}
FACT = {"text": "Ann drinks tea", "event": "ADD", "sources": [1]}
TALK = [
    {"role": "assistant", "content": "What do you drink?"},
    {"role": "user", "content": "Tea for me"},
    {"role": "user", "content": "Great"},
]
TEXTS = [turn["content"] for turn in TALK]


class Elsewhere:
    """An embedder behind a network; notes what it is asked for."""

    def __init__(self, name: str = "elsewhere", dim: int = 64) -> None:
        self.name = name
        self._model = HashEmbedder(dim)
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return self._model.embed(texts)


def opened(path: Path, embedder: Elsewhere, *replies: Any) -> Memory:
    return Memory(path=path, embedder=embedder, llm=FakeLLM(replies))


def talked(path: Path, embedder: Elsewhere) -> Memory:
    memory = opened(path, embedder, {"facts": [FACT]}, {"facts": []})
    memory.add(TALK, **ANN)
    return memory


def shown(memory: Memory) -> list[str]:
    items = memory.get_all(**ANN, include_messages=True)["results"]
    return [item["memory"] for item in items]


def test_only_facts_are_embedded_and_every_message_is_kept(tmp_path: Path) -> None:
    embedder = Elsewhere()
    with talked(tmp_path / "m", embedder) as memory:
        assert embedder.asked == ["Ann drinks tea"]
        assert shown(memory) == [*TEXTS, "Ann drinks tea"]
        memory.add(TALK, **ANN)
        assert embedder.asked == ["Ann drinks tea"]
        assert shown(memory) == [*TEXTS, "Ann drinks tea", *TEXTS]


def test_a_search_by_vectors_returns_no_message_without_one(tmp_path: Path) -> None:
    embedder = Elsewhere()
    with talked(tmp_path / "m", embedder) as memory:
        vector = embedder.embed(["Tea for me"])[0]
        for _ in range(2):
            hits = memory.search(vector=vector, **ANN, include_messages=True)["results"]
            assert [hit["memory"] for hit in hits] == ["Ann drinks tea"]
            memory.optimize()
    with opened(tmp_path / "m", embedder) as memory:
        hits = memory.search(vector=vector, **ANN, include_messages=True)["results"]
        assert [hit["memory"] for hit in hits] == ["Ann drinks tea"]
        assert shown(memory) == [*TEXTS, "Ann drinks tea"]


def test_a_search_by_words_finds_messages_without_vectors(tmp_path: Path) -> None:
    with talked(tmp_path / "m", Elsewhere()) as memory:
        shown: dict[str, Any] = {**ANN, "include_messages": True, "limit": 1}
        for mode in ("hybrid", "lexical"):
            [hit] = memory.search("What do you drink?", **shown, mode=mode)["results"]
            assert hit["memory"] in {"What do you drink?", "Ann drinks tea"}
            [hit] = memory.search("Great", **shown, mode=mode)["results"]
            assert hit["memory"] == "Great"


def test_messages_that_come_before_the_first_vector_do_not_disturb_a_search(
    tmp_path: Path,
) -> None:
    embedder = Elsewhere()
    facts: list[Any] = [{"facts": []}, {"facts": [{**FACT, "sources": [0]}]}]
    with opened(tmp_path / "m", embedder, *facts) as memory:
        memory.add(TALK[2:], **ANN)
        assert embedder.asked == []
        vector = HashEmbedder(64).embed(["Ann drinks tea"])[0]
        memory.add(TALK[1:2], **ANN)
        [hit] = memory.search(vector=vector, **ANN, include_messages=True)["results"]
        assert hit["memory"] == "Ann drinks tea"
        assert hit["score"] == pytest.approx(1.0)


def test_sources_need_no_vectors(tmp_path: Path) -> None:
    with talked(tmp_path / "m", Elsewhere()) as memory:
        [fact] = memory.get_all(**ANN)["results"]
        assert [one["memory"] for one in memory.sources(fact["id"])] == ["Tea for me"]


def test_a_message_can_be_changed_and_deleted(tmp_path: Path) -> None:
    with talked(tmp_path / "m", Elsewhere()) as memory:
        items = memory.get_all(**ANN, include_messages=True)["results"]
        first, second = (item["id"] for item in items[:2])
        memory.update(first, metadata={"seen": True})
        memory.update(second, "Coffee for me")
        memory.delete(items[2]["id"])
        assert shown(memory) == [TEXTS[0], "Coffee for me", "Ann drinks tea"]
        vector = HashEmbedder(64).embed(["Coffee for me"])[0]
        hits = memory.search(vector=vector, **ANN, include_messages=True)["results"]
        assert hits[0]["memory"] == "Coffee for me"


def test_reembed_leaves_messages_without_vectors(tmp_path: Path) -> None:
    new = Elsewhere("another", 32)
    with talked(tmp_path / "m", Elsewhere()) as memory:
        assert memory.reembed(new) == 1
        assert "Great" not in new.asked
        vector = new.embed(["Tea for me"])[0]
        hits = memory.search(vector=vector, **ANN, include_messages=True)["results"]
        assert [hit["memory"] for hit in hits] == ["Ann drinks tea"]
        assert shown(memory) == [*TEXTS, "Ann drinks tea"]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_exports_and_imports_keep_messages_without_vectors(kind: str, tmp_path: Path) -> None:
    path, new = tmp_path / f"export.{kind}", Elsewhere()
    with talked(tmp_path / "m", Elsewhere()) as memory, opened(tmp_path / "n", new) as other:
        memory.export(path)
        report = other.import_(path, progress=False)
        assert (report.added, report.rejected, new.asked) == (4, 0, [])
        assert shown(other) == shown(memory)
        rows = [pa.table(store.export()).to_pylist() for store in (memory, other)]
        assert rows[0] == rows[1]
        assert [row["vector"] is None for row in rows[0]] == [True, True, True, False]


def test_a_store_without_an_embedder_takes_messages_without_vectors(tmp_path: Path) -> None:
    bare = Memory(path=tmp_path / "n", embedder=None, dim=64)
    with talked(tmp_path / "m", Elsewhere()) as memory, bare as other:
        assert other.import_(memory.export(), progress=False).added == 4
        assert shown(other) == shown(memory)


def test_a_procedural_record_names_the_messages_it_was_made_of(tmp_path: Path) -> None:
    embedder = Elsewhere()
    with opened(tmp_path / "m", embedder, "1. Opened the page") as memory:
        bot: dict[str, Any] = {"agent_id": "bot"}
        added = memory.add(TALK, **bot, memory_type="procedural_memory")
        [record] = added["results"]
        assert [one["memory"] for one in memory.sources(record["id"])] == TEXTS
        assert embedder.asked == ["1. Opened the page"]


def test_a_memory_needs_a_vector(tmp_path: Path) -> None:
    with talked(tmp_path / "m", Elsewhere()) as memory:
        store = memory._context.store
        with pytest.raises(ValidationError, match="`vector` is missing"):
            store.write(Write([Put(Scope("ann"), "text", None)]))
