"""Conversations of a file become memories: `memfast import --infer`."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from inspect import Signature, signature
from pathlib import Path
from typing import Any

from memfast._flows.many import in_threads, scope_of
from memfast.errors import RowError, ValidationError
from memfast.transfer.lines import json_rows, open_binary
from memfast.transfer.progress import Tell, progress_of
from memfast.transfer.rows import BadRow

# Conversations that are read before the first of them is done with.
AHEAD = 1_000


@dataclass(frozen=True, slots=True)
class ConversationReport:
    """What became of the conversations of a file.

    Attributes:
        counts: How many ended "stored", "empty", "pending" or "failed".
        skipped: How many an earlier run had done.
        seconds: How long it took.
        outcomes: Where each is told of.
    """

    counts: Mapping[str, int]
    skipped: int
    seconds: float
    outcomes: Path


def import_conversations(
    add: Callable[..., Any],
    source: str | Path,
    *,
    scope: Mapping[str, str | None],
    outcomes: str | Path | None = None,
    strict: bool = False,
    max_concurrency: int = 8,
    progress: bool | Tell | None = None,
) -> ConversationReport:
    """Add the conversations of a JSON lines file, several at a time.

    What becomes of each is written to a file as soon as it is known, so an import that was
    interrupted is run again as it is: what was done is skipped, and what failed is tried again.

    Args:
        add: `Memory.add`.
        source: A .jsonl or .jsonl.gz file; each line holds the arguments of `add`, such as
            `{"messages": [...], "user_id": "ann"}`.
        scope: Ids of conversations that name none.
        outcomes: Where the outcomes go. Default: SOURCE.outcomes.jsonl.
        strict: Stop at the first line that holds no conversation; otherwise it has failed, and the
            others are added.
        max_concurrency: Most conversations at a time; those of one scope follow one another.
        progress: A bar on stderr, or a function told how many are done and, where known, in all.

    Raises:
        RowError: With `strict`, a line holds no conversation; those before it are stored.
        ValidationError: There is no such file.
    """
    started = time.perf_counter()
    path = Path(source)
    if not path.is_file():
        raise ValidationError(f"there is no file {str(path)!r}", details={"path": str(path)})
    journal = _Journal(Path(outcomes or f"{path}.outcomes.jsonl"))
    ids = {name: value for name, value in scope.items() if value is not None}

    def add_one(*, line: int, key: str, **arguments: Any) -> Any:
        told = add(**arguments)
        journal.write(line, key, told)
        return told

    with progress_of(progress) as tell, open_binary(path) as (file, _):
        waiting: list[dict[str, Any]] = []

        def work() -> None:
            for one, told in zip(
                waiting, in_threads(add_one, waiting, max_concurrency, None), strict=True
            ):
                if told["status"] == "failed":
                    journal.write(one["line"], one["key"], told)
            waiting.clear()
            tell(journal.skipped + sum(journal.counts.values()), None)

        try:
            for one in _fresh(_read(path, file, ids, signature(add)), journal, strict=strict):
                waiting.append(one)
                if len(waiting) >= AHEAD:
                    work()
        except RowError:
            # What came before the bad line is stored.
            work()
            raise
        work()
    seconds = time.perf_counter() - started
    return ConversationReport(journal.counts, journal.skipped, seconds, journal.path)


def _read(
    path: Path, file: Any, ids: Mapping[str, str], arguments: Signature
) -> Iterator[dict[str, Any] | BadRow]:
    for row in json_rows(path, file):
        if isinstance(row, BadRow):
            yield row
            continue
        if "messages" not in row.values:
            yield BadRow(row.line, "no conversation: it has no 'messages'", row.values)
            continue
        try:
            scope_of(arguments, {**ids, **row.values})
        except ValidationError as error:
            yield BadRow(row.line, error.message, row.values)
            continue
        text = json.dumps(row.values, sort_keys=True)
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        yield {**ids, **row.values, "line": row.line, "key": key}


def _fresh(
    rows: Iterator[dict[str, Any] | BadRow], journal: _Journal, *, strict: bool
) -> Iterator[dict[str, Any]]:
    """Yield the conversations that are not done; tell of lines that hold none."""
    for row in rows:
        if not isinstance(row, BadRow):
            if not journal.knows(row["line"], row["key"]):
                yield row
        elif strict:
            raise RowError.at(row.line, row.reason)
        else:
            journal.write(row.line, "", {"status": "failed", "results": [], "error": row.reason})


class _Journal:
    """What became of each conversation, a line each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.skipped = 0
        self._lock = threading.Lock()
        self._done = set(self._known())

    def _known(self) -> Iterator[tuple[int, str]]:
        if not self.path.exists():
            return
        for text in self.path.read_text("utf-8").splitlines():
            try:
                entry = json.loads(text)
            except ValueError:
                continue  # the last line of a run that was killed
            if entry.get("status") != "failed":
                yield entry["line"], entry["key"]

    def knows(self, line: int, key: str) -> bool:
        """Tell whether a conversation was done, and count it if so."""
        known = (line, key) in self._done
        self.skipped += known
        return known

    def write(self, line: int, key: str, told: Mapping[str, Any]) -> None:
        """Tell what became of a conversation."""
        entry = {"line": line, "key": key, "status": told["status"]}
        entry["memories"] = [one["id"] for one in told["results"]]
        entry |= {name: told[name] for name in ("error", "pending", "rejected") if name in told}
        text = json.dumps(entry, default=str)
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            self.counts[told["status"]] += 1
            file.write(text + "\n")
