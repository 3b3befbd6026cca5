"""Embedders behind the embeddings API of OpenAI, or of any that speaks like it."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from memfast.errors import ConfigurationError, EmbeddingError, MemfastError
from memfast.providers.endpoint import Endpoint
from memfast.providers.failures import EndpointError, told
from memfast.providers.presets import PRESETS, connect
from memfast.providers.vectors import read_vectors

RESOURCE = "embeddings"
# What OpenAI takes in one request: 2,048 texts, and 300,000 tokens, of a byte at least.
MOST_TEXTS = 2048
MOST_BYTES = 300_000
OWN_PLACES = (".openai.com", ".azure.com")
DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}


class OpenAIEmbedder:
    """Embeds with a model by name.

    Args:
        model: Its name; for Azure that of the deployment.
        provider: A name of `PRESETS`.
        embedding_dims: Dimensions to ask for; None takes what the model gives.
        batch: Most texts of one request.
        connection: Fields of `Settings`, and what `connect` takes.

    Raises:
        ConfigurationError: A setting is unknown or wrong, or key or model are missing.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        provider: str = "openai",
        embedding_dims: int | None = None,
        batch: int = MOST_TEXTS,
        **connection: Any,
    ) -> None:
        mine = ("model", "embedding_dims", "batch")
        settings, deployment = connect(provider, connection, kind="embedder", also=mine)
        model = deployment or model or PRESETS[provider].embedder
        if not model:
            raise ConfigurationError(
                f"the {provider} embedder needs the name of a model",
                suggestion=f'Write "{provider}:MODEL", or {{"model": ...}} in its config.',
            )
        self._begin(
            f"{provider}:{model}",
            model,
            Endpoint(settings),
            hint=PRESETS[provider].hint,
            embedding_dims=embedding_dims,
            batch=batch,
        )

    def _begin(
        self,
        name: str,
        model: str,
        endpoint: Endpoint,
        *,
        hint: str,
        embedding_dims: int | None,
        batch: int,
    ) -> None:
        """Set it up to ask an endpoint for a model."""
        for setting, value in (("batch", batch), ("embedding_dims", embedding_dims)):
            if value is not None and (type(value) is not int or value < 1):
                raise ConfigurationError(
                    f"{setting} must be a whole number from 1, not {value!r:.80}"
                )
        self.name = name
        known = embedding_dims or DIMENSIONS.get(model)
        self.fingerprint = self.name if known is None else f"{self.name}-{known}"
        # A server of someone else's may serve another model under OpenAI's name.
        theirs = endpoint.settings.place.endswith(OWN_PLACES)
        self.dim = known if theirs else embedding_dims
        self._model = model
        self._asked_dim = embedding_dims
        self._batch = min(batch, MOST_TEXTS)
        self._hint = hint
        self._endpoint = endpoint

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, dim={self.dim})"

    def embed(self, texts: Sequence[str]) -> list[array[float]]:
        """Return one vector per text, in their order; all of them or none.

        Raises:
            AuthenticationError: The key was refused.
            RateLimitError: The endpoint asks to slow down, and did so on each try.
            NetworkError: It was not reached, gave no answer in time, or failed.
            EmbeddingError: It refused the texts, or its vectors are not what was asked for.
        """
        vectors: list[array[float]] = []
        for part in self._parts(texts):
            try:
                with self._endpoint.slot() as ends:
                    vectors += self._ask(part, ends)
            except EndpointError as failure:
                raise self._told(failure) from None
        return vectors

    async def aembed(self, texts: Sequence[str]) -> list[array[float]]:
        """Do as `embed` does, without holding the event loop; batches go side by side."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._apart(part)) for part in self._parts(texts)]
        except ExceptionGroup as failed:
            # The others were cancelled; the group says no more than its first error.
            raise failed.exceptions[0] from None
        return [vector for task in tasks for vector in task.result()]

    def close(self) -> None:
        """Close the connections of the threads."""
        self._endpoint.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._endpoint.aclose()

    async def _apart(self, texts: list[str]) -> list[array[float]]:
        try:
            async with self._endpoint.aslot() as ends:
                return await self._aask(texts, ends)
        except EndpointError as failure:
            raise self._told(failure) from None

    def _ask(self, texts: list[str], ends: float) -> list[array[float]]:
        request, read = self._request(texts), partial(self._read, len(texts))
        try:
            return self._endpoint.post(RESOURCE, request, read, ends)
        except EndpointError as failure:
            if not self._give_up_dimensions(failure, request):
                raise
        return self._endpoint.post(RESOURCE, self._request(texts), read, ends)

    async def _aask(self, texts: list[str], ends: float) -> list[array[float]]:
        request, read = self._request(texts), partial(self._read, len(texts))
        try:
            return await self._endpoint.apost(RESOURCE, request, read, ends)
        except EndpointError as failure:
            if not self._give_up_dimensions(failure, request):
                raise
        return await self._endpoint.apost(RESOURCE, self._request(texts), read, ends)

    def _request(self, texts: list[str]) -> dict[str, Any]:
        # OpenAI refuses a batch for one empty text.
        request: dict[str, Any] = {
            "model": self._model,
            "input": [text or " " for text in texts],
            "encoding_format": "float",
        }
        if self._asked_dim is not None:
            request["dimensions"] = self._asked_dim
        return request

    def _give_up_dimensions(self, failure: EndpointError, request: dict[str, Any]) -> bool:
        """Leave `dimensions` out from now on if it was refused; the vectors are checked anyway."""
        refused = (
            # Batches that went side by side are each refused.
            "dimensions" in request
            and failure.status in {400, 422}
            and any(word in failure.text.lower() for word in ("dimensions", "matryoshka"))
        )
        if refused:
            self._asked_dim = None
        return refused

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

    def _read(self, count: int, body: str) -> list[array[float]]:
        vectors = read_vectors(body, count, self.dim, self._endpoint.settings.secrets)
        self.dim = len(vectors[0])
        return vectors

    def _told(self, failure: EndpointError) -> MemfastError:
        who = f"`{self.name}` at {self._endpoint.settings.place}"
        return told(failure, who=who, suggestion=self._hint, otherwise=EmbeddingError)
