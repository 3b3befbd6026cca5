"""Measures of one answer, and their means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

DEPTHS = (3, 5, 10, 20, 50)
HIT_AT = 10
NAMES = (*(f"recall@{k}" for k in DEPTHS), f"hit@{HIT_AT}", "mrr")


def recall(ranked: Sequence[AbstractSet[str]], evidence: AbstractSet[str], k: int) -> float:
    """Return the share of the evidence among the turns of the first k hits.

    >>> recall([{"a"}, {"b", "c"}], {"c", "d"}, 2)
    0.5
    """
    return len(evidence & set().union(*ranked[:k])) / len(evidence)


def reciprocal_rank(ranked: Sequence[AbstractSet[str]], evidence: AbstractSet[str]) -> float:
    """Return 1 / rank of the first hit with a piece of evidence, 0 if there is none."""
    return next((1 / rank for rank, turns in enumerate(ranked, 1) if turns & evidence), 0.0)


def measure(ranked: Sequence[AbstractSet[str]], evidence: AbstractSet[str]) -> dict[str, float]:
    """Return all measures of one question.

    Args:
        ranked: The turns that each hit stands for, best first.
        evidence: The turns that answer the question; at least one.
    """
    recalls = {f"recall@{k}": recall(ranked, evidence, k) for k in DEPTHS}
    hit = float(recall(ranked, evidence, HIT_AT) > 0)
    return {**recalls, f"hit@{HIT_AT}": hit, "mrr": reciprocal_rank(ranked, evidence)}


def mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each measure."""
    return {name: sum(row[name] for row in rows) / len(rows) for name in NAMES}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that a share of all values do not exceed.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5), percentile([1.0, 2.0], 0.99)
    (2.0, 2.0)
    """
    ranked = sorted(values)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]
