"""`search`: the memories of a scope that best match a text or a vector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from memfast._flows import checks
from memfast._steps import Context, Embed, Flow, Work
from memfast.errors import ValidationError
from memfast.types import SearchResult

# Rows that a search looks through in a fraction of a millisecond.
BRIEF_ROWS = 20_000


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
    look = partial(_search, context, scope, vector, include_messages, options)
    filters = options.get("filter")
    hits = yield Work(look, lambda: searches_briefly(context.engine, scope, filters))
    return {"results": hits}


def _search(
    context: Context,
    scope: checks.ScopeArgument,
    vector: object,
    include_messages: bool,
    options: Mapping[str, Any],
) -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = context.engine.search(
        scope, vector, space=context.space, **options
    )
    if include_messages:
        hits += context.engine.search(scope, vector, space=context.space, messages=True, **options)
        hits = sorted(hits, key=lambda hit: (-hit["score"], hit["id"]))[: options["limit"]]
    return hits


def searches_briefly(
    engine: Any, scope: checks.ScopeArgument, filters: object = None, queries: int = 1
) -> bool:
    """Tell whether a search takes a fraction of a millisecond."""
    rows: int | None = engine.rows_at_hand(scope, filters)
    return rows is not None and rows * queries <= BRIEF_ROWS


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
