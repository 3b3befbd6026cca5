"""LanceDB: one table, scalar indexes on what is filtered, with and without its vector index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
from lancedb.index import Bitmap, BTree, HnswSq

from benches.peers.adapter import Plan, Rival, Setting
from benches.peers.data import Case, Data, Floats, K, Row

COLUMNS = ("row", "text", "user", "category", "bucket", "third", "created_at")
INDEXES = {
    "user": BTree(),
    "created_at": BTree(),
    "category": Bitmap(),
    "bucket": Bitmap(),
    "third": Bitmap(),
}
EF_CONSTRUCTION = 300
REFINE = 4


def where_of(case: Case) -> str:
    terms = [f"{key} = {value!r}" for key, value in case.equal.items()]
    if case.user is not None:
        terms.append(f"user = {case.user!r}")
    if case.since is not None:
        terms.append(f"created_at >= {case.since} AND created_at < {case.until}")
    return " AND ".join(terms)


class Peer(Rival):
    version = lancedb.__version__
    parameters = {  # noqa: RUF012
        "scalar indexes": "user, created_at BTREE; category, bucket, third BITMAP",
        "vector index": "IVF_HNSW_SQ, partitions by default",
        "ef_construction": EF_CONSTRUCTION,
        "filter": "before the search",
    }
    durability = "a new version of the table; the library syncs no file"
    synced = False

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.schema = pa.schema(
            [
                ("row", pa.int64()),
                ("text", pa.string()),
                ("user", pa.string()),
                ("category", pa.string()),
                ("bucket", pa.int64()),
                ("third", pa.int64()),
                ("created_at", pa.int64()),
                ("vector", pa.list_(pa.float32(), data.dim)),
            ]
        )
        self.table: Any = lancedb.connect(place).create_table("memories", schema=self.schema)
        self.wheres = {case.name: where_of(case) for case in data.cases}

    def _arrow(self, rows: Sequence[Row], vectors: Floats) -> pa.Table:
        flat = pa.array(vectors.reshape(-1))
        columns = {
            name: pa.array([row[name] for row in rows])  # type: ignore[literal-required]
            for name in COLUMNS
        }
        columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, self.data.dim)
        return pa.table(columns, schema=self.schema)

    def load(self) -> None:
        self.table.add(self._arrow(self.data.rows, self.data.vectors))

    def build(self) -> None:
        for column, config in INDEXES.items():
            self.table.create_index(column, config=config)
        config = HnswSq(distance_type="cosine", ef_construction=EF_CONSTRUCTION)
        self.table.create_index("vector", config=config)
        self.table.optimize()

    def plans(self, case: Case) -> Sequence[Plan]:
        del case
        graph = [
            {"ef": ef, "refine_factor": refine}
            for ef in (16, 32, 64, 128, 256, 512)
            for refine in (None, REFINE)
            # It refuses a graph search for more hits than its ef.
            if ef >= K * (refine or 1)
        ]
        return [[{"bypass_vector_index": True}], graph]

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        asked = self.table.search(query, vector_column_name="vector").distance_type("cosine")
        if "ef" in setting:
            asked = asked.ef(setting["ef"])
            if setting["refine_factor"]:
                asked = asked.refine_factor(setting["refine_factor"])
        else:
            asked = asked.bypass_vector_index()
        if self.wheres[case.name]:
            asked = asked.where(self.wheres[case.name], prefilter=True)
        return [hit["row"] for hit in asked.select([*COLUMNS, "_distance"]).limit(K).to_list()]

    def add(self, row: Row, vector: Floats) -> None:
        self.table.add(self._arrow([row], vector[None]))

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del rows
        self.table.delete(f"user = {user!r}")
