"""Methods of memories, made of the functions in `verbs`.

A verb is a function that takes a `Context` and the caller's arguments, and returns a flow. Its
signature, its documentation and its checks are written there once; here it becomes a method of a
class whose `_context` is the context. At its first use it is imported and the method made, so that
`import memfast` does not load what a program does not call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from memfast._context import Context
    from memfast._methods import Pages
    from memfast._steps import Flow

T = TypeVar("T")
P = ParamSpec("P")


class Names:
    """The names of a module that is not imported yet."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Name:
        if name.startswith("__"):
            raise AttributeError(name)
        return Name(self._module, name)


class Name:
    """A name of a module, looked up when it is needed."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def value(self) -> object:
        """Import the module; return the value."""
        return getattr(import_module(self._module), self._name)


class _Method:
    """A method that is made at its first use, and is a function of its class from then on."""

    def __init__(self, kind: str, flow: object) -> None:
        self._kind = kind
        self._flow = flow

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> object:
        from memfast import _methods

        flow = self._flow.value() if isinstance(self._flow, Name) else self._flow
        made = getattr(_methods, self._kind)(flow)
        setattr(self._owner, self._name, made)
        return made if instance is None else made.__get__(instance, owner)


def verb(flow: Callable[Concatenate[Context, P], Flow[T]]) -> Callable[Concatenate[Any, P], T]:
    """Return the method of a verb for threads."""
    return cast("Callable[Concatenate[Any, P], T]", _Method("in_thread", flow))


def averb(
    flow: Callable[Concatenate[Context, P], Flow[T]],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """Return the method of a verb for event loops."""
    return cast("Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]", _Method("on_loop", flow))


def verb_iter(
    flow: Callable[Concatenate[Context, P], Flow[Pages[T]]],
) -> Callable[Concatenate[Any, P], Iterator[T]]:
    """Return the method for threads of a verb whose result is read in pages."""
    return cast("Callable[Concatenate[Any, P], Iterator[T]]", _Method("pages_in_thread", flow))


def averb_iter(
    flow: Callable[Concatenate[Context, P], Flow[Pages[T]]],
) -> Callable[Concatenate[Any, P], AsyncIterator[T]]:
    """Return the method for event loops of a verb whose result is read in pages."""
    return cast("Callable[Concatenate[Any, P], AsyncIterator[T]]", _Method("pages_on_loop", flow))
