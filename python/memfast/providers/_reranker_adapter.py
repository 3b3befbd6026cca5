"""Makes a reranker of an object or a function that is nearly one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, cast

from memfast._workers import Workers
from memfast.errors import ConfigurationError, LLMError, MemfastError, shown
from memfast.providers._adapting import Closing, kind_of, name_of
from memfast.providers._usable import number_of


class RerankerAdapter(Closing):
    """A reranker made of an object with `rerank`, a cross-encoder's `predict`, or of a function.

    `arerank` always exists: the object's own, a `rerank` that is a coroutine function, or else
    `rerank` in a thread.
    """

    def __init__(self, inner: object, *, owned: bool = False) -> None:
        self.inner = inner
        self.owned = owned
        self.name = name_of(inner)
        own, predict = getattr(inner, "rerank", None), getattr(inner, "predict", None)
        self._call: Callable[[str, list[str]], object]
        if callable(own):
            self._call = own
        elif callable(predict):
            self._call = lambda query, texts: predict([(query, text) for text in texts])
        elif callable(inner):
            self._call = inner
        else:
            raise ConfigurationError(
                f"a reranker must have rerank(query, texts); {shown(inner)} has none",
                suggestion="Pass True, a name, a config dict, an object with rerank(query, texts) "
                "or a function.",
            )
        self._acall: Callable[[str, list[str]], Awaitable[object]] | None
        self._acall = getattr(inner, "arerank", None)
        if self._acall is None and _is_async(self._call):
            self._acall = cast("Callable[[str, list[str]], Awaitable[object]]", self._call)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return one score per text, in their order.

        Raises:
            LLMError: The object failed, or did not return one number per text.
            ConfigurationError: It cannot be called.
            DependencyError: A package that it needs is missing.
        """
        try:
            returned = self._call(query, list(texts))
            if inspect.isawaitable(returned):
                returned = _awaited(returned)
            return self._checked(returned, len(texts))
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    async def arerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Do as `rerank` does, without blocking the event loop."""
        if self._acall is None:
            return await asyncio.to_thread(self.rerank, query, texts)
        try:
            return self._checked(await self._acall(query, list(texts)), len(texts))
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> MemfastError:
        kind = kind_of(error, LLMError)
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return kind(f"reranker `{self.name}` failed: {said}", details={"reranker": self.name})

    def _checked(self, returned: object, count: int) -> list[float]:
        plain = getattr(returned, "tolist", None)
        scores = plain() if callable(plain) else returned
        if isinstance(scores, str | bytes) or not isinstance(scores, Sequence):
            raise self._wrong(f"returned {type(returned).__name__} instead of a list of scores")
        if len(scores) != count:
            raise self._wrong(f"returned {len(scores)} scores for {count} texts")
        numbers = []
        for index, score in enumerate(scores):
            number = number_of(score)
            if number is None:
                raise self._wrong(f"returned {shown(score)} as the score of text {index}")
            numbers.append(number)
        return numbers

    def _wrong(self, how: str) -> LLMError:
        return LLMError(f"reranker `{self.name}` {how}", details={"reranker": self.name})


def _is_async(call: object) -> bool:
    """Return whether calling gives a coroutine."""
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(
        getattr(call, "__call__", None)  # noqa: B004 - an object with an async `__call__`
    )


def _awaited(returned: Awaitable[object]) -> object:
    """Return what an awaitable results in, on an event loop of its own."""

    async def wait() -> object:
        return await returned

    waiting: Coroutine[Any, Any, object] = wait()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(waiting)
    # The caller's thread has a loop that runs already, and no other one can.
    with Workers(1, "memfast-rerank") as beside:
        return beside.submit(asyncio.run, waiting).result()
