"""The formats that memories and their history are written in."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from memfast._core import Export
from memfast.transfer.formats import load_parquet

PAGE = 4096
# gzip level: half the time of the default for a few percent more bytes.
LEVEL = 5


@contextmanager
def _text(raw: BinaryIO, *, packed: bool) -> Iterator[TextIO]:
    if packed:
        # Without name and time, the same memories are the same bytes.
        with (
            gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as file,
            io.TextIOWrapper(file, encoding="utf-8", newline="") as text,
        ):
            yield text
        return
    plain = io.TextIOWrapper(raw, encoding="utf-8", newline="")
    try:
        yield plain
        plain.flush()
    finally:
        # The file stays open: it is synced before it is named.
        plain.detach()


def write_jsonl(export: Export, out: BinaryIO, *, packed: bool) -> int:
    """Write memories as JSON lines; returns how many."""
    rows = 0
    with _text(out, packed=packed) as file:
        while page := export.json_lines(PAGE):
            lines, count = page
            file.write(lines)
            rows += count
    return rows


def write_csv(export: Export, out: BinaryIO, *, packed: bool) -> int:
    """Write memories as CSV with a header; returns how many."""
    rows = 0
    with _text(out, packed=packed) as file:
        writer = csv.writer(file)
        writer.writerow(export.names)
        while page := export.fields(PAGE):
            writer.writerows(page)
            rows += len(page)
    return rows


def write_parquet(export: Export, out: BinaryIO, *, packed: bool) -> int:
    """Write memories as Parquet; returns how many."""
    del packed  # Parquet packs each column itself
    pa, pq = load_parquet()
    stream = pa.RecordBatchReader.from_stream(export)
    rows = 0
    with pq.ParquetWriter(out, stream.schema, compression="zstd") as writer:
        for batch in stream:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def history_jsonl(export: Export, out: BinaryIO, *, packed: bool) -> int:
    """Write the events as JSON lines; returns how many."""
    rows = 0
    with _text(out, packed=packed) as file:
        while page := export.events(PAGE):
            file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in page)
            rows += len(page)
    return rows


def history_csv(export: Export, out: BinaryIO, *, packed: bool) -> int:
    """Write the events as CSV; returns how many."""
    rows = 0
    with _text(out, packed=packed) as file:
        writer = csv.writer(file)
        while page := export.events(PAGE):
            if rows == 0:
                writer.writerow(page[0])
            for event in page:
                writer.writerow(
                    json.dumps(value) if isinstance(value, dict) else value
                    for value in event.values()
                )
            rows += len(page)
    return rows


def history_parquet(export: Export, out: BinaryIO, *, packed: bool) -> int:
    """Write the events as Parquet; returns how many."""
    del packed
    pa, pq = load_parquet()
    rows = 0
    first = pa.RecordBatchReader.from_stream(export.events_arrow(PAGE)).read_all()
    with pq.ParquetWriter(out, first.schema, compression="zstd") as writer:
        page = first
        while page.num_rows:
            writer.write_table(page)
            rows += page.num_rows
            page = pa.RecordBatchReader.from_stream(export.events_arrow(PAGE)).read_all()
    return rows


Write = Callable[..., int]
ROWS: dict[str, Write] = {"jsonl": write_jsonl, "csv": write_csv, "parquet": write_parquet}
HISTORY: dict[str, Write] = {
    "jsonl": history_jsonl,
    "csv": history_csv,
    "parquet": history_parquet,
}
