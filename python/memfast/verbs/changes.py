"""`update`, `delete` and `delete_all`: changes to memories that are there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from memfast._flows import checks, scopes
from memfast._flows.rewrite import Texts, commit_drafts, decided, draft_edit
from memfast._flows.times import expiry_of
from memfast._steps import Flow, Leave, commit, restartable, work
from memfast._unset import UNSET, Unset
from memfast.errors import ValidationError
from memfast.stores.protocol import Delete, Patch, Write
from memfast.stores.recording import missing

if TYPE_CHECKING:
    from datetime import date

    from memfast._context import Context
    from memfast.stores.protocol import Change
    from memfast.types import Confirmation, Extras, Ids, Vector


@restartable
def update(
    context: Context,
    memory_id: str,
    data: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    *,
    text: str | None = None,
    expiration_date: date | str | Unset | None = UNSET,
    vector: Vector | None = None,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
) -> Flow[Confirmation]:
    """Change a memory's text, metadata or expiration date.

    Metadata is merged: given keys are set, others stay. Only a new text is embedded.

    Args:
        memory_id: The memory.
        data: The new text (`text` is another name).
        metadata: Keys to set.
        text: The new text.
        expiration_date: The new last day; None removes it.
        vector: The vector of the new text, in place of embedding it; without a text, that of
            the text that is there.
        user_id: See `get`.
        agent_id: See `get`.
        run_id: See `get`.

    Raises:
        MemoryNotFoundError: There is no such memory.
        ConflictError: A vector came without its text, and another call changed the text
            meanwhile.
        ValidationError: Nothing to change, or a bad value.
    """
    if text is not None and data is not None and text != data:
        raise ValidationError("text and data are two names of one argument; pass one of them")
    words = data if text is None else text
    within = scopes.within(context.bound, user_id, agent_id, run_id)
    key = checks.memory_id_of(memory_id)
    if words is None and metadata is None and vector is None and expiration_date is UNSET:
        raise ValidationError(
            "At least one of text, metadata, or expiration_date must be provided."
        )
    sets_expiry = expiration_date is not UNSET
    patch = Patch(
        key,
        metadata=None if metadata is None else checks.metadata_of(metadata),
        expires_on=expiry_of(expiration_date) if sets_expiry else None,
        sets_expiry=sets_expiry,
    )
    words = None if words is None else checks.memory_text(words)
    seen: dict[str, str] = {}
    yield Leave()

    def attempt(trusted: bool) -> Flow[list[Change]]:
        if (words is None) != (vector is None) and key not in seen:
            before = context.store.get([key], within)[0]
            if before is None:
                raise missing(key)
            seen[key] = before["memory"]
        draft = draft_edit(patch, words, vector, Texts(seen, trusted=trusted))
        return (yield from commit_drafts(context, [draft], within))

    yield from decided(attempt)
    return {"message": "Memory updated successfully!"}


def delete(
    context: Context,
    memory_id: str,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
) -> Flow[Confirmation]:
    """Delete a memory; its history stays.

    Args:
        memory_id: The memory.
        user_id: See `get`.
        agent_id: See `get`.
        run_id: See `get`.

    Raises:
        MemoryNotFoundError: There is no such memory.
    """
    within = scopes.within(context.bound, user_id, agent_id, run_id)
    operation = Delete(checks.memory_id_of(memory_id))
    yield from commit(context, Write([operation], within=within))
    return {"message": "Memory deleted successfully!"}


def delete_all(
    context: Context,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    **extras: Unpack[Extras],
) -> Flow[Confirmation]:
    """Delete all memories of a scope in one commit; their history stays.

    Memories of other runs that they had taken the place of hold again.
    """
    checks.ignore("delete_all", extras)
    selection = scopes.selection(context.bound, user_id, agent_id, run_id)
    if selection.names_no_scope:
        raise ValidationError(
            "At least one filter is required to delete all memories. "
            "If you want to delete all memories, use the `reset()` method.",
            error_code="VALIDATION_001",
        )
    yield from work(partial(context.store.erase, selection))
    return {"message": "Memories deleted successfully!"}
