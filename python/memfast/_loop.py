"""The driver that runs flows for an event loop.

A flow computes on the loop itself, in turns with other flows: threads that compute take turns at
the interpreter, and the loop would wait for all of them. Work that takes long, commits and models
are awaited. A flow that asks to leave the loop runs in another thread from step to step.
"""

from __future__ import annotations

from asyncio import (
    AbstractEventLoop,
    CancelledError,
    Future,
    Semaphore,
    TaskGroup,
    get_running_loop,
    shield,
    wait_for,
    wrap_future,
)
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from memfast._steps import (
    SLICE,
    Asked,
    Commit,
    Done,
    Embed,
    Flow,
    Gather,
    Leave,
    OfModel,
    Pause,
    Step,
    Wait,
    Work,
    advance,
    go_on,
    is_brief,
)
from memfast.errors import StoreClosedError

if TYPE_CHECKING:
    from memfast.stores.protocol import Change, Store

T = TypeVar("T")

# Seconds that a thread beside the event loop sleeps at each pause, so that the loop gets the
# interpreter: it would otherwise wait for it as long as `sys.getswitchinterval()`, which is 5 ms.
GIVE_WAY = 0.00002


class Off(Protocol):
    """Runs a function in another thread."""

    def __call__(self, function: Callable[..., T], /, *args: object) -> Future[T]:
        """Return the future of its result."""
        ...


class Shared:
    """What the flows on one event loop share.

    Attributes:
        off: Runs a function in another thread.
    """

    def __init__(self, off: Off) -> None:
        self.off = off
        self._ready: deque[Callable[[], None]] = deque()
        self._waiting: list[tuple[Commit, Future[list[Change]]]] = []
        self._committing = False

    def compute(self, function: Callable[[], T]) -> Future[T]:
        """Run a function on the loop, which runs other tasks after `SLICE` computed seconds."""
        loop = get_running_loop()
        future: Future[T] = loop.create_future()
        self._ready.append(partial(_settle, future, function))
        if len(self._ready) == 1:
            loop.call_soon(self._compute, loop)
        return future

    def _compute(self, loop: AbstractEventLoop) -> None:
        ends = perf_counter() + SLICE
        try:
            while self._ready:
                try:
                    self._ready[0]()
                finally:
                    self._ready.popleft()
                if perf_counter() >= ends:
                    break
        finally:
            if self._ready:
                loop.call_soon(self._compute, loop)

    def commit(self, step: Commit) -> Future[list[Change]]:
        """Commit; those that come while one runs are committed together after it."""
        future: Future[list[Change]] = get_running_loop().create_future()
        self._waiting.append((step, future))
        if not self._committing:
            self._next(step.store)
        return future

    def _next(self, store: Store) -> None:
        wanted = [(step, future) for step, future in self._waiting if not future.cancelled()]
        self._waiting.clear()
        self._committing = bool(wanted)
        if not wanted:
            return
        futures = [future for _, future in wanted]
        try:
            running = self.off(store.write_each, [step.write for step, _ in wanted])
        except StoreClosedError as closed:
            self._committing = False
            _resolve(futures, [closed] * len(futures))
        else:
            running.add_done_callback(partial(self._committed, store, futures))

    def _committed(
        self,
        store: Store,
        futures: list[Future[list[Change]]],
        running: Future[list[list[Change] | Exception]],
    ) -> None:
        failure = running.exception()
        _resolve(futures, running.result() if failure is None else [failure] * len(futures))
        self._next(store)


def _settle(future: Future[T], function: Callable[[], T]) -> None:
    if future.cancelled():
        return
    try:
        future.set_result(function())
    except BaseException as failure:
        future.set_exception(failure)
        if isinstance(failure, KeyboardInterrupt | SystemExit):
            raise


def _resolve(futures: list[Future[T]], outcomes: Sequence[T | BaseException]) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if future.cancelled():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def _advance_far(
    flow: Flow[T],
    here: Callable[[Step], bool],
    reply: object = None,
    failure: Exception | None = None,
) -> Step | Done[T]:
    """Run a flow to the next step that is not done `here`."""
    state = advance(flow, reply, failure)
    while not isinstance(state, Done) and here(state):
        if isinstance(state, Pause):
            sleep(GIVE_WAY)
        state = go_on(flow, state)
    return state


def _in_thread(step: Step) -> bool:
    """Return whether a thread beside the event loop does a step by itself."""
    return isinstance(step, Work | Commit | Pause | Leave) or (
        isinstance(step, Embed) and bool(getattr(step.embedder, "local", False))
    )


def _on_loop(step: Step) -> bool:
    """Return whether a step is done on the event loop."""
    if isinstance(step, Work):
        return step.brief is not None and step.brief()
    instant = isinstance(step, Embed) and bool(getattr(step.embedder, "instant", False))
    return instant and is_brief(cast("Embed", step).texts)


async def arun(flow: Flow[T], shared: Shared) -> T:
    """Drive a flow to its result.

    A caller that is cancelled returns at once. What runs in a thread then, such as a commit, is
    whole when it ends, and the flow ends with it.
    """
    reply: object = None
    failure: Exception | None = None
    left = False
    while True:
        state = await _advanced(flow, shared, left, reply, failure)
        reply = failure = None
        if isinstance(state, Done):
            return state.value
        if isinstance(state, Leave):
            left = True
            continue
        if isinstance(state, Pause):
            continue  # What the flow computes next waits behind other flows.
        try:
            reply = await _answer(state, shared)
        except Exception as error:  # noqa: BLE001 - the flow decides what a failure means
            failure = error
        except BaseException:
            flow.close()
            raise


async def _advanced(
    flow: Flow[T], shared: Shared, left: bool, reply: object, failure: Exception | None
) -> Step | Done[T]:
    if not left:
        try:
            return await shared.compute(partial(_advance_far, flow, _on_loop, reply, failure))
        except CancelledError:
            flow.close()
            raise
    running = shared.off(_advance_far, flow, _in_thread, reply, failure)
    try:
        return cast("Step | Done[T]", await shield(running))
    except BaseException:
        if running.done():
            flow.close()
        else:
            running.add_done_callback(lambda _: flow.close())
        raise


async def _answer(step: Asked, shared: Shared) -> object:
    if isinstance(step, Work):
        return await shared.off(step.function)
    if isinstance(step, Commit):
        return await shared.commit(step)
    if isinstance(step, Wait):
        await wait_for(wrap_future(step.future), step.seconds)
        return None
    if isinstance(step, Gather):
        await _gather(step, shared)
        return None
    return await _ask(step, shared)


async def _ask(step: OfModel, shared: Shared) -> object:
    answer: Awaitable[object] | None = step.awaitable()
    return await (shared.off(step.ask) if answer is None else answer)


async def _gather(step: Gather, shared: Shared) -> None:
    free = Semaphore(step.most)

    async def one(flow: Flow[None]) -> None:
        async with free:
            await arun(flow, shared)

    async with TaskGroup() as group:
        for flow in step.flows:
            group.create_task(one(flow))
