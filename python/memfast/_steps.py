"""What a flow may ask for, and the drivers that answer.

A flow is a generator: it computes, and where it needs a model, or work that may take long, it
yields a step and is sent the answer. A driver does what the step asks for and throws failures into
the flow, so that a flow reads like straight-line code and exists once for every kind of caller.
This is the driver for threads; those for an event loop stand in `_loop`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from memfast._turns import Turns
from memfast.errors import ConfigurationError, VectorStoreError
from memfast.extraction.slices import Slices
from memfast.types import Prompt

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
P = ParamSpec("P")

# What became of an operation: the id of its memory, the event, and the text that the memory had
# before (None for one that is new).
Outcome = tuple[str, str, str | None]

# Letters of texts of which what there is to compute takes a millisecond or two.
BRIEF = 8_000
# Seconds that flows compute on an event loop before it goes around.
SLICE = 0.0005


@dataclass(frozen=True, slots=True)
class Embed:
    """Ask for the vectors of texts, in one batch, in their order."""

    texts: list[str]


@dataclass(frozen=True, slots=True)
class Complete:
    """Ask the language model; the answer is a `Reply`."""

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Work:
    """Ask for work that may take long.

    Attributes:
        function: Does it.
        brief: Tells whether it takes no longer than handing it to another thread; None for no.
    """

    function: Callable[[], Any]
    brief: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """Ask for a commit; the answer is the `Outcome` of each operation."""

    ops: list[dict[str, Any]]
    vectors: Any = None
    pending: Sequence[dict[str, Any]] = ()
    settled: Sequence[int] = ()
    receipt: Mapping[str, str] | None = None

    def arguments(self, context: Context) -> tuple[Any, ...]:
        """Return it as the engine takes it."""
        given = (self.ops, self.vectors, context.space, self.pending, self.settled)
        return (*given, self.receipt)


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask to wait for another call.

    Attributes:
        future: Done when it is over; it may be cancelled.
        seconds: Longest wait; TimeoutError after it.
    """

    future: Future[None]
    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Let others run, where they wait for the same thread."""


Asked = Embed | Complete | Work | Commit | Wait
Step = Asked | Pause
Flow = Generator[Step, Any, T]


@dataclass(frozen=True, slots=True)
class Understanding:
    """How conversations become memories.

    Attributes:
        llm: The language model; None for the rules.
        keep_messages: Keep the messages beside the memories made from them.
        strategy: "reconcile" changes memories that no longer hold, "additive" only adds.
        instructions: Added to the extraction's instructions.
        extraction: In place of the extraction's instructions.
        reconciliation: In place of the reconciliation's instructions.
    """

    llm: Any = None
    keep_messages: bool = True
    strategy: str = "reconcile"
    instructions: str | None = None
    extraction: str | None = None
    reconciliation: str | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """What is held while a store changes to another embedder.

    Attributes:
        building: From the begin to the end of a change, so that there is one at a time.
        serving: From the moment the engine has the new embedder until all calls get it.
    """

    building: Lock = field(default_factory=Lock)
    serving: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class Context:
    """What a flow works on: the engine, and the models."""

    engine: Any
    embedder: Any
    space: int
    understanding: Understanding = Understanding()
    swap: Swap = field(default_factory=Swap)
    turns: Turns = field(default_factory=Turns)

    @property
    def embeds_here(self) -> bool:
        """Whether embedding a text costs nothing but time on this machine."""
        return bool(getattr(self.embedder, "local", False))


def embedder_of(context: Context) -> Any:
    """Return the embedder, which must be there."""
    if context.embedder is None:
        raise ConfigurationError(
            "this memory was opened with embedder=None and takes only vectors, but was given text",
            suggestion="Pass vector=..., or open the memory with an embedder.",
        )
    return context.embedder


def answer(step: Step, context: Context) -> Any:
    """Do what a step asks for."""
    if isinstance(step, Pause):
        return None
    if isinstance(step, Work):
        return step.function()
    if isinstance(step, Commit):
        return context.engine.apply(*step.arguments(context))
    if isinstance(step, Embed):
        return embedder_of(context).embed(step.texts)
    if isinstance(step, Wait):
        return step.future.result(step.seconds)
    return context.understanding.llm.complete(step.prompt)


def sliced(work: Slices[T]) -> Flow[T]:
    """Do work that may be interrupted, with a pause whenever `SLICE` seconds were computed."""
    while True:
        ends = perf_counter() + SLICE
        try:
            next(work)
            while perf_counter() < ends:
                next(work)
        except StopIteration as done:
            result: T = done.value
            return result
        yield Pause()


def run(flow: Flow[T], context: Context) -> T:
    """Drive a flow to its result."""
    try:
        state = advance(flow)
        while not isinstance(state, Done):
            state = go_on(flow, state, context)
    finally:
        # An interrupt ends it between two steps, and what it holds must not wait for the collector.
        flow.close()
    result: T = state.value
    return result


def go_on(flow: Flow[T], step: Step, context: Context) -> Step | Done[T]:
    """Answer a step, and run the flow to the next."""
    try:
        reply = answer(step, context)
    except Exception as failure:  # noqa: BLE001 - the flow decides what a failure means
        return advance(flow, failure=failure)
    return advance(flow, reply)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The end of a flow."""

    value: T


def advance(flow: Flow[T], reply: Any = None, failure: Exception | None = None) -> Step | Done[T]:
    """Run a flow to its next step, or its end."""
    try:
        return flow.send(reply) if failure is None else flow.throw(failure)
    except StopIteration as done:
        return Done(done.value)


def stale(error: VectorStoreError, context: Context, current: Callable[[], Context]) -> bool:
    """Tell whether a call failed only because the embedder was changed while it was under way.

    Waits until the new embedder is there, if the engine alone has it yet.
    """
    if error.error_code != "SPACE_CHANGED":
        return False
    with context.swap.serving:
        return current().space != context.space


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
            if not stale(error, context, current):
                raise


def is_brief(texts: Iterable[str]) -> bool:
    """Tell whether texts are so short that what is computed of them takes a millisecond or two."""
    return sum(map(len, texts)) <= BRIEF
