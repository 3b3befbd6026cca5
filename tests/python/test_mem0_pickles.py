"""Pickles of a mem0 store are read without running them; a bad one is a rejected row."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from memfast.testing import fake_memory
from memfast.transfer.mem0 import read_mem0
from memfast.transfer.pickles import PickleError
from memfast.transfer.points import read_point
from memfast.transfer.rows import BadRow
from tests.python.mem0_stores import (
    EVE,
    VERSIONS,
    blob_of,
    copied,
    get_all_items,
    point,
    put,
    rejected,
)


class Hostile:
    """Its pickle is a call of os.system."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("inside", [False, True])
def test_a_hostile_pickle_executes_nothing(tmp_path: Path, protocol: int, *, inside: bool) -> None:
    store, ran = copied("v2", tmp_path), tmp_path / "ran"
    evil: object = Hostile(f"touch {ran}")
    if inside and protocol >= 4:
        blob = point({"data": "hello", "user_id": "ann", "x": evil})
    else:
        blob = pickle.dumps(evil, protocol=protocol)
    put(store, "00000000-0000-4000-8000-00000000000e", blob)
    reasons = rejected(store)
    reason = reasons["00000000-0000-4000-8000-00000000000e"]
    assert f"it names '{os.system.__module__}.system'" in reason
    assert not ran.exists()


def nested(levels: int) -> bytes:
    return b"\x80\x04" + b"]" * levels + b"a" * (levels - 1) + b"."


def point_of(value: Callable[[int], bytes]) -> bytes:
    """A point whose payload has a value given as instructions, for the next memo index."""
    before, here, after = point({"data": "x", "deep": "HERE"}).partition(b"\x8c\x04HERE")
    assert here
    return before + value(before.count(b"\x94")) + after


def itself(memo: int) -> bytes:
    return b"]\x94h" + bytes([memo]) + b"a"


def laughs(memo: int) -> bytes:
    """Two of two of two ...: small, and too large to write out."""
    more = (b"]\x94(" + (b"h" + bytes([memo + at])) * 2 + b"e" for at in range(50))
    return b"(]\x94K\x01a" + b"".join(more) + b"t"


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        (nested(200_000), "it is not a point"),
        (point_of(lambda _: nested(100_000)[2:-1]), "nested deeper than 64 levels"),
        (point_of(itself), "contains itself"),
        (point_of(laughs), "it is too large"),
        (b"\x80\x04]r\xff\xff\xff\x7f.", "not an instruction of plain data"),
        (b"\x80\x04\x96\xff\xff\xff\xff\xff\xff\x00\x00.", "not an instruction of plain data"),
        (b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\x00\x00.", "it is cut off"),
        (b"\x80\x04}]" + b"\x85" * 200_000 + b"Ns.", "a key is tuple, not text"),
        (b"\x80\x04G\x00.", "it is cut off"),
        (b"\x80\x04\x82\x01.", "not an instruction of plain data"),
        (b"\x80\x04Pid\n.", "not an instruction of plain data"),
        (b"\x80\x04(.", "not a whole pickle"),
        (b"\x80\x04e.", "not a whole pickle"),
        (b"", "not a whole pickle"),
        (b"\x80\x04N.", "it is not a point"),
        (point(["no dict"]), "its payload is list"),
        (point({"data": b"bytes"}), "it holds bytes"),
        (point({}, point_id="no uuid"), "its id is not a UUID"),
        ("text", "it is str, not bytes"),
        (None, "it is NoneType, not bytes"),
        (bytes((16 << 20) + 1), "more than 16,777,216"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_pickle_is_a_reject(tmp_path: Path, blob: object, reason: str) -> None:
    store = copied("v2", tmp_path)
    put(store, "00000000-0000-4000-8000-00000000000e", blob)
    rows = [row for row in read_mem0(store) if isinstance(row, BadRow)]
    assert [reason in row.reason for row in rows] == [True], rows
    assert rows[0].raw == {"id": "00000000-0000-4000-8000-00000000000e"}
    before = len(get_all_items(store.parent)) + 1
    assert fake_memory().import_(store).added == before


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pickle_with_any_byte_changed_reads_or_is_a_reject(version: str, tmp_path: Path) -> None:
    blob = blob_of(copied(version, tmp_path), EVE)
    assert read_point(blob).payload["data"] == "She codes in Rust"
    refused = 0
    for at in range(len(blob)):
        for changed in (blob[:at], blob[:at] + bytes([blob[at] ^ 0x55]) + blob[at + 1 :]):
            try:
                read_point(changed)
            except PickleError:
                refused += 1
    assert refused > len(blob)
