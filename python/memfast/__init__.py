"""A memory layer for LLM agents: embedded, offline by default, exact inside a scope."""

import sys as _sys
import typing as _typing

if _sys.platform in {"win32", "cygwin"}:
    raise ImportError(
        f"memfast runs on Linux and macOS (x86-64 and arm64), not on {_sys.platform!r}; on Windows "
        "use it inside WSL"
    )

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
    UnsupportedError,
    ValidationError,
    VectorStoreError,
)
from memfast.memory import Memory

if _typing.TYPE_CHECKING:
    __version__: str

    from memfast.async_memory import AsyncMemory
    from memfast.client.main import AsyncMemoryClient, MemoryClient
    from memfast.config import MemoryConfig
    from memfast.types import (
        AddedMemory,
        AddResult,
        BatchResult,
        Changed,
        Confirmation,
        EndedMemory,
        HistoryEntry,
        Hit,
        MemoryItem,
        MemoryPage,
        MessageItem,
        PendingInput,
        PromptContext,
        Reranked,
        RetryResult,
        SearchResult,
        StoreStats,
        UpdatedMemory,
    )

__all__ = [
    "AddResult",
    "AddedMemory",
    "AsyncMemory",
    "AsyncMemoryClient",
    "AuthenticationError",
    "BatchResult",
    "Changed",
    "ConfigurationError",
    "Confirmation",
    "ConflictError",
    "DatabaseError",
    "DependencyError",
    "DimensionError",
    "EmbedderMismatchError",
    "EmbeddingError",
    "EndedMemory",
    "FilterError",
    "HistoryEntry",
    "Hit",
    "LLMError",
    "Mem0ValidationError",
    "MemfastError",
    "Memory",
    "MemoryClient",
    "MemoryConfig",
    "MemoryCorruptionError",
    "MemoryItem",
    "MemoryNotFoundError",
    "MemoryPage",
    "MemoryQuotaExceededError",
    "MessageItem",
    "NetworkError",
    "PendingInput",
    "PromptContext",
    "RateLimitError",
    "Reranked",
    "RetryResult",
    "RowError",
    "SearchResult",
    "StoreLockedError",
    "StoreStats",
    "UnsupportedError",
    "UpdatedMemory",
    "ValidationError",
    "VectorStoreError",
    "__version__",
    "from_mem0",
]

# Loaded at first use: `import memfast` loads neither asyncio nor settings nor result types.
_LATER = {
    "AsyncMemory": "memfast.async_memory",
    "AsyncMemoryClient": "memfast.client.main",
    "MemoryClient": "memfast.client.main",
    "MemoryConfig": "memfast.config",
    **dict.fromkeys(
        (
            "AddResult",
            "AddedMemory",
            "BatchResult",
            "Changed",
            "Confirmation",
            "EndedMemory",
            "HistoryEntry",
            "Hit",
            "MemoryItem",
            "MemoryPage",
            "MessageItem",
            "PendingInput",
            "PromptContext",
            "Reranked",
            "RetryResult",
            "SearchResult",
            "StoreStats",
            "UpdatedMemory",
        ),
        "memfast.types",
    ),
}


def from_mem0(config: _typing.Any = None, *, config_dict: _typing.Any = None) -> Memory:
    """Open a memory with mem0's configuration.

    Settings that have no effect here (vector store, graph store, history database) are ignored,
    and named in one logged warning. A collection is a directory of its own: with a path
    `PATH/memfast/COLLECTION`, else under `MEMFAST_HOME` or the user's data directory. For
    `AsyncMemory` call `AsyncMemory.from_config(config, foreign="warn")`.

    Args:
        config: A dict or a pydantic model; None and {} open the default store.
        config_dict: mem0's name of it.

    Raises:
        ConfigurationError: A setting that is used is wrong; says what to write instead.
        DependencyError: A model needs a package that is missing; names the extra to install.
    """
    return Memory.from_config(config_dict if config is None else config, foreign="warn")


def __getattr__(name: str) -> _typing.Any:
    if name == "__version__":
        # It reads the package's metadata from disk.
        from importlib.metadata import version

        return version("memfast")
    if name in _LATER:
        import importlib

        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
