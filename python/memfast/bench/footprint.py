"""Size of a store on disk; time to open it and memory used, in fresh processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from memfast.bench import data as synthetic
from memfast.bench.cold import PROGRAM
from memfast.bench.plan import Plan
from memfast.bench.result import Limit, Result
from memfast.bench.sampling import summary
from memfast.bench.store import disk_bytes
from memfast.errors import DatabaseError

SEARCHES = 1_000
FRESH = ("open.fresh", "open.again", "memory.open", "memory.searched")
NAMES = (*FRESH, "disk")


def measure(path: Path, plan: Plan, raw_bytes: int) -> list[Result]:
    """Measure a closed store.

    Args:
        path: Its directory.
        plan: Its content, and how it is measured.
        raw_bytes: The f32 vectors and the texts, without anything else.
    """
    results = []
    if "disk" in plan.wanted:
        limit = Limit("f32 vectors + text", raw_bytes / 1e6)
        results.append(summary("disk", [disk_bytes(path) / 1e6], plan.tier, unit="MB", limit=limit))
    if plan.any_of(FRESH):
        results += [result for result in _fresh(path, plan) if result.name in plan.wanted]
    return results


def _fresh(path: Path, plan: Plan) -> list[Result]:
    orders_path = path.with_name("orders.json")
    orders = {
        "first": synthetic.STEADY,
        "users": plan.data.some_users(SEARCHES),
        "queries": plan.data.queries.tolist(),
    }
    orders_path.write_text(json.dumps(orders), "utf-8")
    runs = [_run(path, orders_path) for _ in range(max(1, plan.budget.rounds - 2))]
    orders_path.unlink()

    def one(name: str, key: str, unit: str, note: str) -> Result:
        return summary(name, [run[key] for run in runs], plan.tier, unit=unit, note=note)

    last = runs[-1]
    return [
        one(
            "open.fresh",
            "fresh_ms",
            "ms",
            "fresh process, page cache warm: opening and the first answer for the steady user, "
            f"with what the first opening imports; import memfast: {last['import_ms']:.0f} ms more",
        ),
        one("open.again", "again_ms", "ms", "the same again in that process"),
        one(
            "memory.open", "open_mb", "MB", f"after the first answer; {last['bare_mb']:.0f} before"
        ),
        one("memory.searched", "searched_mb", "MB", f"after {SEARCHES:,} searches of Zipf's users"),
    ]


def _run(path: Path, orders_path: Path) -> Mapping[str, float]:
    command = [sys.executable, "-c", PROGRAM, str(path), str(orders_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise DatabaseError(
            f"a fresh process could not search the store: {done.stderr.strip()[-500:]}",
            details={"command": command},
        )
    measured: Mapping[str, float] = json.loads(done.stdout)
    return measured
