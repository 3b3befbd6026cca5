"""Qdrant Edge: the engine of the server in this process, set up as its guide to tenants says."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import qdrant_edge as edge

from benches.peers.adapter import Plan, Rival, Setting, swept
from benches.peers.data import Case, Data, Floats, K, Row

M = 16
EF_CONSTRUCT = 100
FULL_SCAN_KB = 10_000
# The server's default: segments below it get no graph, and are scanned.
INDEXING_KB = 20_000
BATCH = 1000


def matches(key: str, value: str | int) -> edge.FieldCondition:
    return edge.FieldCondition(key=key, match=edge.MatchValue(value))


def filter_of(case: Case) -> edge.Filter | None:
    must = [matches(key, value) for key, value in case.equal.items()]
    if case.user is not None:
        must.append(matches("user", case.user))
    if case.since is not None:
        between = edge.RangeFloat(gte=case.since, lt=case.until)
        must.append(edge.FieldCondition(key="created_at", range=between))
    return edge.Filter(must=must) if must else None


class Peer(Rival):
    version = version("qdrant-edge-py")
    parameters = {  # noqa: RUF012
        "m": M,
        "payload_m": M,
        "ef_construct": EF_CONSTRUCT,
        "full_scan_threshold_kb": FULL_SCAN_KB,
        "indexing_threshold_kb": INDEXING_KB,
        "payload indexes": "user is_tenant; category, bucket, third lookup; created_at range",
    }
    # update() alone returns much sooner, and syncs nothing.
    durability = "update(), then flush(), which syncs all that is open"

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        config = edge.EdgeConfig(
            vectors=edge.EdgeVectorParams(size=data.dim, distance=edge.Distance.Cosine),
            hnsw_config=edge.HnswIndexConfig(
                m=M,
                ef_construct=EF_CONSTRUCT,
                full_scan_threshold=FULL_SCAN_KB,
                payload_m=M,
            ),
            optimizers=edge.EdgeOptimizersConfig(indexing_threshold=INDEXING_KB),
        )
        self.shard = edge.EdgeShard.create(str(place), config)
        self.filters = {case.name: filter_of(case) for case in data.cases}
        indexes = {
            "user": edge.KeywordIndexParams(is_tenant=True),
            "category": edge.KeywordIndexParams(),
            "bucket": edge.IntegerIndexParams(lookup=True, range=False),
            "third": edge.IntegerIndexParams(lookup=True, range=False),
            "created_at": edge.IntegerIndexParams(lookup=False, range=True),
        }
        for field, params in indexes.items():
            self.shard.update(edge.UpdateOperation.create_field_index(field, params))

    def load(self) -> None:
        rows, vectors = self.data.rows, self.data.vectors
        for start in range(0, len(rows), BATCH):
            some = zip(rows[start : start + BATCH], vectors[start : start + BATCH], strict=True)
            points = [edge.Point(row["row"], vector.tolist(), row) for row, vector in some]
            self.shard.update(edge.UpdateOperation.upsert_points(points))
        self.shard.flush()

    def build(self) -> None:
        self.shard.optimize()
        self.shard.flush()

    def plans(self, case: Case) -> Sequence[Plan]:
        del case
        return [swept("hnsw_ef", (16, 32, 64, 128, 256, 512, 1024))]

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        points = self.shard.search(
            edge.SearchRequest(
                query=edge.Query.Nearest(query.tolist()),
                limit=K,
                filter=self.filters[case.name],
                params=edge.SearchParams(hnsw_ef=setting["hnsw_ef"]),
                with_payload=True,
            )
        )
        return [point.payload["row"] for point in points]

    def add(self, row: Row, vector: Floats) -> None:
        point = edge.Point(row["row"], vector.tolist(), row)
        self.shard.update(edge.UpdateOperation.upsert_points([point]))
        self.shard.flush()

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del rows
        chosen = edge.Filter(must=[matches("user", user)])
        self.shard.update(edge.UpdateOperation.delete_points_by_filter(chosen))
        self.shard.flush()

    def close(self) -> None:
        self.shard.close()
