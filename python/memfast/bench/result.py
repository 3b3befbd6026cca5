"""The results of a run: plain data, as in the JSON file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Literal

from memfast.errors import ValidationError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Tier:
    """The size of a store."""

    rows: int
    dim: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the hardware, in the unit of the result it is compared with."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One measure of one tier.

    Attributes:
        name: The measure.
        rows: Rows of the tier; 0 for a measure of the whole run.
        dim: Dimensions of the tier's vectors; 0 as for `rows`.
        unit: "ms" for times, "rows/s" and the like for rates, "MB", "share".
        better: Which direction is better.
        p50: The median.
        p99: 99 of 100 samples are at least as good; the worst, if there are fewer.
        q1: The first quartile.
        q3: The third quartile.
        n: Samples.
        limit: The limit of the hardware, measured in the same run; None if there is none.
        limit_name: The name of the limit.
        ratio: `p50 / limit`.
        note: What the number includes.
    """

    name: str
    rows: int
    dim: int
    unit: str
    better: Literal["lower", "higher"]
    p50: float
    p99: float
    q1: float
    q3: float
    n: int
    limit: float | None = None
    limit_name: str | None = None
    ratio: float | None = None
    note: str = ""

    @property
    def key(self) -> tuple[str, int, int]:
        """Return the key of the result, unique in a file."""
        return (self.name, self.rows, self.dim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """CPU, cores, operating system and versions."""

    cpu: str
    cores: int
    system: str
    python: str
    numpy: str
    memfast: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The seed of the data, and whether few samples were taken."""

    seed: int
    quick: bool


@dataclass(slots=True)
class Report:
    """A run.

    Attributes:
        machine: Where it ran.
        settings: How it ran.
        results: All measures, hardware limits among them.
    """

    machine: Machine
    settings: Settings
    results: list[Result] = field(default_factory=list)

    def setup(self) -> dict[str, object]:
        """Return machine and settings by name."""
        return {**asdict(self.machine), **asdict(self.settings)}

    def tiers(self) -> list[Tier]:
        """Return the sizes measured, smallest first."""
        return sorted(
            {Tier(result.rows, result.dim) for result in self.results if result.rows},
            key=lambda tier: (tier.dim, tier.rows),
        )

    def of(self, name: str, dim: int) -> list[Result]:
        """Return one measure at all its sizes, smallest first."""
        found = [result for result in self.results if (result.name, result.dim) == (name, dim)]
        return sorted(found, key=lambda result: result.rows)

    def save(self, path: Path) -> None:
        """Write the JSON file."""
        whole = {"format": FORMAT, **asdict(self), "growth": growth(self)}
        path.write_text(json.dumps(whole, indent=1, allow_nan=False) + "\n", "utf-8")


def growth(report: Report) -> list[dict[str, float]]:
    """Return the times of the search of the same 1,000 rows as the store around them grows.

    Tiers too small to hold the 1,000 rows are left out. `ratio` is to the smallest of the rest.
    """
    lines: list[dict[str, float]] = []
    for dim in sorted({tier.dim for tier in report.tiers()}):
        same = [one for one in report.of("search.steady", dim) if one.rows >= FULL_STEADY_AT]
        lines += [
            {"dim": dim, "rows": one.rows, "p50": one.p50, "ratio": one.p50 / same[0].p50}
            for one in same
        ]
    return lines


# The steady user has an eighth of the rows and at most 1,000; see `data`.
FULL_STEADY_AT = 8_000


def load(path: Path) -> Report:
    """Read a JSON file that `save` wrote.

    Raises:
        ValidationError: It does not exist, or was not written by `save`.
    """
    try:
        whole = json.loads(path.read_text("utf-8"))
        if whole["format"] != FORMAT:
            raise ValidationError(
                f"{path}: format {whole['format']!r} is not {FORMAT}",
                suggestion="Measure again with this version of memfast.",
            )
        results = [Result(**result) for result in whole["results"]]
        _check(path, results)
        return Report(Machine(**whole["machine"]), Settings(**whole["settings"]), results)
    except OSError as error:
        raise ValidationError(f"{path} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, ValidationError):
            raise
        raise ValidationError(
            f"{path} is not a result of the benchmark: {error!r}",
            suggestion="Pass a file that `memfast bench --out` wrote.",
        ) from error


def _check(path: Path, results: Iterable[Result]) -> None:
    names = [one.name for one in fields(Result) if one.type in {"float", "int"}]
    for result in results:
        for name in names:
            value = getattr(result, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ValidationError(f"{path}: {name} of {result.name} is not a number: {value!r}")
            if not math.isfinite(value):
                raise ValidationError(f"{path}: {name} of {result.name} is {value}")
