"""mem0's module name for the kinds of memories."""

from enum import Enum

__all__ = ["MemoryType"]


class MemoryType(Enum):
    """Values of `memory_type`; `add` takes the last."""

    SEMANTIC = "semantic_memory"
    EPISODIC = "episodic_memory"
    PROCEDURAL = "procedural_memory"
