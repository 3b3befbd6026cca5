"""Embedders through the litellm package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memfast.providers.litellm import HINT, connect
from memfast.providers.openai_embedder import MOST_TEXTS, OpenAIEmbedder


class LiteLLMEmbedder(OpenAIEmbedder):
    """Embeds with a model by its litellm name, such as "bedrock/amazon.titan-embed-text-v1".

    Args:
        model: provider/model.
        api_key: None leaves it to litellm, which reads the provider's own variable.
        base_url: None is the provider's own place.
        embedding_dims: Dimensions to ask for; None takes what the model gives.
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
        package: Mapping[str, Any] | None = None,
        **limits: Any,
    ) -> None:
        also = ("model", "embedding_dims", "batch")
        endpoint = connect(model, api_key, base_url, package, limits, also=also)
        self._begin(
            f"litellm:{model}",
            str(model),
            endpoint,
            hint=HINT,
            embedding_dims=embedding_dims,
            batch=batch,
        )

    def _request(self, texts: Sequence[str]) -> dict[str, Any]:
        request = super()._request(list(texts))
        # Not every model behind the package takes it.
        del request["encoding_format"]
        return request
