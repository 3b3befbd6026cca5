"""Drivers that run flows for an event loop.

A flow that may compute for long runs beside the loop, in one thread from step to step. A short one
computes on the loop itself: threads that compute take turns at the interpreter, and the loop would
wait for all of them.
"""

from __future__ import annotations

from asyncio import (
    AbstractEventLoop,
    CancelledError,
    Future,
    get_running_loop,
    shield,
    wait_for,
    wrap_future,
)
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import perf_counter, sleep
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from memfast._steps import (
    SLICE,
    Asked,
    Commit,
    Context,
    Done,
    Embed,
    Flow,
    Pause,
    Step,
    Wait,
    Work,
    advance,
    embedder_of,
    go_on,
    is_brief,
    stale,
)
from memfast.errors import StoreClosedError, VectorStoreError

T = TypeVar("T")
P = ParamSpec("P")

# Seconds that a thread beside the event loop sleeps at each pause, so that the loop gets the
# interpreter: it would otherwise wait for it as long as `sys.getswitchinterval()`, which is 5 ms.
GIVE_WAY = 0.00002


class Off(Protocol):
    """Runs a function beside the event loop."""

    def __call__(self, function: Callable[..., T], /, *args: Any) -> Future[T]:
        """Return what will hold its result."""
        ...


class Shared:
    """What the flows on one event loop share.

    Attributes:
        off: Runs a function beside the loop.
    """

    def __init__(self, off: Off) -> None:
        self.off = off
        self._ready: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._waiting: list[tuple[tuple[Any, ...], Future[Any]]] = []
        self._under_way = False

    def compute(self, function: Callable[[], T]) -> Future[T]:
        """Run a function on the loop, which goes around whenever `SLICE` seconds were computed."""
        loop = get_running_loop()
        future: Future[T] = loop.create_future()
        self._ready.append((function, future))
        if len(self._ready) == 1:
            loop.call_soon(self._compute, loop)
        return future

    def _compute(self, loop: AbstractEventLoop) -> None:
        ends = perf_counter() + SLICE
        try:
            while self._ready:
                function, future = self._ready[0]
                try:
                    if not future.cancelled():
                        future.set_result(function())
                except BaseException as failure:
                    future.set_exception(failure)
                    if isinstance(failure, KeyboardInterrupt | SystemExit):
                        raise
                finally:
                    self._ready.popleft()
                if perf_counter() >= ends:
                    break
        finally:
            if self._ready:
                loop.call_soon(self._compute, loop)

    def commit(self, step: Commit, context: Context) -> Future[Any]:
        """Commit; those that come while one is under way are committed together after it."""
        future: Future[Any] = get_running_loop().create_future()
        self._waiting.append((step.arguments(context), future))
        if not self._under_way:
            self._next(context)
        return future

    def _next(self, context: Context) -> None:
        wanted = [(batch, future) for batch, future in self._waiting if not future.cancelled()]
        self._waiting.clear()
        self._under_way = bool(wanted)
        if not wanted:
            return
        futures = [future for _, future in wanted]
        try:
            running = self.off(context.engine.apply_each, [batch for batch, _ in wanted])
        except StoreClosedError as closed:
            self._under_way = False
            _tell(futures, [closed] * len(futures))
        else:
            running.add_done_callback(partial(self._told, context, futures))

    def _told(
        self, context: Context, futures: list[Future[Any]], running: Future[list[Any]]
    ) -> None:
        failure = running.exception()
        _tell(futures, running.result() if failure is None else [failure] * len(futures))
        self._next(context)


def _tell(futures: list[Future[Any]], outcomes: Sequence[Any]) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if future.cancelled():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


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
        if isinstance(state, Pause):
            sleep(GIVE_WAY)
        state = go_on(flow, state, context)
    return state


def _beside_loop(step: Step, context: Context) -> bool:
    """Tell whether a thread beside the event loop does a step by itself."""
    return isinstance(step, Work | Commit | Pause) or (
        isinstance(step, Embed) and context.embeds_here
    )


def _on_loop(step: Step, context: Context) -> bool:
    """Tell whether a step is done on the event loop."""
    if isinstance(step, Work):
        return step.brief is not None and step.brief()
    instant = bool(getattr(context.embedder, "instant", False))
    return isinstance(step, Embed) and instant and is_brief(step.texts)


async def arun(flow: Flow[T], context: Context, shared: Shared) -> T:
    """Drive a flow beside the event loop, awaiting the models.

    A caller that is cancelled goes at once. What runs beside the loop meanwhile, such as a commit,
    is whole when it ends, and the flow ends with it.
    """
    reply: Any = None
    failure: Exception | None = None
    while True:
        running = shared.off(_advance_far, flow, context, _beside_loop, reply, failure)
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
        reply, failure = await _asked(state, context, shared, flow)


async def arun_here(flow: Flow[T], context: Context, shared: Shared) -> T:
    """Drive a flow on the event loop.

    What may take long is done beside the loop, and commits with those of other flows.
    """
    reply: Any = None
    failure: Exception | None = None
    while True:
        far = partial(_advance_far, flow, context, _on_loop, reply, failure)
        try:
            state = await shared.compute(far)
        except CancelledError:
            flow.close()
            raise
        if isinstance(state, Done):
            result: T = state.value
            return result
        reply, failure = await _asked(state, context, shared, flow)


async def _asked(
    step: Step, context: Context, shared: Shared, flow: Flow[Any]
) -> tuple[Any, Exception | None]:
    """Return the answer to a step, or its failure; the flow ends if the caller is cancelled."""
    if isinstance(step, Pause):
        return None, None  # What the flow computes next waits behind what others do.
    try:
        return await _answer(step, context, shared), None
    except Exception as failure:  # noqa: BLE001 - the flow decides what a failure means
        return None, failure
    except BaseException:
        flow.close()
        raise


async def _answer(step: Asked, context: Context, shared: Shared) -> Any:
    if isinstance(step, Work):
        return await shared.off(step.function)
    if isinstance(step, Commit):
        return await shared.commit(step, context)
    if isinstance(step, Wait):
        return await wait_for(wrap_future(step.future), step.seconds)
    if isinstance(step, Embed):
        return await _embed(step, embedder_of(context), shared)
    llm = context.understanding.llm
    if (acomplete := getattr(llm, "acomplete", None)) is not None:
        return await acomplete(step.prompt)
    return await shared.off(llm.complete, step.prompt)


async def _embed(step: Embed, embedder: Any, shared: Shared) -> Any:
    if (aembed := getattr(embedder, "aembed", None)) is not None:
        return await aembed(step.texts)
    return await shared.off(embedder.embed, step.texts)


async def arun_in(
    current: Callable[[], Context],
    drive: Callable[[Flow[T], Context], Awaitable[T]],
    off: Off,
    flow: Callable[Concatenate[Context, P], Flow[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Drive a flow, anew if the embedder was changed while it was under way."""
    while True:
        context = current()
        try:
            return await drive(flow(context, *args, **kwargs), context)
        except VectorStoreError as error:
            # It may wait for the commit that swaps the spaces, and the loop must not.
            if not await off(stale, error, context, current):
                raise
