"""The public names, and what importing memfast loads."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import memfast


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, each by name: the order ruff keeps (RUF022)."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def test_all_is_sorted_and_has_no_doubles() -> None:
    assert memfast.__all__ == sorted(set(memfast.__all__), key=order)


@pytest.mark.parametrize("name", memfast.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(memfast, name) is not None


def test_no_module_exports_an_undocumented_name() -> None:
    stray = {
        name
        for name, value in vars(memfast).items()
        if not name.startswith("_")
        and not (isinstance(value, ModuleType) and value.__name__ == f"memfast.{name}")
    }
    assert stray <= set(memfast.__all__)


@pytest.mark.parametrize(
    "heavy",
    ["duckdb", "httpx", "httpx2", "litellm", "numpy", "openai", "pyarrow", "pydantic", "typer"],
)
def test_import_memfast_loads_no_heavy_module(heavy: str) -> None:
    code = f"import sys, memfast; sys.exit({heavy!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("heavy", ["asyncio", "json_repair", "memfast.extraction.rules"])
def test_opening_and_searching_a_store_loads_no_heavy_module(heavy: str) -> None:
    code = f"""
import sys, memfast
memory = memfast.Memory(path=":memory:")
memory.add("I live in Oslo", user_id="ann", infer=False)
memory.search("Oslo", user_id="ann")
sys.exit({heavy!r} in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
