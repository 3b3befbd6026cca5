"""hnswlib: a graph, and its filter, a Python function that is asked about every row it meets."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np

from benches.peers.adapter import Plan, Rival, Setting, swept, sync
from benches.peers.data import Case, Data, Floats, K, Row

M = 16
EF_CONSTRUCTION = 200
EFS = (16, 32, 64, 128, 256, 512, 1024, 2048)


class Peer(Rival):
    version = version("hnswlib")
    parameters = {"M": M, "ef_construction": EF_CONSTRUCTION, "space": "cosine"}  # noqa: RUF012
    durability = "whole index file written and synced"
    payloads = False
    builds = False
    threads = "all cores for load; one for a filtered search, as its documentation advises"

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.path = place / "index.bin"
        self.graph: Any = hnswlib.Index(space="cosine", dim=data.dim)
        # Its "cosine" does not normalise; the vectors are of unit length already.
        self.flat: Any = None
        self.scopes: dict[str, frozenset[int]] = {}

    def load(self) -> None:
        most = len(self.data.rows) + len(self.data.extra)
        self.graph.init_index(max_elements=most, ef_construction=EF_CONSTRUCTION, M=M)
        self.graph.add_items(self.data.vectors, np.arange(len(self.data.rows)))
        self.graph.save_index(str(self.path))
        sync(self.path)

    def plans(self, case: Case) -> Sequence[Plan]:
        graph = swept("ef", EFS)
        return [graph] if case.name == "all" else [[{"brute_force": True}], graph]

    def prepare(self, case: Case, setting: Setting) -> None:
        if case.name != "all" and case.name not in self.scopes:
            self.scopes[case.name] = frozenset(self.data.members[case.name].tolist())
        if "ef" in setting:
            self.graph.set_ef(setting["ef"])
        elif self.flat is None:
            self.flat = hnswlib.BFIndex(space="ip", dim=self.data.dim)
            self.flat.init_index(max_elements=len(self.data.rows))
            self.flat.add_items(self.data.vectors, np.arange(len(self.data.rows)))

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        index = self.graph if "ef" in setting else self.flat
        if case.name == "all":
            labels, _ = index.knn_query(query, K)
        else:
            scope = self.scopes[case.name]
            try:
                labels, _ = index.knn_query(query, K, num_threads=1, filter=scope.__contains__)
            except RuntimeError:
                # With fewer than K hits it raises and gives none of them.
                return []
        return [int(label) for label in labels[0]]

    def add(self, row: Row, vector: Floats) -> None:
        self.graph.add_items(vector[None], [row["row"]])
        self.graph.save_index(str(self.path))
        sync(self.path)

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del user
        for number in rows:
            self.graph.mark_deleted(number)
        self.graph.save_index(str(self.path))
        sync(self.path)
