"""Makes a language model of an object or a function that is nearly one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace

from memfast.errors import ConfigurationError, LLMError, MemfastError
from memfast.providers._adapting import Closing, kind_of, name_of
from memfast.providers.http.dialect import spelled_out
from memfast.types import Prompt, Reply


class LLMAdapter(Closing):
    """A model made of an object with `complete`, mem0's `generate_response`, or of a function.

    `acomplete` always exists: the object's own, or else `complete` in a thread.
    """

    def __init__(self, inner: object, *, owned: bool = False) -> None:
        self.inner = inner
        self.owned = owned
        self.name = name_of(inner)
        self.vision: str | None = getattr(inner, "vision", None)
        complete = getattr(inner, "complete", None)
        generate = getattr(inner, "generate_response", None)
        self._call: Callable[[Prompt], object]
        self._acall: Callable[[Prompt], Awaitable[object]] | None = None
        if callable(complete):
            self._call = complete
            self._acall = getattr(inner, "acomplete", None)
        elif callable(generate):
            self._call = lambda prompt: _generate(generate, prompt)
        elif callable(inner):
            self._call = lambda prompt: inner(spelled_out(prompt))
        else:
            raise ConfigurationError(
                f"a language model must have complete(prompt); {type(inner).__name__} has none",
                suggestion="Pass a name, a config dict, or an object with complete(prompt).",
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def complete(self, prompt: Prompt) -> Reply:
        """Return the reply.

        Raises:
            LLMError: The object failed.
            ConfigurationError: It cannot be called, or returned no text.
            DependencyError: A package that it needs is missing.
        """
        try:
            return self._reply(self._call(prompt))
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    async def acomplete(self, prompt: Prompt) -> Reply:
        """Do as `complete` does, without blocking the event loop."""
        if self._acall is None:
            return await asyncio.to_thread(self.complete, prompt)
        try:
            return self._reply(await self._acall(prompt))
        except MemfastError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> MemfastError:
        kind = kind_of(error, LLMError)
        text = f"language model `{self.name}` failed: {error}"
        return kind(text, details={"llm": self.name})

    def _reply(self, value: object) -> Reply:
        if value is None or isinstance(value, str):
            value = Reply(value or "")
        if isinstance(value, Reply) and value.text is None:
            value = replace(value, text="")
        if isinstance(value, Reply) and isinstance(value.text, str):
            # JSON can hold unpaired surrogates, which cannot be stored.
            halves = value.text.encode("utf-16", "surrogatepass")
            return replace(value, text=halves.decode("utf-16", "replace"))
        close = getattr(value, "close", None) if inspect.isawaitable(value) else None
        if close is not None:
            close()
        kind = type(value).__name__
        # The next Reply may have a text; an object that returns no Reply never will.
        fault = LLMError if isinstance(value, Reply) else ConfigurationError
        raise fault(
            f"language model `{self.name}` returned {kind} instead of text",
            details={"llm": self.name, "type": kind},
            suggestion="Return text or a Reply; give an async function the name `acomplete`.",
        )


def _generate(generate: Callable[..., object], prompt: Prompt) -> object:
    if prompt.schema is None:
        return generate(prompt.messages)
    return generate(spelled_out(prompt), response_format={"type": "json_object"})
