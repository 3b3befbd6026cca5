"""Embedders behind OpenAI's embeddings API, or a compatible one."""

from __future__ import annotations

from memfast.errors import ConfigurationError
from memfast.providers._presets import PRESETS, connect
from memfast.providers.http.client import OpenAICarrier
from memfast.providers.http.embedder import MOST_TEXTS, HttpEmbedder
from memfast.providers.http.endpoint import Endpoint


class OpenAIEmbedder(HttpEmbedder):
    """Embeds with a model by name.

    Args:
        model: Its name; for Azure that of the deployment.
        provider: A name of `PRESETS`.
        embedding_dims: Dimensions to request; None takes what the model gives.
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
        **connection: object,
    ) -> None:
        own = ("model", "embedding_dims", "batch")
        settings, deployment = connect(provider, connection, kind="embedder", also=own)
        model = deployment or model or PRESETS[provider].embedder
        if not model:
            raise ConfigurationError(
                f"the {provider} embedder needs the name of a model",
                suggestion=f'Write "{provider}:MODEL", or {{"model": ...}} in its config.',
            )
        super().__init__(
            f"{provider}:{model}",
            model,
            Endpoint(settings, OpenAICarrier(settings)),
            PRESETS[provider].hint,
            embedding_dims=embedding_dims,
            batch=batch,
            options={"encoding_format": "float"},
        )
