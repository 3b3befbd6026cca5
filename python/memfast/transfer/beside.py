"""Vectors that are given beside the rows: a matrix, or a file of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from memfast.config import expanded
from memfast.errors import DependencyError, ValidationError

MATRIX = 2


class Beside:
    """The rows of a matrix, taken as the rows of the source are read."""

    def __init__(self, vectors: object) -> None:
        try:
            import numpy as np
        except ImportError as error:
            raise DependencyError(
                "vectors= needs NumPy; run `pip install numpy`", details={"package": "numpy"}
            ) from error
        self._np = np
        matrix: Any
        if isinstance(vectors, str | Path):
            try:
                matrix = np.load(expanded(vectors), mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError, EOFError) as error:
                raise ValidationError(
                    f"vectors={str(vectors)!r} is no .npy file of a matrix: {error}",
                    details={"vectors": str(vectors)},
                ) from error
        else:
            matrix = np.asarray(vectors)
        if matrix.ndim != MATRIX or matrix.dtype.kind not in "fiu":
            raise ValidationError(
                f"vectors must be a matrix of numbers, one row per row of the source, not of "
                f"shape {matrix.shape} and type {matrix.dtype}"
            )
        self._matrix = matrix
        self._next = 0

    def check(self, total: int | None) -> None:
        """Compare with the number of rows of the source, where it is known."""
        if total is not None and total != len(self._matrix):
            raise ValidationError(
                f"there are {len(self._matrix)} vectors for {total} rows; give one vector per row"
            )

    def ahead(self, count: int) -> Any:
        """Return the vectors of the next rows, without taking them."""
        return self._as_floats(self._matrix[self._next : self._next + count])

    def take(self, count: int) -> None:
        """Go on behind rows that were read."""
        self._next += count

    def pick(self, positions: Sequence[int]) -> Any:
        """Return the vectors of some of the next rows; those beyond the last are left out."""
        rows = [self._next + at for at in positions if self._next + at < len(self._matrix)]
        return self._as_floats(self._matrix[rows])

    @property
    def left(self) -> int:
        """How many vectors no row has taken."""
        return max(0, len(self._matrix) - self._next)

    def _as_floats(self, rows: Any) -> Any:
        return self._np.ascontiguousarray(rows, dtype=self._np.float32)
