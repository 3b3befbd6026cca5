"""Open, fill and measure stores: one function for each call of memfast."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from memfast.bench.data import Chunk, Synthetic
from memfast.errors import DatabaseError
from memfast.memory import Memory
from memfast.types import SearchResult


def open_store(path: Path, dim: int) -> Memory:
    """Open a store for the caller's vectors; each change is durable when its call returns."""
    return Memory(path=path, embedder=None, dim=dim, durability="commit")


def import_chunk(memory: Memory, chunk: Chunk, *, vectors: bool = True) -> float:
    """Import rows, with or without their vectors; return rows per second."""
    begin = perf_counter()
    report = memory.import_(
        chunk.rows,
        vectors=chunk.vectors if vectors else None,
        on_conflict="fail",
        batch_rows=len(chunk.rows),
        progress=False,
    )
    seconds = perf_counter() - begin
    if report.added != len(chunk.rows):
        raise DatabaseError(f"an import of {len(chunk.rows)} rows added {report.added}")
    return len(chunk.rows) / seconds


def fill(memory: Memory, data: Synthetic) -> tuple[list[float], int]:
    """Store all rows; return the rows per second of each chunk, and the length of all texts."""
    rates: list[float] = []
    text_bytes = 0
    for chunk in data.chunks():
        rates.append(import_chunk(memory, chunk))
        text_bytes += chunk.text_bytes
    return rates, text_bytes


def build_index(memory: Memory) -> float:
    """Build the approximate index; return the seconds."""
    begin = perf_counter()
    memory.optimize(progress=False)
    return perf_counter() - begin


def ids_of(memory: Memory, user: str, limit: int) -> list[str]:
    """Return ids of a user's memories."""
    return [item["id"] for item in memory.get_all(user_id=user, limit=limit)["results"]]


def ids_found(result: SearchResult) -> set[str]:
    """Return the ids of a search's hits."""
    return {item["id"] for item in result["results"]}


def disk_bytes(path: Path) -> int:
    """Return the bytes that the files of a store take on disk."""
    return sum(file.stat().st_blocks * 512 for file in path.rglob("*") if file.is_file())
