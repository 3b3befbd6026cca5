"""Where the bad rows of an import go."""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from memfast.config import expanded
from memfast.errors import DatabaseError
from memfast.transfer.rows import BadRow

log = logging.getLogger("memfast")

# Without a file, this many bad rows are logged one by one.
LOGGED = 5
# Levels of a bad row that are written: a few more than a good one may have.
DEPTH = 80
# Values and characters of a bad row that are written. A list that is used several times counts each
# time: a small object can hold any number.
VALUES = 100_000
CHARACTERS = 64 << 20


class Rejects:
    """A file of bad rows, made when the first comes; without a path they are logged."""

    def __init__(self, path: str | Path | None) -> None:
        self.count = 0
        self._path = None if path is None else expanded(path)
        self._file: TextIO | None = None
        if self._path is not None:
            # A file of an earlier run would look like one of this run.
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
        # Bad rows may be private too; a symbolic link made in the meantime is not followed.
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
        """Close the file; log how many rows are in no file."""
        if self._file is not None:
            self._file.close()
        if self._path is None and self.count > LOGGED:
            log.warning("%d rows were not imported; rejects=PATH keeps them all", self.count)


def _raw(value: object) -> object:
    """Return a value as JSON can hold it; the text of an Arrow row is JSON already."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            return _Copy().of(json.loads(value))
        except (ValueError, RecursionError):
            return value
    return _Copy().of(value)


class _Copy:
    """Values as JSON can hold them; "..." in place of values that are too deep or too many."""

    def __init__(self) -> None:
        self._values = VALUES
        self._characters = CHARACTERS

    def of(self, value: object, depth: int = 0) -> object:
        """Return a value as JSON can hold it."""
        self._values -= 1
        # A value may be nested deeper than Python's stack.
        if self._values < 0 or self._characters < 0 or depth > DEPTH:
            return "..."
        if isinstance(value, Mapping):
            return self._object(value, depth)
        if isinstance(value, list | tuple):
            return self._list(value, depth)
        return self._other(value, depth)

    def _other(self, value: object, depth: int) -> object:
        if isinstance(value, str):
            self._characters -= len(value)
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        try:
            if getattr(value, "size", 0) > self._values:
                return "..."
            return self.of(value.tolist(), depth + 1) if hasattr(value, "tolist") else str(value)
        except Exception:  # noqa: BLE001 - code of the object, which must not end the import
            return f"<{type(value).__name__}>"

    def _object(self, value: Mapping[object, object], depth: int) -> dict[str, object]:
        found = {}
        for key, item in value.items():
            found[str(key)] = self.of(item, depth + 1)
            if self._values < 0:
                break
        return found

    def _list(self, value: Sequence[object], depth: int) -> list[object]:
        found = []
        for item in value:
            found.append(self.of(item, depth + 1))
            if self._values < 0:
                break
        return found
