"""Where the static table and the thesaurus of the package are."""

from __future__ import annotations

from atexit import register
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@cache
def static_directory() -> Path:
    """Return the directory of the files; of a zipped package, a copy until the process ends."""
    unpacked = ExitStack()
    register(unpacked.close)
    return unpacked.enter_context(as_file(files("memfast") / "data" / "static_embedder"))
