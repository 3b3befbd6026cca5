"""The second look at the hits of a search: a reranker reads them beside the query."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from memfast._flows import checks
from memfast._steps import Flow, rerank
from memfast.errors import ConfigurationError, DependencyError, MemfastError, ValidationError

if TYPE_CHECKING:
    from memfast._context import Context, RerankerLike
    from memfast.types import Hit, Reranked, SearchResult

log = logging.getLogger("memfast")

# Hits that are read for each one returned, within these bounds.
FACTOR = 4
LEAST = 50
MOST = 200
# Characters of a memory that are read; models read about as many.
LONGEST = 8_000
NONE = "no reranker is configured; open the memory with reranker=..., or name one in rerank="


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranking that was asked for.

    Attributes:
        query: The text that the hits are compared with.
        reranker: Compares them; None if none is configured.
    """

    query: str
    reranker: RerankerLike | None

    def fetched(self, limit: int) -> int:
        """Return how many hits to search for, so that the best `limit` can be returned."""
        if self.reranker is None or limit == 0:
            return limit
        return max(limit, min(max(FACTOR * limit, LEAST), MOST))

    def result(self, hits: list[Hit], limit: int) -> Flow[SearchResult]:
        """Return the best hits in the reranker's order.

        Equal scores keep the order of the search, and so do all hits if the reranker fails. Hits
        beyond the most that are read come after the others.

        Raises:
            ConfigurationError: The reranker cannot be called.
            DependencyError: A package that it needs is missing.
        """
        if self.reranker is None:
            checks.warn_once("search", "rerank", NONE)
            return {"results": hits, "rerank": {"status": "skipped", "texts": 0, "reason": NONE}}
        read, rest = hits[:MOST], hits[MOST:]
        done: Reranked = {"status": "done", "texts": len(read), "reranker": self.reranker.name}
        if not read:
            return {"results": hits, "rerank": done}
        try:
            texts = [hit["memory"][:LONGEST] for hit in read]
            scores = yield from rerank(self.reranker, self.query, texts)
        except (ConfigurationError, DependencyError):
            raise
        except MemfastError as failure:
            log.warning("search: the hits were not reranked: %s", failure)
            failed: Reranked = {**done, "status": "failed", "reason": failure.message}
            return {"results": hits[:limit], "rerank": failed}
        for hit, score in zip(read, scores, strict=True):
            hit["rerank_score"] = score
        read.sort(key=itemgetter("rerank_score"), reverse=True)
        return {"results": [*read, *rest][:limit], "rerank": done}


def reranking_of(context: Context, spec: object, query: object) -> Reranking | None:
    """Return the reranking that a search asks for; None if it asks for none.

    Raises:
        ValidationError: There is no query to compare the hits with.
        ConfigurationError: `spec` names no reranker.
        DependencyError: A package that it needs is missing.
    """
    if spec is None or spec is False:
        return None
    if query is None:
        raise ValidationError(
            "rerank needs a query: a reranker compares texts, not vectors",
            suggestion="Pass the query's text beside the vector.",
        )
    text = checks.query_text(query)
    return Reranking(text, None if context.rerankers is None else context.rerankers.of(spec))
