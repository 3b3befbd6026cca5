"""Flows, the steps they ask for, and the driver for threads.

A flow is a generator: it computes, and where it needs a model, or work that may take long, it
yields a step and receives the answer. A driver does what the step asks for and throws failures into
the flow. So a flow reads like straight-line code and exists once, for threads and for event loops.
The driver for event loops is in `_loop`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from time import perf_counter
from typing import (
    TYPE_CHECKING,
    Concatenate,
    Generic,
    NamedTuple,
    ParamSpec,
    TypeAlias,
    TypeVar,
    cast,
)

from memfast._workers import Workers
from memfast.errors import VectorStoreError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from memfast._context import Context, EmbedderLike, LanguageModel, RerankerLike
    from memfast.extraction.slices import Slices
    from memfast.stores.protocol import Change, Store, Write
    from memfast.types import Prompt, Reply, Vectors

T = TypeVar("T")
P = ParamSpec("P")

# Texts up to this many characters are processed inline (1-2 ms).
BRIEF = 8_000
# Arguments of verbs that may be iterators.
SEQUENCES = ("messages", "memories", "queries", "vector", "vectors")
# Seconds that flows compute on an event loop before other tasks run.
SLICE = 0.0005


class Embed(NamedTuple):
    """Ask an embedder for the vectors of texts, in one batch, in their order."""

    texts: list[str]
    embedder: EmbedderLike

    def ask(self) -> Vectors:
        """Return the embedder's answer."""
        return self.embedder.embed(self.texts)

    def awaitable(self) -> Awaitable[Vectors] | None:
        """Return the answer to be awaited; None if only `ask` gives it."""
        aembed: Callable[[list[str]], Awaitable[Vectors]] | None
        aembed = getattr(self.embedder, "aembed", None)
        return None if aembed is None else aembed(self.texts)


class Complete(NamedTuple):
    """Ask a language model; the answer is a `Reply`."""

    prompt: Prompt
    llm: LanguageModel

    def ask(self) -> Reply:
        """Return the model's answer."""
        return self.llm.complete(self.prompt)

    def awaitable(self) -> Awaitable[Reply] | None:
        """Return the answer to be awaited; None if only `ask` gives it."""
        acomplete: Callable[[Prompt], Awaitable[Reply]] | None
        acomplete = getattr(self.llm, "acomplete", None)
        return None if acomplete is None else acomplete(self.prompt)


class Rerank(NamedTuple):
    """Ask a reranker for the scores of texts, in their order."""

    query: str
    texts: list[str]
    reranker: RerankerLike

    def ask(self) -> Sequence[float]:
        """Return the reranker's answer."""
        return self.reranker.rerank(self.query, self.texts)

    def awaitable(self) -> Awaitable[Sequence[float]] | None:
        """Return the answer to be awaited; None if only `ask` gives it."""
        arerank: Callable[[str, list[str]], Awaitable[Sequence[float]]] | None
        arerank = getattr(self.reranker, "arerank", None)
        return None if arerank is None else arerank(self.query, self.texts)


class Work(NamedTuple):
    """Ask for work that may take long.

    Attributes:
        function: Does it.
        brief: Returns whether it takes no longer than handing it to another thread; None for no.
    """

    function: Callable[[], object]
    brief: Callable[[], bool] | None = None


class Commit(NamedTuple):
    """Ask for a commit; the answer is the `Change` of each operation."""

    write: Write
    store: Store


class Wait(NamedTuple):
    """Ask to wait for another call.

    Attributes:
        future: Done when it is over; it may be cancelled.
        seconds: Longest wait; TimeoutError after it.
    """

    future: Future[None]
    seconds: float


class Gather(NamedTuple):
    """Ask for flows to run at the same time.

    Attributes:
        flows: The flows; their results are dropped.
        most: How many run at a time.
    """

    flows: Sequence[Flow[None]]
    most: int


class Pause(NamedTuple):
    """Let other tasks run on the event loop."""


class Leave(NamedTuple):
    """Leave the event loop: what follows may compute for long, and runs in another thread."""


OfModel: TypeAlias = Embed | Complete | Rerank
Asked: TypeAlias = OfModel | Work | Commit | Wait | Gather
Step: TypeAlias = Asked | Pause | Leave
# The answer to a step has the type that its helper below returns; no type can say so of `yield`.
Flow: TypeAlias = Generator[Step, object, T]


def embed(context: Context, texts: Iterable[str]) -> Flow[Vectors]:
    """Return the vectors of texts, one each, in their order.

    Raises:
        ConfigurationError: The memory has no embedder.
    """
    vectors: Vectors = yield Embed(list(texts), context.needed_embedder())  # type: ignore[assignment]
    return vectors


def complete(context: Context, prompt: Prompt) -> Flow[Reply]:
    """Return what the language model answers."""
    reply: Reply = yield Complete(prompt, context.needed_llm())  # type: ignore[assignment]
    return reply


