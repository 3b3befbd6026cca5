"""Figures as tables and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table

from memfast.evaluation.fitting import RECALL, SURE, Fit
from memfast.evaluation.measures import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memfast.evaluation.run import Evaluation, Figures, Means


def tables(done: Evaluation | Fit, title: str) -> Iterator[Table]:
    """Yield the tables of what was measured or fitted."""
    if isinstance(done, Fit):
        yield _table_of_fit(done, title)
        return
    measures = _table(f"{title}, {done.memories:,} memories", "search", "questions")
    _add_columns(measures, ("n", *NAMES))
    for mode, figures in done.modes.items():
        for name, means in _groups(figures):
            measures.add_row(mode, name, f"{means.questions:,}", *_numbers(means))
    yield measures
    others = _table(None, "search")
    reached = f"reach {done.threshold:g}"
    _add_columns(others, (f"own questions {reached}", f"foreign {reached}", "p50 ms", "p99 ms"))
    for mode, figures in done.modes.items():
        foreign = "" if figures.foreign is None else f"{figures.foreign:.3f}"
        times = (f"{figures.p50_ms:.3f}", f"{figures.p99_ms:.3f}")
        others.add_row(mode, f"{figures.own:.3f}", foreign, *times)
    yield others


def _table_of_fit(fit: Fit, title: str) -> Table:
    table = _table(title, "questions", "weights")
    _add_columns(table, ("n", RECALL, "mrr"))
    for name, half in (("fitted on", fit.learned), ("held out", fit.held_out)):
        for weights, means in (("as they were", half.before), ("fitted", half.after)):
            numbers = [f"{means[measure]:.3f}" for measure in (RECALL, "mrr")]
            table.add_row(name, weights, f"{half.questions:,}", *numbers)
    return table


def verdict(fit: Fit) -> str:
    """Return what to do with the weights that a fit found."""
    gain = (
        f"{RECALL} + MRR of the questions held out: {fit.gain:+.3f}, standard error {fit.error:.3f}"
    )
    if not fit.found:
        return (
            "No other weights are better on the questions fitted on: keep the weights as they are."
        )
    if not fit.better:
        return (
            f"Keep the weights as they are: they are as good. {gain}; a gain of more than {SURE:g} "
            f"standard errors would count. What was found: {json.dumps(fit.found)}"
        )
    return (
        f"Pass weights={json.dumps(fit.weights)}\n{gain}. Scores change with the weights: choose a "
        "threshold again."
    )


def _table(title: str | None, *columns: str) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column)
    return table


def _add_columns(table: Table, names: Sequence[str]) -> None:
    """Add columns of numbers."""
    for name in names:
        table.add_column(name, justify="right")


def _groups(figures: Figures) -> Iterator[tuple[str, Means]]:
    yield "all", figures.all
    if len(figures.categories) > 1:
        for name, means in figures.categories.items():
            yield f"category {name}", means


def _numbers(means: Means) -> list[str]:
    return [f"{means.measures[name]:.3f}" for name in NAMES]


def as_json(done: Evaluation | Fit, **about: object) -> str:
    """Return what was measured or fitted as JSON, with what it is about before it."""
    return json.dumps({**about, **asdict(done)}, indent=1)
