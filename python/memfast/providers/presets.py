"""Providers that speak the OpenAI protocol: where they are, and how their settings are read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from memfast.config import provider_environment
from memfast.errors import ConfigurationError
from memfast.providers.client import Settings

# A server without a key wants the header all the same.
NO_KEY = "none"
AZURE_VERSION = "2024-10-21"
LIMITS = ("timeout", "connect_timeout", "deadline", "backoff")


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider.

    Attributes:
        variable: What its environment variables start with.
        base_url: Where it is; None must be said.
        keyed: Whether it asks for a key.
        llm: Language model where none is named.
        embedder: Embedder where none is named.
    """

    variable: str
    base_url: str | None
    keyed: bool = True
    llm: str | None = None
    embedder: str | None = None

    @property
    def hint(self) -> str:
        """What to do about a key."""
        return (
            f"Check `api_key` in its config, or the environment variable {self.variable}_API_KEY."
        )


PRESETS = {
    "openai": Preset(
        "OPENAI",
        "https://api.openai.com/v1",
        llm="gpt-5-mini",
        embedder="text-embedding-3-small",
    ),
    "azure": Preset("AZURE_OPENAI", None),
    "deepseek": Preset("DEEPSEEK", "https://api.deepseek.com/v1"),
    "groq": Preset("GROQ", "https://api.groq.com/openai/v1"),
    "lmstudio": Preset("LMSTUDIO", "http://localhost:1234/v1", keyed=False),
    "ollama": Preset("OLLAMA", "http://localhost:11434/v1", keyed=False),
    "together": Preset("TOGETHER", "https://api.together.xyz/v1"),
    "vllm": Preset("VLLM", "http://localhost:8000/v1", keyed=False),
}
FIELDS = tuple(item.name for item in fields(Settings) if item.name != "provider")


def connect(
    provider: str, options: Mapping[str, Any], *, also: tuple[str, ...] = ()
) -> tuple[Settings, str | None]:
    """Return the settings of an endpoint, and the deployment's name for Azure.

    Args:
        provider: A name of `PRESETS`.
        options: Fields of `Settings`; `NAME_base_url` for `base_url`; for Azure `azure_endpoint`,
            `azure_deployment` and mem0's `azure_kwargs`. None means not given.
        also: What else its config may hold, to be named in an error.

    Raises:
        ConfigurationError: A setting is unknown or wrong, or the key is missing.
    """
    if provider not in PRESETS:
        raise ConfigurationError(
            f"no provider named {provider!r}; known: {', '.join(sorted(PRESETS))}",
            details={"provider": provider, "known": sorted(PRESETS)},
        )
    preset = PRESETS[provider]
    names = {f"{provider}_base_url": "base_url", "default_headers": "headers"}
    known = {*FIELDS, *names}
    given = dict(options)
    if provider == "azure":
        given |= given.pop("azure_kwargs", None) or {}
        names["azure_endpoint"] = "base_url"
        known |= {"azure_endpoint", "azure_deployment", "azure_kwargs"}
    refuse_unknown(provider, given, known | set(also))
    deployment = given.pop("azure_deployment", None)
    # The environment stands last: what is written in the config wins.
    chosen = {names.get(k, k): v for k, v in given.items() if v is not None}
    for name, value in provider_environment(preset.variable).items():
        chosen.setdefault(name, value)
    return _checked(provider, preset, chosen), deployment


def _checked(provider: str, preset: Preset, chosen: dict[str, Any]) -> Settings:
    if (
        preset.keyed
        and not chosen.get("api_key")
        and not (provider == "openai" and chosen.get("base_url"))
    ):
        raise ConfigurationError(
            f"the provider {provider!r} needs a key; set {preset.variable}_API_KEY in the "
            "environment or `api_key` in its config",
            details={"provider": provider},
            suggestion="A server of your own without a key is named by `base_url`.",
        )
    url = str(chosen.get("base_url") or preset.base_url or "")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(
            f"the provider {provider!r} needs a base_url such as https://host/v1, not {url!r}",
            details={"provider": provider},
            suggestion=f"Set `base_url` in its config, or {preset.variable}_BASE_URL."
            if provider != "azure"
            else "Set `azure_endpoint` in its config, or AZURE_OPENAI_ENDPOINT.",
        )
    if provider == "ollama" and parts.path in {"", "/"}:
        url = f"{url.rstrip('/')}/v1"
    if provider == "azure":
        chosen.setdefault("api_version", AZURE_VERSION)
    else:
        chosen.pop("api_version", None)
    check_limits(chosen)
    key = str(chosen.get("api_key") or NO_KEY)
    return Settings(provider=provider, **{**chosen, "base_url": url, "api_key": key})


def check_limits(chosen: Mapping[str, Any]) -> None:
    """Raise for the first limit that is no number, or too small."""
    for name in LIMITS:
        value = chosen.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise ConfigurationError(f"{name} must be a number above 0, not {value!r}")
    for name, least in (("max_retries", 0), ("max_concurrency", 1)):
        value = chosen.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ConfigurationError(f"{name} must be a whole number from {least}, not {value!r}")


def refuse_unknown(provider: str, given: Mapping[str, Any], known: set[str]) -> None:
    """Raise for the first setting that is not known, with the one that may be meant."""
    for name in sorted(given.keys() - known):
        near = difflib.get_close_matches(name, known, n=1)
        # Names alone: a value may be a key.
        raise ConfigurationError(
            f"the provider {provider!r} does not take {name!r}"
            + (f"; did you mean {near[0]!r}?" if near else ""),
            details={"provider": provider, "setting": name, "known": sorted(known)},
            suggestion=f"Known settings: {', '.join(sorted(known))}.",
        )
