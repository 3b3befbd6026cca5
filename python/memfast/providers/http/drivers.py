"""The drivers of a talk: they do what its steps ask for, in a thread or on an event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from memfast.providers.http.failures import EndpointError
from memfast.providers.http.talk import Outcome, Pause, Send, Talk

T = TypeVar("T")


def run(talk: Talk[T], fetch: Callable[[Send], str | EndpointError]) -> T:
    """Return the result of a talk, or raise what it raises.

    Args:
        talk: The talk, not yet started.
        fetch: Sends a request; returns the body of the reply, or the failure.
    """
    outcome: Outcome = None
    try:
        while True:
            step = talk.send(outcome)
            outcome = None
            if isinstance(step, Pause):
                time.sleep(step.seconds)
            else:
                outcome = fetch(step)
    except StopIteration as done:
        result: T = done.value
        return result


async def arun(talk: Talk[T], fetch: Callable[[Send], Awaitable[str | EndpointError]]) -> T:
    """Do as `run` does, without blocking the event loop."""
    outcome: Outcome = None
    try:
        while True:
            step = talk.send(outcome)
            outcome = None
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            else:
                outcome = await fetch(step)
    except StopIteration as done:
        result: T = done.value
        return result
