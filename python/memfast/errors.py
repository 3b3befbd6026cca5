"""All errors of memfast, one tree; a stdlib base stands where callers expect one.

MemfastError
├── ValidationError (ValueError)            fix the call
│   ├── FilterError
│   ├── DimensionError
│   └── RowError                            correct the row, or import without strict=True
├── MemoryNotFoundError (LookupError, ValueError)
├── ConflictError                           read the memory again and decide again
├── TransactionClosedError                  begin another transaction
├── ConfigurationError (ValueError)         fix the settings
│   └── EmbedderMismatchError
├── DependencyError (ImportError)           install what it names
├── EmbeddingError                          a provider failed
├── LLMError
├── AuthenticationError
├── RateLimitError
├── MemoryQuotaExceededError
├── NetworkError (ConnectionError)
├── VectorStoreError
│   └── VectorSearchError
├── GraphStoreError
├── CacheError
└── DatabaseError                           the store failed
    ├── StoreLockedError                    close it elsewhere
    ├── StoreClosedError                    open it again
    ├── StoreForkedError
    ├── StoreMovedError                     put the files back
    ├── StoreFullError                      free disk space, then repeat the call
    ├── StorePoisonedError
    ├── StoreReadOnlyError
    ├── StoreFormatError
    └── MemoryCorruptionError               restore a backup
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

# Characters of a value that a message, a log line or a detail shows.
SHOWN = 80
# Details that name a file are whole.
PLACES = frozenset({"path", "history", "target"})
# Levels of a detail that are shortened one by one; a deeper part is shortened as a whole.
LEVELS = 4
# Values of a detail that are kept: shared ones, which take no memory, would have no end as copies.
DETAILED = 10_000


def shown(value: object) -> str:
    """Return a value as messages show it: at most 80 characters of its representation."""
    text = ""
    try:
        for part in _parts(value):
            text += part
            if len(text) > SHOWN:
                break
    except Exception:  # noqa: BLE001 - a value that cannot be shown is still refused
        text = f"<{type(value).__name__}>"
    return brief(text)


def _parts(value: Any) -> Iterator[str]:
    """Yield a value's representation piece by piece, so that only its start is made.

    The whole may be far larger than the value: in a list of lists the same one may stand anywhere.
    """
    kind = type(value)
    if isinstance(value, str | bytes | bytearray):
        yield repr(value[: SHOWN + 1])
    elif kind is dict:
        yield "{"
        for at, (key, item) in enumerate(value.items()):
            yield ", " if at else ""
            yield from _parts(key)
            yield ": "
            yield from _parts(item)
        yield "}"
    elif kind is list or kind is tuple:
        yield "[" if kind is list else "("
        for at, item in enumerate(value):
            yield ", " if at else ""
            yield from _parts(item)
        yield "]" if kind is list else ",)" if len(value) == 1 else ")"
    else:
        yield repr(value)


def brief(text: str) -> str:
    """Return a text as messages show it: at most 80 characters of it."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _detail(value: Any, room: Iterator[int], levels: int = LEVELS) -> Any:
    """Return a value with each text in it cut to 80 characters, and no more values than `room`."""
    if isinstance(value, str):
        return brief(value)
    if levels and isinstance(value, Mapping):
        return {
            _detail(key, room, 0): _detail(one, room, levels - 1)
            for (key, one), _ in zip(value.items(), room, strict=False)
        }
    if levels and isinstance(value, list | tuple):
        return [_detail(one, room, levels - 1) for one, _ in zip(value, room, strict=False)]
    text = shown(value)
    return value if len(text) < SHOWN else text


