"""The size of a Parquet file by its metadata, before anything is unpacked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

# Bytes of a value; a text counts as its key in a dictionary.
WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8}
TEXT_WIDTH = 4


class _Column(Protocol):
    """A column of a row group."""

    physical_type: str
    encodings: tuple[str, ...]
    total_uncompressed_size: int
    num_values: int
    path_in_schema: str


class _Group(Protocol):
    """A row group."""

    def column(self, at: int) -> _Column: ...


class _Described(Protocol):
    """A column of the schema."""

    converted_type: str


class _Schema(Protocol):
    """The columns of a file."""

    def column(self, at: int) -> _Described: ...


class FileMetadata(Protocol):
    """The metadata of a Parquet file, as pyarrow has it."""

    schema: _Schema
    num_columns: int
    num_row_groups: int

    def row_group(self, at: int) -> _Group:
        """Return a row group."""
        ...


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a file's rows.

    Attributes:
        least: Bytes that they take at least.
        shared: Paths of columns of text that are stored as a dictionary.
    """

    least: int
    shared: list[str]


def size_of(metadata: FileMetadata) -> Size:
    """Return the size of a file's rows, as its metadata has it."""
    least = 0
    shared = set()
    columns = map(metadata.schema.column, range(metadata.num_columns))
    texts = [column.converted_type != "DECIMAL" for column in columns]
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for at, column in enumerate(map(group.column, range(metadata.num_columns))):
            width = WIDTHS.get(column.physical_type, TEXT_WIDTH)
            least += max(column.total_uncompressed_size, column.num_values * width)
            dictionary = any("DICTIONARY" in encoding for encoding in column.encodings)
            if column.physical_type == "BYTE_ARRAY" and dictionary and texts[at]:
                shared.add(column.path_in_schema)
    return Size(least, sorted(shared))
