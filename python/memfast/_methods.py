"""How the verbs become methods: for threads, for event loops, and read in pages by either."""

from __future__ import annotations

import re
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Generic, NamedTuple, ParamSpec, Protocol, TypeVar

from memfast._steps import Flow, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from typing import Any, Concatenate

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


class Pages(NamedTuple, Generic[T]):
    """Items, and what returns the flow of those behind them; None at the end."""

    items: list[T]
    more: Callable[[], Flow[Pages[T]]] | None


def in_thread(flow: Callable[Concatenate[Context, P], Flow[T]]) -> Callable[Concatenate[Has, P], T]:
    """Return the method of a verb for threads."""

    def call(self: Has, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return run(flow(self._context, *args, **kwargs))

    return like(flow, call)


def on_loop(
    flow: Callable[Concatenate[Context, P], Flow[T]],
) -> Callable[Concatenate[Drives, P], Coroutine[Any, Any, T]]:
    """Return the method of a verb for event loops."""

    async def call(self: Drives, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._drive(flow(self._context, *args, **kwargs))

    return like(flow, call)


def pages_in_thread(
    flow: Callable[Concatenate[Context, P], Flow[Pages[T]]],
) -> Callable[Concatenate[Has, P], Iterator[T]]:
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

    return like(flow, call, "Iterator[{}]")


def pages_on_loop(
    flow: Callable[Concatenate[Context, P], Flow[Pages[T]]],
) -> Callable[Concatenate[Drives, P], AsyncIterator[T]]:
    """Return the method for event loops of a verb whose result is read in pages."""

    async def call(self: Drives, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        pages = await self._drive(flow(self._context, *args, **kwargs))
        while True:
            for item in pages.items:
                yield item
            if pages.more is None:
                return
            pages = await self._drive(pages.more())

    return like(flow, call, "AsyncIterator[{}]")


F = TypeVar("F", bound="Callable[..., object]")


def like(flow: Callable[..., object], call: F, returns: str = "{}") -> F:
    """Give a method the name, the documentation and the signature of its verb."""
    given = signature(flow)
    own = Parameter("self", Parameter.POSITIONAL_ONLY)
    rest = list(given.parameters.values())[1:]
    call.__doc__ = flow.__doc__
    call.__name__ = flow.__name__
    call.__qualname__ = flow.__name__
    call.__module__ = flow.__module__
    # `T` of `Flow[T]`, and of `Flow[Pages[T]]`.
    result = re.sub(r"^Flow\[(.*)\]$", r"\1", str(given.return_annotation))
    result = re.sub(r"^Pages\[(.*)\]$", r"\1", result)
    call.__signature__ = Signature(  # type: ignore[attr-defined]
        [own, *rest], return_annotation=returns.format(result)
    )
    return call
