"""`batch_add`, `batch_update` and `batch_delete`: many changes, all or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from memfast._flows import checks
from memfast._flows.rewrite import Draft, Texts, commit_drafts, decided, draft_update
from memfast._flows.vectors import counted, items_of, rows
from memfast._steps import Context, Flow, Outcome
from memfast.errors import MemoryNotFoundError, ValidationError, brief, shown
from memfast.types import BatchResult

TEXT_NAMES = ("memory", "text", "data", "content")
ID_NAMES = ("memory_id", "id")
ADD_KEYS = {
    *TEXT_NAMES,
    *ID_NAMES,
    *checks.ID_NAMES,
    "metadata",
    "actor_id",
    "role",
    "memory_type",
    "timestamp",
    "created_at",
    "updated_at",
    "expiration_date",
    "vector",
}
CHANGE_KEYS = {*TEXT_NAMES, *ID_NAMES, "metadata", "expiration_date", "vector"}
# Ids that an error names.
NAMED = 10
# Name in an item, name in an operation, and the check, of what an item may leave out.
OPTIONAL: tuple[tuple[str, str, Callable[[object], object] | None], ...] = (
    ("metadata", "metadata", checks.metadata_of),
    ("timestamp", "event_at", checks.instant_of),
    ("created_at", "created_at", checks.instant_of),
    ("updated_at", "updated_at", checks.instant_of),
    ("expiration_date", "expires_on", checks.expiry_of),
    ("actor_id", "actor_id", None),
    ("role", "role", None),
    ("memory_type", "memory_type", None),
)


def batch_add(
    context: Context,  # noqa: ARG001 - every flow has it
    memories: object,
    scope: Mapping[str, object],
    *,
    vectors: object,
) -> Flow[BatchResult]:
    """Store memories as they are."""
    items = list(_items(memories, ADD_KEYS))
    scopes = _Scopes(scope)
    ops = [_put(item, index, scopes) for index, item in items]
    given = _given(items, vectors)
    drafts = [
        Draft(op, vector, embeds=vector is None) for op, vector in zip(ops, given, strict=True)
    ]
    outcomes = (yield from commit_drafts(drafts)) if drafts else []
    results = [
        {"id": memory_id, "memory": op["text"], "event": event}
        for op, (memory_id, event, _) in zip(ops, outcomes, strict=True)
    ]
    return _result("added", results)


def batch_update(
    context: Context,
    memories: object,
    scope: Mapping[str, object],
    *,
    vectors: object,
    upsert: bool,
) -> Flow[BatchResult]:
    """Change memories; with `upsert`, store those that are not there."""
    items = list(_items(memories, ADD_KEYS if upsert else CHANGE_KEYS))
    ids = [_id(item, index) for index, item in items]
    given = _given(items, vectors)
    scopes = _Scopes(scope)
    seen: dict[str, str] = {}

    def attempt(trusted: bool) -> Flow[list[tuple[Draft, Outcome]]]:
        known = _known(context, ids)
        if not upsert:
            _refuse_missing(ids, known, "changed", "pass upsert=True and a scope to store them")
        # A vector without a text is of the text that was there when the call began.
        seen.update({**known, **seen})
        texts = Texts(seen, trusted=trusted)
        stored = set(known)
        drafts = []
        for (index, item), memory_id, vector in zip(items, ids, given, strict=True):
            draft = None
            if memory_id in stored:
                draft = draft_update(_update(item, index, vector), vector, texts)
            if draft is None or (upsert and _is_whole(draft) and _names_scope(item, scope)):
                # The commit decides whether the memory is there.
                put = {**_put(item, index, scopes), "id": memory_id, "upsert": True}
                if "expiration_date" in item:
                    put.setdefault("expires_on", None)
                texts.stays(memory_id, put["text"])
                draft = Draft(put, vector, embeds=vector is None)
            drafts.append(draft)
            stored.add(memory_id)
        outcomes = (yield from commit_drafts(drafts)) if drafts else []
        return list(zip(drafts, outcomes, strict=True))

    results = []
    for draft, (memory_id, event, previous) in (yield from decided(attempt)):
        result = {"id": memory_id, "event": event, "memory": draft.op.get("text", previous)}
        if previous is not None:
            result["previous_memory"] = previous
        results.append(result)
    return _result("updated", results)


def batch_delete(context: Context, memories: object) -> BatchResult:
    """Delete memories; an id that is not there is an error that names all such ids."""
    items = [
        item if isinstance(item, Mapping) else {"memory_id": item} for item in _sequence(memories)
    ]
    ids = [_id(item, index) for index, item in _items(items, {*ID_NAMES})]
    known = _known(context, ids)
    _refuse_missing(ids, known, "deleted")
    if len(set(ids)) < len(ids):
        twice = next(memory_id for at, memory_id in enumerate(ids) if memory_id in ids[:at])
        raise ValidationError(f"memory_id {shown(twice)} stands twice in one batch")
    ops = [{"op": "delete", "id": memory_id} for memory_id in ids]
    outcomes: list[Outcome] = []
    if ops:
        try:
            outcomes = context.engine.apply(ops)
        except MemoryNotFoundError:
            # Another call deleted some meanwhile; the error names all of them.
            _refuse_missing(ids, _known(context, ids), "deleted")
            raise
    results = [
        {"id": memory_id, "memory": previous, "event": event}
        for memory_id, event, previous in outcomes
    ]
    return _result("deleted", results)


def _known(context: Context, ids: list[str]) -> dict[str, str]:
    """Return the texts of the memories that are there, by id."""
    found = context.engine.get_many(ids)
    return {one["id"]: one["memory"] for one in found if one is not None}


def _refuse_missing(
    ids: list[str], known: Mapping[str, str], verb: str, instead: str | None = None
) -> None:
    missing = [memory_id for memory_id in ids if memory_id not in known]
    if missing:
        raise MemoryNotFoundError(
            f"{len(missing)} of {len(ids)} memories do not exist, and nothing was {verb}: "
            + ", ".join(map(brief, missing[:NAMED]))
            + (", ..." if len(missing) > NAMED else ""),
            details={"memory_ids": missing},
            suggestion="Leave them out" + (f", or {instead}." if instead else "."),
        )


def _given(items: list[tuple[int, Mapping[str, Any]]], vectors: object) -> list[Any]:
    """Return the vector that each item comes with; None for one whose text is embedded."""
    own = [item.get("vector") for _, item in items]
    if vectors is None:
        return own
    for (index, _), vector in zip(items, own, strict=True):
        if vector is not None:
            raise ValidationError(
                f"item {index} of the batch has a vector, and `vectors` was given too; "
                "pass one of them",
                details={"index": index},
            )
    return rows(counted(vectors, len(items), "memories"))


def _is_whole(draft: Draft) -> bool:
    """Tell whether an update brings a text with its vector."""
    return "text" in draft.op and (draft.embeds or draft.vector is not None)


def _names_scope(item: Mapping[str, Any], scope: Mapping[str, object]) -> bool:
    return any(item.get(name, scope.get(name)) is not None for name in checks.ID_NAMES)


def _result(verb: str, results: list[dict[str, Any]]) -> BatchResult:
    return {"message": f"Successfully {verb} {len(results)} memories", "results": results}  # type: ignore[typeddict-item]


def _sequence(memories: object) -> list[Any]:
    if isinstance(memories, (str, bytes, Mapping)) or not isinstance(memories, Iterable):
        raise ValidationError(
            f"a batch must be a list, not {type(memories).__name__}",
            suggestion='Pass for example [{"memory_id": "...", "text": "..."}].',
        )
    return items_of(memories)


def _items(memories: object, known: set[str]) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """Check the shape of each item."""
    for index, item in enumerate(_sequence(memories)):
        if isinstance(item, str) and "memory" in known and "timestamp" in known:
            yield index, {"memory": item}
            continue
        if not isinstance(item, Mapping):
            raise ValidationError(
                f"item {index} of the batch must be a dict, not {type(item).__name__}",
                details={"index": index, "item": item},
            )
        for key in item:
            if key not in known:
                raise ValidationError(
                    f"item {index} of the batch has an unknown key {shown(key)}; "
                    f"known are {', '.join(sorted(known))}",
                    details={"index": index, "key": key},
                    suggestion="Put what you want to keep beside the text into 'metadata'.",
                )
        yield index, item


def _one_of(item: Mapping[str, Any], names: tuple[str, ...], index: int) -> Any:
    given = [name for name in names if item.get(name) is not None]
    if len(given) > 1:
        raise ValidationError(
            f"item {index} of the batch has both {given[0]!r} and {given[1]!r}; pass one of them"
        )
    return item[given[0]] if given else None


def _at(index: int, check: Any, value: object) -> Any:
    """Check a value; a failure names the item."""
    try:
        return check(value)
    except ValidationError as error:
        raise ValidationError(
            f"item {index} of the batch: {error}", details={"index": index, **error.details}
        ) from error


def _id(item: Mapping[str, Any], index: int) -> str:
    memory_id: str = _at(index, checks.memory_id_of, _one_of(item, ID_NAMES, index))
    return memory_id


class _Scopes:
    """The scopes of a batch's items: their own ids, and those of the call where they have none."""

    def __init__(self, common: Mapping[str, object]) -> None:
        self._common = common
        # Of items without ids of their own; checked once.
        self._shared: dict[str, str] | None = None

    def of(self, item: Mapping[str, Any], index: int) -> dict[str, str]:
        """Return the checked ids of an item."""
        own = any(name in item for name in checks.ID_NAMES)
        if not own and self._shared is not None:
            return self._shared
        ids = [item.get(name, self._common.get(name)) for name in checks.ID_NAMES]
        scope: dict[str, str] = _at(index, lambda ids: checks.write_scope(*ids), ids)
        if not own:
            self._shared = scope
        return scope


