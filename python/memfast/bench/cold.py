"""A fresh process that opens a store, searches, and prints its times and its memory.

Run by `footprint`. It imports neither numpy nor any other part of the benchmark, so its
memory is that of a program that uses memfast alone.
"""

from __future__ import annotations

import json
import resource
import sys
from array import array
from pathlib import Path
from time import perf_counter

from memfast.memory import Memory

# The program of the process: the import of memfast is part of the measurement.
PROGRAM = """
from time import perf_counter
begin = perf_counter()
from memfast.bench.cold import main
main(begin)
"""


def main(begin: float) -> None:
    """Open the store, run the searches of the orders file, and print the measurements as JSON.

    Args:
        begin: When the import of memfast began. The store and the orders file are the
            program's arguments.
    """
    imported = perf_counter()
    path, orders_path = sys.argv[1:]
    orders = json.loads(Path(orders_path).read_text("utf-8"))
    queries = [array("f", query) for query in orders["queries"]]
    measured = {"import_ms": 1e3 * (imported - begin), "bare_mb": resident()}
    memory, measured["fresh_ms"] = answer(path, queries[0], orders["first"])
    measured["open_mb"] = resident()
    for turn, user in enumerate(orders["users"]):
        memory.search(vector=queries[turn % len(queries)], user_id=user, limit=10)
    measured["searched_mb"] = resident()
    memory.close()
    memory, measured["again_ms"] = answer(path, queries[0], orders["first"])
    memory.close()
    print(json.dumps(measured))  # noqa: T201 - the parent reads it


def answer(path: str, query: array[float], user: str) -> tuple[Memory, float]:
    """Open the store and search; return it and the milliseconds to the answer."""
    begin = perf_counter()
    memory = Memory(path=path, embedder=None)
    memory.search(vector=query, user_id=user, limit=10)
    return memory, 1e3 * (perf_counter() - begin)


def resident() -> float:
    """Return the process's memory in MB: the current one, or the peak if only that is known."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
    return pages * resource.getpagesize() / 1e6
