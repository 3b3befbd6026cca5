"""Judges what rules make of talk: cases in, shares and misses out.

`python tests/talk/judge.py FILE...` prints both for files of the form of `tests/talk/cases`:

- `utterances`: `before` is added first, each item in its own add; then `say` at the time `at`.
  Patterns are searched, case ignored, in "TEXT @YYYY-MM-DD" of the memories (without a day where
  there is no event time), `gone` in the text alone. Each list of `expect` must match one memory
  that `say` stored or changed; `gone` and `never` must match none; each of `keep` must match one;
  with `nothing` nothing may be stored.
- `sequences`: texts added at their dates; no memory that holds may match `outdated`, and the first
  hit for `ask` must match `current`.
- `statements`: single messages, each "useful", "weak" or "chatter"; is it stored?
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from memfast import Memory
from memfast.types import MemoryItem

Say = str | Sequence[Mapping[str, str]]
# Times of earlier messages, where a case gives none.
EARLIER = "2026-06-10T10:00:00+00:00"


class Said(TypedDict, total=False):
    """Messages, and when they were said."""

    say: Say
    at: str


class Utterance(TypedDict):
    """A message, what was said before it, and what must come of it."""

    group: str
    lang: str
    at: str
    before: list[Said]
    say: Say
    expect: list[list[str]]
    gone: list[str]
    keep: list[str]
    never: list[str]
    nothing: bool


class Story(TypedDict):
    """Texts at dates, and what holds in the end."""

    name: str
    told: list[tuple[str, str]]
    ask: str
    current: str
    outdated: list[str]


class Statement(TypedDict):
    """A message, and what it is worth."""

    text: str
    label: str


class Cases(TypedDict, total=False):
    """A file of cases."""

    utterances: list[Utterance]
    sequences: list[Story]
    statements: list[Statement]


@dataclass
class Verdict:
    """Counts of the demands that were met, and the misses.

    Attributes:
        met: By demand.
        of: All, by demand.
        misses: Each with the case and what was stored.
    """

    met: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def count(self, demand: str, met: bool, miss: str) -> None:
        """Count a demand."""
        self.of[demand] += 1
        self.met[demand] += met
        if not met:
            self.misses.append(f"{demand}: {miss}")

    def share(self, demand: str) -> float:
        """Return the share that was met; 1 where there was none."""
        return self.met[demand] / self.of[demand] if self.of[demand] else 1.0

    def __str__(self) -> str:
        rows = (f"{name}: {self.met[name]} of {self.of[name]}" for name in self.of)
        return "\n".join(rows)


def judge(cases: Iterable[Cases]) -> Verdict:
    """Judge files of cases, each case in a scope of its own."""
    verdict = Verdict()
    with Memory(":memory:") as memory:
        for number, file in enumerate(cases):
            for place, case in enumerate(file.get("utterances", [])):
                _utterance(memory, f"u{number}.{place}", case, verdict)
            for place, sequence in enumerate(file.get("sequences", [])):
                _sequence(memory, f"s{number}.{place}", sequence, verdict)
            for place, statement in enumerate(file.get("statements", [])):
                _statement(memory, f"t{number}.{place}", statement, verdict)
    return verdict


def _shown(item: MemoryItem) -> str:
    day = item.get("event_time", "")[:10]
    return f"{item['memory']} @{day}"


def _held(memory: Memory, user: str) -> dict[str, MemoryItem]:
    return {item["id"]: item for item in memory.get_all(user_id=user, limit=1000)["results"]}


def _has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _utterance(memory: Memory, user: str, case: Utterance, verdict: Verdict) -> None:
    for said in case["before"]:
        memory.add(_messages(said["say"]), user_id=user, timestamp=said.get("at", case["at"]))
    before = {
        one: (item["memory"], item.get("event_time")) for one, item in _held(memory, user).items()
    }
    memory.add(_messages(case["say"]), user_id=user, timestamp=case["at"])
    after = _held(memory, user)
    fresh = [
        _shown(item)
        for one, item in after.items()
        if before.get(one) != (item["memory"], item.get("event_time"))
    ]
    every = [_shown(item) for item in after.values()]
    last = case["say"] if isinstance(case["say"], str) else case["say"][-1]["content"]
    miss = f"[{case['group']}] {last!r} -> {fresh} (held: {every})"
    for wanted in case["expect"]:
        met = any(all(_has(pattern, text) for pattern in wanted) for text in fresh)
        verdict.count("recall", met, f"{wanted} {miss}")
    for pattern in case["gone"]:
        met = not any(_has(pattern, item["memory"]) for item in after.values())
        verdict.count("gone", met, f"{pattern} {miss}")
    for pattern in case["keep"]:
        verdict.count("keep", any(_has(pattern, text) for text in every), f"{pattern} {miss}")
    for pattern in case["never"]:
        verdict.count("never", not any(_has(pattern, text) for text in every), f"{pattern} {miss}")
    if case["nothing"]:
        verdict.count("nothing", not fresh, miss)
    for text in fresh if case["expect"] else []:
        right = any(all(_has(one, text) for one in wanted) for wanted in case["expect"])
        right = right and not any(_has(pattern, text) for pattern in case["never"])
        verdict.count("precision", right, f"{text!r} of {miss}")


def _sequence(memory: Memory, user: str, case: Story, verdict: Verdict) -> None:
    for day, text in case["told"]:
        memory.add(text, user_id=user, timestamp=f"{day}T12:00:00+00:00")
    held = [item["memory"] for item in _held(memory, user).values()]
    old = [text for text in held for one in case["outdated"] if _has(one, text)]
    verdict.count("outdated", not old, f"{case['name']}: {old} (held: {held})")
    hits = memory.search(case["ask"], user_id=user, limit=1)["results"]
    first = hits[0]["memory"] if hits else ""
    verdict.count("current", _has(case["current"], first), f"{case['name']}: {first!r} of {held}")


def _statement(memory: Memory, user: str, case: Statement, verdict: Verdict) -> None:
    memory.add(case["text"], user_id=user, timestamp=EARLIER)
    stored = [item["memory"] for item in _held(memory, user).values()]
    if case["label"] == "useful":
        verdict.count("useful kept", bool(stored), case["text"])
    if stored:
        verdict.count("kept useful", case["label"] == "useful", f"({case['label']}) {stored}")


def _messages(say: Say) -> str | list[dict[str, str]]:
    return say if isinstance(say, str) else [dict(message) for message in say]


def read(paths: Iterable[Path]) -> Iterator[Cases]:
    """Read files of cases."""
    for path in paths:
        cases: Cases = json.loads(path.read_text(encoding="utf-8"))
        yield cases


if __name__ == "__main__":
    judged = judge(read(map(Path, sys.argv[1:])))
    sys.stdout.write("\n".join([*judged.misses, str(judged), ""]))
