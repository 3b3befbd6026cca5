"""What a search asks the store for, given its texts and vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from math import inf
from time import time
from typing import TYPE_CHECKING, Literal, NamedTuple

from memfast._flows.checks import weights_of
from memfast._flows.times import micros, moment_of
from memfast._steps import Flow, embed
from memfast.errors import UnsupportedError, ValidationError, shown
from memfast.stores.protocol import Adjustments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memfast._context import Context
    from memfast.stores.protocol import Query
    from memfast.types import SearchMode, SearchResult, Vectors

_BEGIN = date(1970, 1, 1)
# The greatest factor of a boost.
MOST_BOOST = 100.0


def _today() -> int:
    """Return the current day in UTC, in days since 1970."""
    return int(time() // 86_400)


def reference_of(value: object) -> int | Literal[False] | None:
    """Return the day that relative dates of a query count from; None and False stay."""
    if value is None or value is False:
        return value
    moment = moment_of(value)
    return None if moment is None else (moment.date() - _BEGIN).days


def _number(name: str, value: object, least: float, most: float) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not least <= value <= most:  # type: ignore[operator]  # a number here
        bounds = f"from {least:g} to {most:g}" if most < inf else f"of at least {least:g}"
        raise ValidationError(
            f"{name} must be a number {bounds}, not {shown(value)}", details={name: value}
        )
    return float(value)  # type: ignore[arg-type]


def _boosts(boost: object) -> list[tuple[Mapping[str, object], float]]:
    if boost is None:
        return []
    if isinstance(boost, (str, Mapping)) or not isinstance(boost, Iterable):
        raise ValidationError(
            f"boost must be a list of pairs of filter and factor, not {shown(boost)}",
            suggestion='Pass for example [({"pinned": True}, 1.5)].',
        )
    boosts = []
    for pair in boost:
        try:
            condition, factor = pair
        except (TypeError, ValueError):
            problem = f"a boost must be a pair of filter and factor, not {shown(pair)}"
            raise ValidationError(problem) from None
        if not isinstance(condition, Mapping) or not condition:
            raise ValidationError(f"the filter of a boost must be a dict, not {shown(condition)}")
        boosts.append((condition, _number("the factor of a boost", factor, 0, MOST_BOOST)))
    return boosts


def adjustments_of(
    now: object, half_life: object, boost: object, mmr: object
) -> Adjustments | None:
    """Return what changes the order of hits after the threshold; None for nothing.

    Args:
        now: The reference date of the search.
        half_life: Days, at least a thousandth.
        boost: Pairs of filter and factor, from 0 to 100.
        mmr: From 0 to 1.
    """
    if half_life is None and boost is None and mmr is None:
        return None
    moment = moment_of(None if now is False else now) or datetime.now(UTC)
    return Adjustments(
        micros(moment),
        None if half_life is None else _number("half_life", half_life, 0.001, inf),
        _boosts(boost),
        None if mmr is None else _number("mmr", mmr, 0, 1),
    )


def weights_in(context: Context, weights: object) -> dict[str, float] | None:
    """Return what numbers count in a search: those given, else those of the memory's settings."""
    given = weights_of(weights)
    if context.vector_weight is None:
        return given
    return {"vector": context.vector_weight, **(given or {})}


def note_candidates(context: Context, query: Query, results: Iterable[SearchResult]) -> None:
    """Note in the results of a search how many candidates were ranked, where not all memories."""
    candidates = None if query.mode == "semantic" else context.store.candidates(query)
    if candidates is not None:
        for result in results:
            result["candidates"] = candidates


class Asked(NamedTuple):
    """A search before its inputs are known.

    Attributes:
        query: The search, without inputs.
        mode: What it ranks by; None for the default.
        reference: The day that relative dates count from, and False for none; None for today.
    """

    query: Query
    mode: SearchMode | None
    reference: int | Literal[False] | None

    def _mode(self, context: Context, texts: object) -> SearchMode:
        mode = self.mode
        if mode == "semantic":
            return mode
        if "hybrid" not in context.store.capabilities:
            if mode is None:
                return "semantic"
            raise UnsupportedError(
                f"this store cannot search in mode {mode!r}",
                suggestion='Use mode="semantic".',
            )
        if texts is None:
            if mode == "lexical":
                raise ValidationError("a lexical search needs a query, not a vector alone")
            return "semantic"
        return mode or "hybrid"

    def posed(
        self, context: Context, texts: Sequence[str] | None, vectors: Vectors | None
    ) -> Flow[Query]:
        """Return what the store is asked; texts are embedded here where the store does not."""
        mode = self._mode(context, texts)
        if mode == "lexical":
            vectors = None
        elif vectors is None and texts is not None and not context.store_embeds:
            if context.embedder is None and mode == "hybrid":
                mode = "lexical"
            else:
                vectors = yield from embed(context, texts)
        day = None
        if mode != "semantic" and self.reference is not False:
            day = _today() if self.reference is None else self.reference
        return self.query.posed(texts, vectors, mode, day)
