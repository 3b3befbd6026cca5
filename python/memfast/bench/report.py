"""Tables on the terminal: of a run, and of a comparison of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from rich.table import Table

from memfast.bench.compare import Comparison
from memfast.bench.result import Report, Result, Tier, growth

if TYPE_CHECKING:
    from rich.console import Console

STYLE = {"faster": "green", "better": "green", "slower": "red", "worse": "red", "same": "dim"}


def number(value: float) -> str:
    """Return a number with three significant digits.

    >>> number(1234567.0), number(12.345), number(0.01234), number(0)
    ('1,234,567', '12.3', '0.0123', '0')
    """
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:  # noqa: PLR2004 - three digits before the point
        return f"{value:,.0f}"
    return f"{value:.3g}"


# The columns of a row beside its name; a narrow terminal shows some of them.
COLUMNS: dict[str, Callable[[Result], str]] = {
    "p50": lambda one: number(one.p50),
    "p99": lambda one: number(one.p99),
    "unit": lambda one: one.unit,
    "quartiles": lambda one: f"{number(one.q1)} .. {number(one.q3)}",
    "n": lambda one: f"{one.n:,}",
    "ratio": lambda one: "" if one.ratio is None else number(one.ratio),
}
NARROW = ("p50", "p99", "unit", "ratio")
WIDE = 120


def remarks(result: Result) -> str:
    """Return the limit of a result, and its note."""
    against = f"{result.limit_name}: {number(result.limit)}" if result.limit else ""
    return "; ".join(part for part in (against, result.note) if part)


def heading(report: Report, tier: Tier) -> str:
    """Return the title of a tier."""
    return f"{tier.rows:,} rows of {tier.dim} dimensions, seed {report.settings.seed}"


def machine_line(report: Report) -> str:
    """Return the machine in one line."""
    machine = report.machine
    return (
        f"memfast {machine.memfast}, Python {machine.python}, numpy {machine.numpy}, "
        f"{machine.cpu}, {machine.cores} cores, {machine.system}"
    )


def show(report: Report, console: Console) -> None:
    """Print a run, one table for each tier."""
    console.print(machine_line(report), highlight=False)
    for tier in (Tier(0, 0), *report.tiers()):
        table = Table(
            title=heading(report, tier) if tier.rows else "The machine", title_justify="left"
        )
        wide = console.width >= WIDE
        columns = COLUMNS if wide else {name: COLUMNS[name] for name in NARROW}
        table.add_column("measure", no_wrap=True)
        for name in columns:
            justify: Literal["left", "right"] = "left" if name == "unit" else "right"
            table.add_column(name, justify=justify, no_wrap=True)
        if wide:
            table.add_column("limit and notes", style="dim")
        for result in report.results:
            if (result.rows, result.dim) == (tier.rows, tier.dim):
                cells = [result.name, *(read(result) for read in columns.values())]
                table.add_row(*cells, *([remarks(result)] if wide else []))
        console.print(table)
    for line in growth_lines(report):
        console.print(line, highlight=False)


def growth_lines(report: Report) -> list[str]:
    """Return the times of the same search as the store grows; [] for one tier."""
    lines = growth(report)
    if len(lines) < 2:  # noqa: PLR2004 - growth needs two sizes
        return []
    return ["The same 1,000 rows searched as the store around them grows:"] + [
        f"  {line['rows']:>12,} x {line['dim']}: {number(line['p50'])} ms, "
        f"{line['ratio']:.2f} times the smallest"
        for line in lines
    ]


def show_comparison(comparison: Comparison, console: Console) -> None:
    """Print a comparison of two runs."""
    for text in comparison.differing:
        console.print(f"differs: {text}", style="yellow", highlight=False)
    table = Table()
    for name in ("measure", "rows", "dim", "before", "after", "unit", "ratio", "verdict"):
        right = name in {"rows", "dim", "before", "after", "ratio"}
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for line in comparison.lines:
        one = line.before
        table.add_row(
            one.name,
            f"{one.rows:,}",
            str(one.dim),
            number(one.p50),
            number(line.after.p50),
            one.unit,
            f"{line.ratio:.2f}",
            "same within noise" if line.verdict == "same" else line.verdict,
            style=STYLE[line.verdict],
        )
    console.print(table)
    for title, names in (("first", comparison.only_before), ("second", comparison.only_after)):
        if names:
            console.print(f"only in the {title}: {', '.join(names)}", highlight=False)
