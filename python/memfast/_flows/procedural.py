"""Procedural memories: what an agent did, step by step, as one memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memfast._flows.asks import PROCEDURAL, Ask
from memfast._flows.settle import Batch, conclude
from memfast._flows.understood import UNUSABLE, Understood, Unread, reason_of
from memfast._flows.vectors import embedded
from memfast._steps import Complete, Context, Flow
from memfast.errors import MemfastError
from memfast.extraction import prompts
from memfast.extraction.reply import read_text


def summarise(context: Context, ask: Ask, settled: Sequence[int]) -> Flow[dict[str, Any]]:
    """Store a summary of what an agent did; what cannot be summarised now waits.

    Without a language model the messages themselves are the record.
    """
    result = Understood()
    if context.understanding.llm is None:
        text: str | Unread = _verbatim(ask)
    else:
        text = yield from _summary(ask)
    batch = Batch()
    if isinstance(text, Unread):
        result.unread.append(text)
        return (yield from conclude(context, batch, ask, result, settled))
    vectors = yield from embedded([text])
    put = {
        **ask.scope,
        "op": "put",
        "text": text,
        "metadata": ask.metadata,
        **ask.times,
        "expires_on": ask.expires_on,
        "memory_type": PROCEDURAL,
        "sources": [turn.content for turn in ask.turns],
        "keep_text": True,
    }
    batch.add(put, vectors[0], {"memory": text, "event": "ADD"})
    return (yield from conclude(context, batch, ask, result, settled))


def _verbatim(ask: Ask) -> str:
    """Return the messages as they are, each with who says it where there are several."""
    if len(ask.turns) == 1:
        return ask.turns[0].content
    return "\n".join(f"{turn.name or turn.role}: {turn.content}" for turn in ask.turns)


def _summary(ask: Ask) -> Flow[str | Unread]:
    """Ask for a summary; return it, or else why there is none."""
    try:
        reply = yield Complete(prompts.procedural_prompt(ask.turns, ask.instructions))
    except UNUSABLE:
        raise
    except MemfastError as failure:
        return Unread(ask.turns, reason_of(failure))
    text, reason = read_text(reply)
    if reply.finish == "length":
        reason = "the record ended before it was complete"
    return Unread(ask.turns, reason, answered=True) if reason else text
