"""Where requests go, and the official client set up to send them there alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from memfast.providers.failures import Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where requests go, with what key, and their limits.

    Attributes:
        provider: Name of the provider.
        base_url: The only place that requests go to; redirects are not followed. A proxy that the
            environment names is used for https alone, where it sees no more than the host.
        api_key: The key.
        api_version: Of Azure; None for all others.
        timeout: Seconds for one request as a whole; in a thread the head of the reply, which is
            short, is timed from byte to byte.
        connect_timeout: Seconds to be connected.
        deadline: Seconds for a request with all its repetitions.
        max_retries: Repetitions of a request that failed in passing.
        backoff: Seconds before the first repetition, doubled with each.
        max_concurrency: Most requests under way at once, of threads and of each event loop.
        headers: Sent with each request.
        private: More that must not be shown.
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
    private: tuple[str, ...] = field(default=(), repr=False)

    @property
    def place(self) -> str:
        """Host and port, to be shown."""
        return urlsplit(self.base_url).netloc

    @property
    def secrets(self) -> Secrets:
        """What must not be shown."""
        return Secrets.of([self.api_key, *self.headers.values(), *self.private])


def make_client(settings: Settings, *, native: bool) -> Any:
    """Return the official client, for asyncio if `native`; it decides nothing by itself."""
    import openai

    from memfast.providers.bodies import CODING, acheck, check

    http: Any = openai.DefaultAsyncHttpxClient if native else openai.DefaultHttpxClient
    headers = {"accept-encoding": CODING, **settings.headers}
    options: dict[str, Any] = {
        "api_key": settings.api_key,
        "max_retries": 0,
        "http_client": http(
            # A redirect would carry the request to a place that nobody named.
            follow_redirects=False,
            # A proxy reads what goes to plain http.
            trust_env=urlsplit(settings.base_url).scheme == "https",
            # The client would read the body of a refusal without a bound.
            event_hooks={"response": [partial(acheck if native else check, settings.secrets)]},
        ),
    }
    make: Any
    if settings.api_version is None:
        make = openai.AsyncOpenAI if native else openai.OpenAI
        client = make(base_url=settings.base_url, **options)
    else:
        make = openai.AsyncAzureOpenAI if native else openai.AzureOpenAI
        client = make(azure_endpoint=settings.base_url, api_version=settings.api_version, **options)
        # An older client prefers the token of the environment to the key.
        client._azure_ad_token = None  # noqa: SLF001 - as below
    # The client reads these from the environment, for OpenAI, but sends them to whoever is asked.
    client.organization = client.project = None
    client._custom_headers = headers  # noqa: SLF001 - there is no public way to leave them out
    return client
