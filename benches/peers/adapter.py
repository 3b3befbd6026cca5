"""The interface of every rival, and the names of the rivals."""

from __future__ import annotations

import importlib
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from benches.peers.data import Case, Data, Floats, Row

Setting = Mapping[str, Any]
# Settings by rising effort; the sweep stops at the first with enough recall.
Plan = Sequence[Setting]


class Unsupported(Exception):  # noqa: N818 - the library has no such call
    """The library cannot do this; the text says what is missing."""


class Rival(ABC):
    """One library with its best documented configuration.

    A rival gets an empty directory. `load`, `build`, `search`, `add` and `delete` are timed, and
    `prepare` is not.
    """

    version: str
    # Its configuration, printed with the result.
    parameters: Mapping[str, Any]
    threads: str = "library default"
    # What a finished `add` survives; printed beside its time, as libraries differ.
    durability: str
    # Whether it is then on the disk, or only in the cache of the operating system.
    synced: bool = True
    # Whether a hit has its payload, or is a row number alone.
    payloads: bool = True
    # Whether anything is stored; a lower bound stores nothing.
    stores: bool = True
    # Why `add` or `delete` is missing, if it is.
    lacks: str = ""
    # Whether `build` has anything to do.
    builds: bool = True

    def __init__(self, place: Path, data: Data, variant: str) -> None:
        self.place = place
        self.data = data
        self.variant = variant

    @abstractmethod
    def load(self) -> None:
        """Store all rows, durably where the library can."""

    def build(self) -> None:  # noqa: B027 - most build during `load`
        """Build the indexes, if that is a separate step."""

    def plans(self, case: Case) -> Sequence[Plan]:
        """Return the settings to try; the fastest with enough recall is reported."""
        del case
        return [[{}]]

    def prepare(self, case: Case, setting: Setting) -> None:  # noqa: B027 - may be nothing
        """Do what a caller does once, not for each search."""

    @abstractmethod
    def search(self, query: Floats, case: Case, setting: Setting) -> list[int]:
        """Return the numbers of the best rows, read from the payloads if there are any."""

    def add(self, row: Row, vector: Floats) -> None:
        """Store one more row durably."""
        del row, vector
        raise Unsupported(self.lacks)

    def delete(self, user: str, rows: Sequence[int]) -> None:
        """Delete the rows of a user; a library without users gets their numbers."""
        del user, rows
        raise Unsupported(self.lacks)

    def close(self) -> None:  # noqa: B027 - may be nothing
        """Close files."""


class Entry(NamedTuple):
    module: str
    variant: str = ""
    most_rows: int | None = None
    # Set before the process starts, for what is read when a library is loaded.
    env: Mapping[str, str] = MappingProxyType({})


RIVALS = {
    "memfast": Entry("memfast_store"),
    # A product with one vector gains nothing from threads, and waits for them on a busy machine.
    "numpy": Entry("numpy_floor", env={"OPENBLAS_NUM_THREADS": "1"}),
    "mem0": Entry("mem0_store", most_rows=10_000),
    "qdrant_edge": Entry("qdrant_edge_shard"),
    "chromadb": Entry("chromadb_collection"),
    "lancedb": Entry("lancedb_table"),
    "sqlite_vec": Entry("sqlite_vec_table"),
    "usearch_f32": Entry("usearch_index", "f32"),
    "usearch_bf16": Entry("usearch_index", "bf16"),
    "usearch_i8": Entry("usearch_index", "i8"),
    "hnswlib": Entry("hnswlib_index"),
    "faiss_flat": Entry("faiss_flat"),
    "faiss_hnsw": Entry("faiss_hnsw"),
}


def open_rival(name: str, place: Path, data: Data) -> Rival:
    """Return a rival by its name; import its library."""
    entry = RIVALS[name]
    module = importlib.import_module(f"benches.peers.rivals.{entry.module}")
    rival: Rival = module.Peer(place, data, entry.variant)
    return rival


def sync(path: Path) -> None:
    """Flush a file to disk, for libraries that only write it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def swept(name: str, values: Sequence[int], **more: Any) -> Plan:
    """Return a plan that raises one parameter."""
    return [{name: value, **more} for value in values]
