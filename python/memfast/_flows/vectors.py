"""Vectors as embedders and callers give them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence, Sized
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, cast

from memfast._steps import Flow, embed
from memfast.errors import ValidationError

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.types import Vector, Vectors

T = TypeVar("T")


def rows(vectors: Vectors) -> list[Vector]:
    """Return the rows of a matrix; those of a memoryview cannot be taken one by one.

    >>> flat = memoryview(bytes(16)).cast("f")
    >>> len(rows(flat.cast("B").cast("f", (2, 2))))
    2
    """
    if isinstance(vectors, memoryview) and vectors.shape is not None and vectors.ndim > 1:
        count, dim = vectors.shape
        flat = vectors.cast("B").cast("f")
        return [flat[row * dim : (row + 1) * dim] for row in range(count)]
    return items_of(cast("Iterable[Vector]", vectors))


def items_of(given: Iterable[T]) -> list[T]:
    """Return the items of an object as a list, whatever length it states."""
    return list(islice(given, None))


def is_flat(vectors: object) -> bool:
    """Return whether it is one vector, and not rows of vectors."""
    if (axes := getattr(vectors, "ndim", None)) is not None:
        return bool(axes == 1)
    return not hasattr(next(iter(cast("Iterable[object]", vectors)), 0.0), "__len__")


def counted(vectors: object, count: int, what: str) -> list[Vector]:
    """Return the vectors that a caller gave: one for each of `count` things.

    Raises:
        ValidationError: There are more or fewer; `what` names the things.
    """
    try:
        # Of other objects the length is what they state, not what they hold.
        whole = hasattr(vectors, "ndim") or isinstance(vectors, array | bytes | bytearray | str)
        held = vectors if whole else items_of(cast("Iterable[object]", vectors))
        given = len(cast("Sized", held))
    except TypeError:
        raise ValidationError(
            f"vectors must be rows of numbers, not {type(vectors).__name__}",
            suggestion="Give a matrix, or a list of lists of floats.",
        ) from None
    if count == 1 and given > 0 and is_flat(held):
        return [cast("Vector", held)]
    if given != count:
        raise ValidationError(
            f"{given} vectors were given for {count} {what}; give one each",
            details={"vectors": given, "wanted": count},
        )
    return rows(cast("Vectors", held))


def embedded(context: Context, texts: Sequence[str]) -> Flow[list[Vector]]:
    """Return the vectors of texts, one each; for no texts the embedder is not called."""
    return rows((yield from embed(context, texts))) if texts else []
