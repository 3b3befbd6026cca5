"""Language models through the litellm package, which knows APIs that OpenAI's client does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from memfast.config import keep_litellm_local
from memfast.errors import ConfigurationError
from memfast.providers.chat import CHAT, ChatLLM
from memfast.providers.client import Settings
from memfast.providers.endpoint import Endpoint
from memfast.providers.presets import check_limits, check_url, refuse_unknown, sendable

LIMITS = ("timeout", "deadline", "max_retries", "backoff", "max_concurrency")
HINT = "Check `api_key` in its config, or the environment variable that litellm reads for it."


class LiteLLM(ChatLLM):
    """A model by its litellm name, such as "anthropic/claude-sonnet-4-5".

    Args:
        model: provider/model.
        api_key: None leaves it to litellm, which reads the provider's own variable.
        base_url: None is the provider's own place.
        temperature: None leaves it to the model.
        top_p: None leaves it to the model.
        max_tokens: Most tokens of a reply, where the prompt does not say; None is no limit.
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
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        package: Mapping[str, Any] | None = None,
        **limits: Any,
    ) -> None:
        options: dict[str, Any] = {
            "model": model,
            "temperature": temperature,
            "top_p": top_p,
            "max_tokens": max_tokens,
        }
        endpoint = connect(model, api_key, base_url, package, limits, also=tuple(options))
        super().__init__(f"litellm:{model}", endpoint, options, HINT)


def connect(
    model: str | None,
    api_key: str | None,
    base_url: str | None,
    package: Mapping[str, Any] | None,
    limits: dict[str, Any],
    *,
    also: tuple[str, ...],
) -> Package:
    """Return the endpoint that litellm stands for; the arguments are those of `LiteLLM`.

    Raises:
        ConfigurationError: A setting is unknown or wrong, or the model is missing.
        ImportError: litellm is not installed.
    """
    if not model:
        raise ConfigurationError(
            "litellm needs the name of a model", suggestion='Write "litellm:provider/model".'
        )
    refuse_unknown("litellm", limits, {*LIMITS, *also, "api_key", "base_url"})
    check_limits(limits)
    if api_key is not None:
        api_key = sendable("api_key", api_key)
    if base_url is not None:
        base_url = check_url("litellm", base_url, suggestion="Leave it out for its own place.")
    keep_litellm_local()
    import litellm

    # It prints advice to standard output with each error.
    litellm.suppress_debug_info = True

    more = dict(package or {})
    given = {"api_key": api_key, "base_url": base_url, **more}
    settings = Settings(
        provider="litellm",
        base_url=base_url or f"litellm://{model.partition('/')[0]}",
        api_key=api_key or "",
        private=tuple(value for value in more.values() if isinstance(value, str)),
        **limits,
    )
    return Package(settings, litellm, {k: v for k, v in given.items() if v is not None})


class Package(Endpoint):
    """An endpoint whose requests the package sends."""

    def __init__(self, settings: Settings, package: Any, given: dict[str, Any]) -> None:
        super().__init__(settings)
        self._package = package
        self._given = {**given, "num_retries": 0, "max_retries": 0}

    def _fetch(self, resource: str, request: dict[str, Any], limit: float) -> str:
        call = self._package.completion if resource == CHAT else self._package.embedding
        reply = call(**request, **self._given, timeout=limit)
        return str(reply.model_dump_json())

    async def _afetch(self, resource: str, request: dict[str, Any], limit: float) -> str:
        call = self._package.acompletion if resource == CHAT else self._package.aembedding
        async with asyncio.timeout(limit):
            reply = await call(**request, **self._given, timeout=limit)
        return str(reply.model_dump_json())
