"""`search`: the memories of a scope that best match a text or a vector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from memfast._flows import checks
from memfast._steps import Context, Embed, Flow
from memfast.errors import ValidationError
from memfast.types import SearchResult


def search(
    context: Context,
    query: object,
    scope: checks.ScopeArgument,
    *,
    vector: object,
    include_messages: bool,
    options: Mapping[str, Any],
) -> Flow[SearchResult]:
    """Find the best matches, best first; `options` are the engine's."""
    if vector is None:
        if query is None:
            raise ValidationError("search needs a query or a vector")
        rows = yield Embed([checks.query_text(query)])
        # A matrix of one row goes on as it is; of a list of vectors, the one that is in it.
        vector = rows if hasattr(rows, "shape") else rows[0]
    hits = context.engine.search(scope, vector, space=context.space, **options)
    if include_messages:
        hits += context.engine.search(scope, vector, space=context.space, messages=True, **options)
        hits = sorted(hits, key=lambda hit: (-hit["score"], hit["id"]))[: options["limit"]]
    return {"results": hits}


def search_many(
    context: Context,
    queries: object,
    scope: checks.ScopeArgument,
    *,
    vectors: object,
    options: Mapping[str, Any],
) -> Flow[list[SearchResult]]:
    """Find the best matches of several queries."""
    if vectors is None:
        if isinstance(queries, str) or not isinstance(queries, Iterable):
            raise ValidationError("search_many needs a list of queries, or vectors")
        texts = [checks.query_text(query) for query in queries]
        if not texts:
            return []
        vectors = yield Embed(texts)
    answers = context.engine.search_many(scope, vectors, space=context.space, **options)
    return [{"results": hits} for hits in answers]
