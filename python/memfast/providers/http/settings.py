"""Where requests go, with what key, and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import urlsplit

from memfast.providers.http.failures import Secrets


class Limits(TypedDict, total=False):
    """The limits of `Settings`, as far as they are given."""

    timeout: float
    connect_timeout: float
    deadline: float
    backoff: float
    max_retries: int
    max_concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where requests go, with what key, and their limits.

    Attributes:
        provider: Name of the provider.
        base_url: The only place that requests go to; redirects are not followed. A proxy named by
            the environment is used for https only, and sees only the host.
        api_key: The key.
        api_version: Version of Azure's API; None for all other providers.
        timeout: Seconds for one request as a whole; in a thread the head of the reply, which is
            short, is timed from byte to byte.
        connect_timeout: Seconds to connect.
        deadline: Seconds for a request with all its retries.
        max_retries: Retries of a request that failed with a temporary error.
        backoff: Seconds before the first retry, doubled with each.
        max_concurrency: Most requests in flight at once, of threads and of each event loop.
        headers: Sent with each request.
        private: More values that errors and logs must not show.
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
        """Host and port, for messages."""
        return urlsplit(self.base_url).netloc

    @property
    def secrets(self) -> Secrets:
        """Values that errors and logs must not show."""
        return Secrets.of([self.api_key, *self.headers.values(), *self.private])
