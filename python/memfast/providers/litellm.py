"""Language models through the litellm package, for APIs that OpenAI's client cannot call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import ModuleType

from memfast.config import keep_litellm_local
from memfast.errors import ConfigurationError
from memfast.providers._presets import check_limits, check_url, refuse_unknown, sendable
from memfast.providers.http.carrier import Carrier
from memfast.providers.http.chat import ChatLLM
from memfast.providers.http.endpoint import Endpoint
from memfast.providers.http.settings import Settings
from memfast.providers.http.talk import Request, Send

LIMITS = frozenset({"timeout", "deadline", "max_retries", "backoff", "max_concurrency"})
HINT = "Check `api_key` in its config, or the environment variable that litellm reads for it."


class LiteLLM(ChatLLM):
    """A model by its litellm name, such as "anthropic/claude-sonnet-4-5".

    Args:
        model: provider/model.
        api_key: None leaves the key to litellm, which reads the provider's own variable.
        base_url: None is the provider's own URL.
        temperature: None is the model's default.
        top_p: None is the model's default.
        max_tokens: Most tokens of a reply, if the prompt sets no limit; None for none.
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
        package: Mapping[str, object] | None = None,
        **limits: object,
    ) -> None:
        options: Request = {
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
    package: Mapping[str, object] | None,
    limits: dict[str, object],
    *,
    also: tuple[str, ...],
) -> Endpoint:
    """Return an endpoint that sends through litellm; the arguments are those of `LiteLLM`.

    Raises:
        ConfigurationError: A setting is unknown or wrong, or the model is missing.
        ImportError: litellm is not installed.
    """
    if not model:
        raise ConfigurationError(
            "litellm needs the name of a model", suggestion='Write "litellm:provider/model".'
        )
    refuse_unknown("litellm", limits, LIMITS, (*also, "api_key", "base_url"))
    checked = check_limits(limits)
    if api_key is not None:
        api_key = sendable("api_key", api_key)
    if base_url is not None:
        base_url = check_url("litellm", base_url, suggestion="Leave it out for the default URL.")
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
        **checked,
    )
    options = {name: value for name, value in given.items() if value is not None}
    return Endpoint(settings, LiteLLMCarrier(litellm, options))


class LiteLLMCarrier(Carrier):
    """Sends requests through the package, which keeps its own connections.

    Args:
        package: The module.
        options: Arguments of each call.
    """

    def __init__(self, package: ModuleType, options: Mapping[str, object]) -> None:
        self._package = package
        # Retries are the talk's.
        self._options = {**options, "num_retries": 0, "max_retries": 0}

    def fetch(self, send: Send) -> str:
        """Return the body of the reply."""
        chat = send.resource == "chat.completions"
        call = self._package.completion if chat else self._package.embedding
        reply = call(**send.request, **self._options, timeout=send.seconds)
        return str(reply.model_dump_json())

    async def afetch(self, send: Send) -> str:
        """Return the body of the reply."""
        chat = send.resource == "chat.completions"
        call = self._package.acompletion if chat else self._package.aembedding
        async with asyncio.timeout(send.seconds):
            reply = await call(**send.request, **self._options, timeout=send.seconds)
        return str(reply.model_dump_json())

    def reset(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""
