"""What carries requests to a provider, and what belongs to one event loop of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from memfast.providers.http.talk import Send

T = TypeVar("T")


class Carrier(Protocol):
    """Sends a request, and raises whatever its library raises."""

    def fetch(self, send: Send) -> str:
        """Return the body of the reply."""
        ...

    async def afetch(self, send: Send) -> str:
        """Return the body of the reply, without blocking the event loop."""
        ...

    def reset(self) -> None:
        """Forget all connections without closing them: a child process does not own them."""
        ...

    def close(self) -> None:
        """Close the connections of the threads; a later call opens new ones."""
        ...

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        ...


class PerLoop(Generic[T]):
    """One object for each event loop, dropped when its loop is closed.

    Args:
        make: Makes the object of a loop when it is first needed.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._held: dict[asyncio.AbstractEventLoop, T] = {}

    def __len__(self) -> int:
        return len(self._held)

    def here(self) -> T:
        """Return the object of the running event loop."""
        loop = asyncio.get_running_loop()
        with self._lock:
            for other in [other for other in self._held if other.is_closed()]:
                del self._held[other]
            if loop not in self._held:
                self._held[loop] = self._make()
            return self._held[loop]

    def pop(self) -> T | None:
        """Remove and return the object of the running event loop; None if it has none."""
        with self._lock:
            return self._held.pop(asyncio.get_running_loop(), None)
