"""Talks with an embeddings API: batches of texts, each answered with all its vectors or none."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeAlias

from memfast.errors import ConfigurationError, EmbeddingError, MemfastError
from memfast.providers.http.endpoint import Endpoint
from memfast.providers.http.failures import EndpointError, public_error
from memfast.providers.http.talk import SYSTEM, Attempts, Request, Talk, Timing
from memfast.providers.http.vectors import read_vectors

Row: TypeAlias = "array[float]"
# OpenAI's limits of one request: 2,048 texts and 300,000 tokens, each of at least one byte.
MOST_TEXTS = 2048
MOST_BYTES = 300_000
OWN_PLACES = (".openai.com", ".azure.com")
DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}


class HttpEmbedder:
    """An embedder behind an endpoint.

    Args:
        name: Its name.
        model: The model's name in requests.
        endpoint: Runs its talks.
        hint: What to do about a refused key.
        embedding_dims: Dimensions to request; None takes what the model gives.
        batch: Most texts of one request.
        options: More arguments of each request.

    Raises:
        ConfigurationError: `embedding_dims` or `batch` is wrong.
    """

    def __init__(
        self,
        name: str,
        model: str,
        endpoint: Endpoint,
        hint: str,
        *,
        embedding_dims: int | None,
        batch: int,
        options: Request,
    ) -> None:
        for setting, value in (("batch", batch), ("embedding_dims", embedding_dims)):
            if value is not None and (type(value) is not int or value < 1):
                raise ConfigurationError(
                    f"{setting} must be a whole number from 1, not {value!r:.80}"
                )
        self.name = name
        known = embedding_dims or DIMENSIONS.get(model)
        self.fingerprint = self.name if known is None else f"{self.name}-{known}"
        # Another server may serve another model under OpenAI's name.
        own = endpoint.settings.place.endswith(OWN_PLACES)
        self.dim = known if own else embedding_dims
        self._options: Request = {"model": model, **options}
        self._requested_dim = embedding_dims
        self._batch = min(batch, MOST_TEXTS)
        self._hint = hint
        self._endpoint = endpoint

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, dim={self.dim})"

    def embed(self, texts: Sequence[str]) -> list[Row]:
        """Return one vector per text, in their order; all of them or none.

        Raises:
            AuthenticationError: The key was refused.
            RateLimitError: The endpoint asks to slow down, and did so on each attempt.
            NetworkError: It was not reached, gave no answer in time, or failed.
            EmbeddingError: It refused the texts, or its vectors are not valid.
        """
        vectors: list[Row] = []
        for part in self._parts(texts):
            vectors += self._endpoint.run(self.talk(part))
        return vectors

    async def aembed(self, texts: Sequence[str]) -> list[Row]:
        """Do as `embed` does, without blocking the event loop; batches run concurrently."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._endpoint.arun(self.talk(part)))
                    for part in self._parts(texts)
                ]
        except ExceptionGroup as failed:
            # The other tasks were cancelled; the group says no more than its first error.
            raise failed.exceptions[0] from None
        return [vector for task in tasks for vector in task.result()]

    def close(self) -> None:
        """Close the connections of the threads."""
        self._endpoint.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._endpoint.aclose()

    def talk(self, texts: Sequence[str], timing: Timing = SYSTEM) -> Talk[list[Row]]:
        """Return the talk that `embed` and `aembed` run for one batch; raises what they raise."""
        attempts = Attempts(self._endpoint.settings, timing)
        read = partial(self._read, len(texts))
        while True:
            request = self._request(texts)
            vectors = yield from attempts.send("embeddings", request, read)
            if not isinstance(vectors, EndpointError):
                return vectors
            if not self._dimensions_refused(vectors, request):
                raise self._public(vectors)
            # The dimensions of the vectors are checked anyway.
            self._requested_dim = None

    def _request(self, texts: Sequence[str]) -> Request:
        # OpenAI refuses a batch for one empty text.
        request = {**self._options, "input": [text or " " for text in texts]}
        if self._requested_dim is not None:
            request["dimensions"] = self._requested_dim
        return request

    @staticmethod
    def _dimensions_refused(failure: EndpointError, request: Request) -> bool:
        # Not `_requested_dim`: each of several concurrent batches may be refused.
        return (
            "dimensions" in request
            and failure.status in {400, 422}
            and any(word in failure.text.lower() for word in ("dimensions", "matryoshka"))
        )

    def _parts(self, texts: Sequence[str]) -> Iterator[list[str]]:
        part: list[str] = []
        size = 0
        for text in texts:
            length = len(text.encode("utf-8", "replace"))
            if part and (len(part) == self._batch or size + length > MOST_BYTES):
                yield part
                part, size = [], 0
            part.append(text)
            size += length
        if part:
            yield part

    def _read(self, count: int, body: str) -> list[Row]:
        vectors = read_vectors(body, count, self.dim, self._endpoint.settings.secrets)
        self.dim = len(vectors[0])
        return vectors

    def _public(self, failure: EndpointError) -> MemfastError:
        who = f"`{self.name}` at {self._endpoint.settings.place}"
        return public_error(failure, who=who, suggestion=self._hint, otherwise=EmbeddingError)
