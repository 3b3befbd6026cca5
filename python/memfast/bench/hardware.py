"""The limits of the machine, measured in the same run and directory as the store."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

import numpy as np

from memfast.bench.result import Machine, Result, Tier
from memfast.bench.sampling import Budget, summary, timed

PAGE = bytes(4096)
BLOCK = 4 << 20
WRITE_CAP = 2 << 30
# Larger than any cache, and read in a few hundredths of a second.
MEMORY_BYTES = 256 << 20

sync = getattr(os, "fdatasync", os.fsync)


def machine() -> Machine:
    """Return CPU, cores, operating system and versions."""
    try:
        memfast = version("memfast")
    except PackageNotFoundError:
        memfast = "not installed"
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        system=platform.platform(terse=True),
        python=platform.python_version(),
        numpy=np.__version__,
        memfast=memfast,
    )


def memory_bandwidth(budget: Budget) -> Result:
    """Measure how fast one core reads memory, with a sum over a large array."""
    numbers = np.ones(MEMORY_BYTES // 8)
    numbers.sum()
    times = [timed(lambda _: numbers.sum(), seconds=0, most=1)[0] for _ in range(3 * budget.rounds)]
    rates = [MEMORY_BYTES / time / 1e6 for time in times]
    return summary(
        "limit.memory",
        rates,
        Tier(0, 0),
        unit="GB/s",
        better="higher",
        note="one core, a numpy sum over 256 MiB",
    )


def flush_time(directory: Path, tier: Tier, budget: Budget) -> Result:
    """Measure an append of 4 KiB with its flush to disk."""
    path = directory / "flush.bin"
    with path.open("wb", buffering=0) as file:

        def append(_: int) -> None:
            file.write(PAGE)
            sync(file.fileno())

        append(0)
        times = timed(append, seconds=budget.seconds, most=budget.calls)
    path.unlink()
    return summary("limit.flush", times, tier, unit="ms", note="4 KiB append + fdatasync")


def write_rate(directory: Path, tier: Tier) -> Result:
    """Measure a sequential write of the size of the tier's vectors, with its fsync."""
    size = min(4 * tier.rows * tier.dim, WRITE_CAP)
    block = np.random.default_rng(0).bytes(min(BLOCK, size))
    path = directory / "write.bin"
    rates = []
    for _ in range(3 if size <= 64 * BLOCK else 1):
        begin = perf_counter()
        with path.open("wb", buffering=0) as file:
            left = size
            while left:
                left -= file.write(block[:left])
            os.fsync(file.fileno())
        rates.append(size / (perf_counter() - begin) / 1e6)
        path.unlink()
    return summary(
        "limit.write",
        rates,
        tier,
        unit="MB/s",
        better="higher",
        note=f"{size / 1e6:,.1f} MB in order, then fsync",
    )


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()
