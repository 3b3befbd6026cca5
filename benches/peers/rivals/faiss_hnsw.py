"""faiss with a graph, and a bitmap of the rows that count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benches.peers.adapter import Plan, Rival, Setting, swept, sync
from benches.peers.data import Case, Data, Floats, K, Row

M = 32
EF_CONSTRUCTION = 200
EFS = (16, 32, 64, 128, 256, 512, 1024, 2048)


class Peer(Rival):
    version = faiss.__version__
    parameters = {  # noqa: RUF012
        "index": "IndexHNSWFlat",
        "M": M,
        "efConstruction": EF_CONSTRUCTION,
        "selector": "IDSelectorBitmap",
    }
    durability = "whole index file written and synced"
    payloads = False
    lacks = "IndexHNSWFlat has no remove_ids"
    builds = False
    threads = "OpenMP, all cores for load; one query is one thread"

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.path = place / "index.faiss"
        self.index = faiss.IndexHNSWFlat(data.dim, M, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = EF_CONSTRUCTION
        self.chosen: dict[str, Any] = {}

    def load(self) -> None:
        self.index.add(self.data.vectors)
        self._save()

    def plans(self, case: Case) -> Sequence[Plan]:
        del case
        return [swept("efSearch", EFS)]

    def prepare(self, case: Case, setting: Setting) -> None:
        params = faiss.SearchParametersHNSW(efSearch=setting["efSearch"])
        if case.name != "all":
            mask = np.zeros(self.index.ntotal, bool)
            mask[self.data.members[case.name]] = True
            bits = np.packbits(mask, bitorder="little")
            params = faiss.SearchParametersHNSW(
                efSearch=setting["efSearch"], sel=faiss.IDSelectorBitmap(bits)
            )
        self.chosen[case.name] = params

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        del setting
        _, ids = self.index.search(query[None], K, params=self.chosen[case.name])
        return list(ids[0][ids[0] >= 0].tolist())

    def add(self, row: Row, vector: Floats) -> None:
        del row  # rows are added in the order of their numbers
        self.index.add(vector[None])
        self._save()

    def _save(self) -> None:
        faiss.write_index(self.index, str(self.path))
        sync(self.path)
