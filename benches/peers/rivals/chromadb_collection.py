"""Chroma: one persistent collection, filtered with `where`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings

from benches.peers.adapter import Plan, Rival, Setting, swept
from benches.peers.data import Case, Data, Floats, K, Row

EF_CONSTRUCTION = 200
MAX_NEIGHBORS = 16
FIELDS = ("row", "user", "category", "bucket", "third", "created_at")


def where_of(case: Case) -> dict[str, Any] | None:
    terms: list[dict[str, Any]] = [{key: value} for key, value in case.equal.items()]
    if case.user is not None:
        terms.append({"user": case.user})
    if case.since is not None:
        terms += [{"created_at": {"$gte": case.since}}, {"created_at": {"$lt": case.until}}]
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else {"$and": terms}


def metadata(row: Row) -> dict[str, Any]:
    return {key: row[key] for key in FIELDS}  # type: ignore[literal-required]


class Peer(Rival):
    version = chromadb.__version__
    parameters = {  # noqa: RUF012
        "space": "cosine",
        "ef_construction": EF_CONSTRUCTION,
        "max_neighbors": MAX_NEIGHBORS,
    }
    durability = "SQLite, as the library sets it"
    builds = False

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.client = self._open()
        hnsw = {
            "space": "cosine",
            "ef_construction": EF_CONSTRUCTION,
            "max_neighbors": MAX_NEIGHBORS,
        }
        self.collection: Any = self.client.create_collection(
            "memories",
            embedding_function=None,
            configuration={"hnsw": hnsw},
        )
        self.wheres = {case.name: where_of(case) for case in data.cases}
        self.ef = 0

    def _open(self) -> Any:
        return chromadb.PersistentClient(str(self.place), Settings(anonymized_telemetry=False))

    def load(self) -> None:
        batch = self.client.get_max_batch_size()
        for start in range(0, len(self.data.rows), batch):
            rows = self.data.rows[start : start + batch]
            self.collection.add(
                ids=[str(row["row"]) for row in rows],
                embeddings=self.data.vectors[start : start + batch],
                documents=[row["text"] for row in rows],
                metadatas=[metadata(row) for row in rows],
            )

    def plans(self, case: Case) -> Sequence[Plan]:
        del case
        return [swept("ef_search", (16, 32, 64, 128, 256, 512, 1024))]

    def prepare(self, case: Case, setting: Setting) -> None:
        del case
        if setting["ef_search"] != self.ef:
            self.ef = setting["ef_search"]
            self.collection.modify(configuration={"hnsw": {"ef_search": self.ef}})
            # An index that is loaded goes on with the setting it was loaded with.
            self.client.close()
            self.client.clear_system_cache()
            self.client = self._open()
            self.collection = self.client.get_collection("memories", embedding_function=None)

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        del setting
        hits = self.collection.query(
            query_embeddings=query[None],
            n_results=K,
            where=self.wheres[case.name],
            include=["documents", "metadatas", "distances"],
        )
        return [payload["row"] for payload in hits["metadatas"][0]]

    def add(self, row: Row, vector: Floats) -> None:
        self.collection.add(
            ids=[str(row["row"])],
            embeddings=vector[None],
            documents=[row["text"]],
            metadatas=[metadata(row)],
        )

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del rows
        self.collection.delete(where={"user": user})
