"""mem0 with its default store, Qdrant's local mode, and nothing that goes over the network.

The embedder looks vectors up by text, so that mem0's own work is what is timed. `infer=False`
stores each text as it is; the language model is made, as mem0 demands, and never called.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benches.peers.adapter import Rival, Setting
from benches.peers.data import Case, Data, Floats, K, Row

os.environ["MEM0_TELEMETRY"] = "False"


class Lookup:
    """An embedder that knows its texts."""

    def __init__(self) -> None:
        self.vectors: dict[str, list[float]] = {}

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        del memory_action
        return self.vectors[text]

    def embed_batch(self, texts: list[str], memory_action: str | None = None) -> list[list[float]]:
        return [self.embed(text, memory_action) for text in texts]


def metadata(row: Row) -> dict[str, Any]:
    # mem0 writes created_at itself, as text; a number of ours goes under another name.
    kept = {key: row[key] for key in ("row", "category", "bucket", "third")}
    return {**kept, "at": row["created_at"]}


class Peer(Rival):
    version = version("mem0ai")
    durability = "SQLite, as the library sets it, twice: vectors and history"
    builds = False
    threads = "one"

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        os.environ["MEM0_DIR"] = str(place)
        from mem0 import Memory

        unused = {"api_key": "unused"}
        store = {"path": str(place / "qdrant"), "embedding_model_dims": data.dim, "on_disk": True}
        self.memory: Any = Memory.from_config(
            {
                "embedder": {"provider": "openai", "config": unused},
                "llm": {"provider": "openai", "config": unused},
                "vector_store": {"provider": "qdrant", "config": store},
                "history_db_path": str(place / "history.db"),
            }
        )
        self.lookup = self.memory.embedding_model = Lookup()
        self.parameters = {"store": "qdrant, local, on_disk", "infer": False, "threshold": 0.0}
        self.filters = {case.name: self._filters(case) for case in data.cases}

    def _filters(self, case: Case) -> dict[str, Any]:
        filters: dict[str, Any] = {"user_id": case.user or "*", **case.equal}
        if case.since is not None:
            filters["at"] = {"gte": case.since, "lt": case.until}
        return filters

    def load(self) -> None:
        for row, vector in zip(self.data.rows, self.data.vectors, strict=True):
            self.add(row, vector)

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        del setting
        self.lookup.vectors["query"] = query.tolist()
        hits = self.memory.search(
            "query", filters=dict(self.filters[case.name]), top_k=K, threshold=0.0
        )
        return [hit["metadata"]["row"] for hit in hits["results"]]

    def add(self, row: Row, vector: Floats) -> None:
        self.lookup.vectors = {row["text"]: vector.tolist()}
        self.memory.add(row["text"], user_id=row["user"], metadata=metadata(row), infer=False)

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del rows
        self.memory.delete_all(user_id=user)

    def close(self) -> None:
        self.memory.close()
