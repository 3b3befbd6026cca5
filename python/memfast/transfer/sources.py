"""Sources of an import, read in batches of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Protocol

from memfast._core import ArrowRows, Prepared, RowReader
from memfast.config import expanded
from memfast.errors import ValidationError
from memfast.transfer.formats import format_of, load_parquet
from memfast.transfer.limits import Limits, Meter
from memfast.transfer.lines import csv_lines, csv_names, csv_rows, json_rows, open_binary, text_of
from memfast.transfer.matrix import Matrix
from memfast.transfer.mem0 import Wanted, looks_like_mem0, open_mem0
from memfast.transfer.parquet import size_of
from memfast.transfer.rows import BadRow, Row

FORMATS = frozenset({"parquet", "csv", "jsonl", "mem0"})
MEM0 = "mem0"
# Bytes of rows that are read together, where that is fewer rows than a batch may have.
PIECE = 64 << 20
# Rows of lines that are read before their size is checked again.
FEW = 16
# Largest length of an object that is taken for its number of rows.
MOST_ROWS = 1 << 40


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are committed together, and the bad ones among them."""

    prepared: Prepared
    bad: list[BadRow]
    rows: int


class Source(Protocol):
    """Rows of a file or an object.

    Attributes:
        where: Its name, for errors.
        names: Its columns; None if each row has its own.
    """

    where: str
    names: Sequence[str] | None

    def total(self, done: int) -> int | None:
        """Return how many rows there are, or may be after `done` were read; None if unknown."""
        ...

    def batches(self, reader: RowReader, limit: int, matrix: Matrix | None) -> Iterator[Batch]:
        """Yield the rows, about `limit` at a time."""
        ...


class ArrowSource:
    """A stream of record batches: Parquet, or any object with `__arrow_c_stream__`."""

    def __init__(
        self,
        where: str,
        stream: object,
        count: int | None,
        check: Callable[[int], None] | None = None,
    ) -> None:
        self.where = where
        self._rows = ArrowRows(stream)
        self._count = count
        self._check = check
        self.names: Sequence[str] | None = self._rows.names

    def total(self, done: int) -> int | None:
        """Return the number of rows, where the object has a length."""
        del done
        return self._count

    def batches(self, reader: RowReader, limit: int, matrix: Matrix | None) -> Iterator[Batch]:
        """Yield the rows in batches; they never become Python objects."""
        reader.check(self._rows)
        while True:
            vectors = None if matrix is None else matrix.ahead(limit)
            prepared = reader.arrow(self._rows, limit, vectors)
            if prepared is None:
                return
            if self._check is not None:
                self._check(self._rows.taken)
            if matrix is not None:
                matrix.take(prepared.rows)
            bad = [BadRow(*reject) for reject in prepared.rejects]
            yield Batch(prepared, bad, prepared.rows)


class ObjectSource:
    """An iterable of mappings."""

    names: Sequence[str] | None = None

    def __init__(self, where: str, rows: Iterator[object], count: int | None) -> None:
        self.where = where
        self._rows = rows
        self._count = count

    def total(self, done: int) -> int | None:
        """Return the number of rows, where the object has a length."""
        del done
        return self._count

    def batches(self, reader: RowReader, limit: int, matrix: Matrix | None) -> Iterator[Batch]:
        """Yield the rows in batches."""
        read = 0
        while chunk := list(islice(self._rows, limit)):
            prepared = reader.dicts(chunk, vectors=matrix and matrix.ahead(len(chunk)))
            if matrix is not None:
                matrix.take(len(chunk))
            bad = [BadRow(row, why, chunk[row - read - 1]) for row, why, _ in prepared.rejects]
            read += len(chunk)
            yield Batch(prepared, bad, len(chunk))


