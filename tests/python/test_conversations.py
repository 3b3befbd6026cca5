"""Import of conversations: each is reported, and stored once however often it is run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from memfast import AuthenticationError, Memory, RowError, ValidationError
from memfast.cli import app
from memfast.testing import FakeLLM, fake_memory
from memfast.transfer.conversations import import_conversations
from tests.python.campaign import rounds

if TYPE_CHECKING:
    from pathlib import Path

NOBODY: dict[str, str | None] = {"user_id": None, "agent_id": None, "run_id": None}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "talks.jsonl"
    talks = [
        {"messages": "I live in Oslo.", "user_id": "ann"},
        {"messages": [{"role": "user", "content": "Hello!"}], "user_id": "bob"},
        {"messages": "I moved to Bergen.", "user_id": "ann"},
    ]
    path.write_text("".join(json.dumps(talk) + "\n" for talk in talks), "utf-8")
    return path


def outcomes_of(source: Path) -> list[dict[str, Any]]:
    path = source.with_name(f"{source.name}.outcomes.jsonl")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_import_reports_and_stores_each_conversation_once(source: Path) -> None:
    memory = fake_memory()
    report = import_conversations(memory.add, source, scope=NOBODY)
    assert dict(report.counts) == {"stored": 2, "empty": 1}
    added = {entry["line"]: entry["status"] for entry in outcomes_of(source)}
    assert added == {1: "stored", 2: "empty", 3: "stored"}
    (left,) = memory.get_all(user_id="ann")["results"]
    assert "Bergen" in left["memory"]
    again = import_conversations(memory.add, source, scope=NOBODY)
    assert (dict(again.counts), again.skipped) == ({}, 3)
    with source.open("a", encoding="utf-8") as file:
        file.write('{"messages": "I have a dog."}\n')
    more = import_conversations(memory.add, source, scope={**NOBODY, "user_id": "eve"})
    assert (dict(more.counts), more.skipped) == ({"stored": 1}, 3)
    assert memory.count(user_id="eve") == 1


def test_import_tries_failed_conversations_again(source: Path) -> None:
    replies = [AuthenticationError("no")] * 3 + ['{"facts": []}'] * 3
    memory = fake_memory(llm=FakeLLM(replies))
    first = import_conversations(memory.add, source, scope=NOBODY)
    assert dict(first.counts) == {"failed": 3}
    second = import_conversations(memory.add, source, scope=NOBODY)
    assert (dict(second.counts), second.skipped) == ({"empty": 3}, 0)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_import_stopped_after_a_commit_stores_nothing_twice(source: Path, at: int) -> None:
    # The model words its facts differently in each call, so no hash finds duplicates.
    wordings = (f"I live in oslo, bergen or hello{' again' * count}" for count in range(100))
    memory = fake_memory(llm=FakeLLM(lambda _: {"facts": [{"text": next(wordings)}]}))
    calls = 0

    def stopped(messages: Any, **arguments: Any) -> Any:
        nonlocal calls
        added = memory.add(messages, **arguments)
        calls += 1
        if calls == at:
            raise Killed
        return added

    with pytest.raises(Killed):
        import_conversations(stopped, source, scope=NOBODY, max_concurrency=1)
    again = import_conversations(memory.add, source, scope=NOBODY)
    assert again.skipped + sum(again.counts.values()) == 3
    assert again.skipped >= at
    assert memory.count(user_id="*") == 3


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(rounds(test=1, campaign=10)))
def test_an_import_killed_and_run_again_stores_each_conversation_once(
    seed: int, tmp_path: Path
) -> None:
    source, store = tmp_path / "talks.jsonl", tmp_path / "store"
    talks = [{"messages": f"I have cat {at}.", "user_id": f"u{at % 7}"} for at in range(400)]
    source.write_text("".join(json.dumps(talk) + "\n" for talk in talks), "utf-8")
    command = [sys.executable, "-m", "memfast", "import", str(source), "--infer", "--path"]
    outcomes = source.with_name(f"{source.name}.outcomes.jsonl")
    chance = random.Random(seed)
    for _ in range(3):
        process = subprocess.Popen([*command, str(store)], stdout=subprocess.DEVNULL)
        size = outcomes.stat().st_size if outcomes.exists() else 0
        while process.poll() is None:
            if outcomes.exists() and outcomes.stat().st_size > size:
                time.sleep(chance.random() * 0.02)
                break
            time.sleep(0.001)
        process.kill()
        process.wait()
    done = subprocess.run([*command, str(store)], check=True, capture_output=True, text=True)
    assert "failed" not in done.stdout
    with Memory(path=store) as memory:
        texts = [item["memory"] for item in memory.iter(user_id="*")]
    assert sorted(texts) == sorted(talk["messages"] for talk in talks)


def test_the_store_and_not_the_outcome_file_decides_what_is_skipped(source: Path) -> None:
    memory, other = fake_memory(), fake_memory()
    import_conversations(memory.add, source, scope=NOBODY)
    outcomes = source.with_name(f"{source.name}.outcomes.jsonl")
    # Another store has none of the conversations, whatever the outcome file says.
    report = import_conversations(other.add, source, scope=NOBODY)
    assert (report.counts["stored"], report.skipped) == (2, 0)
    outcomes.unlink()
    assert import_conversations(memory.add, source, scope=NOBODY).skipped == 3
    # Deleted memories may be imported again.
    memory.delete_all(user_id="ann")
    report = import_conversations(memory.add, source, scope=NOBODY)
    assert (report.counts["stored"], report.skipped) == (2, 1)


def test_a_conversation_that_is_twice_in_a_file_is_stored_twice(source: Path) -> None:
    source.write_text(source.read_text("utf-8") * 2, "utf-8")
    report = import_conversations(fake_memory().add, source, scope=NOBODY)
    assert sum(report.counts.values()) == 6


def test_one_file_serves_several_scopes(tmp_path: Path) -> None:
    source = tmp_path / "talks.jsonl"
    source.write_text('{"messages": "I have a dog."}\n', "utf-8")
    memory = fake_memory()
    for user in ("ann", "bob"):
        import_conversations(memory.add, source, scope={**NOBODY, "user_id": user})
        assert memory.count(user_id=user) == 1


def test_an_outcome_file_cut_inside_a_line_continues_on_a_new_line(source: Path) -> None:
    memory = fake_memory()
    import_conversations(memory.add, source, scope=NOBODY)
    outcomes = source.with_name(f"{source.name}.outcomes.jsonl")
    outcomes.write_bytes(outcomes.read_bytes()[:-20])
    with source.open("a", encoding="utf-8") as file:
        file.write('{"messages": "I have a dog.", "user_id": "eve"}\n')
    import_conversations(memory.add, source, scope=NOBODY)
    assert json.loads(outcomes.read_text("utf-8").splitlines()[-1])["line"] == 4


BAD = [
    "not JSON",
    '{"message": "x"}',
    "[1]",
    '{"messages": "b"}',
    '{"messages": "b", "user_id": "u", "line": 1}',
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_fails_alone_and_is_tried_in_the_next_run(source: Path, bad: str) -> None:
    good = source.read_text("utf-8")
    source.write_text(f"{bad}\n{good}", "utf-8")
    memory = fake_memory()
    report = import_conversations(memory.add, source, scope=NOBODY)
    assert dict(report.counts) == {"failed": 1, "stored": 2, "empty": 1}
    assert memory.count(user_id="ann") == 1
    [failed] = [entry for entry in outcomes_of(source) if entry["status"] == "failed"]
    assert failed["line"] == 1
    assert failed["error"]
    mended = '{"messages": "I have a dog.", "user_id": "eve"}'
    source.write_text(f"{mended}\n{good}", "utf-8")
    again = import_conversations(memory.add, source, scope=NOBODY)
    assert (dict(again.counts), again.skipped) == ({"stored": 1}, 3)


@pytest.mark.parametrize("bad", BAD)
def test_a_strict_import_names_the_bad_line_and_stores_what_came_before(
    source: Path, bad: str
) -> None:
    with source.open("a", encoding="utf-8") as file:
        file.write(bad + "\n")
    memory = fake_memory()
    with pytest.raises(RowError, match="line 4"):
        import_conversations(memory.add, source, scope=NOBODY, strict=True)
    assert memory.count(user_id="ann") == 1


def test_a_missing_conversation_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"nothing\.jsonl"):
        import_conversations(fake_memory().add, tmp_path / "nothing.jsonl", scope=NOBODY)


def test_the_command_imports_conversations(source: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    done = CliRunner().invoke(app, ["import", str(source), "--infer", "--path", str(store)])
    assert done.exit_code == 0, done.output
    assert "2 stored" in done.output
    with Memory(path=store) as memory:
        assert memory.count(user_id="ann") == 1
