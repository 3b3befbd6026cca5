"""mem0's module name for the clients of its hosted service, which memfast has not.

They can be imported, as programs do that use `Memory` alone, and say so when one is made.
"""

from __future__ import annotations

from typing import NoReturn

from memfast.errors import ConfigurationError

__all__ = ["AsyncMemoryClient", "MemoryClient"]


class MemoryClient:
    """Raises ConfigurationError: there is no hosted service."""

    def __new__(cls, *_: object, **__: object) -> NoReturn:
        """Raise ConfigurationError."""
        raise ConfigurationError(
            f"{cls.__name__} talks to mem0's hosted service, and memfast has none: it keeps "
            "memories on this machine",
            suggestion=f"Use {cls.__name__.removesuffix('Client')}(path=...); its calls have the "
            "same names.",
        )


class AsyncMemoryClient(MemoryClient):
    """Raises ConfigurationError: there is no hosted service."""
