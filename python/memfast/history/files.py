"""The file of the history: whose it is, and how it is made and deleted."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from memfast.errors import ConfigurationError

NAME = "history.duckdb"
# A DuckDB file has its magic bytes after a checksum.
HEAD = 16
MAGIC_AT, MAGIC = 8, b"DUCK"
# DuckDB reads options behind "?", and takes "\" for "/".
UNREADABLE = re.compile(r"[?\\\ud800-\udfff]")
STAMP = r"\.damaged-\d{8}T\d{12}"
SPILL = re.compile(r"duckdb_temp_(storage|block)[-_].*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the projection is kept.

    Attributes:
        path: The file, absolute.
        named: The user named the file; it may turn out to be another program's.
        opens: DuckDB can open a file of this name; else the projection is kept in memory.
    """

    path: Path
    named: bool
    opens: bool = True

    def __str__(self) -> str:
        return str(self.path)

    def check(self) -> None:
        """Refuse a file that no memfast wrote, by its first bytes; it is not changed.

        Raises:
            ConfigurationError: The user named the file of another program, or a directory.
        """
        if self.named and not self.is_new() and self._head()[MAGIC_AT:][: len(MAGIC)] != MAGIC:
            raise self.foreign("it is not a DuckDB database")

    def foreign(self, problem: str) -> ConfigurationError:
        """Return the error about a file that memfast did not write."""
        return ConfigurationError(
            f"history_db_path: {str(self.path)!r} is not a history of memfast: {problem}",
            details={"history_db_path": str(self.path)},
            suggestion="Name another file, or leave history_db_path out: the history is then kept "
            "in the store's directory. If the file is a damaged history of memfast, delete it; it "
            "is built again from the store.",
        )

    def is_new(self) -> bool:
        """Return whether there is no file yet, or an empty one."""
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError as error:
            raise ConfigurationError(
                f"history_db_path: {str(self.path)!r} cannot be read: {error.strerror}",
                details={"history_db_path": str(self.path)},
            ) from error
        if not stat.S_ISREG(found.st_mode):
            raise self.foreign("it is not a regular file")
        return found.st_size == 0

    def _head(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(HEAD)
        except OSError as error:
            raise self.foreign(f"it cannot be read: {error.strerror}") from error

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Yield a name to make a database under; it becomes `path` when it is whole."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        prefix = f".{self.path.name}.new-"
        left_over = re.compile(re.escape(prefix) + r"[a-z0-9_]{8}")
        for folder in self._siblings(left_over):
            shutil.rmtree(folder, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=self.path.parent))
        try:
            draft = folder / NAME
            yield draft
            draft.chmod(0o600)
            # A log without its database is left from a deleted one.
            self._log.unlink(missing_ok=True)
            draft.replace(self.path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def protect(self) -> None:
        """Keep other users out: DuckDB makes files with the umask of the process."""
        for path in (self.path, self._log):
            with suppress(FileNotFoundError):
                path.chmod(0o600)

    def rename_damaged(self) -> None:
        """Rename the file and its log, so that the damage can be examined."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        for path in (self.path, self._log):
            with suppress(FileNotFoundError):
                path.rename(path.with_name(f"{path.name}.damaged-{stamp}"))

    def remove(self) -> None:
        """Delete the file and its log."""
        for path in (self.path, self._log):
            path.unlink(missing_ok=True)

    def erase(self) -> None:
        """Delete all files that memfast wrote here, damaged ones too, by exact names.

        Raises:
            ConfigurationError: The file is another program's; nothing was deleted.
        """
        self.check()
        own = re.compile(re.escape(self.path.name) + rf"(\.wal)?({STAMP})?")
        for path in self._siblings(own):
            if path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
        spilled = self.path.with_name(f"{self.path.name}.tmp")
        with suppress(OSError):
            for path in spilled.iterdir():
                if SPILL.fullmatch(path.name):
                    path.unlink(missing_ok=True)
            spilled.rmdir()

    @property
    def _log(self) -> Path:
        return self.path.with_name(f"{self.path.name}.wal")

    def _siblings(self, names: re.Pattern[str]) -> list[Path]:
        try:
            return [path for path in self.path.parent.iterdir() if names.fullmatch(path.name)]
        except (FileNotFoundError, NotADirectoryError):
            return []


def choose_place(store: Path, given: str | Path | None) -> Place | None:
    """Return where the history of a store is kept; None for in memory.

    Args:
        store: The store's directory.
        given: The file that the user named; None is `history.duckdb` in the directory, and
            ":memory:" keeps the history in memory.

    Raises:
        ConfigurationError: The named file is another program's, or DuckDB cannot open its name.
    """
    if given is not None and str(given) == ":memory:":
        return None
    path = Path(os.path.abspath(store / NAME if given is None else given))  # noqa: PTH100 - Path.absolute keeps ".."
    place = Place(path, named=given is not None, opens=not UNREADABLE.search(str(path)))
    if place.named and not place.opens:
        raise ConfigurationError(
            f"history_db_path: DuckDB cannot open {str(path)!a:.80}: the path holds '?', '\\' or "
            "bytes that are not UTF-8",
            details={"history_db_path": ascii(path)},
            suggestion="Name a file without these characters.",
        )
    place.check()
    return place
