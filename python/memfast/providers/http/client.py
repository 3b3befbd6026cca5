"""The official client, set up to send requests to one URL and to decide nothing by itself."""

from __future__ import annotations

import importlib
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from memfast.config import environment_proxy
from memfast.providers.http.carrier import Carrier, PerLoop
from memfast.providers.http.failures import unmade
from memfast.providers.http.settings import Settings
from memfast.providers.http.talk import Send
from memfast.providers.http.transport import BOUNDS, AsyncTransport, Bounds, Transport, most_bytes


class OpenAICarrier(Carrier):
    """Sends requests with the official client: one for all threads, and one for each event loop.

    A client is made when it is first used; its sockets close with the last reference to the
    carrier, if `close` is not called.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """Forget all connections without closing them: a child process does not own them."""
        self._lock = threading.Lock()
        self._client: Any = None
        self._closing: Callable[[], object] | None = None
        self._loops: PerLoop[Any] = PerLoop(lambda: make_client(self._settings, native=True))

    def fetch(self, send: Send) -> str:
        """Return the body of the reply."""
        with self._lock:
            if self._client is None:
                self._client = make_client(self._settings, native=False)
                self._closing = weakref.finalize(self, self._client.close)
            create = _create(self._client, send)
        with _bounded(send):
            return _text(create(timeout=self._timeout(send.seconds)))

    async def afetch(self, send: Send) -> str:
        """Return the body of the reply."""
        create = _create(self._loops.here(), send)
        with _bounded(send):
            return _text(await create(timeout=self._timeout(send.seconds)))

    def close(self) -> None:
        """Close the connections of the threads; a later call opens new ones."""
        with self._lock:
            closing, self._closing, self._client = self._closing, None, None
        if closing is not None:
            closing()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
        client = self._loops.pop()
        if client is not None:
            await client.close()

    def _timeout(self, seconds: float) -> Any:
        import openai

        return openai.Timeout(seconds, connect=min(self._settings.connect_timeout, seconds))


def make_client(settings: Settings, *, native: bool) -> Any:
    """Return the official client, for asyncio if `native`.

    Raises:
        EndpointError: A proxy, a certificate file or a package is missing.
    """
    try:
        return _client(settings, native=native)
    except Exception as error:  # noqa: BLE001 - the HTTP libraries have no common base
        failure = unmade(error, settings.secrets)
    # Outside of the handler, so that it does not carry frames that hold the key.
    raise failure


def _client(settings: Settings, *, native: bool) -> Any:
    import openai

    library = _http_library()
    inner = library.AsyncHTTPTransport if native else library.HTTPTransport
    outer = AsyncTransport if native else Transport
    azure = settings.api_version is not None
    key = (
        {"api-key": settings.api_key} if azure else {"authorization": f"Bearer {settings.api_key}"}
    )
    transport: Any = outer(
        inner(
            # SSL_CERT_FILE and SSL_CERT_DIR.
            trust_env=_secure(settings),
            proxy=environment_proxy(settings.base_url) if _secure(settings) else None,
            # `max_concurrency` is the limit.
            limits=library.Limits(),
        ),
        library,
        {**key, **settings.headers},
        settings.secrets,
    )
    http: Any = openai.DefaultAsyncHttpxClient if native else openai.DefaultHttpxClient
    options = {
        "api_key": settings.api_key,
        "max_retries": 0,
        # A redirect would send the request, and with it memories, to another server.
        "http_client": http(transport=transport, follow_redirects=False, trust_env=False),
    }
    make: Any
    if not azure:
        make = openai.AsyncOpenAI if native else openai.OpenAI
        return make(base_url=settings.base_url, **options)
    make = openai.AsyncAzureOpenAI if native else openai.AzureOpenAI
    return make(azure_endpoint=settings.base_url, api_version=settings.api_version, **options)


def _http_library() -> Any:
    """Return the HTTP library of the installed client: httpx or httpx2."""
    import openai

    base = next(one for one in openai.DefaultHttpxClient.__mro__ if one.__name__ == "Client")
    return importlib.import_module(base.__module__.partition(".")[0])


def _secure(settings: Settings) -> bool:
    """Return whether requests are encrypted: a proxy can read plain http."""
    return urlsplit(settings.base_url).scheme == "https"


def _create(client: Any, send: Send) -> Callable[..., Any]:
    if send.resource == "rerank":
        return partial(_post, client, "/rerank", send.request)
    part = client.chat.completions if send.resource == "chat.completions" else client.embeddings
    return partial(part.with_raw_response.create, **send.request)


def _post(client: Any, path: str, body: Mapping[str, object], *, timeout: Any) -> Any:
    """Send to a path that the client has no method for; it answers with the bare response."""
    kind = _http_library().Response
    return client.post(path, cast_to=kind, body=body, options={"timeout": timeout})


def _text(raw: Any) -> str:
    content: bytes = getattr(raw, "http_response", raw).content
    return content.decode("utf-8-sig", "replace")


@contextmanager
def _bounded(send: Send) -> Iterator[None]:
    token = BOUNDS.set(Bounds(most_bytes(send.request), send.seconds))
    try:
        yield
    finally:
        BOUNDS.reset(token)
