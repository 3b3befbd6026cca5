"""The rerankers of one memory: the configured one, and those that its searches named."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from memfast._hidden import hide
from memfast.providers._registry import load_reranker

if TYPE_CHECKING:
    from memfast.providers._llm_adapter import LLMAdapter
    from memfast.providers._reranker_adapter import RerankerAdapter

# Rerankers by name that stay open; a program uses one or two.
KEPT = 8


class LoadedRerankers:
    """Loads each reranker once, and closes those that were made here.

    Args:
        configured: The setting of the memory; None for none.
        llm: The memory's language model, for the reranker "llm".

    Raises:
        ConfigurationError: The name is unknown, or a setting is wrong.
    """

    def __init__(self, configured: object, llm: LLMAdapter | None) -> None:
        self._llm = llm
        self._lock = Lock()
        self._configured = load_reranker(configured, llm)
        self._named: list[tuple[object, RerankerAdapter]] = []

    def of(self, spec: object) -> RerankerAdapter | None:
        """Return the reranker that a setting names; True names the configured one, or None.

        Raises:
            ConfigurationError: It names none.
            DependencyError: A package is missing; the message names the extra to install.
        """
        if spec is True:
            return self._configured
        if not isinstance(spec, str | Mapping):
            return load_reranker(spec, self._llm)
        with self._lock:
            for known, reranker in self._named:
                if known == spec:
                    return reranker
            made = load_reranker(hide(spec, "rerank"), self._llm)
            if made is not None:
                # A copy: the caller may change the dict.
                self._named.insert(0, (dict(spec) if isinstance(spec, Mapping) else spec, made))
            dropped = [reranker for _, reranker in self._named[KEPT:]]
            del self._named[KEPT:]
        for reranker in dropped:
            reranker.close()
        return made

    def _all(self) -> list[RerankerAdapter]:
        with self._lock:
            named = [reranker for _, reranker in self._named]
        return named if self._configured is None else [self._configured, *named]

    def close(self) -> None:
        """Close the connections of the threads; a later call opens new ones."""
        for reranker in self._all():
            reranker.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        for reranker in self._all():
            await reranker.aclose()
