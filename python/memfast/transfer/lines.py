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
from memfast.transfer.rows import BadRow, Row

# A vector of 65,536 dimensions as text; the csv module's own limit of 131,072 is for the whole
# process and would refuse long texts, too.
LONGEST_FIELD = 2**31 - 1
# Bytes of a line of JSON, unpacked: a few KiB of gzip may unpack to one endless line.
LONGEST_LINE = 64 << 20


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


def json_rows(path: Path, file: BinaryIO) -> Iterator[Row | BadRow]:
    """Yield the objects of a JSON lines file; blank lines are no rows.

    Raises:
        ValidationError: The file ends early, or a line is longer than 64 MiB.
    """
    try:
        lines = iter(lambda: file.readline(LONGEST_LINE + 1), b"")
        for line, content in enumerate(lines, start=1):
            if len(content) > LONGEST_LINE:
                raise ValidationError(
                    f"{path}: line {line} is longer than {LONGEST_LINE >> 20} MiB",
                    details={"path": str(path), "line": line},
                    suggestion="What came before was imported; break the line up.",
                )
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
    return Row(line, values)


def csv_names(path: Path, text: TextIO) -> tuple[list[str], Any]:
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


def csv_rows(path: Path, names: list[str], reader: Any) -> Iterator[Row | BadRow]:
    """Yield the rows of a CSV file; an empty field is a missing value."""
    while True:
        # A quoted field may hold line ends, so a row begins after the line where the last ended.
        line = reader.line_num + 1
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
        yield Row(line, values)


def text_of(file: BinaryIO) -> TextIO:
    """Return the text of a CSV file, whose line ends the csv module reads itself."""
    return io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
