"""Compare two runs, with a verdict for each measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from memfast.bench.result import Report, Result

Verdict = Literal["faster", "slower", "better", "worse", "same"]

# Quartiles of fewer samples do not show the noise.
SAMPLES_WITH_NOISE = 3
NOISE_UNKNOWN = 0.25
# Two runs differ by this much on an idle machine, however close the samples of each are.
NOISE_ALWAYS = 0.03


@dataclass(frozen=True, slots=True)
class Line:
    """A measure that both runs have.

    Attributes:
        before: The first run's.
        after: The second run's.
        ratio: Second median by first.
        verdict: "same" if the ranges between the quartiles overlap, each widened by 3 % for
            differences between runs (25 % if there are fewer than three samples).
    """

    before: Result
    after: Result
    ratio: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs have in common, and what differs.

    Attributes:
        lines: The measures of both.
        only_before: Names of measures that only the first has.
        only_after: Names of measures that only the second has.
        differing: Settings and parts of the machine that differ; ratios may come from these.
    """

    lines: list[Line]
    only_before: list[str]
    only_after: list[str]
    differing: list[str]


def compare(before: Report, after: Report) -> Comparison:
    """Compare two runs."""
    old = {result.key: result for result in before.results}
    new = {result.key: result for result in after.results}
    old_setup, new_setup = before.setup(), after.setup()
    differing = [
        f"{name}: {value} / {new_setup[name]}"
        for name, value in old_setup.items()
        if value != new_setup[name]
    ]
    return Comparison(
        [line_of(old[key], new[key]) for key in old if key in new],
        [_title(result) for key, result in old.items() if key not in new],
        [_title(result) for key, result in new.items() if key not in old],
        differing,
    )


def line_of(before: Result, after: Result) -> Line:
    """Compare one measure."""
    ratio = after.p50 / before.p50 if before.p50 else float(after.p50 == 0)
    low, high = _range(before)
    new_low, new_high = _range(after)
    if low <= new_high and new_low <= high:
        return Line(before, after, ratio, "same")
    improved = (after.p50 < before.p50) == (before.better == "lower")
    if before.unit == "ms" or before.unit.endswith("/s"):
        return Line(before, after, ratio, "faster" if improved else "slower")
    return Line(before, after, ratio, "better" if improved else "worse")


def _range(result: Result) -> tuple[float, float]:
    widen = NOISE_ALWAYS if result.n >= SAMPLES_WITH_NOISE else NOISE_UNKNOWN
    return result.q1 * (1 - widen / 2), result.q3 * (1 + widen / 2)


def _title(result: Result) -> str:
    return f"{result.name} ({result.rows:,} x {result.dim})"
