"""Procedural memories: what an agent did, step by step, as one memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memfast._flows.batch import Batch, conclude, keep_message
from memfast._flows.jobs import PROCEDURAL
from memfast._flows.understood import UNUSABLE, Understood, Unread, reason_of
from memfast._flows.vectors import embedded
from memfast._steps import Flow, complete
from memfast.errors import MemfastError
from memfast.extraction import prompts
from memfast.extraction.reply import read_text
from memfast.stores.protocol import Put

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._flows.jobs import Job
    from memfast.types import AddResult


def summarise(context: Context, job: Job, processed: Sequence[int]) -> Flow[AddResult]:
    """Store a summary of what an agent did; input that cannot be summarised now is queued.

    Without a language model the messages themselves are the record.
    """
    result = Understood()
    if context.understanding.llm is None:
        text: str | Unread = _verbatim(job)
    else:
        text = yield from _summary(context, job)
    batch = Batch()
    if isinstance(text, Unread):
        result.unread.append(text)
        return (yield from conclude(context, batch, job, result, processed))
    kept = job.turns if context.understanding.keep_messages else ()
    heard = kept if context.embeds_here else ()
    vectors = yield from embedded(context, [text, *(turn.content for turn in heard)])
    for place in range(len(kept)):
        keep_message(batch, job, place, vectors[1 + place] if heard else None)
    ids, texts = batch.sources(job.turns)
    put = Put(
        job.scope,
        text,
        vectors[0],
        metadata=job.metadata,
        sources=texts,
        source_ids=ids,
        created_at=job.times.created_at,
        updated_at=job.times.updated_at,
        expires_on=job.expires_on,
        memory_type=PROCEDURAL,
        existing="keep",
    )
    batch.add(put, {"memory": text, "event": "ADD"})
    return (yield from conclude(context, batch, job, result, processed))


def _verbatim(job: Job) -> str:
    """Return the messages as they are, each with who says it where there are several."""
    if len(job.turns) == 1:
        return job.turns[0].content
    return "\n".join(f"{turn.name or turn.role}: {turn.content}" for turn in job.turns)


def _summary(context: Context, job: Job) -> Flow[str | Unread]:
    """Ask for a summary; return it, or else why there is none."""
    try:
        prompt = prompts.procedural_prompt(job.turns, job.instructions)
        reply = yield from complete(context, prompt)
    except UNUSABLE:
        raise
    except MemfastError as failure:
        return Unread(job.turns, reason_of(failure))
    text, reason = read_text(reply)
    if reply.finish == "length":
        reason = "the record ended before it was complete"
    return Unread(job.turns, reason, answered=True) if reason else text
