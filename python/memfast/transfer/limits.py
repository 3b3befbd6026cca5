"""Limits of what a source may unpack to: a few KiB compressed can hold any amount."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from memfast.errors import ValidationError

# The default of `max_unpacked_bytes`: the larger of an amount and a multiple of the file's size.
UNPACKED = 1 << 30
UNPACKED_RATIO = 1000
# The default of `max_row_bytes`.
ROW = 64 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a source.

    Attributes:
        row: Bytes of a row.
        unpacked: Bytes of a file's rows; None for the default.
    """

    row: int = ROW
    unpacked: int | None = None

    @property
    def least(self) -> int:
        """The limit of all rows; a large file may have more."""
        return UNPACKED if self.unpacked is None else self.unpacked

    def check(self, path: Path, unpacked: int) -> None:
        """Check how many bytes of rows a file has, or had so far.

        Raises:
            ValidationError: They are too many.
        """
        if unpacked <= self.least:
            return
        most = self.unpacked
        if most is None:
            most = max(UNPACKED, UNPACKED_RATIO * path.stat().st_size)
        if unpacked > most:
            raise ValidationError(
                f"{path} unpacks to {unpacked} bytes or more; max_unpacked_bytes is {most}",
                details={"path": str(path), "max_unpacked_bytes": most},
                suggestion="Batches that came before were imported. Pass a larger "
                "max_unpacked_bytes for a file that you trust.",
            )

    def too_long(self, path: Path, line: int) -> ValidationError:
        """Return the error of a line that is longer than a row may be."""
        return ValidationError(
            f"{path}: line {line} is longer than max_row_bytes, {self.row} bytes",
            details={"path": str(path), "line": line, "max_row_bytes": self.row},
            suggestion="What came before was imported; break the line up, or pass a larger "
            "max_row_bytes.",
        )


class Meter:
    """Counts what is read of a file of lines.

    Attributes:
        path: The file.
        limits: Its bounds.
        read: Bytes or characters of the lines so far.
        row: Those of the row that is being read, which may take several lines.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.read = 0
        self.row = 0
