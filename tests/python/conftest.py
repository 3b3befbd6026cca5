from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from memfast.testing import fake_memory
from tests.python.campaign import rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
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


def encodable(value: object) -> object:
    """Escape lone surrogates in all texts of a value."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case dict():
            return {encodable(key): encodable(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(encodable(item) for item in value)
        case _:
            return value


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, object, object]:
    """Reports cross from worker processes as UTF-8; logs of tests may hold lone surrogates."""
    report = yield
    return encodable(report)


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
