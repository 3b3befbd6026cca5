"""`batch_add`, `batch_update` and `batch_delete`: many changes, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memfast._flows import checks, items, scopes
from memfast._flows.rewrite import Edit, NewPut, Texts, commit_drafts, decided, draft_edit
from memfast._steps import Flow, Leave, commit, restartable
from memfast.errors import MemoryNotFoundError, ValidationError, shown
from memfast.stores.protocol import Delete, Write

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._flows.rewrite import Draft
    from memfast.stores.protocol import Change
    from memfast.types import BatchResult, Changed, Ids, Vectors


@restartable
def batch_add(
    context: Context,
    memories: Sequence[Mapping[str, Any] | str],
    *,
    user_id: str | None = None,
    agent_id: str | None = None,
    run_id: str | None = None,
    vectors: Vectors | None = None,
) -> Flow[BatchResult]:
    """Store memories as they are, all of them in one commit or none.

    Args:
        memories: Texts, or dicts with `memory` (or `text`) and, where wanted, `memory_id`, the
            scope's ids, `metadata`, `actor_id`, `role`, `memory_type`, `timestamp`,
            `created_at`, `updated_at`, `expiration_date` and `vector`; the texts of those
            without a vector are embedded.
        user_id: Scope of those that name none themselves.
        agent_id: See `user_id`.
        run_id: See `user_id`.
        vectors: One row per memory, in place of embedding the texts and of `vector` in the
            items.

    Raises:
        ValidationError: An item is wrong; the message names it. Or there are more or fewer
            vectors than memories.
    """
    yield Leave()
    read = items.read_items(memories, items.ADD_KEYS)
    owners = items.Owners(context.bound, user_id, agent_id, run_id)
    texts = [items.needed_text(item, index) for index, item in enumerate(read)]
    makers = [
        items.new_memory(item, index, owners, text)
        for index, (item, text) in enumerate(zip(read, texts, strict=True))
    ]
    given = items.given_vectors(read, vectors)
    drafts = [
        NewPut(text, make, vector) for text, make, vector in zip(texts, makers, given, strict=True)
    ]
    changes = (yield from commit_drafts(context, drafts)) if drafts else []
    results: list[Changed] = [
        {"id": change.id, "memory": text, "event": change.event}
        for text, change in zip(texts, changes, strict=True)
    ]
    return _result("added", results)


@restartable
def batch_update(
    context: Context,
    memories: Sequence[Mapping[str, Any]],
    *,
    upsert: bool = False,
    user_id: str | None = None,
    agent_id: str | None = None,
    run_id: str | None = None,
    vectors: Vectors | None = None,
) -> Flow[BatchResult]:
    """Change memories, all of them in one commit or none.

    Args:
        memories: Dicts with `memory_id` and `text`, `metadata`, `expiration_date` or
            `vector`. An id may come twice; the later change sees the earlier one.
        upsert: Store the memories whose ids are not there, with the scope given here or in
            the item; whether one is there is decided in the commit. Other keys of `batch_add`
            are for memories that are new.
        user_id: Whose they must be; the id of a memory of another scope is not found. Also the
            scope of memories that `upsert` stores.
        agent_id: See `user_id`.
        run_id: See `user_id`.
        vectors: One row per memory, in place of embedding the texts that change.

    Returns:
        `results`: id, event ("UPDATE" or "ADD") and text of each memory, and
        `previous_memory`, the text before this change of the batch, for one that was there.

    Raises:
        MemoryNotFoundError: Some ids are not there; names them, and changes nothing.
        ConflictError: A vector came without its text, and another call changed the text
            meanwhile.
        ValidationError: An item is wrong; the message names it. Or there are more or fewer
            vectors than memories.
    """
    yield Leave()
    upsert = checks.flag("upsert", upsert)
    read = items.read_items(memories, items.ADD_KEYS if upsert else items.CHANGE_KEYS)
    ids = [items.key_of(item, index) for index, item in enumerate(read)]
    given = items.given_vectors(read, vectors)
    owners = items.Owners(context.bound, user_id, agent_id, run_id)
    within = scopes.within(context.bound, user_id, agent_id, run_id)
    seen: dict[str, str] = {}

    def attempt(trusted: bool) -> Flow[list[tuple[Draft, Change]]]:
        known = items.texts_of(context, ids, within)
        if not upsert:
            instead = "pass upsert=True and a scope to store them"
            items.refuse_missing(ids, known, "changed", instead)
        # A vector without a text belongs to the text that was there when the call began.
        seen.update({**known, **seen})
        texts = Texts(seen, trusted=trusted)
        stored = set(known)
        drafts: list[Draft] = []
        for index, (item, key, vector) in enumerate(zip(read, ids, given, strict=True)):
            draft: Draft | None = None
            if key in stored:
                text = items.text_of(item, index)
                patch = items.change_of(item, index, text, vector)
                draft = draft_edit(patch, text, vector, texts)
            if draft is None or (upsert and _is_whole(draft) and owners.named_by(item)):
                # The commit decides whether the memory is there.
                text = items.needed_text(item, index)
                make = items.new_memory(item, index, owners, text)
                make.keywords.update(id=key, existing="update")
                make.keywords.update(sets_expiry="expiration_date" in item)
                texts.take(key, text)
                draft = NewPut(text, make, vector)
            drafts.append(draft)
            stored.add(key)
        changes = (yield from commit_drafts(context, drafts, within)) if drafts else []
        return list(zip(drafts, changes, strict=True))

    results: list[Changed] = []
    for draft, (key, event, previous) in (yield from decided(attempt)):
        text = draft.text if draft.text is not None else previous or ""
        result: Changed = {"id": key, "event": event, "memory": text}
        if previous is not None:
            result["previous_memory"] = previous
        results.append(result)
    return _result("updated", results)


def batch_delete(
    context: Context,
    memories: Sequence[Mapping[str, Any] | str],
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
) -> Flow[BatchResult]:
    """Delete memories, all of them in one commit or none; their history stays.

    Args:
        memories: Ids, or dicts with `memory_id`.
        user_id: See `get`.
        agent_id: See `get`.
        run_id: See `get`.

    Raises:
        MemoryNotFoundError: Some ids are not there; names them, and deletes nothing.
    """
    yield Leave()
    within = scopes.within(context.bound, user_id, agent_id, run_id)
    read = items.read_items(memories, items.DELETE_KEYS)
    ids = [items.key_of(item, index) for index, item in enumerate(read)]
    items.refuse_missing(ids, items.texts_of(context, ids, within), "deleted")
    if len(set(ids)) < len(ids):
        twice = next(key for at, key in enumerate(ids) if key in ids[:at])
        raise ValidationError(f"memory_id {shown(twice)} stands twice in one batch")
    changes: list[Change] = []
    if ids:
        write = Write([Delete(key) for key in ids], within=within)
        try:
            changes = yield from commit(context, write)
        except MemoryNotFoundError:
            # Another call deleted some meanwhile; the error names all of them.
            items.refuse_missing(ids, items.texts_of(context, ids, within), "deleted")
            raise
    results: list[Changed] = [
        {"id": change.id, "memory": change.previous or "", "event": change.event}
        for change in changes
    ]
    return _result("deleted", results)


def _is_whole(draft: Draft) -> bool:
    """Return whether a change brings a text with its vector."""
    return (
        isinstance(draft, Edit)
        and draft.text is not None
        and not (draft.stays and draft.vector is None)
    )


def _result(verb: str, results: list[Changed]) -> BatchResult:
    return {"message": f"Successfully {verb} {len(results)} memories", "results": results}
