"""The input of every measure of a tier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from memfast.bench.data import Synthetic
from memfast.bench.result import Tier
from memfast.bench.sampling import Budget


@dataclass(frozen=True, slots=True)
class Plan:
    """A tier and how it is measured.

    Attributes:
        data: The rows and queries.
        tier: Their size.
        wanted: Names of the measures.
        budget: Number and time of the samples.
    """

    data: Synthetic
    tier: Tier
    wanted: frozenset[str]
    budget: Budget

    def any_of(self, names: Iterable[str]) -> bool:
        """Return whether any of these measures is wanted."""
        return not self.wanted.isdisjoint(names)
