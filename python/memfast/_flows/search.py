"""`search`: the memories of a scope that best match a text or a vector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from memfast._flows import checks
from memfast._steps import Context, Embed, Flow, Work
from memfast.errors import ValidationError
from memfast.types import SearchResult

# Rows that a search looks through in less than a millisecond; those whose records it reads in that
# time, as it does for a filter the first time; and the hits that become dicts in that time.
BRIEF_ROWS = 20_000
BRIEF_RECORDS = 1_000
BRIEF_HITS = 500


def search(
    context: Context,
    query: object,
    scope: checks.ScopeArgument,
    *,
    vector: object,
    options: Mapping[str, Any],
) -> Flow[SearchResult]:
    """Find the best matches, best first; `options` are the engine's."""
    if vector is None:
        if query is None:
            raise ValidationError("search needs a query or a vector")
        rows = yield Embed([checks.query_text(query)])
        # A matrix of one row goes on as it is; of a list of vectors, the one that is in it.
        vector = rows if hasattr(rows, "shape") else rows[0]
    look = partial(context.engine.search, scope, vector, space=context.space, **options)
    brief = partial(
        searches_briefly,
        context.engine,
        scope,
        filters=options.get("filter"),
        hits=options["limit"],
    )
    hits = yield Work(look, brief)
    return {"results": hits}


def searches_briefly(
    engine: Any,
    scope: checks.ScopeArgument,
    *,
    hits: int,
    filters: object = None,
    queries: int = 1,
    exact_scope: bool = False,
) -> bool:
    """Tell whether a search takes less time than handing it to another thread."""
    rows: int | None = engine.rows_at_hand(scope, filters, exact_scope=exact_scope)
    if rows is None:
        return False
    most = BRIEF_RECORDS if filters else BRIEF_ROWS
    return rows * queries <= most and min(rows, hits) * queries <= BRIEF_HITS


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
