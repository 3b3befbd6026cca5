"""Where the bad rows of an import go."""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from memfast.config import expanded
from memfast.errors import DatabaseError
from memfast.transfer.rows import BadRow

log = logging.getLogger("memfast")

# So many bad rows are logged one by one where there is no file for them.
LOGGED = 5
# Levels of a bad row that are told: a few more than a good one may have.
DEPTH = 80


class Rejects:
    """A file of bad rows, made when the first comes; without a path they are logged."""

    def __init__(self, path: str | Path | None) -> None:
        self.count = 0
        self._path = None if path is None else expanded(path)
        self._file: TextIO | None = None
        if self._path is not None:
            # A file of an earlier run would be taken for this one's.
            self._path.unlink(missing_ok=True)

    def add(self, row: BadRow) -> None:
        """Keep one row."""
        self.count += 1
        if self._path is None:
            if self.count <= LOGGED:
                log.warning("line %d was not imported: %s", row.line, row.reason)
            return
        if self._file is None:
            self._file = self._create(self._path)
        entry = {"line": row.line, "reason": row.reason, "raw": _raw(row.raw)}
        self._file.write(json.dumps(entry, allow_nan=False) + "\n")

    def _create(self, path: Path) -> TextIO:
        # What is no memory may be private all the same; a link laid meanwhile is not followed.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8")
        except OSError as error:
            raise DatabaseError(
                f"rejects={str(path)!r:.80} cannot be written: {error}",
                details={"path": str(path)},
                suggestion="Name a file in a directory that can be written.",
            ) from error

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; tell of rows that are in none."""
        if self._file is not None:
            self._file.close()
        if self._path is None and self.count > LOGGED:
            log.warning("%d rows were not imported; rejects=PATH keeps them all", self.count)


def _raw(value: Any) -> Any:
    """Return a value as JSON can hold it; the text of an Arrow row is JSON already."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            return _jsonable(json.loads(value))
        except (ValueError, RecursionError):
            return value
    return _jsonable(value)


def _jsonable(value: Any, depth: int = 0) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    # Told whole, a value may be nested deeper than Python's stack.
    if value is None or isinstance(value, bool | int | str) or depth > DEPTH:
        return value if depth <= DEPTH else "..."
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item, depth + 1) for item in value]
    try:
        return _jsonable(value.tolist(), depth + 1) if hasattr(value, "tolist") else str(value)
    except Exception:  # noqa: BLE001 - the object's own code, which must not end the import
        return f"<{type(value).__name__}>"
