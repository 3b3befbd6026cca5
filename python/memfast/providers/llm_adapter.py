"""Objects that nearly are a language model, brought into shape."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from memfast.errors import ConfigurationError, DependencyError, LLMError, MemfastError
from memfast.providers.http.dialect import spelled_out
from memfast.providers.protocols import Closing, is_uncallable
from memfast.types import Prompt, Reply


class LLMAdapter(Closing):
    """A model made of an object with `complete`, mem0's `generate_response`, or of a function.

    `acomplete` is always there: the object's own, or else `complete` in a thread.
    """

    def __init__(self, inner: Any, *, owned: bool = False) -> None:
        kind = type(inner)
        named = inner if hasattr(inner, "__qualname__") else kind
        self.inner = inner
        self.owned = owned
        self.name = str(getattr(inner, "name", None) or f"{named.__module__}.{named.__qualname__}")
        self.vision: str | None = getattr(inner, "vision", None)
        complete = getattr(inner, "complete", None)
        generate = getattr(inner, "generate_response", None)
        self._call: Callable[[Prompt], Any]
        self._acall: Callable[[Prompt], Awaitable[Any]] | None = None
        if callable(complete):
            self._call = complete
            self._acall = getattr(inner, "acomplete", None)
        elif callable(generate):
            self._call = lambda prompt: _generate(generate, prompt)
        elif callable(inner):
            self._call = lambda prompt: inner(spelled_out(prompt))
        else:
            raise ConfigurationError(
                f"a language model must have complete(prompt), which {kind.__name__} has not",
                suggestion="Pass a name, a config dict, or an object with complete(prompt).",
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def complete(self, prompt: Prompt) -> Reply:
        """Return the answer; a failure of the object is an LLMError."""
        try:
            return self._reply(self._call(prompt))
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    async def acomplete(self, prompt: Prompt) -> Reply:
        """Do as `complete` does, without holding the event loop."""
        if self._acall is None:
            return await asyncio.to_thread(self.complete, prompt)
        try:
            return self._reply(await self._acall(prompt))
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> MemfastError:
        kind: type[MemfastError] = LLMError
        if isinstance(error, ImportError):
            kind = DependencyError
        elif isinstance(error, NotImplementedError) or is_uncallable(error):
            kind = ConfigurationError
        text = f"language model `{self.name}` failed: {error}"
        return kind(text, details={"llm": self.name})

    def _reply(self, value: object) -> Reply:
        if value is None or isinstance(value, str):
            value = Reply(value or "")
        if isinstance(value, Reply) and value.text is None:
            value = replace(value, text="")
        if isinstance(value, Reply) and isinstance(value.text, str):
            # JSON can hold halves of characters, which no text that is stored may.
            halves = value.text.encode("utf-16", "surrogatepass")
            return replace(value, text=halves.decode("utf-16", "replace"))
        close = getattr(value, "close", None) if inspect.isawaitable(value) else None
        if close is not None:
            close()
        kind = type(value).__name__
        # An object that fills a Reply may do better next time; one that makes none will not.
        fault = LLMError if isinstance(value, Reply) else ConfigurationError
        raise fault(
            f"language model `{self.name}` returned {kind} instead of text",
            details={"llm": self.name, "type": kind},
            suggestion="Return text or a Reply; what must be awaited belongs in `acomplete`.",
        )


def _generate(generate: Callable[..., Any], prompt: Prompt) -> Any:
    if prompt.schema is None:
        return generate(prompt.messages)
    return generate(spelled_out(prompt), response_format={"type": "json_object"})
