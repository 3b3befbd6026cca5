"""What an embedder is, and how objects that nearly are one are brought into shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from memfast.errors import ConfigurationError, EmbeddingError, MemfastError
from memfast.types import Vectors


@runtime_checkable
class Embedder(Protocol):
    """Makes vectors of texts.

    Attributes:
        name: The embedder's name, written into the store.
        dim: Dimensions of its vectors; None if not known before the first.
        fingerprint: Tells two versions of one model apart.

    An embedder with a true `local` runs on this machine, so that embedding a text costs nothing
    but time.
    """

    name: str
    dim: int | None
    fingerprint: str

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, in their order."""
        ...


class Adapter:
    """An embedder made of an object with `embed`, mem0's `embed_batch`, or of a function."""

    def __init__(self, inner: Any) -> None:
        kind = type(inner)
        named = inner if hasattr(inner, "__qualname__") else kind
        self.name = str(getattr(inner, "name", None) or f"{named.__module__}.{named.__qualname__}")
        dim = getattr(inner, "dim", None) or getattr(
            getattr(inner, "config", None), "embedding_dims", None
        )
        self.dim = int(dim) if dim else None
        self.fingerprint = str(getattr(inner, "fingerprint", None) or self.name)
        self.local = bool(getattr(inner, "local", False))
        batch = getattr(inner, "embed_batch", None)
        embed = getattr(inner, "embed", None)
        self._call: Callable[[list[str]], Any]
        if batch is not None:
            self._call = lambda texts: batch(texts, "add")
        elif embed is not None:
            self._call = embed
        elif callable(inner):
            self._call = inner
        else:
            raise ConfigurationError(
                f"an embedder must have embed(texts), which {kind.__name__} has not",
                suggestion="Pass a name, a config dict, or an object with embed(texts).",
            )

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text; a failure of the object is an EmbeddingError."""
        try:
            vectors = self._call(list(texts))
            count = len(vectors)
        except MemfastError:
            raise
        except Exception as error:
            raise EmbeddingError(
                f"embedder `{self.name}` failed on {len(texts)} texts: {error}",
                details={"embedder": self.name, "texts": len(texts)},
            ) from error
        if count != len(texts):
            raise EmbeddingError(
                f"embedder `{self.name}` returned {count} vectors for {len(texts)} texts",
                details={"embedder": self.name, "texts": len(texts), "vectors": count},
            )
        checked: Vectors = vectors
        return checked
