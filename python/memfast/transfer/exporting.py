"""`export`: a scope as of one moment, into a file that appears when it is complete."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from memfast._flows.capabilities import engine_of
from memfast.config import expanded
from memfast.errors import DatabaseError, MemfastError, ValidationError
from memfast.stores.protocol import EVERYTHING
from memfast.transfer.formats import format_of, suffix_of
from memfast.transfer.reports import ExportReport
from memfast.transfer.writers import HISTORY, ROWS

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._core import Export
    from memfast.stores.protocol import Selection

FORMATS = frozenset(ROWS)
# Flags of a draft: it must be new, and not a symbolic link.
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def export_rows(
    context: Context,
    target: str | Path | None,
    *,
    file_format: str | None,
    selection: Selection,
    vectors: bool,
    history: bool,
) -> ExportReport | Export:
    """Write memories into a file, or return them as an Arrow stream; see `Memory.export`."""
    if selection.names_no_scope:
        selection = selection._replace(user_id=EVERYTHING.user_id)
    export = engine_of(context, "arrow", "export").export(selection, vectors=vectors)
    if target is None:
        if history or file_format:
            name = "history" if history else "format"
            raise ValidationError(f"{name}= needs a file; pass its path as target")
        return export
    path = expanded(target)
    kind = format_of(path, file_format, FORMATS)
    # Both files are complete before either gets its name.
    with _whole(path) as draft:
        if history:
            with _whole(_history_path(path)) as events:
                HISTORY[kind](export, events, packed=suffix_of(path).endswith(".gz"))
                rows = ROWS[kind](export, draft, packed=suffix_of(path).endswith(".gz"))
        else:
            rows = ROWS[kind](export, draft, packed=suffix_of(path).endswith(".gz"))
    return ExportReport(rows, path)


def _history_path(path: Path) -> Path:
    """Return `memories.history.parquet` for `memories.parquet`."""
    end = suffix_of(path)
    stem = path.name[: len(path.name) - len(end)]
    return path.with_name(f"{stem}.history{path.name[len(stem) :]}")


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write to, which becomes `path` when all of it is on disk."""
    draft: Path | None = None
    try:
        _remove_drafts(path)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
        with os.fdopen(os.open(draft, NEW, 0o600), "wb") as file:
            # The lock tells other exports that the draft is in use.
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
            file.flush()
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


def _remove_drafts(path: Path) -> None:
    """Delete the drafts of killed exports to the same target."""
    draft = re.compile(re.escape(f".{path.name}.") + r"[0-9a-f]{16}\.part")
    for found in path.parent.iterdir():
        if draft.fullmatch(found.name):
            with suppress(OSError):
                held = os.open(found, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
                with os.fdopen(held, "rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    found.unlink()


def _remove(draft: Path | None) -> None:
    if draft is not None:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
