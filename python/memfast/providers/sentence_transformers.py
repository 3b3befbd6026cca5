"""Models of the sentence-transformers package."""

from __future__ import annotations

from collections.abc import Sequence

from memfast.types import Vectors


class SentenceTransformersEmbedder:
    """Embeds with a model by name, from the local cache or from the hub of the package."""

    local = True

    def __init__(self, model: str = "all-MiniLM-L6-v2", **options: object) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(model, **options)
        self.name = f"sentence-transformers:{model}"
        self.dim = int(self._model.get_sentence_embedding_dimension())
        self.fingerprint = self.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors as a NumPy matrix."""
        vectors: Vectors = self._model.encode(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return vectors
