"""Memories of mem0: its store on disk, or what its `get_all` returned, as JSON.

Taken are id, text, scope, actor, role, metadata, times and expiration date; `attributed_to` and the
platform's `categories` and other fields become metadata, as does every key that mem0 does not know.
Not taken are the history itself (its times fill what a point lacks), memories that only the history
still has, the raw messages, entities, graph relations, `text_lemmatized` and sparse vectors.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from memfast.errors import DimensionError, ValidationError
from memfast.transfer.points import Point, Unread, open_points
from memfast.transfer.qdrant import META, STORAGE, Collection, find_collection
from memfast.transfer.rows import BadRow, Row
from memfast.transfer.sqlite import has_table, open_sqlite

log = logging.getLogger("memfast")

HISTORY = "history.db"
SCOPED = ("user_id", "agent_id", "run_id")
FROM_HISTORY = ("created_at", "updated_at", "actor_id", "role")
PARTS = (*SCOPED, *FROM_HISTORY, "expiration_date")
NAMES = ("id", "memory", "metadata", *PARTS)
# Keys of a point that do not become metadata.
IN_POINT = frozenset({"data", "hash", "id", "text_lemmatized", *PARTS})
# Keys of an item that do not become metadata: its parts, and what a call says about it.
IN_ITEM = frozenset(
    {"hash", "score", "score_details", "score_breakdown", "rerank_score", "event", *NAMES}
)

Known = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an import takes from a mem0 store.

    Attributes:
        history: The history database; None for history.db in the folder or next to it.
        vectors: Whether the stored vectors are taken; else the texts are embedded again.
        dim: Dimensions that the vectors must have; 0 for any.
    """

    history: Path | None = None
    vectors: bool = True
    dim: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """An open mem0 store.

    Attributes:
        rows: Its memories.
        count: How many there are.
        names: The columns of the rows.
    """

    rows: Iterator[Row | BadRow]
    count: int
    names: tuple[str, ...]


def looks_like_mem0(path: Path) -> bool:
    """Return whether a path is a Qdrant client's folder, one of its collections or a JSON file."""
    if path.is_dir():
        return (path / META).is_file() or (path / STORAGE).is_file()
    return path.suffix.lower() == ".json"


def read_mem0(source: Path, *, history: Path | None = None) -> Iterator[Row | BadRow]:
    """Yield the memories of a mem0 store with their vectors, or of a JSON file of `get_all`.

    Args:
        source: The folder of the vector store, one of its `collection/NAME`, or a .json file.
        history: mem0's history database. Default: history.db in the folder or next to it.

    Raises:
        ValidationError: It is damaged or something else, or holds several collections.
        StoreLockedError: A running mem0 has it open.
    """
    with open_mem0(source, Wanted(history)) as opened:
        yield from opened.rows


@contextmanager
def open_mem0(source: Path, wanted: Wanted) -> Iterator[Opened]:
    """Open a mem0 store or a JSON file; raises as `read_mem0` does.

    Raises:
        DimensionError: Its vectors are wanted, and of another dimension.
    """
    if not source.is_dir():
        items = _items(source)
        known = _history(wanted.history) if wanted.history else {}
        rows = (_item_row(line, item, known) for line, item in enumerate(items, start=1))
        yield Opened(rows, len(items), NAMES)
        return
    collection = find_collection(source)
    if wanted.vectors and wanted.dim and (collection.dim or wanted.dim) != wanted.dim:
        raise DimensionError(
            f"{source} holds vectors of {collection.dim} dimensions, and this memory those of "
            f"{wanted.dim}",
            suggestion="Open the memory with an embedder and leave vectors= out: the texts are "
            "embedded again.",
        )
    known = _history(wanted.history) if wanted.history else _history_near(collection)
    with open_points(collection) as (count, points):
        rows = (
            _point_row(line, point, known, wanted) for line, point in enumerate(points, start=1)
        )
        yield Opened(rows, count, (*NAMES, "vector") if wanted.vectors else NAMES)


def _point_row(line: int, point: Point | Unread, known: Known, wanted: Wanted) -> Row | BadRow:
    if isinstance(point, Unread):
        return BadRow(line, f"the point was not read: {point.reason}", {"id": point.id})
    payload = point.payload
    values: dict[str, object] = {"id": point.id, "memory": payload.get("data")}
    values |= {part: payload.get(part) for part in PARTS}
    values["metadata"] = {key: item for key, item in payload.items() if key not in IN_POINT}
    if wanted.vectors:
        values["vector"] = point.vector
    return Row(line, _filled(values, known))


def _item_row(line: int, item: object, known: Known) -> Row | BadRow:
    if not isinstance(item, dict):
        return BadRow(line, f"not an object but {type(item).__name__}", item)
    own = item.get("metadata") or {}
    if not isinstance(own, dict):
        return BadRow(line, f"metadata must be an object, not {type(own).__name__}", item)
    values = {name: item.get(name) for name in NAMES}
    rest = {key: one for key, one in item.items() if key not in IN_ITEM and one is not None}
    values["metadata"] = rest | own
    return Row(line, _filled(values, known))


def _filled(values: dict[str, object], known: Known) -> dict[str, object]:
    """Fill what a row lacks from the history; what stays empty is left out."""
    for name, value in known.get(str(values["id"]), {}).items():
        if values[name] is None:
            values[name] = value
    return {name: value for name, value in values.items() if value is not None}


def _history_near(collection: Collection) -> Known:
    for folder in (collection.root, collection.root.resolve().parent):
        path = folder / HISTORY
        if path.is_file():
            try:
                return _history(path)
            except ValidationError as error:
                log.warning("the history was not used: %s", error.message)
    return {}


def _history(path: Path) -> Known:
    """Return times, actor and role of each memory that a history database knows.

    Raises:
        ValidationError: It is not a history database.
    """
    known: Known = {}
    if not path.is_file():
        raise ValidationError(f"there is no file {str(path)!r}", details={"history": str(path)})
    with open_sqlite(path) as db:
        if not has_table(db, "history"):
            raise ValidationError(f"{path} has no table 'history'", details={"history": str(path)})
        rows = db.execute("SELECT * FROM history ORDER BY rowid")
        names = [column[0] for column in rows.description]
        for row in rows:
            event = dict(zip(names, row, strict=True))
            if event.get("event") == "DELETE" or not isinstance(event.get("memory_id"), str):
                continue
            found = known.setdefault(event["memory_id"], {})
            for name in FROM_HISTORY:
                value = event.get(name)
                # The first event has the creation time, the last one the rest.
                if isinstance(value, str) and not (name == "created_at" and name in found):
                    found[name] = value
    return known


def _items(path: Path) -> list[object]:
    try:
        answer = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValidationError(
            f"{path} is not a JSON file: {error}",
            details={"path": str(path)},
            suggestion="For one JSON object per line pass format='jsonl'.",
        ) from error
    items = answer.get("results") if isinstance(answer, Mapping) else answer
    if not isinstance(items, list):
        raise ValidationError(
            f"{path} is not what mem0's get_all returns: no list, and no object with 'results'",
            details={"path": str(path)},
        )
    if isinstance(answer, Mapping):
        if answer.get("next"):
            log.warning("%s is one page of several: the next is %s", path, answer["next"])
        if answer.get("relations"):
            log.warning("%s: its graph relations were left out", path)
    return items
