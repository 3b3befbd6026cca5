"""Figures as tables and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table

from memfast.evaluation.measures import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memfast.evaluation.run import Evaluation, Figures, Means


def tables(evaluation: Evaluation, title: str) -> Iterator[Table]:
    """Yield the table of the measures, and that of thresholds and times."""
    measures = Table(title=title)
    measures.add_column("search")
    measures.add_column("questions")
    for column in ("n", *NAMES):
        measures.add_column(column, justify="right")
    for mode, figures in evaluation.modes.items():
        for name, means in _groups(figures):
            measures.add_row(mode, name, f"{means.questions:,}", *_numbers(means))
    yield measures
    others = Table()
    others.add_column("search")
    reached = f"reach {evaluation.threshold:g}"
    for column in (f"own questions {reached}", f"foreign {reached}", "p50 ms", "p99 ms"):
        others.add_column(column, justify="right")
    for mode, figures in evaluation.modes.items():
        foreign = "" if figures.foreign is None else f"{figures.foreign:.3f}"
        times = (f"{figures.p50_ms:.3f}", f"{figures.p99_ms:.3f}")
        others.add_row(mode, f"{figures.own:.3f}", foreign, *times)
    yield others


def _groups(figures: Figures) -> Iterator[tuple[str, Means]]:
    yield "all", figures.all
    if len(figures.categories) > 1:
        for name, means in figures.categories.items():
            yield f"category {name}", means


def _numbers(means: Means) -> list[str]:
    return [f"{means.measures[name]:.3f}" for name in NAMES]


def as_json(evaluation: Evaluation, **about: object) -> str:
    """Return the figures as JSON, with what they are about before them."""
    return json.dumps({**about, **asdict(evaluation)}, indent=1)
