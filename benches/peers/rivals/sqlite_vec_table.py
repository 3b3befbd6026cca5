"""sqlite-vec: one `vec0` table, split by user, with metadata columns; exact scans only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pysqlite3
import sqlite_vec

from benches.peers.adapter import Rival, Setting
from benches.peers.data import Case, Data, Floats, K, Row

# Rows of a partition are stored in chunks of this many, room for all being set aside at once. The
# default of 1,024 gives each of many small users the room of a large one.
CHUNK = 256
TABLE = """
CREATE VIRTUAL TABLE memories USING vec0(
    row INTEGER PRIMARY KEY, user TEXT PARTITION KEY, vector FLOAT[{dim}] distance_metric=cosine,
    category TEXT, bucket INTEGER, third INTEGER, created_at INTEGER, +text TEXT, chunk_size={chunk}
)
"""
INSERT = """
INSERT INTO memories(row, user, vector, category, bucket, third, created_at, text)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT = """
SELECT row, text, user, category, bucket, third, created_at, distance FROM memories
WHERE vector MATCH ? AND k = ?
"""


class Peer(Rival):
    version = f"{sqlite_vec.__version__}, SQLite {pysqlite3.sqlite_version}"
    parameters = {  # noqa: RUF012
        "user": "partition key",
        "other fields": "metadata columns",
        "text": "auxiliary column",
        "chunk_size": CHUNK,
        "journal": "WAL, synchronous=FULL",
    }
    durability = "commit synced"
    builds = False
    threads = "one"

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        super().__init__(place, data, variant)
        self.db: Any = pysqlite3.connect(place / "memories.db", isolation_level=None)
        self.db.enable_load_extension(True)
        sqlite_vec.load(self.db)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("PRAGMA mmap_size=8589934592")
        self.db.execute(TABLE.format(dim=data.dim, chunk=CHUNK))
        self.selects = {case.name: self._select(case) for case in data.cases}

    def _select(self, case: Case) -> tuple[str, list[str | int]]:
        terms: dict[str, str | int] = {f"{key} = ?": value for key, value in case.equal.items()}
        if case.user is not None:
            terms["user = ?"] = case.user
        if case.since is not None and case.until is not None:
            terms["created_at >= ?"] = case.since
            terms["created_at < ?"] = case.until
        return " AND ".join([SELECT, *terms]), list(terms.values())

    def _insert(self, row: Row, vector: Floats) -> None:
        fields = (row["category"], row["bucket"], row["third"], row["created_at"], row["text"])
        self.db.execute(INSERT, (row["row"], row["user"], vector.tobytes(), *fields))

    def load(self) -> None:
        self.db.execute("BEGIN")
        for row, vector in zip(self.data.rows, self.data.vectors, strict=True):
            self._insert(row, vector)
        self.db.execute("COMMIT")

    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        del setting
        statement, values = self.selects[case.name]
        return [hit[0] for hit in self.db.execute(statement, (query.tobytes(), K, *values))]

    def add(self, row: Row, vector: Floats) -> None:
        self._insert(row, vector)

    def delete(self, user: str, rows: Sequence[int]) -> None:
        del rows
        self.db.execute("DELETE FROM memories WHERE user = ?", (user,))

    def close(self) -> None:
        self.db.close()
