"""Procedural memories: what an agent did, step by step, as one memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memfast._flows.asks import PROCEDURAL, Ask
from memfast._flows.settle import Batch, conclude
from memfast._flows.understood import UNUSABLE, Understood, reason_of
from memfast._flows.vectors import embedded
from memfast._steps import Complete, Context, Flow
from memfast.errors import ConfigurationError, MemfastError
from memfast.extraction import prompts
from memfast.extraction.reply import read_text


def summarise(context: Context, ask: Ask, settled: Sequence[int]) -> Flow[dict[str, Any]]:
    """Store a summary of what an agent did; what cannot be summarised now waits."""
    if context.understanding.llm is None:
        raise ConfigurationError(
            "a procedural memory is a summary that a language model writes, and none is named",
            suggestion='Open the memory with llm="openai:gpt-5-mini" or another model.',
        )
    result = Understood()
    text = reason = ""
    try:
        reply = yield Complete(prompts.procedural_prompt(ask.turns, ask.instructions))
    except UNUSABLE:
        raise
    except MemfastError as failure:
        reason = reason_of(failure)
    else:
        text, reason = read_text(reply)
        if reply.finish == "length":
            reason = "the record ended before it was complete"
    batch = Batch()
    if reason:
        result.unread.append((ask.turns, reason))
        return (yield from conclude(context, batch, ask, result, settled))
    vectors = yield from embedded([text])
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
    return (yield from conclude(context, batch, ask, result, settled))
