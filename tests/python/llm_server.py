"""A scripted server on the loopback with the OpenAI protocol and its faults."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request that the server received."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """An answer of the server; a dict is sent as JSON.

    Attributes:
        body: The body.
        status: HTTP status.
        headers: Further headers.
        hold: The server waits for it before it answers.
        cut: Close the connection after half of the body.
        drip: Seconds between two bytes of the body.
    """

    body: object = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    cut: bool = False
    drip: float | None = None


Script = Callable[[Asked], Answer]


class Server(ThreadingHTTPServer):
    """Answers each request with the next of a script; the last one is repeated.

    Attributes:
        asked: The requests in their order.
        most: The most requests that were in flight at once.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.in_flight = self.most = 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of the requests."""
        return [asked.body for asked in self.asked]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect: some tests make them do so."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(size))
        asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        server = self.server
        with server.lock:
            server.asked.append(asked)
            server.in_flight += 1
            server.most = max(server.most, server.in_flight)
        try:
            answer = server.script(asked)
            if answer.hold is not None:
                answer.hold.wait(10)
        finally:
            with server.lock:
                server.in_flight -= 1
        self.send(answer)

    def send(self, answer: Answer) -> None:
        plain = isinstance(answer.body, str | bytes)
        data = answer.body if plain else json.dumps(answer.body)
        data = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        assert isinstance(data, bytes)
        headers = {"content-type": "text/html" if plain else "application/json", **answer.headers}
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if answer.cut:
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            # Reset, so that the client does not take it for the end.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            return
        if answer.drip is None:
            self.wfile.write(data)
            return
        stop = threading.Event()
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            self.wfile.flush()
            stop.wait(answer.drip)

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@contextmanager
def serving(*answers: Answer | Script) -> Iterator[Server]:
    """Run a server that gives these answers in turn, or those that one function makes."""
    with Server(_script(answers)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _script(answers: tuple[Answer | Script, ...]) -> Script:
    rest, lock = list(answers), threading.Lock()

    def script(asked: Asked) -> Answer:
        with lock:
            answer = rest.pop(0) if len(rest) > 1 else rest[0]
        return answer if isinstance(answer, Answer) else answer(asked)

    return script


def chat(content: object = "tea", finish: str | None = "stop", **message: Any) -> Answer:
    """Return a reply of a chat model."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, **message},
    }
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    return Answer({"id": "1", "object": "chat.completion", "choices": [choice], "usage": usage})


def refused(status: int, text: str, headers: dict[str, str] | None = None, **error: Any) -> Answer:
    """Return an error in the form of OpenAI."""
    return Answer({"error": {"message": text, **error}}, status, headers or {})


def vectors(*rows: object, indexes: Sequence[object] | None = None) -> Answer:
    """Return a reply of an embedding model."""
    places = indexes if indexes is not None else list(range(len(rows)))
    data = [
        {"object": "embedding", "index": place, "embedding": row}
        for place, row in zip(places, rows, strict=True)
    ]
    return Answer({"object": "list", "data": data, "model": "m"})
