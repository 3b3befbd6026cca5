"""What the adapters of embedders, language models and rerankers share."""

from __future__ import annotations

from memfast.errors import ConfigurationError, DependencyError, MemfastError

# Modules that call the objects of callers.
_ADAPTERS = frozenset(
    f"memfast.providers.{name}"
    for name in ("_embedder_adapter", "_llm_adapter", "_reranker_adapter")
)


class Closing:
    """Closes the wrapped object if it was made for the wrapper; a caller's object stays open.

    Attributes:
        inner: The wrapped object.
        owned: Whether it was made for the wrapper.
    """

    inner: object
    owned: bool

    def close(self) -> None:
        """Close the connections of the threads; a later call opens new ones."""
        close = getattr(self.inner, "close", None) if self.owned else None
        if close is not None:
            close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        close = getattr(self.inner, "aclose", None) if self.owned else None
        if close is not None:
            await close()


def name_of(inner: object) -> str:
    """Return an object's `name`, or else the qualified name of the function or class."""
    named = inner if hasattr(inner, "__qualname__") else type(inner)
    return str(getattr(inner, "name", None) or f"{named.__module__}.{named.__qualname__}")


def is_uncallable(error: Exception) -> bool:
    """Return whether a function of the caller cannot be called with the adapter's arguments."""
    trace = error.__traceback__
    # In the innermost frame the adapter made the call: no frame of the function was started.
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    ours = trace is not None and trace.tb_frame.f_globals.get("__name__") in _ADAPTERS
    return isinstance(error, TypeError) and ours


def kind_of(error: Exception, other: type[MemfastError]) -> type[MemfastError]:
    """Return the class of the error for a failure of a caller's object; `other` for most."""
    if isinstance(error, ImportError):
        return DependencyError
    if isinstance(error, NotImplementedError) or is_uncallable(error):
        return ConfigurationError
    return other


def missing_package(kind: str, name: str, extra: str) -> DependencyError:
    """Return the error about a model whose package is not installed."""
    return DependencyError(
        f'{kind} `{name}` needs an extra package; run `pip install "memfast[{extra}]"`',
        details={kind: name},
    )
