"""Progress of long calls: a bar, or a function of the caller."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from memfast.errors import DependencyError

# Called with the rows done and, where it is known, the rows in all.
Tell = Callable[[int, int | None], object]
# Called with the stage, the rows done and the rows in all.
StageTell = Callable[[str, int, int], object]


@contextmanager
def stages(progress: bool | StageTell | None) -> Iterator[StageTell]:
    """Yield a function that reports stage, rows done and rows in all; see `progress_of`."""
    if callable(progress):
        yield progress
        return
    with progress_of(progress) as tell:
        yield lambda _stage, done, total: tell(done, total)


@contextmanager
def progress_of(progress: bool | Tell | None, unit: str = "rows") -> Iterator[Tell]:
    """Yield a function that reports the rows done and the rows in all.

    Args:
        progress: A function; True for a bar on stderr; None for one if stderr is a terminal.
        unit: What the bar counts.

    Raises:
        DependencyError: True, and rich is missing.
    """
    if callable(progress):
        yield progress
        return
    if progress is False or (progress is None and not sys.stderr.isatty()):
        yield lambda _done, _total: None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    except ImportError as error:
        if progress is None:
            yield lambda _done, _total: None
            return
        raise DependencyError(
            'a progress bar needs rich; run `pip install "memfast[cli]"`',
            details={"package": "rich"},
        ) from error
    columns = (
        TextColumn(f"{{task.completed:,.0f}} {unit}"),
        BarColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, speed="")

        def tell(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)
            speed = bar.tasks[0].speed
            bar.update(task, speed=f"{speed:,.0f} {unit}/s" if speed else "")

        yield tell
