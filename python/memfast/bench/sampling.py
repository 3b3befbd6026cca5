"""Timed calls, and the summary of their samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns
from typing import Literal

import numpy as np

from memfast.bench.result import Limit, Result, Tier

Call = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Budget:
    """Number and time of the samples.

    Attributes:
        rounds: Rounds in which the measures take turns, so that their quartiles include slow
            changes of the machine.
        seconds: Time for one measure, over all rounds. A round makes at least one call.
        calls: Most calls of one measure.
    """

    rounds: int
    seconds: float
    calls: int


FULL = Budget(rounds=5, seconds=0.5, calls=2_000)
QUICK = Budget(rounds=3, seconds=0.06, calls=200)


def summary(
    name: str,
    samples: Sequence[float],
    tier: Tier,
    *,
    unit: str,
    better: Literal["lower", "higher"] = "lower",
    limit: Limit | None = None,
    note: str = "",
) -> Result:
    """Summarise samples; `p99` is the first percentile where higher is better."""
    tail = 0.99 if better == "lower" else 0.01
    q1, p50, q3, p99 = (float(value) for value in np.quantile(samples, (0.25, 0.5, 0.75, tail)))
    return Result(
        name=name,
        rows=tier.rows,
        dim=tier.dim,
        unit=unit,
        better=better,
        p50=p50,
        p99=p99,
        q1=q1,
        q3=q3,
        n=len(samples),
        limit=limit.value if limit else None,
        limit_name=limit.name if limit else None,
        ratio=p50 / limit.value if limit else None,
        note=note,
    )


def timed(call: Call, *, seconds: float, most: int, first: int = 0) -> list[float]:
    """Return the milliseconds of each call until time or calls run out; at least one."""
    samples: list[float] = []
    end = perf_counter() + seconds
    while not samples or (len(samples) < most and perf_counter() < end):
        turn = first + len(samples)
        begin = perf_counter_ns()
        call(turn)
        samples.append((perf_counter_ns() - begin) / 1e6)
    return samples


def take_turns(calls: Mapping[str, Call], budget: Budget) -> dict[str, list[float]]:
    """Return the samples of calls that take turns, each round after an untimed call."""
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(budget.rounds):
        for name, call in calls.items():
            done = samples[name]
            call(len(done))
            done += timed(
                call,
                seconds=budget.seconds / budget.rounds,
                most=max(1, budget.calls // budget.rounds),
                first=len(done),
            )
    return samples
