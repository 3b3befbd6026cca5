"""SQLite files of other programs, read without changing them."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from memfast.errors import StoreLockedError, ValidationError

_MAGIC = b"SQLite format 3\0"
_WAL = 2


@contextmanager
def open_sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a SQLite file without changing it or the files next to it.

    Raises:
        ValidationError: It is not a SQLite file, or damaged; also raised by work in the body.
        StoreLockedError: Another process writes to it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="memfast-") as folder:
            readable = _readable(path, Path(folder))
            mode = "ro" if readable == path else "rw"
            with closing(
                sqlite3.connect(f"{readable.resolve().as_uri()}?mode={mode}", uri=True)
            ) as db:
                db.text_factory = lambda text: text.decode("utf-8", "replace")
                # A schema is data of the file: functions that it names do not run.
                db.execute("PRAGMA trusted_schema = OFF")
                yield db
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise StoreLockedError(
                f"{path} is being written: {error}", details={"path": str(path)}
            ) from error
        raise ValidationError(
            f"{path} cannot be read to its end: {error}",
            details={"path": str(path)},
            suggestion="What came before was imported; run the import again with a whole file.",
        ) from error


def _readable(path: Path, folder: Path) -> Path:
    """Return the file, or a copy where SQLite would have to write to read it."""
    try:
        with path.open("rb") as file:
            head = file.read(20)
    except OSError as error:
        raise ValidationError(
            f"{path} cannot be read: {error}", details={"path": str(path)}
        ) from error
    if not head.startswith(_MAGIC):
        raise ValidationError(f"{path} is not a SQLite file", details={"path": str(path)})
    logs = [Path(f"{path}{end}") for end in ("-wal", "-journal")]
    present = [log for log in logs if log.exists()]
    if not present and _WAL not in head[18:20]:
        return path
    for part in (path, *present):
        shutil.copyfile(part, folder / part.name)
    return folder / path.name


def has_table(db: sqlite3.Connection, name: str) -> bool:
    """Return whether there is a table, not a view, of this name."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return db.execute(query, (name,)).fetchone() is not None
