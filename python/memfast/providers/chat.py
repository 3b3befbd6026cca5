"""Talking to a chat API: which dialect it speaks is found out, and remembered."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from memfast.errors import LLMError, MemfastError
from memfast.providers.endpoint import Endpoint
from memfast.providers.failures import SERVER, EndpointError, told
from memfast.providers.replies import read_chat
from memfast.providers.structured import Dialect
from memfast.types import Prompt, Reply

CHAT = "chat.completions"
Ask = tuple[dict[str, Any], int | None]


class ChatLLM:
    """A language model behind an endpoint.

    Args:
        name: Its name.
        endpoint: Where it is asked.
        options: Arguments of each request: model, temperature and so on; None is left out.
        hint: What to do about a refused key.
    """

    def __init__(self, name: str, endpoint: Endpoint, options: dict[str, Any], hint: str) -> None:
        self.name = name
        self._endpoint = endpoint
        self._options = options
        self._hint = hint
        self._dialect = Dialect()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def complete(self, prompt: Prompt) -> Reply:
        """Return the model's answer.

        Raises:
            AuthenticationError: The key was refused.
            RateLimitError: The endpoint asks to slow down, and did so on each try.
            NetworkError: It was not reached, gave no answer in time, or failed.
            LLMError: It refused the request, or answered with what is no reply.
        """
        talk = self._talk(prompt)
        # A StopIteration must not leave the slot, which is made of a generator itself.
        with self._endpoint.slot() as ends:
            try:
                request, retries = next(talk)
                while True:
                    try:
                        reply = self._endpoint.post(
                            CHAT, request, self._read, ends, retries=retries
                        )
                    except EndpointError as failure:
                        request, retries = talk.throw(failure)
                    else:
                        request, retries = talk.send(reply)
            except StopIteration as done:
                return _result(done)

    async def acomplete(self, prompt: Prompt) -> Reply:
        """Do as `complete` does, without holding the event loop."""
        talk = self._talk(prompt)
        async with self._endpoint.aslot() as ends:
            try:
                request, retries = next(talk)
                while True:
                    try:
                        reply = await self._endpoint.apost(
                            CHAT, request, self._read, ends, retries=retries
                        )
                    except EndpointError as failure:
                        request, retries = talk.throw(failure)
                    else:
                        request, retries = talk.send(reply)
            except StopIteration as done:
                return _result(done)

    def close(self) -> None:
        """Close the connections of the threads."""
        self._endpoint.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._endpoint.aclose()

    def _talk(self, prompt: Prompt) -> Generator[Ask, Reply, Reply | MemfastError]:
        """Yield requests until one is answered; the same for threads and event loops."""
        dialect, retries = self._dialect, None
        while True:
            request = dialect.request(prompt, self._options)
            try:
                reply = yield request, retries
            except EndpointError as failure:
                if failure.code == "content_filter":
                    return Reply("", "filter")
                other = dialect.after(failure, request)
                if other is None:
                    return self._told(failure)
                # A failing server is not asked as often again on each rung below.
                retries = 0 if failure.status == SERVER else retries
                dialect = other
            else:
                # Only what led to an answer is remembered.
                self._dialect = dialect
                return reply

    def _read(self, body: str) -> Reply:
        return read_chat(body, self._endpoint.settings.secrets)

    def _told(self, failure: EndpointError) -> MemfastError:
        who = f"`{self.name}` at {self._endpoint.settings.place}"
        return told(failure, who=who, suggestion=self._hint, otherwise=LLMError)


def _result(done: StopIteration) -> Reply:
    outcome: Reply | MemfastError = done.value
    if isinstance(outcome, MemfastError):
        # Without the client's failure as context; it says the same.
        raise outcome from None
    return outcome
