"""The victim of the fault tests: imports rows until it is done, killed or out of space."""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memfast import Memory
from memfast.testing import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 6000
DIM = 64


def rows(count: int = ROWS) -> Iterator[dict[str, Any]]:
    """Every third row has no id, every fourth brings its own vector."""
    for number in range(count):
        row: dict[str, Any] = {"memory": f"text {number}", "user_id": f"u{number % 5}"}
        if number % 3:
            row["id"] = f"m{number}"
        if number % 4 == 0:
            row["vector"] = [float(number + 1)] * DIM
        yield row


def open_store(path: Path) -> Memory:
    return Memory(path=path, embedder=HashEmbedder(dim=DIM))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(path: Path, largest: int) -> None:
    if largest:
        # A write beyond the limit fails as on a full disk, instead of killing the process.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    memory = open_store(path)
    say("begun")
    memory.import_(rows(), batch_rows=250, progress=lambda done, _: say(str(done)))
    say("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
