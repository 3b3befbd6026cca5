"""Conversations of a file become memories: `memfast import --infer`."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from memfast._context import UNBOUND
from memfast._flows.many import Arguments, add_each, owner_of
from memfast._steps import Flow, done_at_once, run
from memfast.config import expanded
from memfast.errors import RowError, ValidationError
from memfast.transfer.limits import Limits, Meter
from memfast.transfer.lines import json_rows, open_binary
from memfast.transfer.progress import Tell, progress_of
from memfast.transfer.rows import BadRow

if TYPE_CHECKING:
    from memfast.stores.protocol import Scope
    from memfast.types import AddResult

# Conversations that are read before the first of them is done with.
AHEAD = 1_000


@dataclass(frozen=True, slots=True)
class ConversationReport:
    """What became of the conversations of a file.

    Attributes:
        counts: How many ended "stored", "empty", "pending" or "failed".
        skipped: How many the store had from an earlier run.
        seconds: How long it took.
        outcomes: The file with the outcome of each.
    """

    counts: Mapping[str, int]
    skipped: int
    seconds: float
    outcomes: Path


def import_conversations(
    add: Callable[..., AddResult],
    source: str | Path,
    *,
    scope: Mapping[str, str | None],
    outcomes: str | Path | None = None,
    strict: bool = False,
    max_concurrency: int = 8,
    progress: bool | Tell | None = None,
) -> ConversationReport:
    """Add the conversations of a JSON lines file, several at a time.

    Each is added once: the store itself knows which it has, so an import that was interrupted is
    run again as it is. What failed is tried again. What becomes of each is written to a file as
    soon as it is known.

    Args:
        add: `Memory.add`.
        source: A .jsonl or .jsonl.gz file; each line holds the arguments of `add`, such as
            `{"messages": [...], "user_id": "ann"}`.
        scope: Ids of conversations that name none.
        outcomes: Where the outcomes go. Default: SOURCE.outcomes.jsonl.
        strict: Stop at the first line that holds no conversation; otherwise it has failed, and the
            others are added.
        max_concurrency: Most conversations at a time; those of one scope follow one another.
        progress: A bar on stderr, or a function called with how many are done and, where known,
            in all.

    Raises:
        RowError: With `strict`, a line holds no conversation; those before it are stored.
        ValidationError: There is no such file.
    """
    started = time.perf_counter()
    path = expanded(source)
    if not path.is_file():
        raise ValidationError(f"there is no file {str(path)!r}", details={"path": str(path)})
    report = _Outcomes(expanded(outcomes or f"{path}.outcomes.jsonl"))
    ids = {name: value for name, value in scope.items() if value is not None}

    whose = partial(owner_of, signature(add), UNBOUND)
    with progress_of(progress) as tell, open_binary(path) as (file, _):
        adding = _Adding(add, whose, report, max_concurrency, tell)
        for one in _read(path, file, ids, whose):
            if not isinstance(one, BadRow):
                adding.take(one)
            elif strict:
                # The conversations before the bad line are stored.
                adding.flush()
                raise RowError.at(one.line, one.reason)
            else:
                failed = {"status": "failed", "results": [], "error": one.reason}
                report.write(one.line, None, failed)
        adding.flush()
    seconds = time.perf_counter() - started
    return ConversationReport(report.counts, report.repeated, seconds, report.path)


def _read(
    path: Path, file: Any, ids: Mapping[str, str], whose: Callable[[Arguments], Scope]
) -> Iterator[dict[str, Any] | BadRow]:
    seen: Counter[str] = Counter()
    for row in json_rows(file, Meter(path, Limits())):
        if isinstance(row, BadRow):
            yield row
            continue
        if "messages" not in row.values:
            yield BadRow(row.line, "no conversation: it has no 'messages'", row.values)
            continue
        given = {**ids, **row.values}
        try:
            whose(given)
        except ValidationError as error:
            yield BadRow(row.line, error.message, row.values)
            continue
        text = json.dumps(row.values, sort_keys=True).encode("utf-8", "surrogatepass")
        key = blake2b(text, digest_size=16).hexdigest()
        seen[key] += 1
        # The same conversation may have been held twice.
        yield {"idempotency_key": f"{key}-{seen[key]}", **given, "line": row.line}


class _Adding:
    """Conversations that were read and not added yet."""

    def __init__(
        self,
        add: Callable[..., AddResult],
        whose: Callable[[Arguments], Scope],
        outcomes: _Outcomes,
        most: int,
        tell: Tell,
    ) -> None:
        self._add = add
        self._whose = whose
        self._outcomes = outcomes
        self._most = most
        self._tell = tell
        self._waiting: list[dict[str, Any]] = []

    def take(self, conversation: dict[str, Any]) -> None:
        """Add a conversation, with its `line`, now or with later ones."""
        self._waiting.append(conversation)
        if len(self._waiting) >= AHEAD:
            self.flush()

    def flush(self) -> None:
        """Add all that were taken."""
        flow = add_each(self._begin, self._owner, self._waiting, self._most, None)
        for one, outcome in zip(self._waiting, run(flow), strict=True):
            if outcome["status"] == "failed":
                self._outcomes.write(one["line"], one["idempotency_key"], outcome)
        self._waiting.clear()
        self._tell(self._outcomes.repeated + sum(self._outcomes.counts.values()), None)

    def _begin(self, conversation: Arguments) -> Flow[AddResult]:
        outcome = self._add(**_without_line(conversation))
        line, key = conversation["line"], conversation["idempotency_key"]
        self._outcomes.write(cast("int", line), cast("str", key), outcome)
        return done_at_once(outcome)

    def _owner(self, conversation: Arguments) -> Scope:
        return self._whose(_without_line(conversation))


def _without_line(conversation: Arguments) -> dict[str, Any]:
    return {name: value for name, value in conversation.items() if name != "line"}


class _Outcomes:
    """What became of each conversation, a line each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.repeated = 0
        self._lock = threading.Lock()
        if path.exists() and (size := path.stat().st_size):
            with path.open("rb+") as file:
                file.seek(size - 1)
                if file.read() != b"\n":
                    # The last line of a run that was killed.
                    file.write(b"\n")

    def write(self, line: int, key: str | None, outcome: Mapping[str, Any]) -> None:
        """Write the outcome of a conversation; one that the store had is only counted."""
        if outcome.get("repeated"):
            with self._lock:
                self.repeated += 1
            return
        entry = {"line": line, "key": key, "status": outcome["status"]}
        entry["memories"] = [one["id"] for one in outcome["results"]]
        entry |= {
            name: outcome[name] for name in ("error", "pending", "rejected") if name in outcome
        }
        text = json.dumps(entry, default=str)
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            self.counts[outcome["status"]] += 1
            file.write(text + "\n")
