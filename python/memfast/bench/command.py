"""The command `memfast bench`: arguments in, tables and files out."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from memfast.errors import ConfigurationError, ValidationError

DIMS = (256, 384, 768, 1536)
SIZES = {"k": 1_000, "m": 1_000_000}
LEAST_ROWS = 100
PLAIN_WIDTH = 180

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(
    *,
    tiers: Annotated[
        str, typer.Option(help="Sizes of the stores, such as 1k,10k,100k,1m.")
    ] = "1k,10k",
    rows: Annotated[
        int | None, typer.Option(min=LEAST_ROWS, help="One store of this size instead.")
    ] = None,
    dim: Annotated[
        str, typer.Option(help="Dimensions of the vectors: 256, 384, 768, 1536.")
    ] = "384",
    only: Annotated[
        str | None, typer.Option(help="Measures, or first parts of their names: search,disk.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the results as JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the results as one HTML page.")] = None,
    path: Annotated[
        Path | None,
        typer.Option(
            help="Directory on the disk to measure. Default: the one for temporary files."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal data.")] = 0,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few samples: a first look, not for publishing.")
    ] = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="BEFORE AFTER", help="Measure nothing; compare two JSON files."),
    ] = None,
) -> None:
    """Measure memfast on this machine, beside the limits of the machine.

    1k and 10k take about a minute, 1m takes about a quarter of an hour and 8 GB of disk.
    """
    _need_numpy()
    from rich.console import Console

    from memfast.bench import report as tables

    # A file or a pipe has no width.
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    if compare is not None:
        from memfast.bench.compare import compare as compared
        from memfast.bench.result import load

        before, after = compare
        tables.show_comparison(compared(load(before), load(after)), console)
        return
    from memfast.bench import hardware
    from memfast.bench.page import page
    from memfast.bench.result import Report, Settings, Tier
    from memfast.bench.run import chosen, run
    from memfast.bench.sampling import FULL, QUICK

    sizes = [rows] if rows is not None else [read_size(part) for part in _parts(tiers)]
    wanted = chosen(_parts(only or ""))
    report = Report(hardware.machine(), Settings(seed=seed, quick=quick))
    asked = [Tier(size, wide) for wide in read_dims(dim) for size in sizes]
    with tempfile.TemporaryDirectory(prefix="memfast-bench-", dir=path) as place:
        progress = Console(stderr=True)
        with progress.status("") as status:
            for results in run(
                asked,
                Path(place),
                wanted=wanted,
                seed=seed,
                budget=QUICK if quick else FULL,
                say=status.update,
            ):
                report.results += results
                # After each tier, so that an interrupted run keeps the finished ones.
                if out is not None:
                    report.save(out)
                if html is not None:
                    html.write_text(page(report), "utf-8")
    tables.show(report, console)


def read_size(text: str) -> int:
    """Return a tier's rows.

    >>> read_size("10k"), read_size("1m"), read_size("2500")
    (10000, 1000000, 2500)

    Raises:
        ValidationError: It is not a number of at least 100.
    """
    unit = SIZES.get(text[-1:].lower(), 1)
    digits = text[:-1] if unit > 1 else text
    if not (digits.isascii() and digits.isdigit()) or int(digits) * unit < LEAST_ROWS:
        raise ValidationError(
            f"--tiers: {text!r} is not a number of rows",
            suggestion=f"Write sizes of at least {LEAST_ROWS} rows, such as 1k,10k,100k,1m.",
        )
    return int(digits) * unit


def read_dims(text: str) -> list[int]:
    """Return the dimensions asked for.

    Raises:
        ValidationError: One is not among those measured.
    """
    known = {str(dim): dim for dim in DIMS}
    for part in _parts(text):
        if part not in known:
            raise ValidationError(
                f"--dim: {part!r} is not measured", suggestion=f"Pick from {', '.join(known)}."
            )
    return [known[part] for part in _parts(text)]


def _parts(text: str) -> list[str]:
    return [part for given in text.split(",") if (part := given.strip())]


def _need_numpy() -> None:
    try:
        import numpy  # noqa: F401, ICN001 - only to check that it is installed
    except ImportError as error:
        raise ConfigurationError(
            'the benchmark needs numpy; run `pip install "memfast[bench]"`',
            details={"package": "numpy"},
        ) from error
