"""A memory layer for LLM agents: embedded, offline by default, exact inside a scope."""

import typing as _typing

from memfast.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    DatabaseError,
    DependencyError,
    DimensionError,
    EmbedderMismatchError,
    EmbeddingError,
    FilterError,
    LLMError,
    Mem0ValidationError,
    MemfastError,
    MemoryCorruptionError,
    MemoryNotFoundError,
    MemoryQuotaExceededError,
    NetworkError,
    RateLimitError,
    RowError,
    StoreLockedError,
    ValidationError,
    VectorStoreError,
)
from memfast.memory import Memory

if _typing.TYPE_CHECKING:
    from memfast.async_memory import AsyncMemory

__all__ = [
    "AsyncMemory",
    "AuthenticationError",
    "ConfigurationError",
    "ConflictError",
    "DatabaseError",
    "DependencyError",
    "DimensionError",
    "EmbedderMismatchError",
    "EmbeddingError",
    "FilterError",
    "LLMError",
    "Mem0ValidationError",
    "MemfastError",
    "Memory",
    "MemoryCorruptionError",
    "MemoryNotFoundError",
    "MemoryQuotaExceededError",
    "NetworkError",
    "RateLimitError",
    "RowError",
    "StoreLockedError",
    "ValidationError",
    "VectorStoreError",
]


def __getattr__(name: str) -> _typing.Any:
    # It brings asyncio, which a program without an event loop need not load.
    if name == "AsyncMemory":
        from memfast.async_memory import AsyncMemory

        return AsyncMemory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
