"""A run as one HTML page without scripts, fonts or other files."""

from __future__ import annotations

from html import escape

from memfast.bench.curves import Series, chart
from memfast.bench.report import growth_lines, heading, machine_line, number
from memfast.bench.result import Report, Result, Tier
from memfast.bench.writes import CONCURRENT

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8889; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.charts { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); }
figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
svg text { fill: currentColor; font-size: 12px; } .g { stroke: var(--line); }
figure ul { display: flex; flex-wrap: wrap; gap: 0 1rem; list-style: none; margin: 0; padding: 0; }
figure i { border-radius: 50%; display: inline-block; height: .6em; width: .6em; }
figure i { margin-right: .4em; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: left; }
.r { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
small, .n { color: var(--soft); font-weight: 400; }
"""

# Title, unit, and the measures drawn over the rows of the store.
CHARTS = (
    (
        "Search in a scope",
        "ms",
        (
            "search.light",
            "search.steady",
            "search.heavy",
            "search.heavy_category_time",
            "search.heavy_threshold",
            "search_many.heavy",
        ),
    ),
    (
        "Search across scopes",
        "ms",
        (
            "search.all",
            "search.all_exact",
            "search.agent",
            "search.filter_1pct",
            "search.filter_30pct",
            "search_many.all",
        ),
    ),
    ("Filling", "rows/s", ("import.vectors", "import.text", "embedder", "index.build")),
    (
        "Changing and opening",
        "ms",
        ("add.single", "update", "delete", "delete_all", "open.fresh", "open.again", "limit.flush"),
    ),
    ("Size", "MB", ("disk", "memory.open", "memory.searched")),
)
COLUMNS = ("measure", "p50", "p99", "unit", "quartiles", "n", "ratio", "limit and notes")
RIGHT = {"p50", "p99", "quartiles", "n", "ratio"}


def page(report: Report) -> str:
    """Return the page."""
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/>',
        '<meta name="viewport" content="width=device-width"/>',
        f"<title>memfast on this machine</title><style>{STYLE}</style></head><body>",
        f"<h1>memfast on this machine</h1><p>{escape(machine_line(report))}</p>",
        *(f"<p>{escape(line)}</p>" for line in growth_lines(report)),
    ]
    for dim in sorted({tier.dim for tier in report.tiers()}):
        parts.append(f'<h2>Curves, {dim} dimensions</h2><div class="charts">')
        parts += _charts(report, dim)
        parts.append("</div>")
    for tier in (Tier(0, 0), *report.tiers()):
        parts.append(f"<h2>{escape(heading(report, tier)) if tier.rows else 'The machine'}</h2>")
        parts.append(_table(report, tier))
    parts.append("</body></html>\n")
    return "".join(parts)


def _charts(report: Report, dim: int) -> list[str]:
    charts = []
    for title, unit, names in CHARTS:
        series: Series = {
            name: [(one.rows, one.p50) for one in report.of(name, dim)] for name in names
        }
        charts.append(chart(title, series, unit=unit, over="rows in the store"))
    adds: Series = {}
    for threads, name in CONCURRENT.items():
        for one in report.of(name, dim):
            adds.setdefault(f"{one.rows:,} rows", []).append((threads, one.p50))
    charts.append(chart("Concurrent durable adds", adds, unit="rows/s", over="threads"))
    return charts


def _table(report: Report, tier: Tier) -> str:
    head = "".join(
        f'<th class="r">{name}</th>' if name in RIGHT else f"<th>{name}</th>" for name in COLUMNS
    )
    rows = "".join(
        _row(result)
        for result in report.results
        if (result.rows, result.dim) == (tier.rows, tier.dim)
    )
    return f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>'


def _row(result: Result) -> str:
    against = f"{result.limit_name}: {number(result.limit)}" if result.limit else ""
    cells = (
        result.name,
        number(result.p50),
        number(result.p99),
        result.unit,
        f"{number(result.q1)} .. {number(result.q3)}",
        f"{result.n:,}",
        "" if result.ratio is None else number(result.ratio),
        "; ".join(part for part in (against, result.note) if part),
    )
    kinds = ("", "r", "r", "", "r", "r", "r", "n")
    return (
        "<tr>"
        + "".join(
            f'<td class="{kind}">{escape(cell)}</td>' if kind else f"<td>{escape(cell)}</td>"
            for kind, cell in zip(kinds, cells, strict=True)
        )
        + "</tr>"
    )
