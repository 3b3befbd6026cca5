"""No store at all: the rows of the scope are known, lie in one matrix, and are scored by BLAS."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benches.peers.adapter import Rival, Setting
from benches.peers.data import Case, Data, Floats, Ints, K


class Peer(Rival):
    version = np.__version__
    parameters = {"scope": "rows known and gathered before the clock starts", "score": "f32 BLAS"}  # noqa: RUF012
    durability = "stores nothing"
    threads = "one"
    payloads = False
    stores = False
    lacks = "a matrix in RAM"
    builds = False

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.pools: dict[str, Floats] = {}

    def load(self) -> None:
        self.pools["all"] = self.data.vectors

    def prepare(self, case: Case, setting: Setting) -> None:
        del setting
        if case.name not in self.pools:
            self.pools[case.name] = self.data.vectors[self.data.members[case.name]]

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        del setting
        scores = self.pools[case.name] @ query
        members: Ints = self.data.members[case.name]
        some = np.argpartition(scores, -K)[-K:] if len(scores) > K else np.arange(len(scores))
        return list(members[some[np.argsort(-scores[some])]].tolist())
