"""`update` and `delete`: changes to memories that are there."""

from __future__ import annotations

from typing import Any

from memfast._flows import checks
from memfast._steps import Context, Embed, Flow
from memfast.errors import MemoryNotFoundError, ValidationError


def update(
    context: Context,
    memory_id: object,
    text: object,
    *,
    metadata: object,
    expiration_date: object,
    vector: object,
) -> Flow[dict[str, str]]:
    """Change what is given and leave the rest."""
    key = checks.memory_id_of(memory_id)
    if text is None and metadata is None and vector is None and expiration_date is checks.UNSET:
        raise ValidationError(
            "At least one of text, metadata, or expiration_date must be provided."
        )
    before = context.engine.get(key)
    if before is None:
        raise MemoryNotFoundError(
            f"Memory with id {key} not found. Please provide a valid 'memory_id'",
            details={"memory_id": key},
        )
    op: dict[str, Any] = {"op": "update", "id": key}
    if metadata is not None:
        op["metadata"] = checks.metadata_of(metadata)
    if expiration_date is not checks.UNSET:
        op["expires_on"] = checks.expiry_of(expiration_date)
    vectors = None
    if text is not None:
        op["text"] = checks.memory_text(text)
    if vector is not None:
        vectors = [vector]
    elif text is not None and text != before["memory"]:
        vectors = yield Embed([op["text"]])
    if vectors is not None:
        op["vector"] = 0
    context.engine.apply([op], vectors, context.space)
    return {"message": "Memory updated successfully!"}


def delete(context: Context, memory_id: object) -> dict[str, str]:
    """Delete one memory; its history stays."""
    context.engine.apply([{"op": "delete", "id": checks.memory_id_of(memory_id)}])
    return {"message": "Memory deleted successfully!"}


def delete_all(context: Context, scope: checks.ScopeArgument) -> dict[str, str]:
    """Delete the memories of a scope in one commit."""
    if scope == (None, None, None):
        raise ValidationError(
            "At least one filter is required to delete all memories. "
            "If you want to delete all memories, use the `reset()` method.",
            error_code="VALIDATION_001",
        )
    context.engine.delete_all(scope)
    return {"message": "Memories deleted successfully!"}
