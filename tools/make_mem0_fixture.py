#!/usr/bin/env python3
"""Make a small mem0 store with mem0 itself, for the tests of the import.

Run it by hand for each version of mem0, in an environment that has that version:

    pip install mem0ai==0.1.118
    python tools/make_mem0_fixture.py tests/data/mem0/v0
    pip install mem0ai==2.2.1
    python tools/make_mem0_fixture.py tests/data/mem0/v2

It needs no network: texts are embedded as eight numbers, and no language model is asked. It writes
to the directory, which must not exist:

    qdrant/         the vector store, as its client writes it
    history.db      mem0's history
    get_all.json    the results of get_all for each user and agent, in one list

The store has two more points: one without a scope, and one of the user eve, with a time in its
payload and, from version 2 on, a sparse vector.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

DIM = 8
NO_SCOPE = "00000000-0000-4000-8000-000000000001"
SPARSE = "00000000-0000-4000-8000-000000000002"


class Embedder:
    """Makes vectors that depend on the text alone."""

    class config:  # noqa: N801 - the name that mem0 asks for
        """The attribute that mem0 reads."""

        embedding_dims = DIM

    def embed(self, text: str, memory_action: object = None) -> list[float]:
        """Return the share of each eighth of the letters."""
        del memory_action
        counts = [1.0] * DIM
        for letter in text:
            counts[ord(letter) % DIM] += 1
        return counts

    def embed_batch(self, texts: list[str], memory_action: object = None) -> list[list[float]]:
        """Return a vector for each text."""
        return [self.embed(text, memory_action) for text in texts]


def fill(memory: Any, *, modern: bool) -> list[dict[str, Any]]:
    """Add, change and delete memories; return the items of get_all for each user and agent."""

    def add(text: str, **options: Any) -> str:
        return str(memory.add(text, infer=False, **options)["results"][0]["id"])

    add("I moved to Lisbon in March", user_id="ann", metadata={"category": "places", "n": 3})
    said = [{"role": "assistant", "content": "Noted: the cat is called Miau", "name": "Bot"}]
    memory.add(said, user_id="ann", agent_id="helper", run_id="r1", infer=False)
    changed = add("Her favourite colour is blue", user_id="ann")
    memory.update(changed, "Her favourite colour is green")
    memory.delete(add("This was deleted", user_id="ann"))
    nested = {"tags": ["añ", "日本"], "deep": {"ok": True, "none": None, "x": 0.5}, "kind": "mine"}
    add("Größe 42, señor 🎉", user_id="bob", metadata=nested)
    add("The agent's own note", agent_id="helper")
    if modern:
        add("Ticket is valid until the end of 2099", user_id="bob", expiration_date="2099-12-31")
    payload = memory.vector_store.get(changed).payload
    user = dict(payload, data="She codes in Rust", user_id="eve")
    if modern:
        user |= {"attributed_to": "user", "text_lemmatized": "she code in rust"}
    other = {"data": "No one's", "created_at": payload["created_at"]}
    seen = {"seen": datetime(2024, 5, 1, 12, 30, tzinfo=UTC)}
    points(memory, [(NO_SCOPE, other, False), (SPARSE, user | seen, modern)])
    scopes = [{"user_id": "ann"}, {"user_id": "bob"}, {"agent_id": "helper"}]
    answers = [memory.get_all(filters=s) if modern else memory.get_all(**s) for s in scopes]
    items = {item["id"]: item for answer in answers for item in answer["results"]}
    return list(items.values())


def points(memory: Any, rows: list[tuple[str, dict[str, Any], bool]]) -> None:
    """Store points as mem0 does, one with the sparse vector that it makes with fastembed."""
    from qdrant_client.models import PointStruct, SparseVector

    made = []
    for name, payload, sparse in rows:
        vector: Any = memory.embedding_model.embed(payload["data"])
        if sparse:
            vector = {"": vector, "bm25": SparseVector(indices=[3, 70], values=[1.5, 0.25])}
        made.append(PointStruct(id=name, vector=vector, payload=payload))
    memory.vector_store.client.upsert(memory.vector_store.collection_name, points=made)


def main() -> None:
    """Write the store."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True)
    os.environ |= {"MEM0_TELEMETRY": "False", "OPENAI_API_KEY": "none"}
    with tempfile.TemporaryDirectory() as home:
        os.environ["MEM0_DIR"] = home
        from mem0 import Memory

        config = {"path": str(out / "qdrant"), "embedding_model_dims": DIM, "on_disk": True}
        memory = Memory.from_config(
            {
                "vector_store": {"provider": "qdrant", "config": config},
                "history_db_path": str(out / "history.db"),
            }
        )
        memory.embedding_model = Embedder()
        items = fill(memory, modern=version("mem0ai")[:2] not in {"0.", "1."})
        memory.vector_store.client.close()
        memory.db.connection.close()
    answer = {"results": items}
    (out / "get_all.json").write_text(json.dumps(answer, indent=1, default=str) + "\n", "utf-8")


if __name__ == "__main__":
    main()
