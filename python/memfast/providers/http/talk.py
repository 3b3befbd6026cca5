"""The retries of one talk with a provider, without I/O: what to send, and when."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from memfast.providers.http.failures import EndpointError
from memfast.providers.http.settings import Settings

T = TypeVar("T")
Resource = Literal["chat.completions", "embeddings", "rerank"]
Request: TypeAlias = dict[str, object]
# A longer pause is left to the caller.
LONGEST_PAUSE = 120.0
LONGEST_BACKOFF = 8.0
# Keeps the doubled backoff finite; the longest one is reached long before.
MOST_DOUBLINGS = 64


@dataclass(frozen=True, slots=True)
class Send:
    """Asks the driver to send a request; it answers with the reply's body, or the failure.

    Attributes:
        resource: The API to call.
        request: The arguments of its `create`.
        seconds: Time limit of the request as a whole.
    """

    resource: Resource
    request: Request
    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Asks the driver to wait; it answers with None."""

    seconds: float


Outcome: TypeAlias = str | EndpointError | None
Talk: TypeAlias = Generator[Send | Pause, Outcome, T]


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock and the jitter of a talk.

    Attributes:
        now: Returns seconds that only grow.
        jitter: Returns a number from 0 to 1.
    """

    now: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random


SYSTEM = Timing()


class Attempts:
    """Sends the requests of one talk, each again while it fails with a temporary error.

    The deadline of the settings starts when the object is made, and holds for all its requests.
    """

    def __init__(self, settings: Settings, timing: Timing = SYSTEM) -> None:
        self._settings = settings
        self._timing = timing
        self._ends = timing.now() + settings.deadline

    def send(
        self,
        resource: Resource,
        request: Request,
        read: Callable[[str], T],
        *,
        retries: int | None = None,
    ) -> Talk[T | EndpointError]:
        """Return what `read` makes of the reply, or the failure of the last attempt.

        Args:
            resource: The API to call.
            request: The arguments of its `create`.
            read: Makes the result from the body, or raises an `EndpointError`.
            retries: Replaces the settings' `max_retries`.
        """
        request = encodable(request)
        most = self._settings.max_retries if retries is None else retries
        attempt = 0
        while True:
            left = self._ends - self._timing.now()
            if left <= 0:
                return EndpointError(f"no complete reply within {self._settings.deadline} s")
            outcome = yield Send(resource, request, min(self._settings.timeout, left))
            if not isinstance(outcome, EndpointError):
                try:
                    return read(outcome or "")
                except EndpointError as failure:
                    outcome = failure
            pause = self._pause(outcome, attempt)
            attempt += 1
            late = self._timing.now() + pause >= self._ends
            if not outcome.temporary or attempt > most or pause > LONGEST_PAUSE or late:
                return outcome
            yield Pause(pause)

    def _pause(self, failure: EndpointError, attempt: int) -> float:
        step = min(self._settings.backoff * 2.0 ** min(attempt, MOST_DOUBLINGS), LONGEST_BACKOFF)
        # Clients that were refused together must not come back together.
        spread = step * (0.5 + 0.5 * self._timing.jitter())
        wanted = failure.retry_after
        return wanted + min(spread, 0.1 * wanted) if wanted else spread


def encodable(request: Request) -> Request:
    """Return a request that UTF-8 can express: unpaired surrogates become question marks."""
    return {name: _encodable(value) for name, value in request.items()}


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(inner) for inner in value]
    return value
