"""Static token embeddings of the wordllama package."""

from __future__ import annotations

from collections.abc import Sequence

from memfast.types import Vectors


class WordLlamaEmbedder:
    """Embeds with the model inside the package.

    The package downloads what it does not contain, such as other dimensions, unless the config
    has `disable_download`.
    """

    local = True

    def __init__(self, dim: int = 256, **options: object) -> None:
        from wordllama import WordLlama

        self._model = WordLlama.load(dim=dim, **options)
        self.name = "wordllama"
        self.dim = dim
        self.fingerprint = f"wordllama-{dim}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors as a NumPy matrix."""
        vectors: Vectors = self._model.embed(list(texts), norm=True)
        return vectors
