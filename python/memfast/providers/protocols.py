"""What models are, and how objects that nearly are an embedder are brought into shape."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, runtime_checkable

from memfast.errors import (
    ConfigurationError,
    DependencyError,
    EmbeddingError,
    MemfastError,
)
from memfast.providers.usable import unusable
from memfast.types import Prompt, Reply, Vectors

# Modules that call the objects of others.
CALLERS = frozenset({"memfast.providers.protocols", "memfast.providers.llm_adapter"})


@runtime_checkable
class Embedder(Protocol):
    """Makes vectors of texts.

    Attributes:
        name: The embedder's name, written into the store.
        dim: Dimensions of its vectors; None if not known before the first.
        fingerprint: Tells two versions of one model apart.

    An embedder with a true `local` runs on this machine, so that embedding a text costs nothing
    but time. With a true `instant` it takes microseconds, and an event loop embeds short texts
    itself.
    """

    name: str
    dim: int | None
    fingerprint: str

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, in their order."""
        ...


@runtime_checkable
class AsyncEmbedder(Embedder, Protocol):
    """An embedder that need not be run in a thread where there is an event loop."""

    async def aembed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, in their order."""
        ...


@runtime_checkable
class LLM(Protocol):
    """A language model.

    Attributes:
        name: Its name, for messages and logs.
    """

    name: str

    def complete(self, prompt: Prompt) -> Reply:
        """Return the model's answer."""
        ...


@runtime_checkable
class AsyncLLM(LLM, Protocol):
    """A language model that need not be run in a thread where there is an event loop."""

    async def acomplete(self, prompt: Prompt) -> Reply:
        """Return the model's answer."""
        ...


class Closing:
    """Closes what it wraps, if that was made for it; an object of the caller stays open."""

    inner: Any
    owned: bool

    def close(self) -> None:
        """Close the connections of the threads; a later call opens new ones."""
        close = getattr(self.inner, "close", None) if self.owned else None
        if close is not None:
            close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        close = getattr(self.inner, "aclose", None) if self.owned else None
        if close is not None:
            await close()


class Adapter(Closing):
    """An embedder made of an object with `embed`, mem0's `embed_batch`, or of a function.

    `embed` is called with all texts, or, where its parameter is named `text`, with each.
    """

    def __init__(self, inner: Any, *, owned: bool = False) -> None:
        self.inner = inner
        self.owned = owned
        kind = type(inner)
        named = inner if hasattr(inner, "__qualname__") else kind
        self.name = str(getattr(inner, "name", None) or f"{named.__module__}.{named.__qualname__}")
        dim = getattr(inner, "dim", None) or getattr(
            getattr(inner, "config", None), "embedding_dims", None
        )
        self.dim = int(dim) if dim else None
        self.fingerprint = str(getattr(inner, "fingerprint", None) or self.name)
        self.local = bool(getattr(inner, "local", False))
        self.instant = bool(getattr(inner, "instant", False))
        batch = getattr(inner, "embed_batch", None)
        embed = getattr(inner, "embed", None) or (inner if callable(inner) else None)
        aembed = getattr(inner, "aembed", None)
        self._call: Callable[[list[str]], Any]
        self._acall: Callable[[list[str]], Awaitable[Any]] | None = aembed
        if aembed is not None and takes_one_text(aembed):
            self._acall = partial(_aone_by_one, aembed)
        if batch is not None:
            self._call = lambda texts: batch(texts, "add")
        elif embed is not None:
            self._call = partial(_one_by_one, embed) if takes_one_text(embed) else embed
        else:
            raise ConfigurationError(
                f"an embedder must have embed(texts), which {kind.__name__} has not",
                suggestion="Pass a name, a config dict, or an object with embed(texts).",
            )

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text; a failure of the object is an EmbeddingError."""
        try:
            return self._checked(self._call(list(texts)), texts)
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error, texts) from error

    async def aembed(self, texts: Sequence[str]) -> Vectors:
        """Do as `embed` does, without holding the event loop: in a thread, if need be."""
        if self._acall is None:
            from asyncio import to_thread

            return await to_thread(self.embed, texts)
        try:
            return self._checked(await self._acall(list(texts)), texts)
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error, texts) from error

    def _failed(self, error: Exception, texts: Sequence[str]) -> MemfastError:
        kind: type[MemfastError] = EmbeddingError
        if isinstance(error, ImportError):
            kind = DependencyError
        elif isinstance(error, NotImplementedError) or is_uncallable(error):
            kind = ConfigurationError
        return kind(
            f"embedder `{self.name}` failed on {len(texts)} texts: {error}",
            details={"embedder": self.name, "texts": len(texts)},
        )

    def _checked(self, vectors: Any, texts: Sequence[str]) -> Vectors:
        if not hasattr(vectors, "__len__"):
            if inspect.iscoroutine(vectors):
                vectors.close()
                raise ConfigurationError(
                    f"embedder `{self.name}` returned a coroutine instead of vectors",
                    suggestion="What must be awaited belongs in `aembed`.",
                )
            raise EmbeddingError(
                f"embedder `{self.name}` returned {type(vectors).__name__} instead of vectors",
                details={"embedder": self.name, "texts": len(texts)},
            )
        count = len(vectors)
        if count != len(texts):
            raise EmbeddingError(
                f"embedder `{self.name}` returned {count} vectors for {len(texts)} texts",
                details={"embedder": self.name, "texts": len(texts), "vectors": count},
            )
        if not self.instant:
            for place, problem in unusable(vectors):
                raise EmbeddingError(
                    f"embedder `{self.name}` returned for text {place} a vector that {problem}",
                    details={"embedder": self.name, "text": place},
                )
        checked: Vectors = vectors
        return checked


def is_uncallable(error: Exception) -> bool:
    """Tell whether a function could not even be called with what it is given."""
    trace = error.__traceback__
    # The innermost frame is the caller's: no frame of the function was begun.
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    here = trace is not None and trace.tb_frame.f_globals.get("__name__") in CALLERS
    return isinstance(error, TypeError) and here


def takes_one_text(embed: Callable[..., Any]) -> bool:
    """Tell whether a function embeds one text, as mem0's `embed(text, memory_action)` does.

    >>> takes_one_text(lambda text, memory_action=None: [1.0])
    True
    >>> takes_one_text(lambda texts: [[1.0] for _ in texts])
    False
    """
    try:
        names = list(inspect.signature(embed).parameters)
    except (TypeError, ValueError):
        return False
    return names[:1] == ["text"] or "memory_action" in names[1:]


def _one_by_one(embed: Callable[[str], Any], texts: Sequence[str]) -> list[Any]:
    return [embed(text) for text in texts]


async def _aone_by_one(embed: Callable[[str], Awaitable[Any]], texts: Sequence[str]) -> list[Any]:
    return [await embed(text) for text in texts]