def rerank(reranker: RerankerLike, query: str, texts: list[str]) -> Flow[Sequence[float]]:
    """Return a reranker's score of each text."""
    scores: Sequence[float] = yield Rerank(query, texts, reranker)  # type: ignore[assignment]
    return scores


def work(function: Callable[[], T], brief: Callable[[], bool] | None = None) -> Flow[T]:
    """Return what a function returns that may take long; see `Work`."""
    result: T = yield Work(function, brief)  # type: ignore[assignment]
    return result


def commit(context: Context, write: Write) -> Flow[list[Change]]:
    """Commit; return what each operation did."""
    changes: list[Change] = yield Commit(write, context.store)  # type: ignore[assignment]
    return changes


def done_at_once(value: T) -> Flow[T]:
    """Return a value without a step."""
    yield from ()
    return value


def sliced(slices: Slices[T]) -> Flow[T]:
    """Do work that may be interrupted, with a pause whenever `SLICE` seconds were computed."""
    while True:
        ends = perf_counter() + SLICE
        try:
            next(slices)
            while perf_counter() < ends:
                next(slices)
        except StopIteration as done:
            return cast("T", done.value)
        yield Pause()


def restartable(
    flow: Callable[Concatenate[Context, P], Flow[T]],
) -> Callable[Concatenate[Context, P], Flow[T]]:
    """Make a flow start again where the embedder was changed while it ran.

    Iterators among the arguments are read into lists first, so that they can be read twice.
    """

    @wraps(flow)
    def start(context: Context, /, *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        if _reads_once(args, kwargs):
            args_twice = [_twice(value) for value in args]
            named_twice = {name: _twice(value) for name, value in kwargs.items()}
            return _restarted(context, flow, args_twice, named_twice)
        return _restarted(context, flow, args, kwargs)

    return start


def _reads_once(args: Sequence[object], kwargs: Mapping[str, object]) -> bool:
    """Return whether an argument can be read only once."""
    for value in args:
        if hasattr(value, "__next__"):
            return True
    for name in SEQUENCES:  # noqa: SIM110 - a generator would take longer than all of it
        if name in kwargs and hasattr(kwargs[name], "__next__"):
            return True
    return False


def _twice(value: object) -> object:
    return list(value) if isinstance(value, Iterator) else value


def _restarted(
    context: Context,
    flow: Callable[..., Flow[T]],
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> Flow[T]:
    while True:
        try:
            return (yield from flow(context, *args, **kwargs))
        except VectorStoreError as error:
            if error.error_code != "SPACE_CHANGED":
                raise
            # It may wait for the commit that changes the embedder, and an event loop must not.
            now = yield from work(context.after_swap)
            if now.space == context.space:
                raise
            context = now


def answer(step: Step) -> object:
    """Do what a step asks for."""
    if isinstance(step, Work):
        return step.function()
    if isinstance(step, Embed | Complete | Rerank):
        return step.ask()
    if isinstance(step, Commit):
        return step.store.write(step.write)
    if isinstance(step, Wait):
        return step.future.result(step.seconds)
    if isinstance(step, Gather):
        _gather(step)
    return None


def _gather(step: Gather) -> None:
    with Workers(step.most, "memfast-add") as pool:
        for running in [pool.submit(run, flow) for flow in step.flows]:
            running.result()


def run(flow: Flow[T]) -> T:
    """Drive a flow to its result."""
    reply: object = None
    failure: Exception | None = None
    try:
        while True:
            step = flow.send(reply) if failure is None else flow.throw(failure)
            failure = None
            try:
                reply = answer(step)
            except Exception as error:  # noqa: BLE001 - the flow decides what a failure means
                failure = error
    except StopIteration as done:
        result: T = done.value
        return result
    except BaseException:
        # An interrupt ends it between two steps, and what it holds must not wait for the collector.
        flow.close()
        raise


def go_on(flow: Flow[T], step: Step) -> Step | Done[T]:
    """Answer a step, and run the flow to the next."""
    try:
        reply = answer(step)
    except Exception as failure:  # noqa: BLE001 - the flow decides what a failure means
        return advance(flow, failure=failure)
    return advance(flow, reply)


class Done(Generic[T]):
    """The end of a flow.

    Attributes:
        value: Its result.
    """

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value


def advance(
    flow: Flow[T], reply: object = None, failure: Exception | None = None
) -> Step | Done[T]:
    """Run a flow to its next step, or its end."""
    try:
        return flow.send(reply) if failure is None else flow.throw(failure)
    except StopIteration as done:
        return Done(cast("T", done.value))


def is_brief(texts: Iterable[str]) -> bool:
    """Return whether texts are so short that processing them takes a millisecond or two."""
    return sum(map(len, texts)) <= BRIEF
