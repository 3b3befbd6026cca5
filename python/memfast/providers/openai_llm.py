"""Language models behind OpenAI's chat API, or a compatible one."""

from __future__ import annotations

from memfast.errors import ConfigurationError
from memfast.providers._presets import PRESETS, connect
from memfast.providers.http.chat import ChatLLM
from memfast.providers.http.client import OpenAICarrier
from memfast.providers.http.endpoint import Endpoint
from memfast.providers.http.talk import Request

DETAILS = ("auto", "low", "high")


class OpenAILLM(ChatLLM):
    """A model by name.

    Args:
        model: Its name; for Azure that of the deployment.
        provider: A name of `PRESETS`.
        temperature: None is the model's default.
        top_p: None is the model's default.
        max_tokens: Most tokens of a reply, if the prompt sets no limit; None for none.
        reasoning_effort: None is the model's default.
        extra_body: More fields of each request.
        enable_vision: The model can see: it describes the images in messages.
        vision_details: The detail of images: "auto", "low" or "high".
        connection: Fields of `Settings`, and what `connect` takes.

    Raises:
        ConfigurationError: A setting is unknown or wrong, or key or model are missing.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        provider: str = "openai",
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        reasoning_effort: str | None = None,
        extra_body: dict[str, object] | None = None,
        enable_vision: bool = False,
        vision_details: str = "auto",
        **connection: object,
    ) -> None:
        options: Request = {
            "model": model,
            "temperature": temperature,
            "top_p": top_p,
            "max_tokens": max_tokens,
            "reasoning_effort": reasoning_effort,
            "extra_body": extra_body,
        }
        settings, deployment = connect(
            provider, connection, kind="llm", also=(*options, "enable_vision", "vision_details")
        )
        options["model"] = deployment or model or PRESETS[provider].llm
        if not options["model"]:
            raise ConfigurationError(
                f"the {provider} language model needs the name of a model",
                suggestion=f'Write "{provider}:MODEL", or {{"model": ...}} in its config.',
            )
        if vision_details not in DETAILS:
            raise ConfigurationError(
                f"vision_details must be one of {', '.join(DETAILS)}, not {vision_details!r}"
            )
        if extra_body is not None and not isinstance(extra_body, dict):
            raise ConfigurationError(f"extra_body must be a dict, not {type(extra_body).__name__}")
        self.vision = vision_details if enable_vision else None
        name = f"{provider}:{options['model']}"
        endpoint = Endpoint(settings, OpenAICarrier(settings))
        super().__init__(name, endpoint, options, PRESETS[provider].hint)
