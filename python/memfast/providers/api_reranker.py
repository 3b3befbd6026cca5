"""Rerankers behind a `/rerank` API: Cohere's, and those of other providers and servers like it."""

from __future__ import annotations

from dataclasses import dataclass

from memfast.errors import ConfigurationError
from memfast.providers._presets import PRESETS, Preset, connect
from memfast.providers.http.client import OpenAICarrier
from memfast.providers.http.endpoint import Endpoint
from memfast.providers.http.reranker import HttpReranker

# A search waits for it: it must not wait as long as for a chat.
LIMITS = {"timeout": 10.0, "deadline": 30.0}


@dataclass(frozen=True, slots=True)
class Api:
    """How a provider's API differs from Cohere's.

    Attributes:
        model: The default model; None must be named.
        texts: Its name for the texts.
        options: More fields of each request.
    """

    model: str | None = None
    texts: str = "documents"
    options: tuple[tuple[str, object], ...] = ()


APIS = {
    "cohere": Api("rerank-v3.5"),
    "jina": Api("jina-reranker-v2-base-multilingual", options=(("return_documents", False),)),
    "voyage": Api("rerank-2.5"),
    "zero-entropy": Api("zerank-1"),
    # It serves one model and takes its name from nobody.
    "tei": Api("tei", texts="texts", options=(("truncate", True),)),
    "openai": Api(),
    "vllm": Api(),
}
SERVERS = {
    "cohere": Preset("COHERE", "https://api.cohere.com/v2"),
    "jina": Preset("JINA", "https://api.jina.ai/v1"),
    "voyage": Preset("VOYAGE", "https://api.voyageai.com/v1"),
    "zero-entropy": Preset("ZERO_ENTROPY", "https://api.zeroentropy.dev/v1/models"),
    "tei": Preset("TEI", "http://localhost:8080", keyed=False),
    # OpenAI itself has no such API; others serve it under its protocol.
    "openai": Preset("OPENAI", None, keyed=False),
    "vllm": PRESETS["vllm"],
}


class ApiReranker(HttpReranker):
    """Scores with a model by name.

    Args:
        model: Its name.
        provider: A name of `APIS`.
        connection: Fields of `Settings`, and what `connect` takes. One request has 10 s, and all
            attempts together 30 s, where they name no other limits.

    Raises:
        ConfigurationError: A setting is unknown or wrong, or key or model are missing.
    """

    def __init__(
        self, model: str | None = None, *, provider: str = "cohere", **connection: object
    ) -> None:
        given = {**LIMITS, **{name: one for name, one in connection.items() if one is not None}}
        settings, _ = connect(provider, given, kind="reranker", also=("model",), presets=SERVERS)
        api = APIS[provider]
        named = model or api.model
        if not named:
            raise ConfigurationError(
                f"the {provider} reranker needs the name of a model",
                suggestion=f'Write "{provider}:MODEL", or {{"model": ...}} in its config.',
            )
        super().__init__(
            f"{provider}:{named}",
            Endpoint(settings, OpenAICarrier(settings)),
            SERVERS[provider].hint,
            texts=api.texts,
            options={"model": named, **dict(api.options)},
        )
