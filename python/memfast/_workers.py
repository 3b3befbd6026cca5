"""Threads that run functions beside their caller, also after a fork and where none can start."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")


class _Once(Generic[T]):
    """A function that is run by whoever comes first."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._begun = Lock()
        self.outcome: Future[T] = Future()

    def __call__(self) -> None:
        if not self._begun.acquire(blocking=False):
            return
        if not self.outcome.set_running_or_notify_cancel():
            return
        try:
            result = self._function()
        except BaseException as failure:  # noqa: BLE001 - it is the outcome
            self.outcome.set_exception(failure)
        else:
            self.outcome.set_result(result)


class Workers:
    """A pool of threads.

    A forked process has none of its parent's threads, and starts its own. Where the system refuses
    a thread, the caller runs the function itself.
    """

    def __init__(self, most: int, name: str) -> None:
        """Start no thread yet, and later at most `most`."""
        self._most = most
        self._name = name
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._pool = ThreadPoolExecutor(self._most, self._name)
        self._process = os.getpid()

    def submit(self, function: Callable[..., T], /, *args: Any) -> Future[T]:
        """Run a function; those of one thread run in their order.

        Raises:
            RuntimeError: The pool is closed.
        """
        if self._process != os.getpid() and not self._closed:
            self._begin()
        once = _Once(partial(function, *args))
        try:
            queued = self._pool.submit(once)
        except RuntimeError as error:
            if self._closed or "start new thread" not in str(error):
                raise
            # It is in the queue, where a thread of the pool may have found it meanwhile.
            once()
        else:
            queued.add_done_callback(lambda queued: queued.cancelled() and once.outcome.cancel())
        return once.outcome

    def close(self, *, cancel: bool = False) -> None:
        """Wait for what is begun and for what waits; with `cancel` the latter is dropped."""
        self._closed = True
        if self._process == os.getpid():
            self._pool.shutdown(cancel_futures=cancel)

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pool when all has ended."""
        self.close()
