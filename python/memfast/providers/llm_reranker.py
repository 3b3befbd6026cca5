"""A reranker that asks a language model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from memfast._workers import Workers
from memfast.errors import ConfigurationError, LLMError
from memfast.extraction.relevance import ScoresError, read_scores, relevance_prompt
from memfast.providers._llm_adapter import LLMAdapter
from memfast.types import Reply

# Texts of one prompt, and characters of each.
BATCH = 20
LONGEST = 2_000
# Prompts that a thread sends at once; on an event loop the model's own limit holds.
AT_ONCE = 4


class LLMReranker:
    """Scores with a language model, which reads the query and up to 20 texts at a time.

    Args:
        model: "PROVIDER:MODEL", or a model of `provider`; None takes the memory's model.
        provider: The model's provider.
        llm: The model as a name, a config dict or an object, in place of both.
        scoring_prompt: In place of the rules for the scores, which go from 0 to 1.
        memory_llm: The memory's model.
        settings: More settings of the model, such as `api_key`.

    Raises:
        ConfigurationError: No model is named and the memory has none, or a setting is wrong.
        DependencyError: A package that the model needs is missing.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        provider: str | None = None,
        llm: object = None,
        scoring_prompt: str | None = None,
        memory_llm: LLMAdapter | None = None,
        **settings: object,
    ) -> None:
        if scoring_prompt is not None and not isinstance(scoring_prompt, str):
            raise ConfigurationError(
                f"scoring_prompt must be text, not {type(scoring_prompt).__name__}"
            )
        spec = _spec(model, provider, llm, settings)
        self._own = _load(spec)
        asked = memory_llm if self._own is None else self._own
        if asked is None:
            raise ConfigurationError(
                "the reranker `llm` needs a language model, and this memory has none",
                suggestion='Open the memory with llm=..., or write "llm:PROVIDER:MODEL".',
            )
        self._llm = asked
        self._instructions = scoring_prompt
        self.name = f"llm:{self._llm.name}"

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return one score per text, in their order.

        Raises:
            MemfastError: The model failed; see `LLMAdapter.complete`.
            LLMError: Its reply does not give one score to each text.
        """
        parts = _parts(texts)
        if len(parts) == 1:
            return self._scores(query, parts[0])
        with Workers(AT_ONCE, "memfast-rerank") as pool:
            running = [pool.submit(partial(self._scores, query), part) for part in parts]
            return [score for one in running for score in one.result()]

    async def arerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Do as `rerank` does, without blocking the event loop."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._ascores(query, part)) for part in _parts(texts)]
        except ExceptionGroup as failed:
            # The other tasks were cancelled; the group says no more than its first error.
            raise failed.exceptions[0] from None
        return [score for task in tasks for score in task.result()]

    def close(self) -> None:
        """Close the connections of the threads, if the model was made for this reranker."""
        if self._own is not None:
            self._own.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop, likewise."""
        if self._own is not None:
            await self._own.aclose()

    def _scores(self, query: str, texts: list[str]) -> list[float]:
        prompt = relevance_prompt(query, texts, self._instructions)
        return self._read(self._llm.complete(prompt), len(texts))

    async def _ascores(self, query: str, texts: list[str]) -> list[float]:
        prompt = relevance_prompt(query, texts, self._instructions)
        return self._read(await self._llm.acomplete(prompt), len(texts))

    def _read(self, reply: Reply, count: int) -> list[float]:
        try:
            return read_scores(reply, count)
        except ScoresError as problem:
            raise LLMError(
                f"reranker `{self.name}`: {problem}", details={"reranker": self.name}
            ) from None


def _parts(texts: Sequence[str]) -> list[list[str]]:
    short = [text[:LONGEST] for text in texts]
    return [short[at : at + BATCH] for at in range(0, len(short), BATCH)]


def _spec(
    model: str | None, provider: str | None, llm: object, settings: Mapping[str, object]
) -> object:
    """Return the setting of the model; None if none is named."""
    if isinstance(llm, Mapping):
        inner = llm.get("config") or {}
        if model is None or not isinstance(inner, Mapping):
            return llm
        # mem0's nested block takes what it does not name from beside it.
        return {**llm, "config": {"model": model, **settings, **inner}}
    if llm is not None:
        return llm
    if provider is None and model is not None:
        provider, _, model = model.partition(":")
    if provider is None:
        if settings:
            raise ConfigurationError(
                f"the reranker `llm` has settings and no model: {sorted(settings)}",
                suggestion="Name the model beside them.",
            )
        return None
    return {"provider": provider, "config": {"model": model or None, **settings}}


def _load(spec: object) -> LLMAdapter | None:
    from memfast.providers._registry import load_llm

    return load_llm(spec)
