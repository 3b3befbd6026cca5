"""What a flow may ask for, and the drivers that answer.

A flow is a generator: it computes, and where it needs a model, or work that may take long, it
yields a step and is sent the answer. A driver does what the step asks for and throws failures into
the flow, so that a flow reads like straight-line code and exists once for every kind of caller.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from memfast.errors import ConfigurationError, VectorStoreError
from memfast.types import Prompt

if TYPE_CHECKING:
    from asyncio import Future, Semaphore

T = TypeVar("T")
P = ParamSpec("P")

# Letters of texts from which what is computed of them is done beside an event loop.
BRIEF = 8_000


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


Step = Embed | Complete | Work
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
class Context:
    """What a flow works on: the engine, and the models."""

    engine: Any
    embedder: Any
    space: int
    understanding: Understanding = Understanding()

    @property
    def embeds_here(self) -> bool:
        """Whether embedding a text costs nothing but time on this machine."""
        return bool(getattr(self.embedder, "local", False))


def _embedder(context: Context) -> Any:
    if context.embedder is None:
        raise ConfigurationError(
            "this memory was opened with embedder=None and takes only vectors, but was given text",
            suggestion="Pass vector=..., or open the memory with an embedder.",
        )
    return context.embedder


def answer(step: Step, context: Context) -> Any:
    """Do what a step asks for."""
    if isinstance(step, Work):
        return step.function()
    if isinstance(step, Embed):
        return _embedder(context).embed(step.texts)
    return context.understanding.llm.complete(step.prompt)


def run(flow: Flow[T], context: Context) -> T:
    """Drive a flow to its result."""
    state = advance(flow)
    while not isinstance(state, Done):
        state = _go_on(flow, state, context)
    result: T = state.value
    return result


def _go_on(flow: Flow[T], step: Step, context: Context) -> Step | Done[T]:
    """Answer a step, and run the flow to the next."""
    try:
        reply = answer(step, context)
    except Exception as failure:  # noqa: BLE001 - the flow decides what a failure means
        return advance(flow, failure=failure)
    return advance(flow, reply)


def _advance_far(
    flow: Flow[T],
    context: Context,
    here: Callable[[Step, Context], bool],
    reply: Any = None,
    failure: Exception | None = None,
) -> Step | Done[T]:
    """Run a flow to the next step that is not done `here`."""
    state = advance(flow, reply, failure)
    while not isinstance(state, Done) and here(state, context):
        state = _go_on(flow, state, context)
    return state


def _beside_loop(step: Step, context: Context) -> bool:
    """Tell whether a thread beside the event loop does a step by itself."""
    return isinstance(step, Work) or (isinstance(step, Embed) and context.embeds_here)


def _on_loop(step: Step, context: Context) -> bool:
    """Tell whether a step is done on the event loop."""
    if isinstance(step, Work):
        return step.brief is not None and step.brief()
    instant = bool(getattr(context.embedder, "instant", False))
    return isinstance(step, Embed) and instant and is_brief(step.texts)


def is_brief(texts: Iterable[str]) -> bool:
    """Tell whether texts are so short that what is computed of them takes a millisecond or two."""
    return sum(map(len, texts)) <= BRIEF


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


class Off(Protocol):
    """Runs a function beside the event loop."""

    def __call__(self, function: Callable[..., T], /, *args: Any) -> Future[T]:
        """Return what will hold its result."""
        ...


async def arun(flow: Flow[T], context: Context, off: Off) -> T:
    """Drive a flow beside the event loop, awaiting the models.

    A caller that is cancelled goes at once. What runs beside the loop meanwhile, such as a commit,
    is whole when it ends, and the flow ends with it.
    """
    from asyncio import shield

    reply: Any = None
    failure: Exception | None = None
    while True:
        running = off(_advance_far, flow, context, _beside_loop, reply, failure)
        try:
            state = await shield(running)
        except BaseException:
            if running.done():
                flow.close()
            else:
                running.add_done_callback(lambda _: flow.close())
            raise
        if isinstance(state, Done):
            result: T = state.value
            return result
        reply, failure = await _asked(state, context, off, flow)


async def arun_here(flow: Flow[T], context: Context, off: Off, turns: Semaphore) -> T:
    """Drive a flow that computes for a millisecond at a time on the event loop itself.

    Threads that compute take turns at the interpreter, and the loop would wait for all of them.
    Here flows compute one after another, and the loop goes around between any two; what takes long
    is done beside it.
    """
    from asyncio import get_running_loop

    loop = get_running_loop()
    reply: Any = None
    failure: Exception | None = None
    while True:
        await turns.acquire()
        loop.call_soon(turns.release)
        state = _advance_far(flow, context, _on_loop, reply, failure)
        if isinstance(state, Done):
            result: T = state.value
            return result
        reply, failure = await _asked(state, context, off, flow)


async def _asked(
    step: Step, context: Context, off: Off, flow: Flow[Any]
) -> tuple[Any, Exception | None]:
    """Return the answer to a step, or its failure; the flow ends if the caller is cancelled."""
    try:
        return await _aanswer(step, context, off), None
    except Exception as failure:  # noqa: BLE001 - the flow decides what a failure means
        return None, failure
    except BaseException:
        flow.close()
        raise


async def _aanswer(step: Step, context: Context, off: Off) -> Any:
    if isinstance(step, Work):
        return await off(step.function)
    if isinstance(step, Embed):
        embedder = _embedder(context)
        if (aembed := getattr(embedder, "aembed", None)) is not None:
            return await aembed(step.texts)
        return await off(embedder.embed, step.texts)
    llm = context.understanding.llm
    if (acomplete := getattr(llm, "acomplete", None)) is not None:
        return await acomplete(step.prompt)
    return await off(llm.complete, step.prompt)


def stale(error: VectorStoreError, context: Context, current: Callable[[], Context]) -> bool:
    """Tell whether a call failed only because the embedder was changed while it was under way."""
    return error.error_code == "SPACE_CHANGED" and current() is not context


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


async def arun_in(
    current: Callable[[], Context],
    drive: Callable[[Flow[T], Context], Awaitable[T]],
    flow: Callable[Concatenate[Context, P], Flow[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Do what `run_in` does with a driver that awaits."""
    while True:
        context = current()
        try:
            return await drive(flow(context, *args, **kwargs), context)
        except VectorStoreError as error:
            if not stale(error, context, current):
                raise
