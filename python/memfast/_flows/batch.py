"""`batch_add`, `batch_update` and `batch_delete`: many changes, all or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from memfast._flows import checks
from memfast._steps import Context, Embed, Flow
from memfast.errors import MemoryNotFoundError, ValidationError
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
}
CHANGE_KEYS = {*TEXT_NAMES, *ID_NAMES, "metadata", "expiration_date"}


def batch_add(
    context: Context,
    memories: object,
    scope: Mapping[str, object],
    *,
    vectors: object,
) -> Flow[BatchResult]:
    """Store memories as they are."""
    ops = [_put(item, index, scope) for index, item in _items(memories, ADD_KEYS)]
    if vectors is None and ops:
        vectors = yield Embed([op["text"] for op in ops])
    outcomes = context.engine.apply(ops, vectors, context.space) if ops else []
    results = [
        {"id": memory_id, "memory": op["text"], "event": event}
        for op, (memory_id, event) in zip(ops, outcomes, strict=True)
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
    known = context.engine.get_many(ids)
    missing = [memory_id for memory_id, before in zip(ids, known, strict=True) if before is None]
    if missing and not upsert:
        raise MemoryNotFoundError(
            f"{len(missing)} of {len(ids)} memories do not exist, and nothing was changed: "
            + ", ".join(missing[:10])
            + (", ..." if len(missing) > 10 else ""),  # noqa: PLR2004 - enough to look at
            details={"memory_ids": missing},
            suggestion="Leave them out, or pass upsert=True and a scope to store them.",
        )
    ops = []
    lacking: list[str] = []
    for (index, item), before in zip(items, known, strict=True):
        if before is None:
            op = _put(item, index, scope)
            embed = True
        else:
            op = _update(item, index)
            embed = op.get("text") not in (None, before["memory"])
        if vectors is not None:
            op["vector"] = index
        elif embed:
            op["vector"] = len(lacking)
            lacking.append(op["text"])
        else:
            op.pop("vector", None)
        ops.append(op)
    if lacking:
        vectors = yield Embed(lacking)
    outcomes = context.engine.apply(ops, vectors, context.space) if ops else []
    results = []
    for op, before, (memory_id, event) in zip(ops, known, outcomes, strict=True):
        result = {"id": memory_id, "event": event}
        if before is None:
            result["memory"] = op["text"]
        else:
            result["memory"] = op.get("text", before["memory"])
            result["previous_memory"] = before["memory"]
        results.append(result)
    return _result("updated", results)


def batch_delete(context: Context, memories: object) -> BatchResult:
    """Delete memories; an id that is not there is an error that names all such ids."""
    items = [
        item if isinstance(item, Mapping) else {"memory_id": item} for item in _sequence(memories)
    ]
    ids = [_id(item, index) for index, item in _items(items, {*ID_NAMES})]
    known = context.engine.get_many(ids)
    missing = [memory_id for memory_id, before in zip(ids, known, strict=True) if before is None]
    if missing:
        raise MemoryNotFoundError(
            f"{len(missing)} of {len(ids)} memories do not exist, and nothing was deleted: "
            + ", ".join(missing[:10])
            + (", ..." if len(missing) > 10 else ""),  # noqa: PLR2004 - enough to look at
            details={"memory_ids": missing},
        )
    if len(set(ids)) < len(ids):
        twice = next(memory_id for at, memory_id in enumerate(ids) if memory_id in ids[:at])
        raise ValidationError(f"memory_id {twice!r} stands twice in one batch")
    ops = [{"op": "delete", "id": memory_id} for memory_id in ids]
    outcomes = context.engine.apply(ops) if ops else []
    results = [
        {"id": memory_id, "memory": before["memory"], "event": event}
        for before, (memory_id, event) in zip(known, outcomes, strict=True)
    ]
    return _result("deleted", results)


def _result(verb: str, results: list[dict[str, Any]]) -> BatchResult:
    return {"message": f"Successfully {verb} {len(results)} memories", "results": results}  # type: ignore[typeddict-item]


def _sequence(memories: object) -> list[Any]:
    if isinstance(memories, (str, bytes, Mapping)) or not isinstance(memories, Iterable):
        raise ValidationError(
            f"a batch must be a list, not {type(memories).__name__}",
            suggestion='Pass for example [{"memory_id": "...", "text": "..."}].',
        )
    return list(memories)


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
                    f"item {index} of the batch has an unknown key {key!r}; "
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


def _put(item: Mapping[str, Any], index: int, scope: Mapping[str, object]) -> dict[str, Any]:
    ids = [item.get(name, scope.get(name)) for name in checks.ID_NAMES]
    op: dict[str, Any] = {
        "op": "put",
        "vector": index,
        "text": _at(index, checks.memory_text, _one_of(item, TEXT_NAMES, index)),
        "metadata": _at(index, checks.metadata_of, item.get("metadata")),
        "event_at": _at(index, checks.instant_of, item.get("timestamp")),
        "created_at": _at(index, checks.instant_of, item.get("created_at")),
        "updated_at": _at(index, checks.instant_of, item.get("updated_at")),
        "expires_on": _at(index, checks.expiry_of, item.get("expiration_date")),
        "actor_id": item.get("actor_id"),
        "role": item.get("role"),
        "memory_type": item.get("memory_type"),
        **_at(index, lambda ids: checks.write_scope(*ids), ids),
    }
    if _one_of(item, ID_NAMES, index) is not None:
        op["id"] = _id(item, index)
    return op


def _update(item: Mapping[str, Any], index: int) -> dict[str, Any]:
    op: dict[str, Any] = {"op": "update", "id": _id(item, index)}
    text = _one_of(item, TEXT_NAMES, index)
    if text is not None:
        op["text"] = _at(index, checks.memory_text, text)
    if item.get("metadata") is not None:
        op["metadata"] = _at(index, checks.metadata_of, item["metadata"])
    if "expiration_date" in item:
        op["expires_on"] = _at(index, checks.expiry_of, item["expiration_date"])
    if len(op) == 2:  # noqa: PLR2004 - nothing but op and id
        raise ValidationError(
            f"item {index} of the batch changes nothing: give text, metadata or expiration_date",
            details={"index": index},
        )
    return op
