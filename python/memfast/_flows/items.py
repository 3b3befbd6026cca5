"""Items of a batch: dicts, read and checked; an error names the item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from memfast._flows import checks, scopes
from memfast._flows.times import expiry_of, instant_of, spoken_instant
from memfast._flows.vectors import counted, items_of
from memfast.errors import MemoryNotFoundError, ValidationError, brief, shown
from memfast.stores.protocol import Patch, Put

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.stores.protocol import Scope, Selection
    from memfast.types import Vector

T = TypeVar("T")
Item = Mapping[str, object]

TEXT_NAMES = ("memory", "text", "data", "content")
KEY_NAMES = ("memory_id", "id")
# Name in an item, field of a `Put`, and the check, of what an item may leave out.
OPTIONAL: tuple[tuple[str, str, Callable[[object], object]], ...] = (
    ("metadata", "metadata", checks.metadata_of),
    ("timestamp", "said_at", spoken_instant),
    ("created_at", "created_at", instant_of),
    ("updated_at", "updated_at", instant_of),
    ("expiration_date", "expires_on", expiry_of),
    ("actor_id", "actor_id", partial(checks.label_of, "actor_id")),
    ("role", "role", partial(checks.label_of, "role")),
    ("memory_type", "memory_type", partial(checks.label_of, "memory_type")),
)
ADD_KEYS = frozenset(
    (*TEXT_NAMES, *KEY_NAMES, *checks.ID_NAMES, "vector", *(name for name, _, _ in OPTIONAL))
)
CHANGE_KEYS = frozenset((*TEXT_NAMES, *KEY_NAMES, "metadata", "expiration_date", "vector"))
DELETE_KEYS = frozenset(KEY_NAMES)
# Ids that an error names.
NAMED = 10


def read_items(memories: object, known: frozenset[str]) -> list[Item]:
    """Return the items of a batch; a text stands for an item where memories are added."""
    if isinstance(memories, (str, bytes, Mapping)) or not isinstance(memories, Iterable):
        raise ValidationError(
            f"a batch must be a list, not {type(memories).__name__}",
            suggestion='Pass for example [{"memory_id": "...", "text": "..."}].',
        )
    return list(_checked(items_of(cast("Iterable[object]", memories)), known))


def _checked(memories: list[object], known: frozenset[str]) -> Iterator[Item]:
    for index, item in enumerate(memories):
        if isinstance(item, str) and known is not CHANGE_KEYS:
            yield {"memory" if known is ADD_KEYS else "memory_id": item}
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
        yield item


def at(index: int, check: Callable[[object], T], value: object) -> T:
    """Check a value; a failure names the item."""
    try:
        return check(value)
    except ValidationError as error:
        raise ValidationError(
            f"item {index} of the batch: {error}", details={"index": index, **error.details}
        ) from error


def _one_of(item: Item, names: tuple[str, ...], index: int) -> object:
    given = [name for name in names if item.get(name) is not None]
    if len(given) > 1:
        raise ValidationError(
            f"item {index} of the batch has both {given[0]!r} and {given[1]!r}; pass one of them"
        )
    return item[given[0]] if given else None


def key_of(item: Item, index: int) -> str:
    """Return the id of the memory that an item is about."""
    return at(index, checks.memory_id_of, _one_of(item, KEY_NAMES, index))


def text_of(item: Item, index: int) -> str | None:
    """Return the text of an item; None where it has none."""
    text = _one_of(item, TEXT_NAMES, index)
    return None if text is None else at(index, checks.memory_text, text)


def given_vectors(items: Sequence[Item], vectors: object) -> list[Vector | None]:
    """Return the vector that each item comes with; None for one whose text is embedded."""
    own = [cast("Vector | None", item.get("vector")) for item in items]
    if vectors is None:
        return own
    for index, vector in enumerate(own):
        if vector is not None:
            raise ValidationError(
                f"item {index} of the batch has a vector, and `vectors` was given too; "
                "pass one of them",
                details={"index": index},
            )
    return list(counted(vectors, len(items), "memories"))


class Owners:
    """The scopes of a batch's items: their own ids, and those of the call where they have none."""

    def __init__(self, bound: Scope, *ids: object) -> None:
        self._bound = bound
        self._common = dict(zip(checks.ID_NAMES, ids, strict=True))
        # Of items without ids of their own; checked once.
        self._shared: Scope | None = None

    def of(self, item: Item, index: int) -> Scope:
        """Return the checked ids of an item."""
        own = any(name in item for name in checks.ID_NAMES)
        if not own and self._shared is not None:
            return self._shared
        ids = [item.get(name, self._common.get(name)) for name in checks.ID_NAMES]
        scope = at(index, lambda _: scopes.owner(self._bound, *ids), None)
        if not own:
            self._shared = scope
        return scope

    def named_by(self, item: Item) -> bool:
        """Return whether a scope is named for an item."""
        ids = (item.get(name, self._common[name]) for name in checks.ID_NAMES)
        return any(value is not None for value in ids)


def new_memory(item: Item, index: int, owners: Owners, text: str) -> partial[Put]:
    """Return what makes the operation that stores an item, given its vector."""
    fields: dict[str, object] = {}
    for name, field, check in OPTIONAL:
        if (value := item.get(name)) is not None:
            fields[field] = at(index, check, value)
    if _one_of(item, KEY_NAMES, index) is not None:
        fields["id"] = key_of(item, index)
    return partial(Put, owners.of(item, index), text, **fields)  # type: ignore[arg-type]


def needed_text(item: Item, index: int) -> str:
    """Return the text of an item, which must have one."""
    return at(index, checks.memory_text, _one_of(item, TEXT_NAMES, index))


def change_of(item: Item, index: int, text: str | None, vector: Vector | None) -> Patch:
    """Return the change that an item asks for, without its text."""
    metadata = item.get("metadata")
    patch = Patch(
        key_of(item, index),
        metadata=None if metadata is None else at(index, checks.metadata_of, metadata),
        expires_on=at(index, expiry_of, item.get("expiration_date")),
        sets_expiry="expiration_date" in item,
    )
    if text is None and vector is None and patch.metadata is None and not patch.sets_expiry:
        raise ValidationError(
            f"item {index} of the batch changes nothing: "
            "give text, metadata, expiration_date or vector",
            details={"index": index},
        )
    return patch


def texts_of(context: Context, ids: list[str], within: Selection | None) -> dict[str, str]:
    """Return the texts of the memories that are there, by id."""
    found = context.store.get(ids, within)
    return {one["id"]: one["memory"] for one in found if one is not None}


def refuse_missing(
    ids: list[str], known: Mapping[str, str], verb: str, instead: str | None = None
) -> None:
    """Raise MemoryNotFoundError if some ids are not there; it names all of them."""
    missing = [memory_id for memory_id in ids if memory_id not in known]
    if missing:
        raise MemoryNotFoundError(
            f"{len(missing)} of {len(ids)} memories do not exist, and nothing was {verb}: "
            + ", ".join(map(brief, missing[:NAMED]))
            + (", ..." if len(missing) > NAMED else ""),
            details={"memory_ids": missing},
            suggestion="Leave them out" + (f", or {instead}." if instead else "."),
        )
