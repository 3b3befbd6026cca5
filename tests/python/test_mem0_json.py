"""Import of JSON that mem0's `get_all` returned."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from memfast import ConfigurationError, Memory, ValidationError
from memfast.testing import fake_memory


@pytest.mark.parametrize("shape", ["results", "list", "platform"])
def test_import_reads_every_shape_of_get_alls_json(
    tmp_path: Path, shape: str, caplog: pytest.LogCaptureFixture
) -> None:
    item: dict[str, Any] = {
        "id": "8f0a2b52-6b2c-4c8d-8a55-0a7d3f1c9e01",
        "memory": "I like tea",
        "user_id": "ann",
        "metadata": {"n": 1},
        "hash": "x",
        "score": 0.5,
        "categories": ["drinks"],
        "created_at": "2024-07-20T01:30:36.275141-07:00",
        "expiration_date": None,
    }
    shapes: dict[str, Any] = {
        "results": {"results": [item], "relations": [{"source": "ann"}]},
        "list": [item],
        "platform": {"count": 2, "next": "page=2", "previous": None, "results": [item]},
    }
    path = tmp_path / "all.json"
    path.write_text(json.dumps(shapes[shape]))
    memory = fake_memory()
    with caplog.at_level(logging.WARNING, "memfast"):
        assert memory.import_(path).added == 1
    warned = {"results": "relations were left out", "list": "", "platform": "page=2"}[shape]
    assert warned in caplog.text
    assert bool(caplog.text) == bool(warned)
    found = memory.get(item["id"])
    assert found is not None
    assert found["metadata"] == {"categories": ["drinks"], "n": 1}
    assert found["created_at"] == "2024-07-20T08:30:36.275141+00:00"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not a JSON file"),
        ('{"memory": "a"}\n{"memory": "b"}\n', "is not a JSON file"),
        ('{"memories": []}', "is not what mem0's get_all returns"),
        ("3", "is not what mem0's get_all returns"),
        ("[" * 100_000, "is not a JSON file"),
    ],
)
def test_other_json_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "all.json"
    path.write_text(content)
    with pytest.raises(ValidationError, match=reason):
        fake_memory().import_(path)


def test_bad_items_are_rejects(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    good = {"memory": "a", "user_id": "ann"}
    bad: list[Any] = [3, {**good, "metadata": [1]}, {"memory": "b"}, {"user_id": "ann"}]
    path.write_text(json.dumps([*bad, good]))
    report = fake_memory().import_(path)
    assert (report.added, report.rejected) == (1, 4)


def test_an_item_nested_too_deep_is_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    deep = "[" * 700 + "]" * 700
    path.write_text(f'[{{"memory": "a", "user_id": "ann", "metadata": {{"x": {deep}}}}}]')
    report = fake_memory().import_(path, rejects=tmp_path / "rejects.jsonl")
    assert report.rejected == 1
    (line,) = (tmp_path / "rejects.jsonl").read_text().splitlines()
    assert "nested deeper than 64 levels" in json.loads(line)["reason"]


def test_json_without_vectors_needs_an_embedder(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text("[]")
    with (
        Memory(path=":memory:", embedder=None) as memory,
        pytest.raises(ConfigurationError, match="no column 'vector'"),
    ):
        memory.import_(path)
