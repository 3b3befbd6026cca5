"""faiss without a graph: exact scan of the rows that an array of ids selects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benches.peers.adapter import Plan, Rival, Setting, sync
from benches.peers.data import Case, Data, Floats, K, Row


class Peer(Rival):
    version = faiss.__version__
    parameters = {"index": "IndexFlatIP", "selector": "IDSelectorArray", "ids": "places"}  # noqa: RUF012
    durability = "whole index file written and synced"
    payloads = False
    builds = False
    threads = (
        "OpenMP: all cores and one are tried, for the scan waits for its threads on a busy machine"
    )

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.path = place / "index.faiss"
        self.index = faiss.IndexFlatIP(data.dim)
        # Removing rows moves the others up; this says which row lies at a place.
        self.numbers = np.arange(len(data.rows))
        self.selectors: dict[str, Any] = {}
        self.cores = faiss.omp_get_max_threads()

    def load(self) -> None:
        self.index.add(self.data.vectors)
        self._save()

    def plans(self, case: Case) -> Sequence[Plan]:
        del case
        return [[{"threads": self.cores}], [{"threads": 1}]]

    def prepare(self, case: Case, setting: Setting) -> None:
        faiss.omp_set_num_threads(setting["threads"])
        if case.name != "all":
            selector = faiss.IDSelectorArray(self.data.members[case.name])
            self.selectors[case.name] = faiss.SearchParameters(sel=selector)

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        del setting
        _, ids = self.index.search(query[None], K, params=self.selectors.get(case.name))
        return list(self.numbers[ids[0][ids[0] >= 0]].tolist())

    def add(self, row: Row, vector: Floats) -> None:
        self.index.add(vector[None])
        self.numbers = np.append(self.numbers, row["row"])
        self._save()

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del user
        places = np.isin(self.numbers, np.array(rows))
        self.index.remove_ids(faiss.IDSelectorBatch(np.flatnonzero(places)))
        self.numbers = self.numbers[~places]
        self._save()

    def _save(self) -> None:
        faiss.write_index(self.index, str(self.path))
        sync(self.path)
