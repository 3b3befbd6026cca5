"""Rows of CSV and JSON lines files."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from memfast.errors import ValidationError
from memfast.transfer.limits import Limits
from memfast.transfer.rows import BadRow, Row

# Of a field; its row has a limit of its own. A vector of 65,536 dimensions as text passes the csv
# module's own limit of 131,072, which is for the whole process and would refuse long texts, too.
LONGEST_FIELD = 2**31 - 1


@contextmanager
def open_binary(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], float]]]:
    """Open a file, unpacked if its name ends in .gz, with a function that tells the share read."""
    size = path.stat().st_size or 1
    with path.open("rb") as raw:

        def share() -> float:
            return raw.tell() / size

        if path.suffix.lower() == ".gz":
            with gzip.open(raw) as unpacked:
                yield unpacked, share  # type: ignore[misc]
        else:
            yield raw, share


def damaged(path: Path, error: Exception) -> ValidationError:
    """Return the error of a file that ends early or is no gzip file."""
    return ValidationError(
        f"{path} cannot be read to its end: {error}",
        details={"path": str(path)},
        suggestion="What came before was imported; run the import again with the whole file.",
    )


def json_rows(path: Path, file: BinaryIO, limits: Limits) -> Iterator[Row | BadRow]:
    """Yield the objects of a JSON lines file; blank lines are no rows.

    Raises:
        ValidationError: The file ends early, a line is too long, or all lines together are.
    """
    read = 0
    try:
        lines = iter(lambda: file.readline(limits.row + 1), b"")
        for line, content in enumerate(lines, start=1):
            read += len(content)
            if len(content) > limits.row:
                raise limits.too_long(path, line)
            limits.check(path, read)
            if content.isspace():
                continue
            yield _json_row(line, content)
    except (OSError, EOFError) as error:
        raise damaged(path, error) from error


def _json_row(line: int, content: bytes) -> Row | BadRow:
    try:
        # `utf-8-sig` takes the mark that some editors put before the first line.
        text = content.decode("utf-8-sig" if line == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return BadRow(line, f"no UTF-8: {error}", content.decode("utf-8", "backslashreplace"))
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        return BadRow(line, f"no JSON: {error}", text)
    if not isinstance(values, dict):
        return BadRow(line, f"not an object but {type(values).__name__}", values)
    return Row(line, values, len(content))


class CsvLines:
    """Lines of a CSV file, of which a row may take several.

    Attributes:
        row: Characters since the row began.
    """

    def __init__(self, path: Path, text: TextIO, limits: Limits) -> None:
        self.row = 0
        self._path = path
        self._text = text
        self._limits = limits
        self._read = 0
        self._line = 0

    def __iter__(self) -> Iterator[str]:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line.

        Raises:
            ValidationError: The row is too long, or all lines together are.
        """
        line = self._text.readline(self._limits.row + 1)
        if not line:
            raise StopIteration
        self._line += 1
        self.row += len(line)
        self._read += len(line)
        if self.row > self._limits.row:
            raise self._limits.too_long(self._path, self._line)
        self._limits.check(self._path, self._read)
        return line


def csv_names(path: Path, text: CsvLines) -> tuple[list[str], Any]:
    """Return the header of a CSV file and the reader of its rows.

    Raises:
        ValidationError: There is no header.
    """
    if csv.field_size_limit() < LONGEST_FIELD:
        csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(text, strict=True)
    try:
        names = next(reader, None)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValidationError(
            f"{path} has no header that can be read: {error}", details={"path": str(path)}
        ) from error
    if not names:
        raise ValidationError(
            f"{path} has no header: its first line must name the columns",
            details={"path": str(path)},
        )
    return names, reader


def csv_rows(path: Path, names: list[str], reader: Any, text: CsvLines) -> Iterator[Row | BadRow]:
    """Yield the rows of a CSV file; an empty field is a missing value."""
    while True:
        # A quoted field may hold line ends, so a row begins after the line where the last ended.
        line = reader.line_num + 1
        text.row = 0
        try:
            fields = next(reader, None)
        except csv.Error as error:
            yield BadRow(line, f"no CSV: {error}", None)
            continue
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise damaged(path, error) from error
        if fields is None:
            return
        if not fields:
            continue
        if len(fields) != len(names):
            reason = f"{len(fields)} fields where the header has {len(names)}"
            yield BadRow(line, reason, fields)
            continue
        values = {name: field for name, field in zip(names, fields, strict=True) if field}
        yield Row(line, values, text.row)


def text_of(file: BinaryIO) -> TextIO:
    """Return the text of a CSV file, whose line ends the csv module reads itself."""
    return io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
