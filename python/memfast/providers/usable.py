"""Whether vectors can be compared, whoever made them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any


def unusable(vectors: Any) -> Iterator[tuple[int, str]]:
    """Yield the places of vectors that cannot be compared, each with what is wrong.

    >>> list(unusable([[1.0, 2.0], [0.0, 0.0], [1.0]]))
    [(1, 'is all zero or empty'), (2, 'has 1 dimensions instead of 2')]
    """
    plain = vectors.tolist() if hasattr(vectors, "tolist") else vectors
    dim = None
    for place, vector in enumerate(plain):
        try:
            # A sum is finite only if all that it is of is: one pass in C for a long row.
            finite = math.isfinite(sum(vector))
            dim = len(vector) if dim is None else dim
        except (TypeError, ValueError, OverflowError):
            yield place, "is no list of numbers"
            continue
        if not finite:
            yield place, "holds NaN or infinity"
        elif not any(vector):
            yield place, "is all zero or empty"
        elif len(vector) != dim:
            yield place, f"has {len(vector)} dimensions instead of {dim}"
