"""The transport below the official client: limits headers, and the bytes and time of a reply.

It is the last code before the wire, so no version of the client can evade it: only the headers
listed here are sent, and a body is read up to its limits.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from memfast.providers.http.failures import OK, EndpointError, Secrets, refused

CODING = "gzip"
GZIP = 31
LONGEST_REPLY = 16 << 20
# Longer than 8,000 numbers, each with its sign, digits and exponent.
LONGEST_VECTOR = 1 << 18
# Far more than is shown of a refusal.
LONGEST_REFUSAL = 1 << 16
# Seconds for the body of a refusal.
PATIENCE = 5.0
REFUSAL = 300
# The client adds others from the environment, and about this machine.
SENT = ("host", "content-length", "content-type", "accept", "user-agent", "connection")
# They describe the body as it came over the wire.
WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one reply.

    Attributes:
        bytes: Most bytes of the body, decompressed.
        seconds: From sending the request to the end of the body.
    """

    bytes: int = LONGEST_REPLY
    seconds: float = 60.0


# The official client has no way to hand them to its transport.
BOUNDS: ContextVar[Bounds] = ContextVar("memfast_http_bounds")


def most_bytes(request: Mapping[str, object]) -> int:
    """Return how many bytes the reply to a request may have."""
    texts = request.get("input", ())
    return LONGEST_REPLY + LONGEST_VECTOR * (len(texts) if isinstance(texts, Sequence) else 0)


class Body:
    """The decompressed bytes of a reply, of which at most `most` are kept."""

    def __init__(self, most: int, headers: Mapping[str, str]) -> None:
        self._most = self._room = most
        self._parts: list[bytes] = []
        coding = headers.get("content-encoding", "").strip().lower()
        self._unzip = zlib.decompressobj(GZIP) if coding == CODING else None
        self._known = coding in {CODING, "identity", ""}

    def add(self, part: bytes) -> bool:
        """Add a part; return whether there is room for more.

        Raises:
            EndpointError: The body has a content-encoding other than gzip.
        """
        if not self._known:
            raise EndpointError("the reply has a content-encoding other than gzip", OK)
        if self._unzip is not None:
            # A byte can expand to a thousand: decompress no more than fits.
            part = self._unzip.decompress(part, self._room + 1)
        self._parts.append(part[: self._room])
        self._room -= len(part)
        return self._room >= 0

    def start(self) -> bytes:
        """Return the bytes that were kept."""
        return b"".join(self._parts)

    def whole(self) -> bytes:
        """Return the body.

        Raises:
            EndpointError: It is longer than `most`.
        """
        if self._room < 0:
            raise EndpointError(f"the reply is longer than {self._most} bytes", OK)
        return self.start()


class Incoming(Protocol):
    """The parts used of a response of the HTTP library."""

    status_code: int
    headers: Mapping[str, str]
    extensions: Mapping[str, object]

    def iter_raw(self) -> Iterator[bytes]:
        """Yield the body as it comes over the wire."""
        ...

    def aiter_raw(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes over the wire."""
        ...


class _Transport:
    """The rules of both transports.

    Args:
        inner: The HTTP library's transport.
        library: The HTTP library: httpx or httpx2, as the client has it.
        headers: Sent with each request; they replace the client's.
        secrets: Hidden in errors.
    """

    def __init__(
        self, inner: Any, library: Any, headers: Mapping[str, str], secrets: Secrets
    ) -> None:
        self._inner = inner
        self._library = library
        self._headers = headers
        self._secrets = secrets

    def _outgoing(self, request: Any) -> Any:
        """Return the request with the headers that may be sent."""
        # A copy: the client reads its own headers again when the reply is there.
        headers = self._library.Headers(
            {name: request.headers[name] for name in SENT if name in request.headers}
        )
        headers.update({**self._headers, "accept-encoding": CODING})
        return self._library.Request(
            request.method,
            request.url,
            headers=headers,
            stream=request.stream,
            extensions=request.extensions,
        )

    def _accepted(self, response: Incoming, body: Body) -> Any:
        return self._library.Response(
            response.status_code,
            headers=[(k, v) for k, v in response.headers.items() if k.lower() not in WIRE],
            content=body.whole(),
            extensions=response.extensions,
        )

    def _refused(self, response: Incoming, body: Body) -> EndpointError:
        text = body.start().decode("utf-8-sig", "replace")
        return refused(response.status_code, response.headers, text, self._secrets)


class Transport(_Transport):
    """The transport of threads."""

    def handle_request(self, request: Any) -> Any:
        """Return the response with its body, read within the bounds."""
        bounds = BOUNDS.get()
        ends = time.monotonic() + bounds.seconds
        response = self._inner.handle_request(self._outgoing(request))
        try:
            if response.status_code < REFUSAL:
                body = _fill(Body(bounds.bytes, response.headers), response, ends)
                return self._accepted(response, body)
            body = Body(LONGEST_REFUSAL, response.headers)
            # The status decides; any part of the body is enough.
            with suppress(Exception):
                _fill(body, response, min(ends, time.monotonic() + PATIENCE))
        finally:
            response.close()
        raise self._refused(response, body)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class AsyncTransport(_Transport):
    """The transport of an event loop."""

    async def handle_async_request(self, request: Any) -> Any:
        """Return the response with its body, read within the bounds."""
        bounds, loop = BOUNDS.get(), asyncio.get_running_loop()
        ends = loop.time() + bounds.seconds
        async with asyncio.timeout_at(ends):
            response = await self._inner.handle_async_request(self._outgoing(request))
        try:
            if response.status_code < REFUSAL:
                async with asyncio.timeout_at(ends):
                    body = await _afill(Body(bounds.bytes, response.headers), response)
                return self._accepted(response, body)
            body = Body(LONGEST_REFUSAL, response.headers)
            with suppress(Exception):
                async with asyncio.timeout_at(min(ends, loop.time() + PATIENCE)):
                    await _afill(body, response)
        finally:
            await response.aclose()
        raise self._refused(response, body)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _fill(body: Body, response: Incoming, ends: float) -> Body:
    for part in response.iter_raw():
        # The library's timeout starts again with each byte that arrives.
        if time.monotonic() > ends:
            raise TimeoutError
        if not body.add(part):
            break
    return body


async def _afill(body: Body, response: Incoming) -> Body:
    async for part in response.aiter_raw():
        if not body.add(part):
            break
    return body
