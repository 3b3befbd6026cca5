"""From the body of an embeddings reply to vectors, each checked."""

from __future__ import annotations

import base64
import sys
from array import array
from typing import Any

from memfast.providers.http.failures import OK, EndpointError, Secrets
from memfast.providers.http.replies import read_body, unlike
from memfast.providers.usable import unusable


def read_vectors(body: str, count: int, dim: int | None, secrets: Secrets) -> list[array[float]]:
    """Return `count` vectors in the order of the texts.

    Args:
        body: The reply.
        count: Number of texts that were sent.
        dim: Dimensions that each must have; None takes those of the first.
        secrets: Hidden in errors.

    Raises:
        EndpointError: One is missing, doubled, or no vector; none is returned then.
    """
    value = read_body(body, secrets)
    rows = value.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise unlike("has no data", body, secrets)
    if len(rows) != count:
        raise EndpointError(f"it returned {len(rows)} vectors for {count} texts", status=OK)
    # Some leave the index out of all rows; those stand in the order of the texts.
    places = [row.get("index") for row in rows]
    if any(place is not None for place in places):
        if any(type(place) is not int for place in places) or sorted(places) != [*range(count)]:
            raise EndpointError(f"its vectors have the indexes {places[:20]!r}", status=OK)
        rows = [rows[at] for at in sorted(range(count), key=places.__getitem__)]
    vectors: list[array[float]] = []
    for place, row in enumerate(rows):
        vector = _vector(row.get("embedding"), place)
        dim = dim or len(vector)
        if len(vector) != dim:
            raise EndpointError(
                f"vector {place} has {len(vector)} dimensions instead of {dim}", status=OK
            )
        vectors.append(vector)
    return vectors


def _vector(value: Any, place: int) -> array[float]:
    vector = array("f")
    try:
        if isinstance(value, str):
            vector.frombytes(base64.b64decode(value, validate=True))
            if sys.byteorder == "big":
                vector.byteswap()
        else:
            vector.extend(value)
    except (TypeError, ValueError, OverflowError):
        raise EndpointError(f"vector {place} is no list of numbers", status=OK) from None
    for _, problem in unusable([vector]):
        raise EndpointError(f"vector {place} {problem}", status=OK)
    return vector
