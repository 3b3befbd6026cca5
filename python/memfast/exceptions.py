"""mem0's module name for the errors; `MemoryError` is its name of `MemfastError`."""

from memfast.errors import (
    AuthenticationError,
    CacheError,
    ConfigurationError,
    DatabaseError,
    DependencyError,
    EmbeddingError,
    GraphStoreError,
    LLMError,
    MemfastError,
    MemoryCorruptionError,
    MemoryNotFoundError,
    MemoryQuotaExceededError,
    NetworkError,
    RateLimitError,
    ValidationError,
    VectorSearchError,
    VectorStoreError,
)

MemoryError = MemfastError  # noqa: A001 - mem0's name, though it hides the built-in one

__all__ = [
    "AuthenticationError",
    "CacheError",
    "ConfigurationError",
    "DatabaseError",
    "DependencyError",
    "EmbeddingError",
    "GraphStoreError",
    "LLMError",
    "MemfastError",
    "MemoryCorruptionError",
    "MemoryError",
    "MemoryNotFoundError",
    "MemoryQuotaExceededError",
    "NetworkError",
    "RateLimitError",
    "ValidationError",
    "VectorSearchError",
    "VectorStoreError",
]
