"""A place that speaks the OpenAI protocol, and how often, how long and by how many it is asked."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from memfast.providers.failures import EndpointError, Secrets, read

# A longer wait is the caller's business.
LONGEST_WAIT = 120.0
LONGEST_BACKOFF = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where requests go, with what key, and their limits.

    Attributes:
        provider: Name of the provider.
        base_url: The only place that requests go to; redirects are not followed.
        api_key: The key.
        api_version: Of Azure; None for all others.
        timeout: Seconds for one request as a whole.
        connect_timeout: Seconds to be connected.
        deadline: Seconds for a request with all its repetitions.
        max_retries: Repetitions of a request that failed in passing.
        backoff: Seconds before the first repetition, doubled with each.
        max_concurrency: Most requests under way at once, of threads and of each event loop.
        headers: Sent with each request.
    """

    provider: str
    base_url: str
    api_key: str = field(repr=False)
    api_version: str | None = None
    timeout: float = 60.0
    connect_timeout: float = 5.0
    deadline: float = 180.0
    max_retries: int = 2
    backoff: float = 0.5
    max_concurrency: int = 16
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def place(self) -> str:
        """Host and port, to be shown."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def secrets(self) -> Secrets:
        """What must not be shown."""
        url = urlsplit(self.base_url)
        return Secrets.of([self.api_key, *self.headers.values(), url.password or "", url.query])


@dataclass(slots=True)
class Loop:
    """What belongs to one event loop."""

    slots: asyncio.Semaphore
    client: Any = None


class Endpoint:
    """Sends requests and returns the bytes of the replies; raises nothing but `EndpointError`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._slots = threading.BoundedSemaphore(settings.max_concurrency)
        self._lock = threading.Lock()
        self._client: Any = None
        # A connection belongs to the event loop it was made in.
        self._loops: dict[asyncio.AbstractEventLoop, Loop] = {}

    def post(self, resource: str, request: Mapping[str, Any], *, retries: int | None = None) -> str:
        """Return the body of the reply.

        Args:
            resource: "chat.completions" or "embeddings".
            request: The arguments of its `create`.
            retries: In place of the settings' `max_retries`.
        """
        import tenacity

        with self._slots:
            ends = time.monotonic() + self.settings.deadline
            retrying = tenacity.Retrying(**self._policy(retries, ends))
            return retrying(self._try, resource, clean(request), ends)

    async def apost(
        self, resource: str, request: Mapping[str, Any], *, retries: int | None = None
    ) -> str:
        """Do as `post` does, without holding the event loop."""
        import tenacity

        async with self._here().slots:
            ends = time.monotonic() + self.settings.deadline
            retrying = tenacity.AsyncRetrying(**self._policy(retries, ends))
            return await retrying(self._atry, resource, clean(request), ends)

    def close(self) -> None:
        """Close the connections of the threads; a later call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        here = self._here()
        client, here.client = here.client, None
        if client is not None:
            await client.close()

    def _try(self, resource: str, request: dict[str, Any], ends: float) -> str:
        limit = self._limit(ends)
        try:
            return self._fetch(resource, request, limit)
        except Exception as error:  # noqa: BLE001 - the HTTP libraries have no common base
            failure = read(error, self.settings.secrets)
        # Outside of the handler: the client's exception, which holds the key, is not its context.
        raise failure

    async def _atry(self, resource: str, request: dict[str, Any], ends: float) -> str:
        limit = self._limit(ends)
        try:
            return await self._afetch(resource, request, limit)
        except Exception as error:  # noqa: BLE001 - as in `_try`
            failure = read(error, self.settings.secrets)
        raise failure

    def _fetch(self, resource: str, request: dict[str, Any], limit: float) -> str:
        with self._lock:
            if self._client is None:
                self._client = make_client(self.settings, native=False)
            create = _create(self._client, resource)
        over = time.monotonic() + limit
        parts = []
        with create(**request, timeout=self._timeout(limit)) as response:
            for part in response.iter_bytes():
                # The client's timeout starts anew with each byte that trickles in.
                if time.monotonic() > over:
                    raise TimeoutError
                parts.append(part)
        return b"".join(parts).decode("utf-8", "replace")

    async def _afetch(self, resource: str, request: dict[str, Any], limit: float) -> str:
        here = self._here()
        if here.client is None:
            here.client = make_client(self.settings, native=True)
        create = _create(here.client, resource)
        async with (
            asyncio.timeout(limit),
            create(**request, timeout=self._timeout(limit)) as response,
        ):
            parts = [part async for part in response.iter_bytes()]
        return b"".join(parts).decode("utf-8", "replace")

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
            raise EndpointError(
                f"no whole answer came within {self.settings.deadline} s", final=True
            )
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
            return spread if asked is None else asked + min(spread, 0.1 * asked)

        def stop(state: Any) -> bool:
            pause: float = state.upcoming_sleep
            late = time.monotonic() + pause >= ends
            return bool(state.attempt_number > most or pause > LONGEST_WAIT or late)

        return {"retry": again, "wait": wait, "stop": stop, "reraise": True}


def _create(client: Any, resource: str) -> Any:
    part = client.chat.completions if resource == "chat.completions" else client.embeddings
    return part.with_streaming_response.create


def make_client(settings: Settings, *, native: bool) -> Any:
    """Return the official client, for asyncio if `native`; it decides nothing by itself."""
    import openai

    http: Any = openai.DefaultAsyncHttpxClient if native else openai.DefaultHttpxClient
    options: dict[str, Any] = {
        "api_key": settings.api_key,
        "max_retries": 0,
        "default_headers": dict(settings.headers),
        # A redirect would carry the request to a place that nobody named.
        "http_client": http(follow_redirects=False),
    }
    make: Any
    if settings.api_version is None:
        make = openai.AsyncOpenAI if native else openai.OpenAI
        client = make(base_url=settings.base_url, **options)
    else:
        make = openai.AsyncAzureOpenAI if native else openai.AzureOpenAI
        client = make(azure_endpoint=settings.base_url, api_version=settings.api_version, **options)
    # Read from the environment by the client, for OpenAI, but sent to whoever is asked.
    client.organization = client.project = None
    return client


def clean(value: Any) -> Any:
    """Return a request that UTF-8 can express: unpaired surrogates become question marks."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {clean(key): clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    return value
