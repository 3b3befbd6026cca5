"""Vectors as embedders and callers give them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from memfast._steps import Embed, Flow
from memfast.errors import ValidationError


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
    return items_of(vectors)


def items_of(given: Iterable[Any]) -> list[Any]:
    """Return the items of an object as a list, whatever length it states."""
    return list(islice(given, None))


def is_flat(vector: Any) -> bool:
    """Tell one vector from rows of vectors."""
    if (axes := getattr(vector, "ndim", None)) is not None:
        return bool(axes == 1)
    return not hasattr(next(iter(vector), 0.0), "__len__")


def counted(vectors: Any, count: int, what: str) -> Any:
    """Return the vectors that a caller gave, as rows: one for each of `count` things.

    Raises:
        ValidationError: There are more or fewer; `what` names the things.
    """
    try:
        # Of other objects the length is what they state, not what they hold.
        whole = hasattr(vectors, "ndim") or isinstance(vectors, array | bytes | bytearray | str)
        vectors = vectors if whole else items_of(vectors)
        given = len(vectors)
    except TypeError:
        raise ValidationError(
            f"vectors must be rows of numbers, not {type(vectors).__name__}",
            suggestion="Give a matrix, or a list of lists of floats.",
        ) from None
    if count == 1 and given > 0 and is_flat(vectors):
        return [vectors]
    if given != count:
        raise ValidationError(
            f"{given} vectors were given for {count} {what}; give one each",
            details={"vectors": given, "wanted": count},
        )
    return vectors


def embedded(texts: Sequence[str]) -> Flow[list[Any]]:
    """Ask for the vectors of texts, one each; for no texts nothing is asked."""
    return rows((yield Embed(list(texts)))) if texts else []
