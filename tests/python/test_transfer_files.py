"""Files that an import or export writes belong to the user alone and follow no link."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memfast.errors import DatabaseError, ValidationError

if TYPE_CHECKING:
    from memfast import Memory

WRITE = """
import os, sys
from memfast.testing import fake_memory
from memfast.transfer import writers
memory = fake_memory()
memory.add("a note", user_id="ann", infer=False)
def stop(export, out, *, packed):
    out.write(b"half")
    out.flush()
    print("writing", flush=True)
    sys.stdin.read()
writers.ROWS["jsonl"] = stop
memory.export(sys.argv[1])
"""


def start_export(target: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "writing\n"
    return child


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv", "a.parquet"])
def test_an_export_can_be_read_by_its_user_alone(memory: Memory, tmp_path: Path, name: str) -> None:
    memory.add("a secret", user_id="ann", infer=False)
    memory.export(tmp_path / name, history=True)
    written = list(tmp_path.iterdir())
    assert len(written) == 2
    assert [mode(path) for path in written] == [0o600, 0o600]


def test_an_export_replaces_a_link_and_leaves_what_it_names(memory: Memory, tmp_path: Path) -> None:
    memory.add("a secret", user_id="ann", infer=False)
    theirs = tmp_path / "theirs"
    theirs.write_text("theirs")
    (tmp_path / "a.jsonl").symlink_to(theirs)
    memory.export(tmp_path / "a.jsonl")
    assert theirs.read_text() == "theirs"
    assert not (tmp_path / "a.jsonl").is_symlink()


def test_a_draft_is_private_and_unpredictable_and_removed_by_the_next_export(
    memory: Memory, tmp_path: Path
) -> None:
    target = tmp_path / "a.jsonl"
    theirs = tmp_path / ".a.jsonl.backup.part"
    theirs.write_text("theirs")
    drafts = set()
    for _ in range(2):
        child = start_export(target)
        [draft] = [path for path in tmp_path.iterdir() if path not in {target, theirs}]
        assert mode(draft) == 0o600
        assert str(child.pid) not in draft.name
        drafts.add(draft.name)
        # The draft of a running export is not removed.
        memory.export(target)
        assert draft.exists()
        child.send_signal(signal.SIGKILL)
        child.communicate()
        assert draft.exists()
    assert len(drafts) == 2
    memory.export(target)
    assert set(tmp_path.iterdir()) == {target, theirs}


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def test_a_row_that_cannot_be_printed_is_rejected_and_the_import_continues(
    memory: Memory, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    rows = [
        {"memory": "first", "user_id": "ann"},
        {"memory": "deep", "user_id": "ann", "note": deep(5000)},
        {"memory": "odd", "user_id": "ann", "note": Unprintable()},
        {"memory": "last", "user_id": "ann"},
    ]
    report = memory.import_(rows, rejects=rejects)
    assert (report.added, report.rejected) == (2, 2)
    assert [json.loads(line)["line"] for line in rejects.read_text().splitlines()] == [2, 3]
    assert mode(rejects) == 0o600


def test_a_deeply_nested_line_is_rejected_and_the_import_continues(
    memory: Memory, tmp_path: Path
) -> None:
    source, rejects = tmp_path / "rows.jsonl", tmp_path / "rejects.jsonl"
    nested = '{"a":' * 5000 + "1" + "}" * 5000
    lines = [f'{{"memory": "note {n}", "user_id": "ann"}}' for n in range(2)]
    deep_row = f'{{"memory": "x", "user_id": "ann", "metadata": {nested}}}'
    source.write_text("\n".join([lines[0], deep_row, nested, lines[1]]))
    report = memory.import_(source, rejects=rejects)
    assert (report.added, report.rejected) == (2, 2)
    assert [json.loads(line)["line"] for line in rejects.read_text().splitlines()] == [2, 3]


def test_rejects_follow_no_link_and_fail_with_a_typed_error(memory: Memory, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("theirs")
    link = tmp_path / "rejects.jsonl"
    link.symlink_to(theirs)
    bad = [{"memory": "", "user_id": "ann"}]
    assert memory.import_(bad, rejects=link).rejected == 1
    assert theirs.read_text() == "theirs"
    with pytest.raises(DatabaseError, match="cannot be written"):
        memory.import_(bad, rejects=tmp_path / "missing" / "rejects.jsonl")


def test_an_endless_line_ends_the_import_with_a_typed_error(memory: Memory, tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl.gz"
    with gzip.open(source, "wb", 1) as file:
        file.write(b'{"memory": "first", "user_id": "ann"}\n{"memory": "')
        for _ in range(80):
            file.write(b"x" * (1 << 20))
    assert source.stat().st_size < 1 << 20
    with pytest.raises(ValidationError, match="line 2 is longer than max_row_bytes, 67108864"):
        memory.import_(source, batch_rows=1)
    assert memory.count(user_id="ann") == 1
