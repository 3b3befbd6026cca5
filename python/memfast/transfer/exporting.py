"""`export`: all of a scope as of one moment, into a file that is there when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from memfast._core import Engine, Export
from memfast.config import expanded
from memfast.errors import DatabaseError, MemfastError, ValidationError
from memfast.transfer.formats import format_of, suffix_of
from memfast.transfer.reports import ExportReport
from memfast.transfer.writers import HISTORY, ROWS

FORMATS = frozenset(ROWS)
Scope = tuple[list[str] | None, list[str] | None, list[str] | None]
EVERYTHING: Scope = (["*"], None, None)


def export_rows(
    engine: Engine,
    target: str | Path | None,
    *,
    file_format: str | None,
    scope: Scope,
    filters: Mapping[str, Any] | None,
    vectors: bool,
    history: bool,
) -> ExportReport | Export:
    """Write memories into a file, or return them as an Arrow stream; see `Memory.export`."""
    if scope == (None, None, None):
        scope = EVERYTHING
    export = engine.export(scope, filters, vectors=vectors)
    if target is None:
        if history or file_format:
            name = "history" if history else "format"
            raise ValidationError(f"{name}= needs a file; pass its path as target")
        return export
    path = expanded(target)
    kind = format_of(path, file_format, FORMATS)
    # Both files are written to their end before either is named.
    with _whole(path) as draft:
        if history:
            with _whole(_beside(path)) as events:
                HISTORY[kind](export, events, packed=suffix_of(path).endswith(".gz"))
                rows = ROWS[kind](export, draft, packed=suffix_of(path).endswith(".gz"))
        else:
            rows = ROWS[kind](export, draft, packed=suffix_of(path).endswith(".gz"))
    return ExportReport(rows, path)


def _beside(path: Path) -> Path:
    """Return `memories.history.parquet` for `memories.parquet`."""
    end = suffix_of(path)
    stem = path.name[: len(path.name) - len(end)]
    return path.with_name(f"{stem}.history{path.name[len(stem) :]}")


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Yield another name to write to, which becomes `path` when all of it is on disk."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except MemfastError:
        _remove(draft)
        raise
    except OSError as error:
        _remove(draft)
        raise DatabaseError(
            f"{path} cannot be written: {error}",
            details={"path": str(path)},
            suggestion="Nothing was changed there; free the cause and export again.",
        ) from error
    except BaseException:
        _remove(draft)
        raise


def _remove(draft: Path) -> None:
    with suppress(OSError):
        draft.unlink(missing_ok=True)
