"""The stores that the contract is tested with; `--store=URL` names another one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from memfast.errors import StoreClosedError
from memfast.stores.protocol import EmbedderIdentity, StoreSettings
from memfast.stores.registry import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memfast.stores.protocol import Store

SETTINGS = StoreSettings(EmbedderIdentity("", 2, ""))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", action="append", default=[], help="place of a store to test")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "place" in metafunc.fixturenames:
        given: list[str] = metafunc.config.getoption("--store")
        metafunc.parametrize("place", given or [":memory:", "directory"])


@pytest.fixture
def store(place: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "store") if place == "directory" else place, SETTINGS)
    yield opened
    # Another store may keep what a test wrote; a test may have closed this one.
    with suppress(StoreClosedError):
        opened.reset()
    opened.close()
