"""Run every rival on the same data, one process after the other, and print what they did.

Run by `run.py`, which makes the environment.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benches.peers import data
from benches.peers.adapter import RIVALS
from benches.peers.table import print_figures

# Nothing of a rival may wait for, or be helped by, a network.
OFFLINE = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "MEM0_TELEMETRY": "False"}


def rivals_of(text: str) -> list[str]:
    """Names from the command line, in their order; a part of a name stands for all that have it."""
    chosen = [name for part in text.split(",") for name in RIVALS if name.startswith(part)]
    unknown = [part for part in text.split(",") if not any(n.startswith(part) for n in RIVALS)]
    if unknown:
        raise argparse.ArgumentTypeError(f"no rival {unknown[0]!r}; there are {', '.join(RIVALS)}")
    return list(dict.fromkeys(chosen))


def run_rival(name: str, source: Path, place: Path, limit: float) -> dict[str, Any]:
    """Measure one rival in a fresh process; what it had measured at its time limit is kept."""
    store = place / "store"
    store.mkdir(parents=True)
    out = place / "figures.json"
    places = [str(source), str(store), str(out)]
    command = [sys.executable, "-m", "benches.peers.worker", name, *places]
    log = place / "log"
    end = ""
    with log.open("wb") as output:
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **OFFLINE, **RIVALS[name].env},
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            end = f"stopped at the time limit of {limit:.0f} s"
        else:
            if done.returncode:
                end = f"process ended with {done.returncode}"
    figures: dict[str, Any] = {"cases": {}, "failures": {}}
    if out.exists():
        figures = json.loads(out.read_text())
    if end:
        figures["failures"][figures.get("stage", "start")] = end
    if figures["failures"]:
        figures["log"] = log.read_text("utf-8", "replace")[-4000:]
    return figures


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = models[0].partition(":")[2].strip() if models else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def main() -> None:
    """Make the data, run the rivals, print and keep the figures."""
    parser = argparse.ArgumentParser(prog="run.py", description="Compare memfast with its peers.")
    parser.add_argument("--rows", type=int, default=100_000, help="rows (100000)")
    parser.add_argument("--dim", type=int, default=384, help="dimensions (384)")
    parser.add_argument("--queries", type=int, default=100, help="queries per case (100)")
    parser.add_argument("--seed", type=int, default=7, help="seed of the data (7)")
    parser.add_argument(
        "--rivals",
        type=rivals_of,
        default=list(RIVALS),
        help=f"names or their beginnings, by comma: {', '.join(RIVALS)} (all)",
    )
    parser.add_argument("--limit", type=float, default=1800, help="seconds per rival (1800)")
    parser.add_argument("--out", type=Path, help="also write the figures here, as JSON")
    options = parser.parse_args()
    if options.rows < 1000:
        parser.error("--rows: at least 1000, so that every scope has rows")
    result: dict[str, Any] = {
        "options": {key: getattr(options, key) for key in ("rows", "dim", "queries", "seed")},
        "machine": machine(),
        "rivals": {},
    }
    with tempfile.TemporaryDirectory(prefix="peers-") as scratch:
        made: dict[int, Path] = {}
        for name in options.rivals:
            rows = min(options.rows, RIVALS[name].most_rows or options.rows)
            if rows not in made:
                made[rows] = Path(scratch, f"data-{rows}")
                made[rows].mkdir()
                data.save(data.make(rows, options.dim, options.queries, options.seed), made[rows])
            print(f"{name} ...", file=sys.stderr)
            with tempfile.TemporaryDirectory(dir=scratch) as place:
                result["rivals"][name] = run_rival(name, made[rows], Path(place), options.limit)
            if options.out:
                options.out.write_text(json.dumps(result, indent=1))
    print_figures(result)


if __name__ == "__main__":
    main()
