from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from memfast.testing import fake_memory
from tests.python.campaign import rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from memfast import Memory

# Programs that tests run as processes.
collect_ignore = ["mem0_programs"]

# `derandomize` fixes the seeds; no deadline, as a test must not depend on the machine's speed.
settings.register_profile(
    "memfast",
    deadline=None,
    derandomize=True,
    print_blob=True,
    max_examples=rounds(test=40, campaign=1000),
)
settings.load_profile("memfast")


def pytest_configure(config: pytest.Config) -> None:
    """No test or docstring example may touch the user's own store."""
    home = tempfile.TemporaryDirectory(prefix="memfast-tests-")
    patch = pytest.MonkeyPatch()
    patch.setenv("MEMFAST_HOME", home.name)
    config.add_cleanup(home.cleanup)
    config.add_cleanup(patch.undo)


@pytest.fixture
def memory() -> Iterator[Memory]:
    with fake_memory() as memory:
        yield memory


@pytest.fixture
def disk_memory(tmp_path: Path) -> Iterator[Callable[..., Memory]]:
    """Open a memory on disk: the same name twice is the same store, closed in between."""
    opened: dict[str, Memory] = {}

    def open_memory(name: str = "store") -> Memory:
        if name in opened:
            opened[name].close()
        opened[name] = fake_memory(path=tmp_path / name)
        return opened[name]

    yield open_memory
    for memory in opened.values():
        memory.close()
