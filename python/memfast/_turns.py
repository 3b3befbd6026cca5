"""Turns: calls that would decide about the same memories go one after another.

A turn is a courtesy. What is right is decided by the commit, which refuses what was decided on
memories that have changed since; turns see to it that no call is refused again and again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """A place in a queue.

    Attributes:
        comes: Done when it is the turn of its holder; None if it was at once.
    """

    comes: Future[None] | None


class Turns:
    """The queues of a store, by what the calls are about."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queues: dict[Hashable, deque[Ticket]] = {}

    def enter(self, about: Hashable) -> Ticket:
        """Take a place behind all that are there; it must be left in the end."""
        with self._lock:
            queue = self._queues.setdefault(about, deque())
            ticket = Ticket(_waiting() if queue else None)
            queue.append(ticket)
            return ticket

    def leave(self, about: Hashable, ticket: Ticket) -> None:
        """Give up a place, also before its turn has come."""
        with self._lock:
            queue = self._queues[about]
            led = queue[0] is ticket
            queue.remove(ticket)
            if not queue:
                del self._queues[about]
                return
            first = queue[0].comes
        if led and first is not None:
            _call(first)


def _waiting() -> Future[None]:
    # Only calls that meet another one load it.
    from concurrent.futures import Future

    return Future()


def _call(first: Future[None]) -> None:
    from concurrent.futures import InvalidStateError

    # One who waits no longer leaves, and calls the next.
    with suppress(InvalidStateError):
        first.set_result(None)
