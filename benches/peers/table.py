"""The figures of all rivals as one table, with what they were set to below it."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from benches.peers.data import CASES

WIDTH = 190


def shown(value: float | None, mark: str = "") -> str:
    """A figure with three digits that count."""
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}{mark}"
    return f"{value:.3g}{mark}"


def cell(figures: dict[str, Any], case: str) -> str:
    """Median milliseconds and recall, or a dash."""
    found = figures["cases"].get(case)
    return f"{shown(found['p50_ms'])}  {found['recall']:.2f}" if found else "-"


def line(name: str, figures: dict[str, Any]) -> list[str]:
    """One rival's cells."""
    rate = figures.get("rows_per_s")
    return [
        name + ("" if figures.get("payloads", True) else " *"),
        f"{figures['rows']:,}" if "rows" in figures else "-",
        *(cell(figures, case.name) for case in CASES),
        shown(figures.get("add_p50_ms"), "" if figures.get("synced", True) else " !"),
        shown(rate),
        shown(figures.get("build_s")),
        shown(figures.get("delete_ms")),
        shown(figures["bytes"] / 1e6) if "bytes" in figures else "-",
    ]


def settings(figures: dict[str, Any]) -> str:
    """The setting each case ended with, equal ones together."""
    groups: dict[str, list[str]] = {}
    for name, found in figures["cases"].items():
        text = ", ".join(f"{key}={value}" for key, value in found["setting"].items())
        groups.setdefault(text or "none", []).append(name)
    return "; ".join(f"{text} ({', '.join(names)})" for text, names in groups.items())


def print_figures(result: dict[str, Any], console: Console | None = None) -> None:
    """Print the table, and what stands behind each line of it."""
    console = console or Console(width=WIDTH)
    what = result["options"]
    table = Table(
        title=f"{what['rows']:,} rows of {what['dim']} dimensions, k=10: median ms and recall@10"
    )
    table.add_column("rival", no_wrap=True)
    for title in (
        "rows",
        *(case.title for case in CASES),
        "add ms",
        "import rows/s",
        "build s",
        "delete user ms",
        "MB",
    ):
        table.add_column(title, justify="right")
    for name, figures in result["rivals"].items():
        table.add_row(*line(name, figures))
    console.print(table)
    console.print(
        "* row numbers without payloads, given which rows a scope has;  ! not synced to disk"
    )
    for name, figures in result["rivals"].items():
        console.print(f"\n{name} {figures.get('version', '')}", style="bold", highlight=False)
        parameters = figures.get("parameters", {})
        given = {
            "set to": ", ".join(f"{key}: {value}" for key, value in parameters.items()),
            "swept": settings(figures),
            "threads": figures.get("threads"),
            "add": figures.get("durability"),
            **{f"failed: {stage}": why for stage, why in figures["failures"].items()},
        }
        for key, value in given.items():
            if value:
                console.print(f"  {key}: {value}", highlight=False, markup=False)
