"""Copies of the mem0 stores in tests/data/mem0, and what tests do with them.

They are mem0's own, made by tools/make_mem0_fixture.py: v0 with mem0ai 0.1.118, v2 with 2.2.1.
"""

from __future__ import annotations

import base64
import json
import pickle
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from memfast import Memory
from memfast.testing import fake_memory

DATA = Path(__file__).resolve().parents[1] / "data" / "mem0"
VERSIONS = ["v0", "v2"]
NO_SCOPE = "00000000-0000-4000-8000-000000000001"
EVE = "00000000-0000-4000-8000-000000000002"
STORAGE = Path("collection", "mem0", "storage.sqlite")


def copied(version: str, target: Path) -> Path:
    shutil.copytree(DATA / version, target / "mem0")
    return target / "mem0" / "qdrant"


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def stored(memory: Memory) -> dict[str, dict[str, Any]]:
    return {item["id"]: dict(item) for item in memory.iter(user_id="*")} | {
        item["id"]: dict(item) for item in memory.iter(agent_id="*")
    }


def get_all_items(version_folder: Path) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((version_folder / "get_all.json").read_text())[
        "results"
    ]
    return items


def key(point_id: object) -> str:
    return base64.b64encode(pickle.dumps(point_id, protocol=4)).decode()


def put(store: Path, point_id: object, blob: object) -> None:
    with sqlite3.connect(store / STORAGE) as db:
        db.execute("INSERT OR REPLACE INTO points VALUES (?, ?)", (key(point_id), blob))
    db.close()


def blob_of(store: Path, point_id: str) -> bytes:
    with sqlite3.connect(store / STORAGE) as db:
        (blob,) = db.execute("SELECT point FROM points WHERE id = ?", (key(point_id),)).fetchone()
    db.close()
    assert isinstance(blob, bytes)
    return blob


def point(payload: object, point_id: object = EVE, vector: object = None) -> bytes:
    """A point as Qdrant's client pickles it."""
    # Pickled as a class of that name, without its package.
    head = b"\x80\x04\x8c\x20qdrant_client.http.models.models\x8c\x0bPointStruct\x93)\x81"
    state = {"__dict__": {"id": point_id, "vector": vector, "payload": payload}}
    return head + pickle.dumps(state, protocol=4)[2:-1] + b"b."


def rejected(store: Path, **options: Any) -> dict[str, str]:
    """Import a store; returns id and reason of each bad row."""
    rejects = store.parent / "rejects.jsonl"
    report = fake_memory().import_(store, rejects=rejects, **options)
    lines = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert report.rejected == len(lines)
    return {line["raw"]["id"]: line["reason"] for line in lines}
