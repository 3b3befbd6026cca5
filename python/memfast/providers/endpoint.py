"""A place that speaks the OpenAI protocol, and how often, how long and by how many it is asked."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from memfast.providers.bodies import Body, atake, most, take
from memfast.providers.client import Settings, make_client
from memfast.providers.failures import EndpointError, failed, unmade

T = TypeVar("T")
# A longer wait is the caller's business.
LONGEST_WAIT = 120.0
LONGEST_BACKOFF = 8.0


@dataclass(slots=True)
class Loop:
    """What belongs to one event loop."""

    slots: asyncio.Semaphore
    client: Any = None


class Endpoint:
    """Sends requests and returns what the replies say; raises nothing but `EndpointError`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._begin()
        _ENDPOINTS.add(self)

    def _begin(self) -> None:
        self._slots = threading.BoundedSemaphore(self.settings.max_concurrency)
        self._lock = threading.Lock()
        self._client: Any = None
        self._shut: Callable[[], object] | None = None
        # A connection belongs to the event loop it was made in.
        self._loops: dict[asyncio.AbstractEventLoop, Loop] = {}

    @contextmanager
    def slot(self) -> Iterator[float]:
        """Wait until one more request may be under way; yield the moment its time is over."""
        with self._slots:
            # Waiting for others does not count.
            yield time.monotonic() + self.settings.deadline

    @asynccontextmanager
    async def aslot(self) -> AsyncIterator[float]:
        """Do as `slot` does, for the running event loop."""
        async with self._here().slots:
            yield time.monotonic() + self.settings.deadline

    def post(
        self,
        resource: str,
        request: dict[str, Any],
        read: Callable[[str], T],
        ends: float,
        *,
        retries: int | None = None,
    ) -> T:
        """Return what the reply says.

        Args:
            resource: "chat.completions" or "embeddings".
            request: The arguments of its `create`.
            read: Makes of the body what is returned, or raises an `EndpointError`.
            ends: When its time is over, as a slot tells.
            retries: In place of the settings' `max_retries`.
        """
        import tenacity

        retrying = tenacity.Retrying(**self._policy(retries, ends))
        reply: T = retrying(self._try, resource, clean(request), read, ends)
        return reply

    async def apost(
        self,
        resource: str,
        request: dict[str, Any],
        read: Callable[[str], T],
        ends: float,
        *,
        retries: int | None = None,
    ) -> T:
        """Do as `post` does, without holding the event loop."""
        import tenacity

        retrying = tenacity.AsyncRetrying(**self._policy(retries, ends))
        return await retrying(self._atry, resource, clean(request), read, ends)

    def close(self) -> None:
        """Close the connections of the threads; a later call opens new ones."""
        with self._lock:
            shut, self._shut, self._client = self._shut, None, None
        if shut is not None:
            shut()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        here = self._here()
        client, here.client = here.client, None
        if client is not None:
            await client.close()

    def _try(
        self, resource: str, request: dict[str, Any], read: Callable[[str], T], ends: float
    ) -> T:
        limit = self._limit(ends)
        try:
            body = self._fetch(resource, request, limit)
        except Exception as error:  # noqa: BLE001 - the HTTP libraries have no common base
            failure = failed(error, self.settings.secrets)
        else:
            return read(body)
        # Outside of the handler, and without its frames: what they hold has the key.
        raise failure.with_traceback(None)

    async def _atry(
        self, resource: str, request: dict[str, Any], read: Callable[[str], T], ends: float
    ) -> T:
        limit = self._limit(ends)
        try:
            body = await self._afetch(resource, request, limit)
        except Exception as error:  # noqa: BLE001 - as in `_try`
            failure = failed(error, self.settings.secrets)
        else:
            return read(body)
        raise failure.with_traceback(None)

    def _fetch(self, resource: str, request: dict[str, Any], limit: float) -> str:
        with self._lock:
            if self._client is None:
                self._client = self._made(native=False)
                # Its sockets are closed with the last reference, if nobody calls `close`.
                self._shut = weakref.finalize(self, self._client.close)
            create = _create(self._client, resource)
        with create(**request, timeout=self._timeout(limit)) as response:
            return take(Body(most(request)), response.http_response, limit).whole()

    async def _afetch(self, resource: str, request: dict[str, Any], limit: float) -> str:
        here = self._here()
        if here.client is None:
            here.client = self._made(native=True)
        create = _create(here.client, resource)
        async with (
            asyncio.timeout(limit),
            create(**request, timeout=self._timeout(limit)) as response,
        ):
            return (await atake(Body(most(request)), response.http_response)).whole()

    def _made(self, *, native: bool) -> Any:
        try:
            return make_client(self.settings, native=native)
        except Exception as error:  # noqa: BLE001 - as in `_try`
            failure = unmade(error, self.settings.secrets)
        raise failure

    def _here(self) -> Loop:
        loop = asyncio.get_running_loop()
        with self._lock:
            for other in [other for other in self._loops if other.is_closed()]:
                del self._loops[other]
            if loop not in self._loops:
                self._loops[loop] = Loop(asyncio.Semaphore(self.settings.max_concurrency))
            return self._loops[loop]

    def _limit(self, ends: float) -> float:
        left = ends - time.monotonic()
        if left <= 0:
            raise EndpointError(f"no whole answer came within {self.settings.deadline} s")
        return min(self.settings.timeout, left)

    def _timeout(self, limit: float) -> Any:
        import openai

        return openai.Timeout(limit, connect=min(self.settings.connect_timeout, limit))

    def _policy(self, retries: int | None, ends: float) -> dict[str, Any]:
        most = self.settings.max_retries if retries is None else retries

        def again(state: Any) -> bool:
            error = state.outcome.exception()
            return isinstance(error, EndpointError) and error.passing

        def wait(state: Any) -> float:
            asked: float | None = getattr(state.outcome.exception(), "retry_after", None)
            step: float = min(
                self.settings.backoff * 2 ** (state.attempt_number - 1), LONGEST_BACKOFF
            )
            spread = random.uniform(0.5, 1.0) * step  # noqa: S311 - jitter is no secret
            # All who were sent away come back at different moments.
            return spread if not asked else asked + min(spread, 0.1 * asked)

        def stop(state: Any) -> bool:
            pause: float = state.upcoming_sleep
            late = time.monotonic() + pause >= ends
            return bool(state.attempt_number > most or pause > LONGEST_WAIT or late)

        return {"retry": again, "wait": wait, "stop": stop, "reraise": True}


_ENDPOINTS: weakref.WeakSet[Endpoint] = weakref.WeakSet()


def _forked() -> None:
    """Begin anew: a child must neither talk over its parent's connections nor wait for threads.

    A thread that held a slot or the lock is not there in the child.
    """
    for endpoint in _ENDPOINTS:
        endpoint._begin()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _create(client: Any, resource: str) -> Any:
    part = client.chat.completions if resource == "chat.completions" else client.embeddings
    return part.with_streaming_response.create


def clean(value: Any) -> Any:
    """Return a request that UTF-8 can express: unpaired surrogates become question marks."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {clean(key): clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    return value
