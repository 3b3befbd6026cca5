"""A program with `mem0` replaced by `memfast` in its imports finds what it names."""

from __future__ import annotations

import importlib

import pytest

import memfast


@pytest.mark.parametrize(
    ("module", "name", "same"),
    [
        ("memfast.memory.main", "Memory", memfast.Memory),
        ("memfast.memory.main", "AsyncMemory", memfast.AsyncMemory),
        ("memfast.exceptions", "ValidationError", memfast.ValidationError),
        ("memfast.exceptions", "MemoryError", memfast.MemfastError),
        ("memfast.exceptions", "LLMError", memfast.LLMError),
    ],
)
def test_mem0s_module_names_stand_for_the_same_classes(
    module: str, name: str, same: object
) -> None:
    assert getattr(importlib.import_module(module), name) is same
