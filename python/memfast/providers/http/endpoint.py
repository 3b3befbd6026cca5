"""A provider's endpoint: runs talks with it, as many at once as its settings allow."""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from typing import TypeVar

from memfast.providers.http.carrier import Carrier, PerLoop
from memfast.providers.http.drivers import arun, run
from memfast.providers.http.failures import EndpointError, failed
from memfast.providers.http.settings import Settings
from memfast.providers.http.talk import Send, Talk

T = TypeVar("T")


class Endpoint:
    """Runs talks; the time of a talk starts when it gets its slot.

    Args:
        settings: The limits, and what errors may not show.
        carrier: Sends the requests.
    """

    def __init__(self, settings: Settings, carrier: Carrier) -> None:
        self.settings = settings
        self._carrier = carrier
        self._slots = threading.BoundedSemaphore(settings.max_concurrency)
        self._loop_slots = self._slots_of_loops()
        _ENDPOINTS.add(self)

    def run(self, talk: Talk[T]) -> T:
        """Return the result of a talk, or raise what it raises."""
        with self._slots:
            return run(talk, self._fetch)

    async def arun(self, talk: Talk[T]) -> T:
        """Do as `run` does, without blocking the event loop."""
        async with self._loop_slots.here():
            return await arun(talk, self._afetch)

    def close(self) -> None:
        """Close the connections of the threads; a later call opens new ones."""
        self._carrier.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        await self._carrier.aclose()

    def reset(self) -> None:
        """Start over in a child process, where no thread of the parent gives its slot back."""
        self._slots = threading.BoundedSemaphore(self.settings.max_concurrency)
        self._loop_slots = self._slots_of_loops()
        self._carrier.reset()

    def _slots_of_loops(self) -> PerLoop[asyncio.Semaphore]:
        return PerLoop(lambda: asyncio.Semaphore(self.settings.max_concurrency))

    def _fetch(self, send: Send) -> str | EndpointError:
        try:
            return self._carrier.fetch(send)
        except Exception as error:  # noqa: BLE001 - the HTTP libraries have no common base
            return failed(error, self.settings.secrets)

    async def _afetch(self, send: Send) -> str | EndpointError:
        try:
            return await self._carrier.afetch(send)
        except Exception as error:  # noqa: BLE001 - as in `_fetch`
            return failed(error, self.settings.secrets)


_ENDPOINTS: weakref.WeakSet[Endpoint] = weakref.WeakSet()


def _forked() -> None:
    for endpoint in _ENDPOINTS:
        endpoint.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
