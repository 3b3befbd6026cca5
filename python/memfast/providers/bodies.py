"""What comes back over the wire: read for no longer and no further than it may be."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from memfast.providers.failures import OK, EndpointError, Secrets, refused

CODING = "gzip"
GZIP = 31
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
        self._unzip: Any = None

    def begin(self, headers: Mapping[str, str]) -> None:
        """Learn how the bytes are coded.

        Raises:
            EndpointError: In a way that was not asked for.
        """
        coding = headers.get("content-encoding", "").strip().lower()
        if coding == CODING:
            self._unzip = zlib.decompressobj(GZIP)
        elif coding not in {"", "identity"}:
            raise EndpointError("the reply is coded in a way that was not asked for", status=OK)

    def add(self, part: bytes) -> bool:
        """Take a part; tell whether there is room for more."""
        if self._unzip is not None:
            # A byte can stand for a thousand; no more of them are made than there is room for.
            part = self._unzip.decompress(part, self._room + 1)
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


def take(body: Body, response: Any, limit: float) -> Body:
    """Fill a body from what has `limit` seconds to come."""
    over = time.monotonic() + limit
    body.begin(response.headers)
    for part in response.iter_raw():
        # The client's timeout starts anew with each byte that trickles in.
        if time.monotonic() > over:
            raise TimeoutError
        if not body.add(part):
            break
    return body


async def atake(body: Body, response: Any) -> Body:
    """Fill a body; for how long it is waited is the caller's to say."""
    body.begin(response.headers)
    async for part in response.aiter_raw():
        if not body.add(part):
            break
    return body


def check(secrets: Secrets, response: Any) -> None:
    """Raise an `EndpointError` for a response that is a refusal."""
    if response.status_code < FAILED:
        return
    body = Body(LONGEST_REFUSAL)
    # The status has said what matters; of the reason, what comes is enough.
    with suppress(Exception):
        take(body, response, min(PATIENCE, response.request.extensions["timeout"]["read"]))
    raise refused(response.status_code, response.headers, body.start(), secrets)


async def acheck(secrets: Secrets, response: Any) -> None:
    """Do as `check` does, without holding the event loop."""
    if response.status_code < FAILED:
        return
    body = Body(LONGEST_REFUSAL)
    with suppress(Exception):
        async with asyncio.timeout(PATIENCE):
            await atake(body, response)
    raise refused(response.status_code, response.headers, body.start(), secrets)
