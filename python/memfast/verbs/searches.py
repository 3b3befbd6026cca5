"""`search` and `search_many`: the memories of a scope that best match texts or vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Unpack

from memfast._flows import capabilities, checks, scopes
from memfast._flows.asking import Asked, adjustments_of, note_candidates, reference_of, weights_in
from memfast._flows.reranking import reranking_of
from memfast._flows.rivals import newest_first
from memfast._steps import Flow, Leave, restartable, work
from memfast.errors import ValidationError, shown
from memfast.stores.protocol import Query

if TYPE_CHECKING:
    from datetime import date, datetime

    from memfast._context import Context
    from memfast.providers.protocols import Rerank
    from memfast.stores.protocol import Selection
    from memfast.types import Extras, Ids, Moment, SearchMode, SearchResult, Vector, Vectors


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
    as_of: Moment | None = None,
    latest_only: bool = False,
    known_at: Moment | None = None,
    exact: bool = False,
    ef: int | None = None,
    mode: SearchMode | None = None,
    reference_date: datetime | date | str | float | Literal[False] | None = None,
    weights: Mapping[str, float] | None = None,
    explain: bool = False,
    half_life: float | None = None,
    boost: Sequence[tuple[Mapping[str, Any], float]] | None = None,
    mmr: float | None = None,
    rerank: Rerank = False,
    **extras: Unpack[Extras],
) -> Flow[SearchResult]:
    """Return the memories of a scope that best match a text or a vector.

    Hits come best first; equal scores are ordered by id, so results are stable. Of hits that may
    contradict each other the newest stands first, directly before the others. Of a fact that
    several runs hold the newest copy is shown.

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
        vector: The query's vector; beside `query`, in place of the embedder's.
        show_expired: Show memories after their expiration date too.
        include_superseded: Show superseded memories, too.
        include_messages: Show kept messages too; they have `kind` "message".
        as_of: Show memories as things stood at this time: what held then, also what was superseded
            or expired since. A date is its begin in UTC. Scores are those of today.
        latest_only: With `include_superseded` or `as_of`: leave out memories that another one had
            replaced by then, and archived versions.
        exact: Rank every memory. Only a search over several users with more than 100,000 memories
            may do without: it ranks the 1,000 memories (or 4 x limit) whose vectors are nearest,
            which the approximate index may find, and the result has `candidates`.
        ef: How many memories that index looks at; more find more. Default: by the limit.
        rerank: Order the hits again by a model that reads them beside the query: True for the
            memory's `reranker`; else a name ("cohere", "llm:openai:gpt-5-mini"), a config dict, an
            object with `rerank(query, texts)` or such a function. It reads the best 4 x limit
            hits, from 50 to 200, and 8,000 characters of each.
        mode: What the memories are ranked by: "hybrid" (words, context, time, speaker and vector),
            "semantic" (the cosine of the vectors) or "lexical" (hybrid without vectors). Default:
            hybrid, or semantic for a vector without a text.
        reference_date: What "yesterday" in the query counts from. Default: now; False reads no
            such dates.
        weights: What single numbers of a memory count in the sum, in place of the fitted weights,
            such as `{"vector": 2.0}`; the names are those of `score_details["parts"]`.
        explain: Return the parts of each score as `score_details`.
        half_life: Days in which the age of a memory takes half of a fifth of its score: the score
            times 0.8 + 0.2 x 2^(-age / half_life). Default: age counts nothing.
        boost: Pairs of a filter and a factor: the score of each memory that matches is multiplied,
            as with `[({"pinned": True}, 1.5)]`. Scores stay at most 1.
        mmr: Prefer hits unlike those before them (maximal marginal relevance): 1 orders by score
            alone, 0.5 weighs both the same. Near-doubles are left out. Default: off.
        **extras: Arguments of mem0's that have no effect: `keyword_search`, `version`,
            `output_format`. The first use of each is logged.

    Returns:
        `results`: memories with `score`, from 0 to 1. Above 0.5 a memory most likely answers the
        query; short facts in small stores score lower. In semantic mode the score is the cosine
        similarity; the vector of a fact is blended with those of its messages, so its own text
        scores below 1. With `rerank` the memories are ordered by `rerank_score`; `rerank` says
        whether that succeeded, and why not.

    Raises:
        ValidationError: No scope, or a bad value.
        UnsupportedError: `known_at`, and the store keeps no history.
        ConfigurationError: `rerank` names no reranker.
        DependencyError: A package that the reranker needs is missing.
        FilterError: The filter is malformed; the message names the place.
    """
    if extras:
        checks.ignore("search", extras)
    reranking = None if rerank is False else reranking_of(context, rerank, query)
    selection = scopes.selection(
        context.bound,
        user_id,
        agent_id,
        run_id,
        filters=filters,
        show_expired=show_expired,
        include_superseded=include_superseded,
        include_messages=include_messages,
        as_of=as_of,
        latest_only=latest_only,
    )
    if known_at is not None:
        selection = capabilities.known_at(context, selection, known_at)
        if mode not in (None, "lexical") or mmr is not None:
            raise ValidationError(
                f"known_at searches by words, not in mode {shown(mode)}"
                if mmr is None
                else "known_at searches by words, and mmr compares vectors",
                suggestion='Pass mode="lexical" or none, and no mmr.',
            )
        mode = "lexical"
    asked = _asked(
        context,
        selection,
        mode=mode,
        limit=limit,
        top_k=top_k,
        threshold=threshold,
        exact=exact,
        ef=ef,
        reference_date=reference_date,
        weights=weights,
        explain=explain,
        half_life=half_life,
        boost=boost,
        mmr=mmr,
    )
    if vector is None and query is None:
        raise ValidationError("search needs a query or a vector")
    texts = None if query is None else [checks.query_text(query)]
    whole = yield from asked.posed(context, texts, None if vector is None else [vector])
    limit = whole.limit
    if reranking is not None:
        whole = whole._replace(limit=reranking.fetched(limit))
    brief = partial(context.store.is_brief, whole)
    hits = yield from work(partial(context.store.search, whole), brief)
    result: SearchResult = {"results": hits[0]}
    if reranking is not None:
        result = yield from reranking.result(hits[0], limit)
    result["results"] = newest_first(result["results"])
    note_candidates(context, whole, [result])
    return result


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
    as_of: Moment | None = None,
    latest_only: bool = False,
    exact: bool = False,
    ef: int | None = None,
    mode: SearchMode | None = None,
    reference_date: datetime | date | str | float | Literal[False] | None = None,
    weights: Mapping[str, float] | None = None,
    explain: bool = False,
    half_life: float | None = None,
    boost: Sequence[tuple[Mapping[str, Any], float]] | None = None,
    mmr: float | None = None,
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
        as_of=as_of,
        latest_only=latest_only,
    )
    asked = _asked(
        context,
        selection,
        mode=mode,
        limit=limit,
        top_k=top_k,
        threshold=threshold,
        exact=exact,
        ef=ef,
        reference_date=reference_date,
        weights=weights,
        explain=explain,
        half_life=half_life,
        boost=boost,
        mmr=mmr,
    )
    yield Leave()
    texts = None
    if queries is not None or vectors is None:
        if isinstance(queries, str) or not isinstance(queries, Iterable):
            raise ValidationError("search_many needs a list of queries, or vectors")
        texts = [checks.query_text(query) for query in queries]
        if not texts:
            return []
    query = yield from asked.posed(context, texts, vectors)
    results: list[SearchResult] = [
        {"results": newest_first(hits)} for hits in context.store.search(query)
    ]
    note_candidates(context, query, results)
    return results


def _asked(
    context: Context,
    selection: Selection,
    *,
    mode: object,
    limit: object,
    top_k: object,
    threshold: object,
    exact: object,
    ef: object,
    reference_date: object,
    weights: object,
    explain: object,
    half_life: object,
    boost: object,
    mmr: object,
) -> Asked:
    """Check the options of a search."""
    query = Query(
        selection,
        None,
        None,
        "hybrid",
        None,
        context.space,
        checks.limit_of(limit, top_k, 100),
        checks.threshold_of(threshold),
        checks.flag("exact", exact),
        checks.ef_of(ef),
        weights_in(context, weights),
        checks.flag("explain", explain),
        adjustments_of(reference_date, half_life, boost, mmr),
    )
    return Asked(query, checks.mode_of(mode), reference_of(reference_date))
