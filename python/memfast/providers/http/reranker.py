"""Talks with a rerank API: a query and texts in, one score per text out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from memfast.errors import LLMError
from memfast.providers.http.endpoint import Endpoint
from memfast.providers.http.failures import EndpointError, public_error
from memfast.providers.http.scores import read_scores
from memfast.providers.http.talk import SYSTEM, Attempts, Request, Talk, Timing


class HttpReranker:
    """A reranker behind an endpoint.

    Args:
        name: Its name.
        endpoint: Runs its talks.
        hint: What to do about a refused key.
        texts: The endpoint's name for the texts.
        options: More arguments of each request.
    """

    def __init__(
        self, name: str, endpoint: Endpoint, hint: str, *, texts: str, options: Request
    ) -> None:
        self.name = name
        self._endpoint = endpoint
        self._hint = hint
        self._texts = texts
        self._options = options

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return one score per text, in their order.

        Raises:
            AuthenticationError: The key was refused.
            RateLimitError: The endpoint asks to slow down, and did so on each attempt.
            NetworkError: It was not reached, gave no answer in time, or failed.
            LLMError: It refused the request, or did not return one number per text.
        """
        return self._endpoint.run(self.talk(query, texts))

    async def arerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Do as `rerank` does, without blocking the event loop."""
        return await self._endpoint.arun(self.talk(query, texts))

    def close(self) -> None:
        """Close the connections of the threads."""
        self._endpoint.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._endpoint.aclose()

    def talk(self, query: str, texts: Sequence[str], timing: Timing = SYSTEM) -> Talk[list[float]]:
        """Return the talk that `rerank` and `arerank` run; raises what they raise."""
        settings = self._endpoint.settings
        read = partial(read_scores, count=len(texts), secrets=settings.secrets)
        request = {**self._options, "query": query, self._texts: list(texts)}
        scores = yield from Attempts(settings, timing).send("rerank", request, read)
        if not isinstance(scores, EndpointError):
            return scores
        who = f"`{self.name}` at {settings.place}"
        raise public_error(scores, who=who, suggestion=self._hint, otherwise=LLMError)
