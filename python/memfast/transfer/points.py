"""The points of a Qdrant client in local mode: points(id TEXT, point BLOB), both pickles."""

from __future__ import annotations

import base64
import binascii
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from memfast.errors import ValidationError
from memfast.transfer.pickles import Made, PickleError, plain, read_pickle
from memfast.transfer.qdrant import Collection, hold
from memfast.transfer.sqlite import has_table, open_sqlite

# Bytes of a point's pickle, and of its payload when it is written out.
MAX_POINT = 16 << 20
# Characters of an id's pickle; a UUID has less than a hundred.
MAX_ID = 1024
POINT = "qdrant_client.http.models.models.PointStruct"
UUID = "uuid.UUID"
CLASSES = frozenset({POINT, UUID, "qdrant_client.http.models.models.SparseVector"})


@dataclass(frozen=True, slots=True)
class Point:
    """A point.

    Attributes:
        id: Its id.
        payload: Its payload, as JSON can hold it but for times.
        vector: Its one dense vector, if it has one.
    """

    id: str
    payload: dict[str, object]
    vector: list[float] | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A point that was not read.

    Attributes:
        id: Its id, where that could be read.
        reason: What is wrong with it.
    """

    id: str | None
    reason: str


@contextmanager
def open_points(collection: Collection) -> Iterator[tuple[int, Iterator[Point | Unread]]]:
    """Open a collection; yields the number of its points, and the points as they were added.

    Raises:
        ValidationError: Its file is damaged or not a Qdrant client's.
        StoreLockedError: A running mem0 has it open.
    """
    with hold(collection.root), open_sqlite(collection.file) as db:
        if not has_table(db, "points"):
            raise ValidationError(f"{collection.file} has no table 'points'")
        outdated = _outdated(db)
        (count,) = db.execute("SELECT count(*) FROM points").fetchone()
        yield count - len(outdated), _points(db, outdated)


def _outdated(db: sqlite3.Connection) -> set[int]:
    """Return rows whose point a later row has again: older clients wrote an id in several ways."""
    last: dict[str, int] = {}
    outdated = set()
    query = "SELECT rowid, CASE WHEN length(id) <= ? THEN id END FROM points ORDER BY rowid"
    for row, key in db.execute(query, (MAX_ID,)):
        known = _key_id(key)
        if known is not None:
            if known in last:
                outdated.add(last[known])
            last[known] = row
    return outdated


def _points(db: sqlite3.Connection, outdated: set[int]) -> Iterator[Point | Unread]:
    # Values that are too long are not read.
    query = """SELECT rowid, CASE WHEN length(id) <= ? THEN id END, length(point),
               CASE WHEN length(point) <= ? THEN point END FROM points ORDER BY rowid"""
    for row, key, length, blob in db.execute(query, (MAX_ID, MAX_POINT)):
        if row in outdated:
            continue
        if blob is None and length is not None:
            why = f"it has {length:,} bytes, more than {MAX_POINT:,}"
            yield Unread(_key_id(key), why)
            continue
        try:
            yield read_point(blob)
        except PickleError as error:
            yield Unread(_key_id(key), str(error))


def read_point(blob: object) -> Point:
    """Return the point of a pickle.

    Raises:
        PickleError: It holds something else than a point of plain data.
    """
    if not isinstance(blob, bytes):
        raise PickleError(f"it is {type(blob).__name__}, not bytes")
    made = read_pickle(blob, CLASSES)
    fields = made.state.get("__dict__") if isinstance(made, Made) and made.name == POINT else None
    if not isinstance(fields, dict):
        raise PickleError("it is not a point")
    known = point_id(fields.get("id"))
    if known is None:
        raise PickleError("its id is not a UUID or a number")
    payload, _ = plain(fields.get("payload") or {}, MAX_POINT)
    if not isinstance(payload, dict):
        raise PickleError(f"its payload is {type(payload).__name__}")
    return Point(known, {key: _plain_ids(value) for key, value in payload.items()}, _dense(fields))


def point_id(value: object) -> str | None:
    """Return an id as Qdrant writes it, a UUID in lower case; None for another value."""
    if isinstance(value, Made) and value.name == UUID:
        number = value.state.get("int")
        return (
            str(uuid.UUID(int=number))
            if isinstance(number, int) and 0 <= number < 1 << 128
            else None
        )
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return None
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return None


def _key_id(key: object) -> str | None:
    try:
        return point_id(read_pickle(base64.b64decode(str(key), validate=True), CLASSES))
    except (PickleError, binascii.Error):
        return None


def _plain_ids(value: object) -> object:
    """Return a value with UUIDs as text."""
    if isinstance(value, dict):
        return {key: _plain_ids(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain_ids(item) for item in value]
    if not isinstance(value, Made):
        return value
    text = point_id(value)
    if text is None:
        raise PickleError(f"its payload holds {value.name}")
    return text


def _dense(fields: dict[str, object]) -> list[float] | None:
    vector = fields.get("vector")
    if isinstance(vector, dict):
        lists = [item for item in vector.values() if isinstance(item, list)]
        vector = vector.get("") or (lists[0] if len(lists) == 1 else None)
    if isinstance(vector, list) and set(map(type, vector)) <= {float, int}:
        return vector
    return None
