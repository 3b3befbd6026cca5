"""`add`: messages become memories."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import Any

from memfast._core import stored_metadata
from memfast._flows import checks, receipts
from memfast._flows.asks import PROCEDURAL, REPEATED, Ask
from memfast._flows.messages import INSTRUCTIONS, Message, Skipped, read_messages
from memfast._flows.receipts import Receipt
from memfast._flows.vectors import counted
from memfast._steps import Commit, Complete, Context, Embed, Flow, Work
from memfast.errors import ConflictError, ValidationError
from memfast.extraction.facts import Turn
from memfast.types import AddResult

log = logging.getLogger("memfast")

INFER = "memfast._flows.infer"


@dataclass(frozen=True, slots=True)
class Given:
    """What `add` was given beside the messages, checked."""

    scope: dict[str, str]
    metadata: dict[str, Any]
    times: checks.Times
    said: datetime | None
    expires_on: int | None
    memory_type: str | None
    receipt: Receipt | None


def add(
    context: Context,
    messages: object,
    scope: dict[str, str],
    *,
    metadata: object,
    infer: object,
    prompt: object,
    memory_type: object,
    memory_id: object,
    vector: object,
    timestamp: object,
    expiration_date: object,
    idempotency_key: object,
) -> Flow[AddResult]:
    """Store messages as they are, or the facts they tell."""
    if memory_type not in (None, PROCEDURAL):
        raise ValidationError(
            "Invalid 'memory_type'. Please pass procedural_memory to create procedural memories.",
            error_code="VALIDATION_002",
            details={"provided_type": memory_type, "valid_type": PROCEDURAL},
        )
    infer = checks.flag("infer", infer)
    kept, times, made = checks.backfilled(checks.metadata_of(metadata))
    given = Given(
        scope,
        kept,
        times,
        checks.moment_of(timestamp) or made,
        checks.expiry_of(expiration_date),
        PROCEDURAL if memory_type else None,
        receipts.receipt_of(scope, idempotency_key),
    )
    if given.memory_type:
        checks.procedural_scope(scope)
    inferred = infer and vector is None
    sees = inferred and bool(getattr(context.understanding.llm, "vision", None))
    stored, skipped = _readable(messages, sees=sees, acts=inferred and bool(given.memory_type))
    if inferred and memory_id is not None:
        raise ValidationError(
            "memory_id names one memory, and infer=True may make several",
            suggestion="Pass infer=False to store the message as it is under this id.",
        )
    told: dict[str, Any]
    if not stored:
        told = {"results": [], "status": "empty"}
    else:
        if given.receipt:
            given = replace(given, receipt=given.receipt.of(stored, infer=inferred))
        flow = (
            _understood(context, stored, given, checks.prompt_of(prompt))
            if inferred
            else _as_they_are(stored, given, memory_id, vector)
        )
        told = yield from _once(context, given, flow)
    if skipped:
        told["skipped"] = [message.report() for message in skipped]
    return told  # type: ignore[return-value]


def _once(context: Context, given: Given, flow: Flow[dict[str, Any]]) -> Flow[dict[str, Any]]:
    """Run a flow, unless a call of the same name was committed: then tell what became of that."""
    receipt = given.receipt
    if receipt is None:
        return (yield from flow)
    signed = context.engine.signed(receipt.name)
    if signed is None:
        try:
            return (yield from flow)
        except ConflictError as conflict:
            if conflict.error_code != REPEATED:
                raise
        # The scope may have been erased, with the name, since the commit was refused.
        signed = context.engine.signed(receipt.name) or ([], "")
    return receipts.repeated(receipt, *signed)


def _readable(messages: object, *, sees: bool, acts: bool) -> tuple[list[Message], list[Skipped]]:
    """Return the messages that may be stored, and those that cannot be read."""
    read, skipped = read_messages(messages, sees=sees, acts=acts)
    # A message that is left out stands in the result and in the log.
    for message in skipped:
        log.warning("message %d was not stored: %s", message.index, message.reason)
    return [message for message in read if message.role not in INSTRUCTIONS], skipped


def _understood(
    context: Context, stored: list[Message], given: Given, prompt: str | None
) -> Flow[dict[str, Any]]:
    # The rules' patterns and the reading of replies load with the first call that needs them.
    yield Work(partial(import_module, INFER), lambda: INFER in sys.modules)
    from memfast._flows.infer import infer
    from memfast.extraction.prompts import image_prompt
    from memfast.extraction.reply import read_text

    # What cannot be stored could not wait either: it is told of before a model is asked.
    metadata = stored_metadata(given.metadata)

    turns: list[Turn] = []
    for message in stored:
        content = message.content
        for url in message.images:
            seen = yield Complete(image_prompt(url, context.understanding.llm.vision))
            text, problem = read_text(seen)
            if problem:
                log.warning("an image of message %d is not described: %s", message.index, problem)
            content = f"{content}\n[image: {text}]".strip() if text else content or "[image]"
        at = given.said if message.at is None else message.at
        turns.append(Turn(message.index, message.role, content, message.name, at))
    ask = Ask(
        scope=given.scope,
        turns=tuple(turns),
        metadata=metadata,
        expires_on=given.expires_on,
        instructions=prompt,
        memory_type=given.memory_type,
        times=given.times,
        receipt=given.receipt,
    )
    return (yield from infer(context, ask))


def _as_they_are(
    stored: list[Message], given: Given, memory_id: object, vector: Any
) -> Flow[dict[str, Any]]:
    if memory_id is not None and len(stored) != 1:
        raise ValidationError(
            f"memory_id names one memory, but {len(stored)} messages would be stored"
        )
    named = {} if memory_id is None else {"id": checks.memory_id_of(memory_id)}
    if vector is None:
        vectors = yield Embed([message.content for message in stored])
    else:
        vectors = counted(vector, len(stored), "messages")
    ops = [
        {
            **given.scope,
            **named,
            "op": "put",
            "text": message.content,
            "sources": [message.content],
            "metadata": given.metadata,
            **given.times,
            "event_at": checks.micros(given.said if message.at is None else message.at),
            "expires_on": given.expires_on,
            "memory_type": given.memory_type,
            "vector": index,
            "role": message.role,
            "actor_id": message.name,
        }
        for index, message in enumerate(stored)
    ]
    results = [
        {
            "memory": message.content,
            "event": "ADD",
            "actor_id": message.name,
            "role": message.role,
        }
        for message in stored
    ]
    told: dict[str, Any] = {"results": results, "status": "stored"}
    changes = yield Commit(ops, vectors, receipt=receipts.noted(given.receipt, told))
    told["results"] = [
        {"id": memory_id, **result, "event": event}
        for result, (memory_id, event, _) in zip(results, changes, strict=True)
    ]
    return told