def _put(item: Mapping[str, Any], index: int, scopes: _Scopes) -> dict[str, Any]:
    op: dict[str, Any] = {
        "op": "put",
        "text": _at(index, checks.memory_text, _one_of(item, TEXT_NAMES, index)),
        **scopes.of(item, index),
    }
    for name, key, check in OPTIONAL:
        if (value := item.get(name)) is not None:
            op[key] = value if check is None else _at(index, check, value)
    if _one_of(item, ID_NAMES, index) is not None:
        op["id"] = _id(item, index)
    return op


def _update(item: Mapping[str, Any], index: int, vector: object) -> dict[str, Any]:
    op: dict[str, Any] = {"op": "update", "id": _id(item, index)}
    text = _one_of(item, TEXT_NAMES, index)
    if text is not None:
        op["text"] = _at(index, checks.memory_text, text)
    if item.get("metadata") is not None:
        op["metadata"] = _at(index, checks.metadata_of, item["metadata"])
    if "expiration_date" in item:
        op["expires_on"] = _at(index, checks.expiry_of, item["expiration_date"])
    if len(op) == 2 and vector is None:  # noqa: PLR2004 - nothing but op and id
        raise ValidationError(
            f"item {index} of the batch changes nothing: "
            "give text, metadata, expiration_date or vector",
            details={"index": index},
        )
    return op
