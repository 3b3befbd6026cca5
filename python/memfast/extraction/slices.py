"""Work done in slices, so that an event loop can run other tasks between them."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

# Yields wherever it may be interrupted, about every 20 µs, and returns its result.
Slices: TypeAlias = Generator[None, None, T]


def at_once(slices: Slices[T]) -> T:
    """Run all slices and return the result."""
    while True:
        try:
            next(slices)
        except StopIteration as done:
            result: T = done.value
            return result
