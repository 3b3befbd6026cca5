"""`python -m memfast.bench`."""

from __future__ import annotations

import sys

from memfast.errors import MemfastError


def main() -> None:
    """Run the command by itself; an error of memfast is one line on stderr."""
    try:
        from memfast.bench.command import app
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in {"typer", "rich"}:
            raise
        sys.exit('the benchmark needs typer and rich; run `pip install "memfast[bench]"`')
    try:
        app()
    except MemfastError as error:
        hint = f"\nhint: {error.suggestion}" if error.suggestion else ""
        sys.exit(f"error: {error.message}{hint}")


if __name__ == "__main__":
    main()
