"""memfast, through its public calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benches.peers.adapter import Rival, Setting
from benches.peers.data import Case, Data, Floats, K, Row
from memfast import Memory

# A version without `import_` cannot set a memory's creation time: it stands in the metadata then.
IMPORTS = hasattr(Memory, "import_")
TIME = "created_at" if IMPORTS else "at"


def when(seconds: int) -> str | int:
    """A time as the filter takes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat() if IMPORTS else seconds


def metadata(row: Row) -> dict[str, Any]:
    kept: dict[str, Any] = {key: row[key] for key in ("category", "bucket", "third")}
    return kept if IMPORTS else {**kept, TIME: row["created_at"]}


class Peer(Rival):
    durability = "log and tables synced"

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.memory: Any = Memory(path=place / "store", embedder=None, dim=data.dim)
        self.builds = hasattr(self.memory, "optimize")
        self.parameters = {
            "load": "import_" if IMPORTS else "one add per row",
            "build": "optimize" if self.builds else "none: exact scan",
        }
        try:
            self.version = version("memfast")
        except PackageNotFoundError:
            self.version = "this tree"

    def load(self) -> None:
        if IMPORTS:
            self.memory.import_(self._dicts(), on_conflict="fail", progress=False)
            return
        for row, vector in zip(self.data.rows, self.data.vectors, strict=True):
            self.add(row, vector)

    def _dicts(self) -> Iterator[dict[str, Any]]:
        for row, vector in zip(self.data.rows, self.data.vectors, strict=True):
            yield {
                "memory": row["text"],
                "user_id": row["user"],
                "metadata": metadata(row),
                "created_at": when(row["created_at"]),
                "vector": vector,
            }

    def build(self) -> None:
        if self.builds:
            self.memory.optimize()

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        del setting
        filters: dict[str, Any] = dict(case.equal)
        if case.since is not None and case.until is not None:
            filters[TIME] = {"gte": when(case.since), "lt": when(case.until)}
        hits = self.memory.search(
            vector=query, user_id=case.user or "*", filters=filters or None, limit=K
        )
        return [int(hit["memory"].partition(" ")[0]) for hit in hits["results"]]

    def add(self, row: Row, vector: Floats) -> None:
        self.memory.add(
            row["text"], user_id=row["user"], metadata=metadata(row), vector=vector, infer=False
        )

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del rows
        self.memory.delete_all(user_id=user)

    def close(self) -> None:
        self.memory.close()
