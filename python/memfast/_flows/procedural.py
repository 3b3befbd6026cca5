"""Procedural memories: what an agent did, step by step, as one memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memfast._flows.asks import PROCEDURAL, Ask
from memfast._flows.settle import Batch, put_aside
from memfast._flows.vectors import rows
from memfast._steps import Complete, Context, Embed, Flow
from memfast.errors import (
    AuthenticationError,
    ConfigurationError,
    DependencyError,
    MemfastError,
)
from memfast.extraction import prompts


def summarise(context: Context, ask: Ask, settled: Sequence[int]) -> Flow[dict[str, Any]]:
    """Store a summary of what an agent did; what cannot be summarised now waits."""
    llm = context.understanding.llm
    if llm is None:
        raise ConfigurationError(
            "a procedural memory is a summary that a language model writes, and none is named",
            suggestion='Open the memory with llm="openai:gpt-5-mini" or another model.',
        )
    try:
        reply = yield Complete(prompts.procedural_prompt(ask.turns, ask.instructions))
    except (AuthenticationError, ConfigurationError, DependencyError):
        raise
    except MemfastError as failure:
        return _wait(context, ask, settled, f"{type(failure).__name__}: {failure.message}")
    text = reply.text.strip()
    if reply.finish in ("refusal", "filter"):
        return _wait(context, ask, settled, "the model refused")
    if not text:
        return _wait(context, ask, settled, "the model answered nothing")
    vectors = rows((yield Embed([text])))
    batch = Batch()
    put = {
        **ask.scope,
        "op": "put",
        "text": text,
        "metadata": ask.metadata,
        "expires_on": ask.expires_on,
        "memory_type": PROCEDURAL,
        "sources": [turn.content for turn in ask.turns],
        "keep_text": True,
    }
    batch.add(put, vectors[0], {"memory": text, "event": "ADD"})
    results = batch.commit(context, [], settled)
    status = "stored" if results else "empty"
    return {"results": results, "status": status, "extractor": str(llm.name)}


def _wait(context: Context, ask: Ask, settled: Sequence[int], reason: str) -> dict[str, Any]:
    Batch().commit(context, put_aside(ask, [(ask.turns, reason)]), settled)
    pending = [{"messages": [turn.index for turn in ask.turns], "reason": reason}]
    return {
        "results": [],
        "status": "pending",
        "extractor": str(context.understanding.llm.name),
        "pending": pending,
    }
