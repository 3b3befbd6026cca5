"""Rows of CSV and JSON lines files."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO

from memfast.errors import ValidationError
from memfast.transfer.limits import Meter
from memfast.transfer.rows import BadRow, Row

# The longest CSV field; rows have their own limit. The default of the csv module, 131,072
# characters, is less than a vector of 65,536 dimensions or a long text.
LONGEST_FIELD = 2**31 - 1


@contextmanager
def open_binary(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], float]]]:
    """Open a file, unpacked if it ends in .gz, with a function that returns the share read."""
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
    """Return the error of a file that ends early or is not a gzip file."""
    return ValidationError(
        f"{path} cannot be read to its end: {error}",
        details={"path": str(path)},
        suggestion="What came before was imported; run the import again with the whole file.",
    )


def json_rows(file: BinaryIO, meter: Meter) -> Iterator[Row | BadRow]:
    """Yield the objects of a JSON lines file; blank lines are skipped.

    Raises:
        ValidationError: The file ends early, a line is too long, or all lines together are.
    """
    path, limits = meter.path, meter.limits
    longest, least = limits.row, limits.least
    try:
        lines = iter(lambda: file.readline(longest + 1), b"")
        for line, content in enumerate(lines, start=1):
            meter.read += len(content)
            if len(content) > longest:
                raise limits.too_long(path, line)
            if meter.read > least:
                limits.check(path, meter.read)
            if content.isspace():
                continue
            yield _json_row(line, content)
    except (OSError, EOFError) as error:
        raise damaged(path, error) from error


def _json_row(line: int, content: bytes) -> Row | BadRow:
    try:
        # `utf-8-sig` skips the byte order mark that some editors write.
        text = content.decode("utf-8-sig" if line == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return BadRow(line, f"not UTF-8: {error}", content.decode("utf-8", "backslashreplace"))
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        return BadRow(line, f"not JSON: {error}", text)
    if not isinstance(values, dict):
        return BadRow(line, f"not an object but {type(values).__name__}", values)
    return Row(line, values)


def csv_lines(text: TextIO, meter: Meter) -> Iterator[str]:
    """Yield the lines of a CSV file, of which a row may take several; its reader sets `meter.row`.

    Raises:
        ValidationError: A row is too long, or all lines together are.
    """
    limits = meter.limits
    longest, least = limits.row, limits.least
    lines = iter(lambda: text.readline(longest + 1), "")
    for number, line in enumerate(lines, start=1):
        meter.row += len(line)
        meter.read += len(line)
        if meter.row > longest:
            raise limits.too_long(meter.path, number)
        if meter.read > least:
            limits.check(meter.path, meter.read)
        yield line


class CsvReader(Protocol):
    """A reader of the csv module.

    Attributes:
        line_num: Lines that were read so far.
    """

    @property
    def line_num(self) -> int: ...  # noqa: D102 - an attribute, as above

    def __next__(self) -> list[str]:
        """Return the fields of the next row."""
        ...


def csv_names(path: Path, lines: Iterator[str]) -> tuple[list[str], CsvReader]:
    """Return the header of a CSV file and the reader of its rows.

    Raises:
        ValidationError: There is no header.
    """
    if csv.field_size_limit() < LONGEST_FIELD:
        csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(lines, strict=True)
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


def csv_rows(names: list[str], reader: CsvReader, meter: Meter) -> Iterator[Row | BadRow]:
    """Yield the rows of a CSV file; an empty field is a missing value."""
    while True:
        # A quoted field may hold line ends, so a row begins after the line where the last ended.
        line = reader.line_num + 1
        meter.row = 0
        try:
            fields = next(reader, None)
        except csv.Error as error:
            yield BadRow(line, f"not CSV: {error}", None)
            continue
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise damaged(meter.path, error) from error
        if fields is None:
            return
        if not fields:
            continue
        if len(fields) != len(names):
            reason = f"{len(fields)} fields where the header has {len(names)}"
            yield BadRow(line, reason, fields)
            continue
        values: dict[str, object] = {
            name: field for name, field in zip(names, fields, strict=True) if field
        }
        yield Row(line, values)


def text_of(file: BinaryIO) -> TextIO:
    """Return the text of a CSV file, whose line ends the csv module reads itself."""
    return io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
