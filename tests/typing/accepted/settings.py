"""The ways to open a store, and a configuration of mem0."""

from pathlib import Path

import memfast
from memfast import AsyncMemory, ConfigurationError, MemfastError, Memory

config = {
    "vector_store": {"provider": "qdrant", "config": {"path": "q", "collection_name": "notes"}},
    "embedder": {"provider": "hash"},
    "version": "v1.1",
}


def open_all(folder: Path) -> None:
    with (
        Memory(folder / "one") as first,
        Memory(str(folder / "two")) as second,
        Memory({"path": str(folder / "three"), "embedder": "hash"}) as third,
        Memory(path=folder / "four", durability="batch", vector_weight=2.5) as fourth,
        Memory.from_config({"path": str(folder / "five")}) as fifth,
        memfast.from_mem0(config) as sixth,
    ):
        for memory in (first, second, third, fourth, fifth, sixth):
            print(memory.count(user_id="*") + 1)
        AsyncMemory(path=folder / "seven", read_only=False).close()


try:
    open_all(Path("stores"))
except ConfigurationError as error:
    print(error.suggestion)
except MemfastError as error:
    print(error.message)
