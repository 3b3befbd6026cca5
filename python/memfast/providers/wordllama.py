"""Static token embeddings of the wordllama package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class WordLlamaEmbedder:
    """Embeds with the model that the package carries.

    What it lacks, such as other dimensions, the package fetches from its hub, unless the config
    says `disable_download`.
    """

    local = True

    def __init__(self, dim: int = 256, **options: Any) -> None:
        from wordllama import WordLlama

        self._model = WordLlama.load(dim=dim, **options)
        self.name = "wordllama"
        self.dim = dim
        self.fingerprint = f"wordllama-{dim}"

    def embed(self, texts: Sequence[str]) -> Any:
        """Return unit vectors as a NumPy matrix."""
        return self._model.embed(list(texts), norm=True)
