"""The order in which a tier is measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from memfast.bench import footprint, hardware, imports, reads, writes
from memfast.bench.data import Synthetic
from memfast.bench.plan import Plan
from memfast.bench.result import Result, Tier
from memfast.bench.sampling import Budget
from memfast.bench.store import open_store
from memfast.errors import ValidationError

NAMES = (*imports.NAMES, *reads.NAMES, *footprint.NAMES, *writes.NAMES)
Say = Callable[[str], object]


def chosen(only: Iterable[str]) -> frozenset[str]:
    """Return the measures selected by names or first parts of names (`search`); all if none.

    Raises:
        ValidationError: A name selects nothing; the error lists all names.
    """
    wanted: set[str] = set()
    for name in only:
        found = {one for one in NAMES if one == name or one.startswith(f"{name}.")}
        if not found:
            raise ValidationError(
                f"there is no measure {name!r}",
                details={"known": list(NAMES)},
                suggestion=f"Known measures: {', '.join(NAMES)}.",
            )
        wanted |= found
    return frozenset(wanted or NAMES)


def run(
    tiers: Iterable[Tier],
    directory: Path,
    *,
    wanted: frozenset[str],
    seed: int,
    budget: Budget,
    say: Say,
) -> Iterator[list[Result]]:
    """Measure tiers one after the other; yield the new results of each.

    Args:
        tiers: The sizes.
        directory: Parent of the stores; each store is removed before the next is made.
        wanted: Names of the measures.
        seed: Seed of the data.
        budget: Number and time of the samples.
        say: Called with a text about the next measure.
    """
    say("memory bandwidth")
    bandwidth = hardware.memory_bandwidth(budget)
    yield [bandwidth]
    for tier in tiers:
        data = Synthetic(tier.rows, tier.dim, seed)
        yield _tier(Plan(data, tier, wanted, budget), directory, bandwidth.p50, say)


def _tier(plan: Plan, directory: Path, memory_rate: float, say: Say) -> list[Result]:
    tier = plan.tier

    def stage(what: str) -> None:
        say(f"{tier.rows:,} x {tier.dim}: {what}")

    stage("disk")
    flush = hardware.flush_time(directory, tier, plan.budget)
    write = hardware.write_rate(directory, tier)
    path = directory / f"store-{tier.rows}-{tier.dim}"
    stage("import")
    filling, text_bytes = imports.measure_vectors(path, plan, write.p50)
    results = [filling]
    with open_store(path, tier.dim) as memory:
        if plan.any_of((imports.INDEX, *reads.INDEXED)):
            stage("index")
            results.append(imports.measure_index(memory, tier))
        if plan.any_of(reads.NAMES):
            stage("reads")
            results += reads.measure(memory, plan, memory_rate)
    if plan.any_of(footprint.NAMES):
        stage("disk and memory")
        results += footprint.measure(path, plan, 4 * tier.rows * tier.dim + text_bytes)
    if plan.any_of(writes.NAMES):
        stage("writes")
        with open_store(path, tier.dim) as memory:
            results += writes.measure(memory, plan, flush.p50)
    shutil.rmtree(path)
    if plan.any_of((imports.TEXT, imports.EMBEDDER)):
        stage("import of text")
        results += imports.measure_text(directory, plan)
    # Some measures are made together with one that was asked for.
    return [flush, write, *(result for result in results if result.name in plan.wanted)]
