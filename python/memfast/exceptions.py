"""mem0's module name for the errors; `MemoryError` is its name of `MemfastError`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

# The error that a status of an HTTP endpoint stands for, and what to do about it.
_STATUSES: dict[int, tuple[type[MemfastError], str]] = {
    400: (ValidationError, "Correct the request."),
    401: (AuthenticationError, "Check the API key."),
    403: (AuthenticationError, "Check what the API key is allowed to do."),
    404: (MemoryNotFoundError, "Check the id; what it names does not exist."),
    408: (NetworkError, "The request timed out; try again."),
    409: (ValidationError, "The request conflicts with another; read the memory and try again."),
    413: (MemoryQuotaExceededError, "The request is too large; send less at a time."),
    422: (ValidationError, "Correct the request."),
    429: (RateLimitError, "The rate limit is reached; wait before the next request."),
    500: (MemfastError, "The server failed; try again later."),
    502: (NetworkError, "The server is not reached; try again later."),
    503: (NetworkError, "The server is not available; try again later."),
    504: (NetworkError, "The server did not answer in time; try again later."),
}
HTTP_STATUS_TO_EXCEPTION = {status: kind for status, (kind, _) in _STATUSES.items()}


def create_exception_from_response(
    status_code: int,
    response_text: str,
    error_code: str | None = None,
    details: Mapping[str, Any] | None = None,
    debug_info: Mapping[str, Any] | None = None,
) -> MemfastError:
    """Return the error that an HTTP response stands for.

    Args:
        status_code: The status.
        response_text: The body; the status stands for an empty one.
        error_code: The server's own code. Default: "HTTP_" and the status.
        details: The values, by name.
        debug_info: What helps to find the cause.
    """
    kind, suggestion = _STATUSES.get(status_code, (MemfastError, "Try again later."))
    return kind(
        response_text or f"HTTP {status_code} error",
        error_code or f"HTTP_{status_code}",
        details,
        suggestion,
        debug_info,
    )


__all__ = [
    "HTTP_STATUS_TO_EXCEPTION",
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
    "create_exception_from_response",
]
