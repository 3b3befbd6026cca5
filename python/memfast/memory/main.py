"""mem0's module name for `Memory` and `AsyncMemory`."""

from memfast.async_memory import AsyncMemory
from memfast.memory import Memory

__all__ = ["AsyncMemory", "Memory"]
