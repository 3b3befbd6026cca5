"""`add`: messages become memories, as they are or as the facts found in them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from memfast._core import stored_metadata
from memfast._flows import checks, receipts
from memfast._flows.batch import returned
from memfast._flows.jobs import REPEATED, Job
from memfast._flows.messages import INSTRUCTIONS, Message, read_messages
from memfast._flows.times import Times, micros
from memfast._flows.vectors import counted, embedded
from memfast._steps import Flow, commit, complete, work
from memfast.errors import ConflictError, ValidationError
from memfast.extraction.facts import Turn
from memfast.stores.protocol import Known, Put, Write

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.stores.protocol import Scope
    from memfast.types import AddResult, Redacted

log = logging.getLogger("memfast")

INFER = "memfast._flows.infer"
RULES_IGNORE = "no language model is named, and the rules take no instructions"


@dataclass(frozen=True, slots=True)
class Given:
    """What `add` was given beside the messages, checked.

    Attributes:
        scope: Whose memories they become.
        metadata: Kept with each.
        times: Creation and update time of the memories.
        said: When the messages were said, where they do not tell.
        expires_on: Last day on which the memories are shown.
        memory_type: None, or PROCEDURAL.
        call: The call, where it has a key.
    """

    scope: Scope
    metadata: dict[str, object]
    times: Times
    said: datetime | None
    expires_on: int | None
    memory_type: str | None
    call: receipts.Call | None


def add(
    context: Context,
    messages: object,
    given: Given,
    *,
    inferred: bool,
    prompt: str | None,
    memory_id: object,
    vector: object,
) -> Flow[AddResult]:
    """Store the messages that can be read, or the facts that are found in them."""
    sees = inferred and bool(getattr(context.understanding.llm, "vision", None))
    acts = inferred and bool(given.memory_type)
    read, skipped = read_messages(messages, sees=sees, acts=acts)
    for message in skipped:
        log.warning("message %d was not stored: %s", message.index, message.reason)
    stored = [message for message in read if message.role not in INSTRUCTIONS]
    outcome: AddResult = {"results": [], "status": "empty"}
    if stored:
        if given.call:
            given = replace(given, call=given.call.of(stored, infer=inferred))
        if inferred:
            begin = partial(_understood, context, stored, given, prompt)
        else:
            begin = partial(_as_they_are, context, stored, given, memory_id, vector)
        outcome = yield from _once(context, given.call, begin)
    if skipped:
        outcome["skipped"] = [message.report() for message in skipped]
    return outcome


def _once(
    context: Context, call: receipts.Call | None, begin: Callable[[], Flow[AddResult]]
) -> Flow[AddResult]:
    """Run a flow, unless a call with the same key was committed: then return its outcome."""
    if call is None:
        return (yield from begin())
    known = context.store.knows(call.receipt)
    if known is None:
        try:
            return (yield from begin())
        except ConflictError as conflict:
            if conflict.error_code != REPEATED:
                raise
        # The scope may have been erased, with the key, since the commit was refused.
        known = context.store.knows(call.receipt) or Known([], "")
    return receipts.repeated(call, known)


def _understood(
    context: Context, stored: list[Message], given: Given, prompt: str | None
) -> Flow[AddResult]:
    # The rules' patterns and the reading of replies load with the first call that needs them.
    yield from work(partial(import_module, INFER), lambda: INFER in sys.modules)
    from memfast._flows.infer import infer
    from memfast._flows.redacting import without_secrets

    if context.understanding.llm is None and not given.memory_type:
        _warn_of_instructions(context, prompt)
    # Input that cannot be stored cannot be queued either: it fails before a model is asked.
    metadata = stored_metadata(given.metadata)
    turns = yield from _turns(context, stored, given.said)
    redacted: list[Redacted] = []
    if context.understanding.secrets == "redact":
        turns, redacted = without_secrets(turns)
    job = Job(
        scope=given.scope,
        turns=turns,
        metadata=metadata,
        expires_on=given.expires_on,
        instructions=prompt,
        memory_type=given.memory_type,
        times=given.times,
        call=given.call,
        redacted=tuple(redacted),
    )
    return (yield from infer(context, job))


def _warn_of_instructions(context: Context, prompt: str | None) -> None:
    """Log once for each memory handle that the rules take no instructions."""
    if prompt is not None:
        checks.warn_once("add", "prompt", RULES_IGNORE, context.warned)
    if context.understanding.instructions is not None:
        checks.warn_once("MemoryConfig", "custom_instructions", RULES_IGNORE, context.warned)


def _turns(
    context: Context, stored: Sequence[Message], said: datetime | None
) -> Flow[tuple[Turn, ...]]:
    """Return messages as an extractor reads them, with descriptions of their images."""
    turns: list[Turn] = []
    for message in stored:
        content = message.content
        if message.images:
            content = yield from _with_images(context, message)
        at = said if message.at is None else message.at
        turns.append(Turn(message.index, message.role, content, message.name, at))
    return tuple(turns)


def _with_images(context: Context, message: Message) -> Flow[str]:
    from memfast.extraction.prompts import image_prompt
    from memfast.extraction.reply import read_text

    content = message.content
    detail = str(getattr(context.understanding.llm, "vision", ""))
    for url in message.images:
        text, problem = read_text((yield from complete(context, image_prompt(url, detail))))
        if problem:
            log.warning("an image of message %d is not described: %s", message.index, problem)
        content = f"{content}\n[image: {text}]".strip() if text else content or "[image]"
    return content


def _as_they_are(
    context: Context, stored: list[Message], given: Given, memory_id: object, vector: object
) -> Flow[AddResult]:
    if memory_id is not None and len(stored) != 1:
        raise ValidationError(
            f"memory_id names one memory, but {len(stored)} messages would be stored"
        )
    named = None if memory_id is None else checks.memory_id_of(memory_id)
    if vector is None:
        vectors = yield from embedded(context, [message.content for message in stored])
    else:
        vectors = counted(vector, len(stored), "messages")
    puts = [
        Put(
            given.scope,
            message.content,
            own,
            named,
            metadata=given.metadata,
            note=message.bare,
            created_at=given.times.created_at,
            updated_at=given.times.updated_at,
            said_at=micros(given.said if message.at is None else message.at),
            expires_on=given.expires_on,
            memory_type=given.memory_type,
            role=message.role,
            actor_id=message.name,
        )
        for message, own in zip(stored, vectors, strict=True)
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
    outcome: AddResult = {"results": [], "status": "stored"}
    receipt = receipts.noted(given.call, outcome, results)
    changes = yield from commit(context, Write(puts, context.space, receipt=receipt))
    outcome["results"] = returned(results, changes)
    return outcome
