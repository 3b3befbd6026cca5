"""Reads and checks the vectors of an embeddings reply."""

from __future__ import annotations

import base64
import sys
from array import array
from collections.abc import Iterable
from typing import cast

from memfast.providers._usable import unusable
from memfast.providers.http.failures import OK, EndpointError, Secrets
from memfast.providers.http.replies import read_body, unlike


def read_vectors(body: str, count: int, dim: int | None, secrets: Secrets) -> list[array[float]]:
    """Return `count` vectors in the order of the texts.

    Args:
        body: The reply.
        count: Number of texts that were sent.
        dim: Dimensions that each must have; None takes those of the first.
        secrets: Hidden in errors.

    Raises:
        EndpointError: A vector is missing, repeated or not valid.
    """
    value = read_body(body, secrets)
    rows = value.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise unlike("has no data", body, secrets)
    if len(rows) != count:
        raise EndpointError(f"it returned {len(rows)} vectors for {count} texts", status=OK)
    # Some servers give no index; their rows are in the order of the texts.
    indexes = [row.get("index") for row in rows]
    if any(index is not None for index in indexes):
        if any(type(index) is not int for index in indexes) or sorted(indexes) != [*range(count)]:
            raise EndpointError(f"its vectors have the indexes {indexes[:20]!r}", status=OK)
        rows = [rows[at] for at in sorted(range(count), key=indexes.__getitem__)]
    vectors: list[array[float]] = []
    for index, row in enumerate(rows):
        vector = _vector(row.get("embedding"), index)
        dim = dim or len(vector)
        if len(vector) != dim:
            raise EndpointError(
                f"vector {index} has {len(vector)} dimensions instead of {dim}", status=OK
            )
        vectors.append(vector)
    return vectors


def _vector(value: object, index: int) -> array[float]:
    vector = array("f")
    try:
        if isinstance(value, str):
            vector.frombytes(base64.b64decode(value, validate=True))
            if sys.byteorder == "big":
                vector.byteswap()
        else:
            vector.extend(cast("Iterable[float]", value))
    except (TypeError, ValueError, OverflowError):
        raise EndpointError(f"vector {index} is not a list of numbers", status=OK) from None
    for _, problem in unusable([vector]):
        raise EndpointError(f"vector {index} {problem}", status=OK)
    return vector
