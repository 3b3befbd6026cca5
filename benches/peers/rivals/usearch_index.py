"""usearch: a graph of vectors in f32, bf16 or i8.

Its Python API has no filter. A scope is searched in the better of two ways: its rows, gathered
from a matrix of the caller's, by the library's exact search; or more hits of the graph than are
wanted, of which the scope's are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from usearch.index import Index, MetricKind
from usearch.index import search as exact_search

from benches.peers.adapter import Plan, Rival, Setting, swept, sync
from benches.peers.data import Case, Data, Floats, K, Row

CONNECTIVITY = 16
EXPANSION_ADD = 128


def codes(vectors: Floats, dtype: str) -> Any:
    """Unit vectors as the exact search takes them, which converts nothing itself."""
    if dtype == "bf16":
        bits = vectors.view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    if dtype == "i8":
        # As the index does it: cosine allows each vector a scale of its own.
        scale = 127 / np.abs(vectors).max(axis=-1, keepdims=True)
        return np.rint(vectors * scale).astype(np.int8)
    return vectors


class Peer(Rival):
    version = version("usearch")
    durability = "whole index file written and synced"
    payloads = False
    builds = False
    threads = "all cores for load; the exact search with all and with one, the graph with one"

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.index = Index(
            ndim=data.dim,
            metric=MetricKind.Cos,
            dtype=variant,
            connectivity=CONNECTIVITY,
            expansion_add=EXPANSION_ADD,
        )
        self.path = place / "index.usearch"
        self.matrix = codes(data.vectors, variant)
        self.masks: dict[str, Any] = {}
        self.parameters = {
            "dtype": variant,
            "connectivity": CONNECTIVITY,
            "expansion_add": EXPANSION_ADD,
            "simd": self.index.hardware_acceleration,
        }

    def load(self) -> None:
        self.index.add(np.arange(len(self.data.rows)), self.data.vectors)
        self.index.save(str(self.path))
        sync(self.path)

    def plans(self, case: Case) -> Sequence[Plan]:
        graph = swept("expansion_search", (16, 32, 64, 128, 256, 512, 1024), fetch=K)
        if case.name == "all":
            return [graph]
        over = [
            {"expansion_search": fetch, "fetch": fetch} for fetch in (32, 64, 128, 256, 512, 1024)
        ]
        gathered = [[{"gather": self.variant, "threads": threads}] for threads in (0, 1)]
        return [*gathered, over]

    def prepare(self, case: Case, setting: Setting) -> None:
        if "fetch" in setting:
            self.index.expansion_search = setting["expansion_search"]
        if case.name not in self.masks:
            mask = np.zeros(len(self.data.rows) + len(self.data.extra), bool)
            mask[self.data.members[case.name]] = True
            self.masks[case.name] = mask

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        if "gather" in setting:
            members = self.data.members[case.name]
            hits = exact_search(
                self.matrix[members],
                codes(query, self.variant),
                min(K, len(members)),
                MetricKind.Cos,
                exact=True,
                dtype=self.variant,
                threads=setting["threads"],
            )
            return list(members[hits.keys].tolist())
        keys = self.index.search(query, setting["fetch"], threads=1).keys
        if case.name == "all":
            return list(keys.tolist())
        return list(keys[self.masks[case.name][keys]][:K].tolist())

    def add(self, row: Row, vector: Floats) -> None:
        self.index.add(row["row"], vector)
        self.index.save(str(self.path))
        sync(self.path)

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del user
        self.index.remove(np.array(rows))
        self.index.save(str(self.path))
        sync(self.path)
