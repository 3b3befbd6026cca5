"""Embedders through the litellm package."""

from __future__ import annotations

from collections.abc import Mapping

from memfast.providers.http.embedder import MOST_TEXTS, HttpEmbedder
from memfast.providers.litellm import HINT, connect


class LiteLLMEmbedder(HttpEmbedder):
    """Embeds with a model by its litellm name, such as "bedrock/amazon.titan-embed-text-v1".

    Args:
        model: provider/model.
        api_key: None leaves the key to litellm, which reads the provider's own variable.
        base_url: None is the provider's own URL.
        embedding_dims: Dimensions to request; None takes what the model gives.
        batch: Most texts of one request.
        package: More arguments of litellm's calls, such as `aws_region_name`.
        limits: `timeout`, `deadline`, `max_retries`, `backoff`, `max_concurrency` of `Settings`.

    Raises:
        ConfigurationError: A setting is unknown or wrong, or the model is missing.
        ImportError: litellm is not installed.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        embedding_dims: int | None = None,
        batch: int = MOST_TEXTS,
        package: Mapping[str, object] | None = None,
        **limits: object,
    ) -> None:
        also = ("model", "embedding_dims", "batch")
        endpoint = connect(model, api_key, base_url, package, limits, also=also)
        super().__init__(
            f"litellm:{model}",
            str(model),
            endpoint,
            HINT,
            embedding_dims=embedding_dims,
            batch=batch,
            # Not every model behind the package takes `encoding_format`.
            options={},
        )
