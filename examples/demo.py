"""A conversation in memfast: store it, ask, change, delete, close and find it again."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from memfast import Memory

HERE = Path(__file__).parent
USER = "nora-and-tomas"
TOP = 5
ENOUGH = 4

console = Console()


def read(name: str) -> Any:
    """Return the content of an example file."""
    return json.loads((HERE / name).read_text("utf-8"))


def store(memory: Memory, conversation: dict[str, Any]) -> dict[tuple[str, int], str]:
    """Add every session; return the id of each turn's memory."""
    ids: dict[tuple[str, int], str] = {}
    began = time.perf_counter()
    for session in conversation["sessions"]:
        messages = [
            {"role": "user", "name": turn["speaker"], "content": turn["text"]}
            for turn in session["turns"]
        ]
        added = memory.add(
            messages,
            user_id=USER,
            run_id=session["id"],
            timestamp=session["date"],
            metadata={"session": session["id"]},
            infer=False,
        )
        for index, item in enumerate(added["results"]):
            ids[session["id"], index] = item["id"]
    took = time.perf_counter() - began
    console.print(
        f"Stored [bold]{len(ids)}[/] turns of {len(conversation['sessions'])} sessions "
        f"in {took * 1000:.0f} ms, each session in one commit.\n"
    )
    return ids


def ask(memory: Memory, ids: dict[tuple[str, int], str]) -> int:
    """Ask the questions; return how many found their evidence among the best hits."""
    table = Table(title="Ten questions", show_lines=True)
    table.add_column("question and best hit", ratio=1)
    table.add_column("score", justify="right")
    table.add_column("time", justify="right")
    table.add_column(f"in top {TOP}", justify="center")
    found = 0
    for question in read("questions.json"):
        began = time.perf_counter()
        hits = memory.search(question["question"], user_id=USER, limit=TOP)["results"]
        took = time.perf_counter() - began
        evidence = ids[question["evidence"]["session"], question["evidence"]["turn"]]
        right = evidence in {hit["id"] for hit in hits}
        found += right
        table.add_row(
            f"[bold]{question['question']}[/]\n{hits[0]['memory']}",
            f"{hits[0]['score']:.3f}",
            f"{took * 1e6:.0f} µs",
            "yes" if right else "no",
        )
    console.print(table)
    console.print(
        f"{found} of 10 found the turn that answers them among the best {TOP}: "
        "vectors alone, offline, no model.\n"
    )
    return found


def change(memory: Memory, changed: str, deleted: str) -> None:
    """Change one memory and delete another, and show their history."""
    memory.update(changed, "I repainted again, my favourite colour is now sea blue.")
    memory.update(changed, metadata={"confirmed": True})
    memory.delete(deleted)
    table = Table(title="History of a changed and of a deleted memory", show_lines=True)
    for column in ("event", "before", "after", "metadata"):
        table.add_column(column)
    for memory_id in (changed, deleted):
        for entry in memory.history(memory_id):
            table.add_row(
                entry["event"],
                entry["old_memory"] or "",
                entry["new_memory"] or "",
                json.dumps(entry["new_metadata"]) if entry["new_metadata"] else "",
            )
    console.print(table)
    counts = memory.sql("select event, count(*) from history group by event order by event")
    console.print("The same in SQL:", dict(counts.fetchall()), "\n")


def understand(memory: Memory) -> bool:
    """Find facts in messages, offline; return whether the changed fact replaced the old one."""
    table = Table(title="Facts found by rules: no model, no network", show_lines=True)
    for column in ("message", "fact", "replaces"):
        table.add_column(column)
    said = [
        ("2026-03-02", "Hi! I live in Lisbon and I work as a nurse. How are you?"),
        ("2026-03-02", "I'm allergic to peanuts. Thanks for asking!"),
        ("2026-05-10", "I moved to Porto yesterday."),
    ]
    for day, text in said:
        message = {"role": "user", "name": "Ines", "content": text}
        added = memory.add(message, user_id="ines", timestamp=day)
        for one in added["results"]:
            table.add_row(text, f"{one['event']}: {one['memory']}", one.get("previous_memory", ""))
    console.print(table)
    known = [item["memory"] for item in memory.get_all(user_id="ines")["results"]]
    return any("Porto" in fact for fact in known) and not any("Lisbon" in fact for fact in known)


def check(name: str, *, holds: bool) -> bool:
    """Print whether a promise holds."""
    console.print("[green]ok[/]  " if holds else "[red]FAILED[/]", name)
    return holds


def main() -> int:
    """Run the demo in a temporary directory, or in the one given."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch) / "memories"
        conversation = read("conversation.json")
        with Memory(path=path) as memory:
            ids = store(memory, conversation)
            found = ask(memory, ids)
            evidence = read("questions.json")[-1]["evidence"]
            changed, deleted = ids[evidence["session"], evidence["turn"]], ids["s1", 4]
            change(memory, changed, deleted)
            superseded = understand(memory)
        began = time.perf_counter()
        with Memory(path=path) as memory:
            hits = memory.search("favourite colour", user_id=USER, limit=5)["results"]
            took = time.perf_counter() - began
            console.print(f"Closed and reopened; first answer after {took * 1000:.0f} ms.")
            events = [entry["event"] for entry in memory.history(deleted)]
            checks = [
                check(f"at least {ENOUGH} questions found their answer", holds=found >= ENOUGH),
                check("a changed fact replaced the old one", holds=superseded),
                check("every memory is stored", holds=memory.count(user_id=USER) == len(ids) - 1),
                check(
                    "the changed fact is found",
                    holds=any(hit["id"] == changed and "sea blue" in hit["memory"] for hit in hits),
                ),
                check("the deleted fact is gone", holds=memory.get(deleted) is None),
                check("its history is kept", holds=events == ["ADD", "DELETE"]),
            ]
        return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