class MemfastError(Exception):
    """Base of all errors.

    Attributes:
        message: What was wrong, with the value.
        error_code: Stable code, such as VALIDATION_001.
        details: The values, by name; of a text longer than 80 characters, its start.
        suggestion: What to do, where there is more to say than the message does; the traceback
            shows it as a hint.
        debug_info: What helps to find the cause.
    """

    default_code: ClassVar[str] = "MEMFAST_001"
    default_suggestion: ClassVar[str | None] = None

    def __init__(
        self,
        message: str,
        error_code: str | None = None,
        details: Mapping[str, Any] | None = None,
        suggestion: str | None = None,
        debug_info: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = error_code or self.default_code
        room = iter(range(DETAILED))
        self.details = {
            name: value if name in PLACES else _detail(value, room)
            for name, value in (details or {}).items()
        }
        # Of this class alone: advice about failures does not help with a closed store.
        self.suggestion = suggestion or vars(type(self)).get("default_suggestion")
        self.debug_info = dict(debug_info or {})
        if self.suggestion:
            # A note shows in the traceback and leaves str() the message alone.
            self.add_note(f"hint: {self.suggestion}")

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(message={self.message!r}, error_code={self.error_code!r}, "
            f"details={self.details!r}, suggestion={self.suggestion!r}, "
            f"debug_info={self.debug_info!r})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (self.message, self.error_code, self.details, self.suggestion, self.debug_info)
        return (type(self), fields)


class ValidationError(MemfastError, ValueError):
    """An argument is wrong; the call changed nothing."""

    default_code = "VALIDATION_004"


Mem0ValidationError = ValidationError


class FilterError(ValidationError):
    """A filter is malformed; the message names the place."""

    default_code = "VALIDATION_005"


class DimensionError(ValidationError):
    """A vector has another length than those of the store."""

    default_code = "VALIDATION_006"


class RowError(ValidationError):
    """A row of an import is bad; nothing of its batch was stored."""

    default_code = "IMPORT_001"

    @classmethod
    def at(cls, line: int, reason: str) -> RowError:
        """Return the error about the row that stands in a line."""
        return cls(f"line {line}: {reason}", details={"line": line, "reason": reason})


class MemoryNotFoundError(MemfastError, LookupError, ValueError):
    """No memory has the id."""

    default_code = "MEM_404"


class ConflictError(MemfastError):
    """Another call changed a memory meanwhile; nothing of the call was kept."""

    default_code = "MEM_409"


class TransactionClosedError(MemfastError):
    """A transaction was used after its end; the call changed nothing."""

    default_code = "TX_CLOSED"
    default_suggestion = "Make the changes inside the block, or begin another transaction."


class ConfigurationError(MemfastError, ValueError):
    """A setting is wrong or missing."""

    default_code = "CFG_001"


class EmbedderMismatchError(ConfigurationError):
    """The store holds the vectors of another embedder."""

    default_code = "CFG_002"


class UnsupportedError(MemfastError, NotImplementedError):
    """The store cannot do what was asked; nothing was changed."""

    default_code = "STORE_UNSUPPORTED"


class DependencyError(MemfastError, ImportError):
    """A package is missing."""

    default_code = "DEPS_001"
    default_suggestion = "Install the package that the message names."


class EmbeddingError(MemfastError):
    """An embedder failed."""

    default_code = "EMBED_001"
    default_suggestion = "Check the embedder: its model, key and place."


class LLMError(MemfastError):
    """A language model failed."""

    default_code = "LLM_001"
    default_suggestion = "Check the language model: its name, key and place."


class AuthenticationError(MemfastError):
    """An endpoint refused the key."""

    default_code = "AUTH_001"


class RateLimitError(MemfastError):
    """An endpoint asks to slow down."""

    default_code = "RATE_001"


class MemoryQuotaExceededError(MemfastError):
    """A quota is used up."""

    default_code = "QUOTA_001"


class NetworkError(MemfastError, ConnectionError):
    """An endpoint was not reached."""

    default_code = "NET_001"


class VectorStoreError(MemfastError):
    """A vector operation failed."""

    default_code = "VECTOR_001"
    default_suggestion = "Check the vectors and the embedder that made them."


class VectorSearchError(VectorStoreError):
    """A vector search failed."""

    default_code = "VEC_001"


class GraphStoreError(MemfastError):
    """A graph operation failed."""

    default_code = "GRAPH_001"
    default_suggestion = "Leave the graph store out of the configuration."


class CacheError(MemfastError):
    """A cache failed."""

    default_code = "CACHE_001"


class DatabaseError(MemfastError):
    """The store failed."""

    default_code = "DB_001"
    default_suggestion = "Check the store's directory, its rights and the free space of the disk."


class StoreLockedError(DatabaseError):
    """Another process, or another handle of this one, has the store open."""

    default_code = "DB_LOCKED"


class StoreClosedError(DatabaseError):
    """The memory was closed."""

    default_code = "DB_CLOSED"


class StoreForkedError(DatabaseError):
    """The memory was opened by the parent of this process."""

    default_code = "DB_FORKED"


class StoreMovedError(DatabaseError):
    """The database was moved, removed or replaced while it was open; nothing was written."""

    default_code = "DB_MOVED"


class StoreFullError(DatabaseError):
    """The disk is full; nothing of the call was kept. Reads, deletes and `reset` still work."""

    default_code = "DB_FULL"


class StorePoisonedError(DatabaseError):
    """An earlier write failed; the store only reads until it is opened again."""

    default_code = "DB_POISONED"


class StoreReadOnlyError(DatabaseError):
    """The memory was opened with `read_only=True`."""

    default_code = "DB_READ_ONLY"


class StoreFormatError(DatabaseError):
    """The database was written by a newer memfast, or is not a store; it was not changed."""

    default_code = "DB_FORMAT"


class MemoryCorruptionError(DatabaseError):
    """Bytes on disk are not what was written."""

    default_code = "CORRUPT_001"
