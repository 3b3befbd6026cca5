"""`update` and `delete`: changes to memories that are there."""

from __future__ import annotations

from typing import Any

from memfast._flows import checks
from memfast._flows.rewrite import Texts, commit_drafts, decided, draft_update
from memfast._steps import Context, Flow, Outcome
from memfast.errors import MemoryNotFoundError, ValidationError, brief


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
    op: dict[str, Any] = {"op": "update", "id": key}
    if metadata is not None:
        op["metadata"] = checks.metadata_of(metadata)
    if expiration_date is not checks.UNSET:
        op["expires_on"] = checks.expiry_of(expiration_date)
    if text is not None:
        op["text"] = checks.memory_text(text)
    seen: dict[str, str] = {}

    def attempt(trusted: bool) -> Flow[list[Outcome]]:
        if (text is None) != (vector is None) and key not in seen:
            before = context.engine.get(key)
            if before is None:
                raise missing(key)
            seen[key] = before["memory"]
        draft = draft_update(op, vector, Texts(seen, trusted=trusted))
        return (yield from commit_drafts([draft]))

    yield from decided(attempt)
    return {"message": "Memory updated successfully!"}


def missing(memory_id: str) -> MemoryNotFoundError:
    """Return the error about an id that no memory has."""
    return MemoryNotFoundError(
        f"Memory with id {brief(memory_id)} not found. Please provide a valid 'memory_id'",
        details={"memory_id": memory_id},
    )


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
