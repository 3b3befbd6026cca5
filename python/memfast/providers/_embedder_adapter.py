"""Makes an embedder of an object or a function that is nearly one."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence, Sized
from functools import partial
from typing import cast

from memfast.errors import ConfigurationError, EmbeddingError, MemfastError
from memfast.providers._adapting import Closing, kind_of, name_of
from memfast.providers._usable import unusable
from memfast.types import Vectors


class EmbedderAdapter(Closing):
    """An embedder made of an object with `embed`, mem0's `embed_batch`, or of a function.

    `embed` is called with all texts; if its parameter is named `text`, with one after the other.
    """

    def __init__(self, inner: object, *, owned: bool = False) -> None:
        self.inner = inner
        self.owned = owned
        self.name = name_of(inner)
        dim = getattr(inner, "dim", None) or getattr(
            getattr(inner, "config", None), "embedding_dims", None
        )
        self.dim = int(dim) if dim else None
        self.fingerprint = str(getattr(inner, "fingerprint", None) or self.name)
        self.local = bool(getattr(inner, "local", False))
        self.instant = bool(getattr(inner, "instant", False))
        self.in_engine = bool(getattr(inner, "in_engine", False))
        batch = getattr(inner, "embed_batch", None)
        embed = getattr(inner, "embed", None) or (inner if callable(inner) else None)
        aembed = getattr(inner, "aembed", None)
        self._call: Callable[[list[str]], object]
        self._acall: Callable[[list[str]], Awaitable[object]] | None = aembed
        if aembed is not None and takes_one_text(aembed):
            self._acall = partial(_aone_by_one, aembed)
        if batch is not None:
            self._call = lambda texts: batch(texts, "add")
        elif embed is not None:
            self._call = partial(_one_by_one, embed) if takes_one_text(embed) else embed
        else:
            raise ConfigurationError(
                f"an embedder must have embed(texts); {type(inner).__name__} has none",
                suggestion="Pass a name, a config dict, or an object with embed(texts).",
            )

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text.

        Raises:
            EmbeddingError: The object failed, or its vectors cannot be used.
            ConfigurationError: It cannot be called, or returned a coroutine.
            DependencyError: A package that it needs is missing.
        """
        try:
            return self._checked(self._call(list(texts)), texts)
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error, texts) from error

    async def aembed(self, texts: Sequence[str]) -> Vectors:
        """Do as `embed` does, without blocking the event loop: in a thread, if necessary."""
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
        kind = kind_of(error, EmbeddingError)
        return kind(
            f"embedder `{self.name}` failed on {len(texts)} texts: {error}",
            details={"embedder": self.name, "texts": len(texts)},
        )

    def _checked(self, returned: object, texts: Sequence[str]) -> Vectors:
        if inspect.iscoroutine(returned):
            returned.close()
            raise ConfigurationError(
                f"embedder `{self.name}` returned a coroutine instead of vectors",
                suggestion="Give an async function the name `aembed`.",
            )
        if not isinstance(returned, Sized):
            raise EmbeddingError(
                f"embedder `{self.name}` returned {type(returned).__name__} instead of vectors",
                details={"embedder": self.name, "texts": len(texts)},
            )
        count = len(returned)
        if count != len(texts):
            raise EmbeddingError(
                f"embedder `{self.name}` returned {count} vectors for {len(texts)} texts",
                details={"embedder": self.name, "texts": len(texts), "vectors": count},
            )
        vectors = cast("Vectors", returned)
        if not self.instant:
            for index, problem in unusable(vectors):
                raise EmbeddingError(
                    f"embedder `{self.name}` returned for text {index} a vector that {problem}",
                    details={"embedder": self.name, "text": index},
                )
        return vectors


def takes_one_text(embed: Callable[..., object]) -> bool:
    """Return whether a function embeds one text, as mem0's `embed(text, memory_action)` does.

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


def _one_by_one(embed: Callable[[str], object], texts: Sequence[str]) -> list[object]:
    return [embed(text) for text in texts]


async def _aone_by_one(
    embed: Callable[[str], Awaitable[object]], texts: Sequence[str]
) -> list[object]:
    return [await embed(text) for text in texts]
