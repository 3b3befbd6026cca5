"""Vectors in a matrix, or in a file of one, for the rows of a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memfast.config import expanded
from memfast.errors import DependencyError, ValidationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AXES = 2


class Matrix:
    """The rows of a matrix, taken as the rows of the source are read.

    Args:
        vectors: A matrix, or the path of a .npy file.

    Raises:
        DependencyError: NumPy is missing.
        ValidationError: It is not a matrix of numbers.
    """

    def __init__(self, vectors: object) -> None:
        try:
            import numpy as np
        except ImportError as error:
            raise DependencyError(
                "vectors= needs NumPy; run `pip install numpy`", details={"package": "numpy"}
            ) from error
        if isinstance(vectors, str | Path):
            try:
                rows = np.load(expanded(vectors), mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError, EOFError) as error:
                raise ValidationError(
                    f"vectors={str(vectors)!r} is not a .npy file of a matrix: {error}",
                    details={"vectors": str(vectors)},
                ) from error
        else:
            rows = np.asarray(vectors)
        if rows.ndim != AXES or rows.dtype.kind not in "fiu":
            raise ValidationError(
                f"vectors must be a matrix of numbers, one row per row of the source, not of "
                f"shape {rows.shape} and type {rows.dtype}"
            )
        self._rows: NDArray[np.generic] = rows
        self._next = 0

    def check(self, total: int | None) -> None:
        """Compare with the number of rows of the source, where it is known."""
        if total is not None and total != len(self._rows):
            raise ValidationError(
                f"there are {len(self._rows)} vectors for {total} rows; give one vector per row"
            )

    def ahead(self, count: int) -> NDArray[np.float32]:
        """Return the vectors of the next rows, without taking them."""
        return _as_floats(self._rows[self._next : self._next + count])

    def take(self, count: int) -> None:
        """Skip rows that were read."""
        self._next += count

    def pick(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors of some of the next rows, without those beyond the last."""
        rows = [self._next + at for at in positions if self._next + at < len(self._rows)]
        return _as_floats(self._rows[rows])

    @property
    def left(self) -> int:
        """How many vectors no row has taken."""
        return max(0, len(self._rows) - self._next)


def _as_floats(rows: NDArray[np.generic]) -> NDArray[np.float32]:
    import numpy as np

    return np.ascontiguousarray(rows, dtype=np.float32)
