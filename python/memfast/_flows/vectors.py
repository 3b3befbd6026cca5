"""Vectors as embedders and callers give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memfast._steps import Embed, Flow


def rows(vectors: Any) -> list[Any]:
    """Return the rows of a matrix; those of a memoryview cannot be taken one by one.

    >>> flat = memoryview(bytes(16)).cast("f")
    >>> len(rows(flat.cast("B").cast("f", (2, 2))))
    2
    """
    if isinstance(vectors, memoryview) and vectors.shape is not None and vectors.ndim > 1:
        count, dim = vectors.shape
        flat = vectors.cast("B").cast("f")
        return [flat[row * dim : (row + 1) * dim] for row in range(count)]
    return list(vectors)


def embedded(texts: Sequence[str]) -> Flow[list[Any]]:
    """Ask for the vectors of texts, one each; for no texts nothing is asked."""
    return rows((yield Embed(list(texts)))) if texts else []
