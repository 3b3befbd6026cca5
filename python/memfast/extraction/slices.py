"""Work that may be done slice by slice, so that an event loop can run others between."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

# Yields wherever it may be interrupted, some 20 µs apart, and returns its result.
Slices: TypeAlias = Generator[None, None, T]


def at_once(slices: Slices[T]) -> T:
    """Do all of it, and return the result."""
    while True:
        try:
            next(slices)
        except StopIteration as done:
            result: T = done.value
            return result
