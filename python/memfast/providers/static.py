"""The static embedding table of the package, looked up in Rust."""

from __future__ import annotations

from collections.abc import Sequence

from memfast._core import StaticEmbedder as Table
from memfast._lexicon import static_directory
from memfast.types import Vectors


class StaticEmbedder:
    """Embeds by the mean of a table's rows: needs nothing, ignores the order of words."""

    name = "static"
    local = True
    instant = True
    # A local store that holds its vectors embeds the texts of searches itself.
    in_engine = True

    def __init__(self) -> None:
        self._table = Table(static_directory())
        self.dim = self._table.dim
        self.fingerprint = self._table.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors as a float32 matrix, one row per text."""
        rows = memoryview(self._table.embed(texts))
        return rows.cast("f", (len(texts), self.dim)) if texts else rows.cast("f")
