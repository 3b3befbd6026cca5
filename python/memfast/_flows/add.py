"""`add`: messages become memories."""

from __future__ import annotations

import logging
from typing import Any

from memfast._flows import checks
from memfast._flows.messages import Message, Skipped, read_messages
from memfast._steps import Context, Embed, Flow
from memfast.errors import ConfigurationError, ValidationError
from memfast.types import AddResult

log = logging.getLogger("memfast")

PROCEDURAL = "procedural_memory"


def add(
    context: Context,
    messages: object,
    scope: dict[str, str],
    *,
    metadata: object,
    infer: bool,
    memory_type: object,
    memory_id: object,
    vector: object,
    timestamp: object,
    expiration_date: object,
) -> Flow[AddResult]:
    """Store messages as they are, or the facts they tell."""
    if memory_type not in (None, PROCEDURAL):
        raise ValidationError(
            "Invalid 'memory_type'. Please pass procedural_memory to create procedural memories.",
            error_code="VALIDATION_002",
            details={"provided_type": memory_type, "valid_type": PROCEDURAL},
        )
    read, skipped = read_messages(messages)
    if infer and vector is None:
        raise ConfigurationError(
            "add(infer=True) needs a language model to extract facts, and none is configured",
            suggestion="Pass infer=False to store the messages as they are.",
        )
    # A malformed message is told of, and lost only if the caller looks away from result and log.
    for message in skipped:
        log.warning("message %d was not stored: %s", message.index, message.reason)
    stored = [message for message in read if message.role != "system"]
    if not stored and skipped:
        raise ValidationError(
            f"no message can be stored: message {skipped[0].index}: {skipped[0].reason}",
            details={"skipped": [message.report() for message in skipped]},
            suggestion="Give each message a role and a content.",
        )
    common = {
        **scope,
        "op": "put",
        "metadata": checks.metadata_of(metadata),
        "event_at": checks.instant_of(timestamp),
        "expires_on": checks.expiry_of(expiration_date),
        "memory_type": memory_type,
    }
    if memory_id is not None:
        if len(stored) != 1:
            raise ValidationError(
                f"memory_id names one memory, but {len(stored)} messages would be stored"
            )
        common["id"] = checks.memory_id_of(memory_id)
    if not stored:
        return _result([], [], skipped)
    if vector is None:
        vectors = yield Embed([message.content for message in stored])
    else:
        vectors = [vector] if len(stored) == 1 and _is_flat(vector) else vector
    ops = [_op(common, index, message) for index, message in enumerate(stored)]
    changes = context.engine.apply(ops, vectors, context.space)
    return _result(stored, changes, skipped)


def _op(common: dict[str, Any], index: int, message: Message) -> dict[str, Any]:
    return {
        **common,
        "text": message.content,
        "sources": [message.content],
        "vector": index,
        "role": message.role,
        "actor_id": message.name,
    }


def _is_flat(vector: Any) -> bool:
    """Tell one vector from rows of vectors."""
    if (axes := getattr(vector, "ndim", None)) is not None:
        return bool(axes == 1)
    return not (len(vector) and hasattr(vector[0], "__len__"))


def _result(stored: list[Message], changes: list[Any], skipped: list[Skipped]) -> AddResult:
    results = [
        {
            "id": memory_id,
            "memory": message.content,
            "event": event,
            "actor_id": message.name,
            "role": message.role,
        }
        for message, (memory_id, event) in zip(stored, changes, strict=True)
    ]
    result: dict[str, Any] = {"results": results, "status": "stored" if results else "empty"}
    if skipped:
        result["skipped"] = [message.report() for message in skipped]
    return result  # type: ignore[return-value]
