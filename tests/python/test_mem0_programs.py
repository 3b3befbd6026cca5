"""Programs in the style of mem0 0.1, 1.x and 2.x run, each as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memfast.testing import HashEmbedder
from tests.python.llm_server import Answer, Asked, Server, chat, serving, vectors

PROGRAMS = sorted((Path(__file__).parent / "mem0_programs").glob("v*.py"))
# Facts that the model returns for messages that contain the key.
FACTS = {
    "moved to Lisbon": "Moved to Lisbon",
    "cannot eat peanuts": "Cannot eat peanuts",
    "play the cello": "Plays the cello every evening",
    "red kettle": "Ordered a red kettle last week",
    "collect stamps": "Collects stamps",
    "green tea": "Drinks green tea in the morning",
    "run a bakery": "Runs a bakery in Ghent",
    "grow tomatoes": "Grows tomatoes on the roof",
    "sister studies law": "Their sister studies law in Ghent",
}


def model(asked: Asked) -> Answer:
    """Answer as an endpoint with a chat model and an embedder."""
    if asked.path.partition("?")[0].endswith("/embeddings"):
        texts = asked.body["input"]
        rows = HashEmbedder(asked.body.get("dimensions") or 64).embed(texts)
        return vectors(*rows)
    said = asked.body["messages"][-1]["content"]
    found = ", ".join(f'"{fact}"' for phrase, fact in FACTS.items() if phrase in said)
    return chat(f'{{"facts": [{found}]}}' if "table for two" not in said else "Booked a table.")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(model) as server:
        yield server


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_written_for_mem0_runs(program: Path, server: Server, tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment = {
        **kept,
        "HOME": str(tmp_path / "home"),
        "SERVER": server.url,
        "OPENAI_API_KEY": "sk-of-the-test",
        "OPENAI_BASE_URL": server.url,
        "PYTHONWARNINGS": "error",
    }
    ended = subprocess.run(
        [sys.executable, str(program)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr


def test_there_are_programs_of_each_era() -> None:
    eras = [path.stem.partition("_")[0] for path in PROGRAMS]
    assert len(eras) >= 10
    assert {era: eras.count(era) >= 3 for era in ("v0", "v1", "v2")} == dict.fromkeys(
        ("v0", "v1", "v2"), True
    )
