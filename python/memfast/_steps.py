"""What a flow may ask for, and the driver that answers.

A flow is a generator: it computes, and where it needs a model it yields a step and is sent the
answer. The driver does the I/O and throws failures into the flow, so that a flow reads like
straight-line code and exists once for every kind of caller.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from memfast.errors import ConfigurationError, VectorStoreError

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Embed:
    """Ask for the vectors of texts, in one batch, in their order."""

    texts: list[str]


Flow = Generator[Embed, Any, T]


@dataclass(frozen=True, slots=True)
class Context:
    """What a flow works on: the engine, and the embedder its vector space belongs to."""

    engine: Any
    embedder: Any
    space: int
    extracts: bool = False


def answer(step: Embed, context: Context) -> Any:
    """Do what a step asks for."""
    if context.embedder is None:
        raise ConfigurationError(
            "this memory was opened with embedder=None and takes only vectors, but was given text",
            suggestion="Pass vector=..., or open the memory with an embedder.",
        )
    return context.embedder.embed(step.texts)


def run(flow: Flow[T], context: Context) -> T:
    """Drive a flow to its result."""
    try:
        step = next(flow)
        while True:
            try:
                reply = answer(step, context)
            except Exception as failure:  # noqa: BLE001 - the flow decides what a failure means
                step = flow.throw(failure)
            else:
                step = flow.send(reply)
    except StopIteration as done:
        result: T = done.value
        return result


def run_in(
    current: Callable[[], Context],
    flow: Callable[Concatenate[Context, P], Flow[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Drive a flow, anew if the embedder was changed while it was under way."""
    while True:
        context = current()
        try:
            return run(flow(context, *args, **kwargs), context)
        except VectorStoreError as error:
            if error.error_code != "SPACE_CHANGED" or current() is context:
                raise
