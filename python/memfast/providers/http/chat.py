"""Talks with a chat API: its dialect is found by trying, and remembered."""

from __future__ import annotations

from memfast.errors import LLMError, MemfastError
from memfast.providers.http.dialect import Dialect
from memfast.providers.http.endpoint import Endpoint
from memfast.providers.http.failures import SERVER, EndpointError, public_error
from memfast.providers.http.replies import read_chat
from memfast.providers.http.talk import SYSTEM, Attempts, Request, Talk, Timing
from memfast.types import Prompt, Reply


class ChatLLM:
    """A language model behind an endpoint.

    Args:
        name: Its name.
        endpoint: Runs its talks.
        options: Arguments of each request: model, temperature and so on; None is left out.
        hint: What to do about a refused key.
    """

    def __init__(self, name: str, endpoint: Endpoint, options: Request, hint: str) -> None:
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
            RateLimitError: The endpoint asks to slow down, and did so on each attempt.
            NetworkError: It was not reached, gave no answer in time, or failed.
            LLMError: It refused the request, or its answer is not a reply.
        """
        return self._endpoint.run(self.talk(prompt))

    async def acomplete(self, prompt: Prompt) -> Reply:
        """Do as `complete` does, without blocking the event loop."""
        return await self._endpoint.arun(self.talk(prompt))

    def close(self) -> None:
        """Close the connections of the threads."""
        self._endpoint.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._endpoint.aclose()

    def talk(self, prompt: Prompt, timing: Timing = SYSTEM) -> Talk[Reply]:
        """Return the talk that `complete` and `acomplete` run; raises what they raise."""
        attempts = Attempts(self._endpoint.settings, timing)
        dialect, retries = self._dialect, None
        while True:
            request = dialect.request(prompt, self._options)
            reply = yield from attempts.send(
                "chat.completions", request, self._read, retries=retries
            )
            if isinstance(reply, Reply):
                # Only a dialect that led to an answer is remembered.
                self._dialect = dialect
                return reply
            if reply.code == "content_filter":
                return Reply("", "filter")
            other = dialect.after(reply, request)
            if other is None:
                raise self._public(reply)
            if reply.status == SERVER:
                # A failing server does not get the retries again on each rung below.
                retries = 0
            dialect = other

    def _read(self, body: str) -> Reply:
        return read_chat(body, self._endpoint.settings.secrets)

    def _public(self, failure: EndpointError) -> MemfastError:
        who = f"`{self.name}` at {self._endpoint.settings.place}"
        return public_error(failure, who=who, suggestion=self._hint, otherwise=LLMError)
