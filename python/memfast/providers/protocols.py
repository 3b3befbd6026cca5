"""The protocols of embedders, language models and rerankers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

from memfast.types import Prompt, Reply, Vectors


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors.

    An embedder with a true `local` runs on this machine: embedding a text costs only time. With a
    true `instant` it takes microseconds, and an event loop embeds short texts itself.
    """

    @property
    def name(self) -> str:
        """The embedder's name, written into the store."""
        ...

    @property
    def dim(self) -> int | None:
        """Dimensions of its vectors; None if not known before the first."""
        ...

    @property
    def fingerprint(self) -> str:
        """Distinguishes two versions of one model."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, in their order."""
        ...


@runtime_checkable
class AsyncEmbedder(Embedder, Protocol):
    """An embedder that an event loop can await; any other one is run in a thread."""

    async def aembed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, in their order."""
        ...


@runtime_checkable
class LLM(Protocol):
    """A language model."""

    @property
    def name(self) -> str:
        """Its name, for messages and logs."""
        ...

    def complete(self, prompt: Prompt) -> Reply:
        """Return the model's answer."""
        ...


@runtime_checkable
class AsyncLLM(LLM, Protocol):
    """A language model that an event loop can await; any other one is run in a thread."""

    async def acomplete(self, prompt: Prompt) -> Reply:
        """Return the model's answer."""
        ...


@runtime_checkable
class Reranker(Protocol):
    """Compares texts with a query.

    Where `rerank` is a coroutine function, an event loop awaits it.
    """

    def rerank(
        self, query: str, texts: list[str], /
    ) -> Sequence[float] | Awaitable[Sequence[float]]:
        """Return one score per text, in their order; more is better."""
        ...


@runtime_checkable
class AsyncReranker(Reranker, Protocol):
    """A reranker that has a method of its own for event loops."""

    async def arerank(self, query: str, texts: list[str], /) -> Sequence[float]:
        """Return one score per text, in their order; more is better."""
        ...


# What names a reranker; True is the one that the memory was opened with.
Rerank: TypeAlias = (
    bool
    | str
    | Mapping[str, Any]
    | Reranker
    | Callable[[str, list[str]], Sequence[float] | Awaitable[Sequence[float]]]
    | None
)
