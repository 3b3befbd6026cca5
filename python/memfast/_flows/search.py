"""`search`: the memories of a scope nearest to a text or a vector."""

from __future__ import annotations

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
    filters: object,
    limit: int,
    threshold: float | None,
    show_expired: bool,
    exact: bool,
) -> Flow[SearchResult]:
    """Find the best matches, best first."""
    if vector is None:
        if query is None:
            raise ValidationError("search needs a query or a vector")
        rows = yield Embed([checks.query_text(query)])
        # A matrix of one row goes on as it is; of a list of vectors, the one that is in it.
        vector = rows if hasattr(rows, "shape") else rows[0]
    hits = context.engine.search(
        scope,
        vector,
        filters,
        limit=limit,
        threshold=threshold,
        show_expired=show_expired,
        exact=exact,
        space=context.space,
    )
    return {"results": hits}
