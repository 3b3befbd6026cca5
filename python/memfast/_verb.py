"""Methods of memories, made of the functions in `verbs`.

A verb is a function that takes a `Context` and the caller's arguments, and returns a flow. Its
signature, its docstring and its checks are written there once; here it becomes a method of a class
whose `_context` is the context.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    Protocol,
    TypeVar,
)

from memfast._steps import Flow, run

if TYPE_CHECKING:
    from memfast._context import Context

T = TypeVar("T")
P = ParamSpec("P")


class Has(Protocol):
    """A memory whose calls run in the caller's thread."""

    @property
    def _context(self) -> Context: ...


class Drives(Protocol):
    """A memory whose calls run on an event loop."""

    @property
    def _context(self) -> Context: ...

    async def _drive(self, flow: Flow[T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Pages(Generic[T]):
    """Items, and the flow that returns those behind them; None at the end."""

    items: list[T]
    more: Callable[[], Flow[Pages[T]]] | None


def verb(flow: Callable[Concatenate[Context, P], Flow[T]]) -> Callable[Concatenate[Any, P], T]:
    """Return the method of a verb for threads."""

    def call(self: Has, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return run(flow(self._context, *args, **kwargs))

    return _like(flow, call)


def averb(
    flow: Callable[Concatenate[Context, P], Flow[T]],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """Return the method of a verb for event loops."""

    async def call(self: Drives, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._drive(flow(self._context, *args, **kwargs))

    return _like(flow, call)


def verb_iter(
    flow: Callable[Concatenate[Context, P], Flow[Pages[T]]],
) -> Callable[Concatenate[Any, P], Iterator[T]]:
    """Return the method for threads of a verb whose result is read in pages.

    The first page is read at once, so that a bad argument fails here and not at first use.
    """

    def call(self: Has, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return walk(run(flow(self._context, *args, **kwargs)))

    def walk(pages: Pages[T]) -> Iterator[T]:
        while True:
            yield from pages.items
            if pages.more is None:
                return
            pages = run(pages.more())

    return _like(flow, call, "Iterator[{}]")


def averb_iter(
    flow: Callable[Concatenate[Context, P], Flow[Pages[T]]],
) -> Callable[Concatenate[Any, P], AsyncIterator[T]]:
    """Return the method for event loops of a verb whose result is read in pages."""

    async def call(self: Drives, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        pages = await self._drive(flow(self._context, *args, **kwargs))
        while True:
            for item in pages.items:
                yield item
            if pages.more is None:
                return
            pages = await self._drive(pages.more())

    return _like(flow, call, "AsyncIterator[{}]")


F = TypeVar("F", bound=Callable[..., object])


def _like(flow: Callable[..., object], call: F, returns: str = "{}") -> F:
    """Give a method the name, the documentation and the signature of its verb."""
    given = signature(flow)
    own = Parameter("self", Parameter.POSITIONAL_ONLY)
    rest = list(given.parameters.values())[1:]
    call.__doc__ = flow.__doc__
    call.__name__ = flow.__name__
    call.__qualname__ = flow.__name__
    call.__module__ = flow.__module__
    # `T` of `Flow[T]`, and of `Flow[Pages[T]]`.
    result = re.sub(r"\b(?:Flow|Pages)\[(.*?)\](?=$| \|)", r"\1", str(given.return_annotation))
    result = result.removeprefix("Pages[").removesuffix("]") if returns != "{}" else result
    call.__signature__ = Signature(  # type: ignore[attr-defined]
        [own, *rest], return_annotation=returns.format(result)
    )
    return call
