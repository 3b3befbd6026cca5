"""Measure one rival in a process of its own: `python -m benches.peers.worker NAME DATA PLACE OUT`.

What is known is written after each stage, so that a process that is stopped leaves its part.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benches.peers.adapter import Plan, Rival, Setting, Unsupported, open_rival
from benches.peers.data import MIDDLE, Case, Data, Floats, load, recall

ENOUGH = 0.97
# Seconds of searches before the clock starts, so that no setting pays for being the first.
WARMING = 2.0
# Seconds after which a setting is judged by the queries done so far, and the least of these.
BUDGET = 10.0
LEAST = 10


class Report:
    """The figures of one rival, on disk after each change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.figures: dict[str, Any] = {"cases": {}, "failures": {}}

    def put(self, **figures: Any) -> None:
        self.figures.update(figures)
        self.write()

    def write(self) -> None:
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.figures, default=str))
        part.replace(self.path)

    def stage(self, name: str, call: Callable[[], None]) -> bool:
        """Run a stage; a rival's failure is a result, and is kept with its reason."""
        self.put(stage=name)
        try:
            call()
        except Unsupported as missing:
            self.figures["failures"][name] = f"not supported: {missing}"
        except Exception as error:  # noqa: BLE001 - see above
            traceback.print_exc()
            self.figures["failures"][name] = f"{type(error).__name__}: {error}"
        self.write()
        return name not in self.figures["failures"]


def measure_setting(rival: Rival, data: Data, case: Case, setting: Setting) -> dict[str, Any]:
    """Median time and recall of one setting."""
    rival.prepare(case, setting)
    warm = time.perf_counter()
    for query in data.queries:
        rival.search(query, case, setting)
        if time.perf_counter() - warm > WARMING:
            break
    found: list[list[int]] = []
    times: list[float] = []
    for query in data.queries:
        start = time.perf_counter()
        rows = rival.search(query, case, setting)
        times.append(time.perf_counter() - start)
        found.append(rows)
        if len(times) >= LEAST and sum(times) > BUDGET:
            break
    truth = data.truth[case.name][: len(found)]
    return {
        "p50_ms": median(times) * 1000,
        "recall": recall(found, truth),
        "queries": len(times),
        "setting": dict(setting),
    }


def sweep(measure: Callable[[Setting], dict[str, Any]], plan: Plan) -> list[dict[str, Any]]:
    """Measure settings of rising effort up to the first that finds enough."""
    tried: list[dict[str, Any]] = []
    for setting in plan:
        tried.append(measure(setting))
        if tried[-1]["recall"] >= ENOUGH:
            break
    return tried


def best(tried: list[dict[str, Any]]) -> dict[str, Any]:
    """The fastest that finds enough; if none does, the one that finds most."""
    enough = [one for one in tried if one["recall"] >= ENOUGH]
    if enough:
        return min(enough, key=lambda one: float(one["p50_ms"]))
    return max(tried, key=lambda one: float(one["recall"]))


def measure_case(rival: Rival, data: Data, case: Case) -> dict[str, Any]:
    """The best setting of a case, and all that were tried."""
    tried = [
        one
        for plan in rival.plans(case)
        for one in sweep(lambda setting: measure_setting(rival, data, case, setting), plan)
    ]
    return {**best(tried), "tried": tried}


def measure_adds(rival: Rival, data: Data) -> dict[str, Any]:
    """Median time of one durable add; the last row must be found by its own vector."""
    times: list[float] = []
    last = data.extra[0]
    for row, vector in zip(data.extra, data.extra_vectors, strict=True):
        start = time.perf_counter()
        rival.add(row, vector)
        times.append(time.perf_counter() - start)
        last = row
        if len(times) >= LEAST and sum(times) > BUDGET:
            break
    if last["row"] not in everywhere(rival, data, data.extra_vectors[len(times) - 1]):
        raise AssertionError(f"row {last['row']} was added and is not found")
    return {"add_p50_ms": median(times) * 1000, "adds": len(times)}


def measure_delete(rival: Rival, data: Data, added: int) -> dict[str, Any]:
    """Time to delete the user of 1,000 rows and of the added ones; none may be found afterwards."""
    rows = [*data.members["middle"].tolist(), *(row["row"] for row in data.extra[:added])]
    start = time.perf_counter()
    rival.delete(MIDDLE, rows)
    seconds = time.perf_counter() - start
    # After the call: a delete that only marks must not bring rows back at the next search.
    for number in rows[:3]:
        left = set(everywhere(rival, data, data.vectors[number])) & set(rows)
        if left:
            raise AssertionError(f"rows {sorted(left)} were deleted and are found")
    return {"delete_ms": seconds * 1000, "deleted": len(rows)}


def everywhere(rival: Rival, data: Data, query: Floats) -> list[int]:
    """An unscoped search with as much effort as the rival knows."""
    case = next(case for case in data.cases if case.name == "all")
    setting = rival.plans(case)[0][-1]
    rival.prepare(case, setting)
    return rival.search(query, case, setting)


def size_of(place: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def measure(name: str, data: Data, place: Path, report: Report) -> None:
    """All stages in order; what was not stored cannot be asked."""
    rival = open_rival(name, place, data)
    report.put(
        version=rival.version,
        parameters=dict(rival.parameters),
        threads=rival.threads,
        durability=rival.durability,
        payloads=rival.payloads,
        synced=rival.synced,
        rows=len(data.rows),
    )

    def store() -> None:
        start = time.perf_counter()
        rival.load()
        seconds = time.perf_counter() - start
        report.put(rows_per_s=len(data.rows) / seconds if rival.stores else None)

    def build() -> None:
        start = time.perf_counter()
        rival.build()
        report.put(build_s=time.perf_counter() - start if rival.builds else None)

    if not report.stage("load", store):
        return
    report.stage("build", build)
    for case in data.cases:

        def ask(case: Case = case) -> None:
            report.figures["cases"][case.name] = measure_case(rival, data, case)

        report.stage(case.name, ask)
    report.stage("add", lambda: report.put(**measure_adds(rival, data)))
    added = report.figures.get("adds", 0)
    report.stage("delete", lambda: report.put(**measure_delete(rival, data, added)))
    report.stage("close", rival.close)
    report.put(bytes=size_of(place), stage="done")


def main() -> None:
    """Read the data, measure, and leave the figures in a file."""
    name, source, place, out = sys.argv[1:]
    report = Report(Path(out))
    report.stage("open", lambda: measure(name, load(Path(source)), Path(place), report))


if __name__ == "__main__":
    main()