class RowSource:
    """Rows of a file that are dicts: CSV, JSON lines, mem0 stores."""

    def __init__(
        self,
        where: str,
        rows: Iterator[Row | BadRow],
        names: Sequence[str] | None = None,
        *,
        count: int | None = None,
        share: Callable[[], float] | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.where = where
        self.names = names
        self._meter = meter
        self._rows = rows
        self._count = count
        self._share = share

    def total(self, done: int) -> int | None:
        """Return the number of rows, or a guess from the share of the file that was read."""
        share = self._share() if self._share else 0.0
        return round(done / share) if self._count is None and share else self._count

    def batches(self, reader: RowReader, limit: int, matrix: Matrix | None) -> Iterator[Batch]:
        """Yield the rows in batches."""
        while chunk := self._piece(limit):
            good = [(at, row) for at, row in enumerate(chunk) if isinstance(row, Row)]
            vectors = None if matrix is None else matrix.pick([at for at, _ in good])
            lines = [row.line for _, row in good]
            prepared = reader.dicts([row.values for _, row in good], lines, vectors)
            if matrix is not None:
                matrix.take(len(chunk))
            raw = {row.line: row.values for _, row in good} if prepared.rejects else {}
            bad = [row for row in chunk if isinstance(row, BadRow)]
            bad += [BadRow(line, why, raw.get(line)) for line, why, _ in prepared.rejects]
            yield Batch(prepared, sorted(bad, key=lambda row: row.line), len(chunk))

    def _piece(self, limit: int) -> list[Row | BadRow]:
        """Return the next rows: at most `limit`, and about 64 MiB."""
        if self._meter is None:
            return list(islice(self._rows, limit))
        piece: list[Row | BadRow] = []
        most = self._meter.read + PIECE
        while len(piece) < limit and self._meter.read <= most:
            some = list(islice(self._rows, min(FEW, limit - len(piece))))
            if not some:
                break
            piece += some
        return piece


def open_source(
    source: object, *, file_format: str | None, batch_rows: int, wanted: Wanted, limits: Limits
) -> AbstractContextManager[Source]:
    """Return the source that an argument names, to be opened with `with`.

    Args:
        source: A path, or an object of rows.
        file_format: The format, where the name does not say it.
        batch_rows: Rows per batch, where the source has a choice.
        wanted: What is taken from a mem0 store.
        limits: How much a file may unpack to.

    Raises:
        ValidationError: It cannot be imported.
    """
    if file_format is not None and file_format not in FORMATS:
        # Checked for objects too, which need no format.
        format_of(Path(str(source)), file_format, FORMATS)
    path = expanded(source) if isinstance(source, str | Path) else None
    is_mem0 = path is not None and (
        file_format == MEM0 or (file_format is None and (path.is_dir() or looks_like_mem0(path)))
    )
    if wanted.history is not None and not is_mem0:
        raise ValidationError("history= is for mem0 stores", details={"history": wanted.history})
    if path is not None:
        if not path.exists():
            raise ValidationError(f"there is no file {str(path)!r}", details={"path": str(path)})
        if is_mem0:
            return _mem0(path, wanted)
        match format_of(path, file_format, FORMATS):
            case "parquet":
                return _parquet(path, batch_rows, limits)
            case "csv":
                return _csv(path, limits)
            case _:
                return _jsonl(path, limits)
    if file_format is not None:
        raise ValidationError(
            f"format={file_format!r} is for files, and the source is {type(source).__name__}",
            suggestion="Leave format out.",
        )
    return _object(source)


@contextmanager
def _parquet(path: Path, batch_rows: int, limits: Limits) -> Iterator[Source]:
    pa, pq = load_parquet()
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            size = size_of(file.metadata)
        limits.check(path, size.least)
        # Shared texts stay shared: a column of them may unpack to any amount.
        file = pq.ParquetFile(path, memory_map=True, read_dictionary=size.shared)
    except (pa.ArrowException, OSError) as error:
        raise ValidationError(
            f"{path} is not a whole Parquet file: {error}",
            details={"path": str(path)},
            suggestion="A file that was not written to its end cannot be read; write it again.",
        ) from error
    with file:
        rows = file.metadata.num_rows
        piece = max(1, min(batch_rows, rows * PIECE // max(1, size.least)))
        stream = pa.RecordBatchReader.from_batches(
            file.schema_arrow, file.iter_batches(batch_size=piece)
        )
        yield ArrowSource(str(path), stream, rows, partial(limits.check, path))


@contextmanager
def _csv(path: Path, limits: Limits) -> Iterator[Source]:
    with open_binary(path) as (file, share):
        meter = Meter(path, limits)
        # Kept alive: it would close the file, whose share is asked for after the last row.
        text = text_of(file)
        names, reader = csv_names(path, csv_lines(text, meter))
        rows = csv_rows(names, reader, meter)
        yield RowSource(str(path), rows, names, share=share, meter=meter)


@contextmanager
def _jsonl(path: Path, limits: Limits) -> Iterator[Source]:
    with open_binary(path) as (file, share):
        meter = Meter(path, limits)
        yield RowSource(str(path), json_rows(file, meter), share=share, meter=meter)


@contextmanager
def _mem0(path: Path, wanted: Wanted) -> Iterator[Source]:
    with open_mem0(path, wanted) as opened:
        yield RowSource(str(path), opened.rows, opened.names, count=opened.count)


@contextmanager
def _object(source: object) -> Iterator[Source]:
    where = f"the {type(source).__name__}"
    count = _count(source)
    if hasattr(source, "__arrow_c_stream__"):
        yield ArrowSource(where, source, count)
    elif isinstance(source, Iterable) and not isinstance(source, Mapping | bytes):
        yield ObjectSource(where, iter(source), count)
    else:
        raise ValidationError(
            f"{type(source).__name__} cannot be imported",
            suggestion="Pass a path, an object with __arrow_c_stream__ or an iterable of dicts.",
        )


def _count(source: object) -> int | None:
    """Return the length of an object; None if it has none, or an impossible one."""
    if not isinstance(source, Sized):
        return None
    try:
        count = len(source)
    except Exception:  # noqa: BLE001 - code of the object; the count is for progress only
        return None
    return count if count <= MOST_ROWS else None
