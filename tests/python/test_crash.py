"""A process that changes a store is killed at random moments; nothing acknowledged may be lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from memfast import Memory
from memfast.testing import HashEmbedder
from tests.python.campaign import rounds

KILLS = int(os.environ.get("MEMFAST_KILLS", rounds(test=12, campaign=300)))
MOST_LINES = 12
CHILD = Path(__file__).with_name("crash_child.py")


@dataclass
class Model:
    """What the parent knows: acknowledged changes, and the step under way at the kill."""

    texts: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    under_way: dict[str, Any] | None = None
    acknowledged: int = 0
    # Texts that were changed or deleted later.
    deleted: set[str] = field(default_factory=set)

    def take(self, report: dict[str, Any]) -> None:
        if "will" in report:
            self.under_way = report
            return
        assert self.under_way is not None
        self.finish(self.under_way, report.get("ids", []))
        self.acknowledged += 1

    def finish(self, step: dict[str, Any], ids: list[str]) -> None:
        self.under_way = None
        match step["will"]:
            case "add":
                self.texts.update(zip(ids, step["texts"], strict=True))
                self.users.update(dict.fromkeys(ids, step["user"]))
            case "update":
                self.deleted.add(self.texts[step["id"]])
                self.texts[step["id"]] = step["text"]
            case "delete":
                self.deleted.add(self.texts.pop(step["id"]))
            case "delete_all":
                users = self.users
                self.texts = {
                    key: text for key, text in self.texts.items() if users[key] != step["user"]
                }

    def settle(self, found: dict[str, str]) -> None:
        """Accept the step under way if all of it is stored."""
        step = self.under_way
        if step is not None and found != self.texts:
            new = sorted(found.keys() - self.texts.keys())
            self.finish(step, sorted(new, key=lambda key: texts_order(step, found[key])))
        self.under_way = None


def texts_order(step: dict[str, Any], text: str) -> int:
    return int(step["texts"].index(text))


def run_child(path: Path, seed: int, chance: random.Random) -> list[dict[str, Any]]:
    """Kill the child after a random number of lines; return the steps that it reported."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(path), str(seed)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    # Some kills hit the opening or the recovery.
    wanted = chance.randint(1, MOST_LINES) if chance.random() < 0.8 else 0
    lines = [child.stdout.readline() for _ in range(wanted)]
    assert all(lines), "the child died by itself"
    # The kill hits the step that the last line announces, or the opening.
    time.sleep(chance.random() * (0.02 if wanted else 0.15))
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    assert child.returncode == -signal.SIGKILL
    # The last line may be torn.
    lines += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    steps = [json.loads(line) for line in lines]
    return [step for step in steps if "opened" not in step]


def check(memory: Memory, model: Model) -> None:
    items = list(memory.iter(user_id="*"))
    found = {item["id"]: item["memory"] for item in items}
    model.settle(found)
    assert found == model.texts
    for item in random.Random(0).sample(items, min(20, len(items))):
        history = memory.history(item["id"])
        assert history[0]["event"] == "ADD"
        assert history[-1]["new_memory"] == item["memory"]
        assert [entry["new_memory"] for entry in history[:-1]] == [
            entry["old_memory"] for entry in history[1:]
        ]
    # A message is stored with the facts made from it, or neither is stored.
    blended: set[str] = set()
    for user in ("u0", "u1", "u2"):
        kept = memory.search("text", user_id=user, limit=10**6, include_messages=True)["results"]
        facts = {item["memory"] for item in kept if "kind" not in item}
        for item in kept:
            if "kind" in item:
                blended.update(item["memory"].split("; "))
            if "kind" in item and model.deleted.isdisjoint(item["memory"].split("; ")):
                assert facts.issuperset(item["memory"].split("; "))
    everything = memory.search("text", user_id="*", limit=10**6, exact=True)["results"]
    assert len(everything) == len(found)
    for item in random.Random(1).sample(items, min(20, len(items))):
        # Each memory has its own vector, whatever was merged; other texts may have the same.
        hits = memory.search(item["memory"], user_id=item["user_id"], limit=1, mode="semantic")
        best = hits["results"][0]
        assert best["score"] > (0.9 if item["memory"] in blended else 0.9999)


@pytest.mark.campaign
def test_a_killed_writer_loses_no_acknowledged_change_and_leaves_none_half_done(
    tmp_path: Path,
) -> None:
    chance = random.Random(20261123)
    path = tmp_path / "store"
    model = Model()
    for kill in range(KILLS):
        for report in run_child(path, kill, chance):
            model.take(report)
        with Memory(path=path, embedder=HashEmbedder(dim=256)) as memory:
            check(memory, model)
            if kill % 10 == 0:
                projected = memory.sql("select id, memory from memories").fetchall()
                assert dict(projected) == model.texts, "history and store differ"
    assert model.acknowledged > KILLS, "the children hardly did anything"
