"""`search` and `search_many`: the memories of a scope that best match texts or vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from memfast._flows import checks, scopes
from memfast._flows.reranking import reranking_of
from memfast._steps import Flow, Leave, embed, restartable, work
from memfast.errors import ValidationError
from memfast.stores.protocol import Query

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.providers.protocols import Rerank
    from memfast.stores.protocol import Selection
    from memfast.types import Ids, SearchExtras, SearchResult, Vector, Vectors


@restartable
def search(
    context: Context,
    query: str | None = None,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    limit: int | None = None,
    filters: Mapping[str, Any] | None = None,
    threshold: float | None = None,
    top_k: int | None = None,
    vector: Vector | None = None,
    show_expired: bool = False,
    include_superseded: bool = False,
    include_messages: bool = False,
    exact: bool = False,
    ef: int | None = None,
    rerank: Rerank = False,
    **extras: Unpack[SearchExtras],
) -> Flow[SearchResult]:
    """Return the memories of a scope that best match a text or a vector.

    Hits come best first; equal scores are ordered by id, so results are stable.

    Args:
        query: The text to match.
        user_id: Whose memories; several ids are ORed, "*" names all. The scope may stand in
            `filters` instead.
        agent_id: The agent that holds them.
        run_id: The session they come from.
        limit: Most hits returned. Default: 100.
        filters: Conditions on ids, fields and metadata.
        threshold: Least score of a hit, in [0, 1]. Default: no cut.
        top_k: Another name of `limit`.
        vector: The query's vector, in place of `query`.
        show_expired: Show memories after their expiration date too.
        include_superseded: Show superseded memories, too.
        include_messages: Show kept messages too; they have `kind` "message".
        exact: Demand the exact scan. Only a search over the whole store may do without one.
        ef: How many memories the approximate index looks at in such a search; more find
            more. Default: by the limit.
        rerank: Order the hits again by a model that reads them beside the query: True for the
            memory's `reranker`; else a name ("cohere", "llm:openai:gpt-5-mini"), a config dict, an
            object with `rerank(query, texts)` or such a function. It reads the best 4 x limit
            hits, from 50 to 200, and 8,000 characters of each.
        **extras: Arguments of mem0's that have no effect yet: `explain`, `keyword_search`,
            `version`, `output_format`. The first use of each is logged.

    Returns:
        `results`: memories with `score`, the cosine similarity cut to [0, 1]. The vector of a
        fact is blended with those of its messages, so its own text scores below 1. With `rerank`
        they are ordered by `rerank_score`; `rerank` says whether that succeeded, and why not.

    Raises:
        ValidationError: No scope, or a bad value.
        ConfigurationError: `rerank` names no reranker.
        DependencyError: A package that the reranker needs is missing.
        FilterError: The filter is malformed; the message names the place.
    """
    checks.ignore("search", extras)
    reranking = reranking_of(context, rerank, query)
    selection = scopes.selection(
        context.bound,
        user_id,
        agent_id,
        run_id,
        filters=filters,
        show_expired=show_expired,
        include_superseded=include_superseded,
        include_messages=include_messages,
    )
    asked = _asked(
        context,
        selection,
        limit=limit,
        top_k=top_k,
        threshold=threshold,
        exact=exact,
        ef=ef,
    )
    if vector is not None:
        vectors: Vectors = [vector]
    elif query is None:
        raise ValidationError("search needs a query or a vector")
    else:
        vectors = yield from embed(context, [checks.query_text(query)])
    whole = asked(vectors=vectors)
    limit = whole.limit
    if reranking is not None:
        whole = whole._replace(limit=reranking.fetched(limit))
    brief = partial(context.store.is_brief, selection, 1, whole.limit)
    hits = yield from work(partial(context.store.search, whole), brief)
    if reranking is None:
        return {"results": hits[0]}
    return (yield from reranking.result(hits[0], limit))


@restartable
def search_many(
    context: Context,
    queries: Sequence[str] | None = None,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    limit: int | None = None,
    filters: Mapping[str, Any] | None = None,
    threshold: float | None = None,
    top_k: int | None = None,
    vectors: Vectors | None = None,
    show_expired: bool = False,
    include_superseded: bool = False,
    include_messages: bool = False,
    exact: bool = False,
    ef: int | None = None,
) -> Flow[list[SearchResult]]:
    """Return what `search` returns for each of several texts or vectors, in one pass."""
    selection = scopes.selection(
        context.bound,
        user_id,
        agent_id,
        run_id,
        filters=filters,
        show_expired=show_expired,
        include_superseded=include_superseded,
        include_messages=include_messages,
    )
    asked = _asked(
        context,
        selection,
        limit=limit,
        top_k=top_k,
        threshold=threshold,
        exact=exact,
        ef=ef,
    )
    yield Leave()
    if vectors is None:
        if isinstance(queries, str) or not isinstance(queries, Iterable):
            raise ValidationError("search_many needs a list of queries, or vectors")
        texts = [checks.query_text(query) for query in queries]
        if not texts:
            return []
        vectors = yield from embed(context, texts)
    return [{"results": hits} for hits in context.store.search(asked(vectors=vectors))]


def _asked(
    context: Context,
    selection: Selection,
    *,
    limit: object,
    top_k: object,
    threshold: object,
    exact: object,
    ef: object,
) -> partial[Query]:
    """Check the options of a search; return what makes the query, given `vectors`."""
    return partial(
        Query,
        selection,
        space=context.space,
        limit=checks.limit_of(limit, top_k, 100),
        threshold=checks.threshold_of(threshold),
        exact=checks.flag("exact", exact),
        ef=checks.ef_of(ef),
    )
