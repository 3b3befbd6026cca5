"""Checks that vectors and scores can be compared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import cast

from memfast.types import Vectors


def unusable(vectors: Vectors) -> Iterator[tuple[int, str]]:
    """Yield the index of each vector that cannot be compared, and what is wrong with it.

    >>> list(unusable([[1.0, 2.0], [0.0, 0.0], [1.0]]))
    [(1, 'is all zero or empty'), (2, 'has 1 dimensions instead of 2')]
    """
    plain = getattr(vectors, "tolist", None)
    rows = cast("Sequence[Sequence[float]]", vectors if plain is None else plain())
    dim = None
    for index, vector in enumerate(rows):
        try:
            # A sum is finite only if each number is: one pass in C for a long row.
            finite = math.isfinite(sum(vector))
            dim = len(vector) if dim is None else dim
        except (TypeError, ValueError, OverflowError):
            yield index, "is not a list of numbers"
            continue
        if not finite:
            yield index, "holds NaN or infinity"
        elif not any(vector):
            yield index, "is all zero or empty"
        elif len(vector) != dim:
            yield index, f"has {len(vector)} dimensions instead of {dim}"


def number_of(score: object) -> float | None:
    """Return a finite number; None for another value.

    >>> number_of(2), number_of(float("nan")), number_of(True), number_of("2")
    (2.0, None, None, None)
    """
    if isinstance(score, bool | str | bytes):
        return None
    try:
        number = float(cast("float", score))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
