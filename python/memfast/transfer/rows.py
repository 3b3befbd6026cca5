"""Rows as sources yield them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read.

    Attributes:
        line: Its line, or its number where the source has no lines; the first is 1.
        reason: What is wrong with it.
        raw: The row as far as it was read; None if it is not known.
    """

    line: int
    reason: str
    raw: object


@dataclass(frozen=True, slots=True)
class Row:
    """A row that could be read as names and values.

    Attributes:
        line: Its line, or its number where the source has no lines; the first is 1.
        values: Its values by column.
    """

    line: int
    values: dict[str, object]
