"""Reads the scores of a rerank reply, in the forms that endpoints give them."""

from __future__ import annotations

from memfast.providers._usable import number_of
from memfast.providers.http.failures import OK, EndpointError, Secrets
from memfast.providers.http.replies import check_error, read_json, unlike

# The lists of Cohere, Jina and their like, and of Voyage; other servers answer with a bare list.
LISTS = ("results", "data")
NAMES = ("relevance_score", "score")


def read_scores(body: str, count: int, secrets: Secrets) -> list[float]:
    """Return `count` scores in the order of the texts.

    Args:
        body: The reply.
        count: Number of texts that were sent.
        secrets: Hidden in errors.

    Raises:
        EndpointError: A score is missing, repeated or not a number.
    """
    value = read_json(body, secrets)
    if isinstance(value, dict):
        check_error(value, secrets)
        value = next((value[name] for name in LISTS if name in value), None)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise unlike("has no results", body, secrets)
    if len(value) != count:
        raise EndpointError(f"it returned {len(value)} scores for {count} texts", status=OK)
    indexes = [row.get("index") for row in value]
    if any(type(index) is not int for index in indexes) or sorted(indexes) != [*range(count)]:
        raise EndpointError(f"its scores have the indexes {indexes[:20]!r}", status=OK)
    scores = [0.0] * count
    for row in value:
        score = next((row[name] for name in NAMES if name in row), None)
        number = number_of(score)
        if number is None:
            raise EndpointError(
                f"the score of text {row['index']} is {score!r:.40}, not a number", status=OK
            )
        scores[row["index"]] = number
    return scores
