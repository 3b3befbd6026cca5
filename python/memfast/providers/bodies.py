"""What comes back over the wire: read for no longer and no further than it may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from typing import Any

from memfast.providers.failures import OK, EndpointError, Secrets, refused

# Coded once at most: each time could make a thousand bytes of one.
CODING = "gzip"
CODINGS = frozenset({"", "identity", CODING})
LONGEST_REPLY = 16 << 20
# Eight thousand numbers, each with its sign, digits and exponent, are shorter.
LONGEST_VECTOR = 1 << 18
# What is shown of a refusal is far shorter.
LONGEST_REFUSAL = 1 << 16
PATIENCE = 5.0
FAILED = 300


class Body:
    """The bytes of a reply, of which no more than `most` are kept."""

    def __init__(self, most: int) -> None:
        self._most = self._room = most
        self._parts: list[bytes] = []

    def add(self, part: bytes) -> bool:
        """Take a part; tell whether there is room for more."""
        self._parts.append(part[: self._room])
        self._room -= len(part)
        return self._room >= 0

    def start(self) -> str:
        """Return what was kept, whatever the bytes are."""
        return b"".join(self._parts).decode("utf-8-sig", "replace")

    def whole(self) -> str:
        """Return all that came.

        Raises:
            EndpointError: It was more than was kept.
        """
        if self._room < 0:
            raise EndpointError(f"the reply is longer than {self._most} bytes", status=OK)
        return self.start()


def most(request: dict[str, Any]) -> int:
    """Return how many bytes the reply to a request may have."""
    return LONGEST_REPLY + LONGEST_VECTOR * len(request.get("input", ()))


def take(body: Body, parts: Iterable[bytes], limit: float) -> Body:
    """Fill a body from what has `limit` seconds to come."""
    over = time.monotonic() + limit
    for part in parts:
        # The client's timeout starts anew with each byte that trickles in.
        if time.monotonic() > over:
            raise TimeoutError
        if not body.add(part):
            break
    return body


async def atake(body: Body, parts: AsyncIterable[bytes]) -> Body:
    """Fill a body; for how long it is waited is the caller's to say."""
    async for part in parts:
        if not body.add(part):
            break
    return body


def check(secrets: Secrets, response: Any) -> None:
    """Raise an `EndpointError` for a response that refuses, or is coded as nobody asked."""
    if response.status_code < FAILED:
        return _check_coding(response)
    body = Body(LONGEST_REFUSAL)
    # The status has said what matters; of the reason, what comes is enough.
    with suppress(Exception):
        _check_coding(response)
        take(body, response.iter_bytes(), PATIENCE)
    raise refused(response.status_code, response.headers, body.start(), secrets)


async def acheck(secrets: Secrets, response: Any) -> None:
    """Do as `check` does, without holding the event loop."""
    if response.status_code < FAILED:
        return _check_coding(response)
    body = Body(LONGEST_REFUSAL)
    with suppress(Exception):
        _check_coding(response)
        async with asyncio.timeout(PATIENCE):
            await atake(body, response.aiter_bytes())
    raise refused(response.status_code, response.headers, body.start(), secrets)


def _check_coding(response: Any) -> None:
    if response.headers.get("content-encoding", "").strip().lower() not in CODINGS:
        raise EndpointError("the reply is coded in a way that was not asked for", status=OK)
