"""Providers that speak the OpenAI protocol: where they are, and how their settings are read."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal
from urllib.parse import urlsplit

from memfast.config import provider_environment
from memfast.errors import ConfigurationError
from memfast.providers.http.settings import Settings

# A server without a key wants the header all the same.
NO_KEY = "none"
CONTROLS = frozenset(map(chr, (*range(32), 127)))
AZURE_VERSION = "2024-10-21"
# Their own clients, and so their users' settings, name the server without the path of its API.
ROOTED = frozenset({"ollama", "anthropic"})
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
    "anthropic": Preset("ANTHROPIC", "https://api.anthropic.com/v1", llm="claude-sonnet-4-6"),
    "deepseek": Preset("DEEPSEEK", "https://api.deepseek.com/v1", llm="deepseek-chat"),
    "fireworks": Preset("FIREWORKS", "https://api.fireworks.ai/inference/v1"),
    "gemini": Preset(
        "GEMINI",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        llm="gemini-2.0-flash",
        embedder="gemini-embedding-001",
    ),
    "groq": Preset("GROQ", "https://api.groq.com/openai/v1", llm="llama-3.3-70b-versatile"),
    "llamacpp": Preset("LLAMACPP", "http://localhost:8080/v1", keyed=False),
    "lmstudio": Preset("LMSTUDIO", "http://localhost:1234/v1", keyed=False),
    "minimax": Preset("MINIMAX", "https://api.minimax.io/v1", llm="MiniMax-M2.7"),
    "mistral": Preset("MISTRAL", "https://api.mistral.ai/v1"),
    "ollama": Preset(
        "OLLAMA", "http://localhost:11434/v1", keyed=False, embedder="nomic-embed-text"
    ),
    "openrouter": Preset("OPENROUTER", "https://openrouter.ai/api/v1"),
    "sarvam": Preset("SARVAM", "https://api.sarvam.ai/v1", llm="sarvam-m"),
    "together": Preset(
        "TOGETHER",
        "https://api.together.xyz/v1",
        embedder="intfloat/multilingual-e5-large-instruct",
    ),
    "vllm": Preset("VLLM", "http://localhost:8000/v1", keyed=False),
    "xai": Preset("XAI", "https://api.x.ai/v1", llm="grok-4.3"),
}
FIELDS = tuple(item.name for item in fields(Settings) if item.name not in {"provider", "private"})


def connect(
    provider: str,
    options: Mapping[str, Any],
    *,
    kind: Literal["llm", "embedder"],
    also: tuple[str, ...] = (),
) -> tuple[Settings, str | None]:
    """Return the settings of an endpoint, and the deployment's name for Azure.

    Args:
        provider: A name of `PRESETS`.
        options: Fields of `Settings`; `NAME_base_url` for `base_url`; for Azure `azure_endpoint`,
            `azure_deployment` and mem0's `azure_kwargs`. None means not given.
        kind: What is asked there; mem0's variables for Azure tell the two apart.
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
    known = {*FIELDS, *names} - {"api_version"}
    given = dict(options)
    if provider == "azure":
        inner = given.pop("azure_kwargs", None) or {}
        if not isinstance(inner, Mapping):
            raise ConfigurationError(f"azure_kwargs must be a dict, not {type(inner).__name__}")
        given |= {name: value for name, value in inner.items() if value or value == 0}
        names["azure_endpoint"] = "base_url"
        known |= {"api_version", "azure_endpoint", "azure_deployment", "azure_kwargs"}
    refuse_unknown(provider, given, known | set(also))
    # The environment stands last: what is written in the config wins.
    chosen = {names.get(k, k): v for k, v in given.items() if v is not None}
    for name, value in provider_environment(preset.variable, kind).items():
        chosen.setdefault(name, value)
    deployment = chosen.pop("azure_deployment", None)
    return _checked(provider, preset, chosen), deployment


def _checked(provider: str, preset: Preset, chosen: dict[str, Any]) -> Settings:
    key = sendable("api_key", chosen.get("api_key") or "")
    if preset.keyed and not key and not (provider == "openai" and chosen.get("base_url")):
        raise ConfigurationError(
            f"the provider {provider!r} needs a key; set {preset.variable}_API_KEY in the "
            "environment or `api_key` in its config",
            details={"provider": provider},
            suggestion="A server of your own without a key is named by `base_url`.",
        )
    url = check_url(
        provider,
        chosen.get("base_url") or preset.base_url or "",
        suggestion=f"Set `base_url` in its config, or {preset.variable}_BASE_URL."
        if provider != "azure"
        else "Set `azure_endpoint` in its config, or AZURE_OPENAI_ENDPOINT.",
    )
    if provider in ROOTED and urlsplit(url).path in {"", "/"}:
        url = f"{url.rstrip('/')}/v1"
    if provider == "azure":
        chosen.setdefault("api_version", AZURE_VERSION)
    headers = chosen.get("headers", {})
    if not isinstance(headers, Mapping):
        raise ConfigurationError(f"headers must be a dict, not {type(headers).__name__}")
    sent = {sendable("headers", k): sendable(f"headers[{k!r}]", v) for k, v in headers.items()}
    check_limits(chosen)
    given = {**chosen, "base_url": url, "api_key": key or NO_KEY, "headers": sent}
    return Settings(provider=provider, **given)


def sendable(name: str, value: object) -> str:
    """Return what can stand in a header, without the line's end that a file left on it.

    Raises:
        ConfigurationError: No header can hold it; does not show it.
    """
    if isinstance(value, str) and (text := value.strip()).isascii() and not set(text) & CONTROLS:
        return text
    # The value may be a key.
    raise ConfigurationError(
        f"{name} must be a string of printable ASCII characters, and is not",
        suggestion="Copy it anew; look for line ends, quotes and dots that are not ASCII.",
    )


def check_url(provider: str, url: object, *, suggestion: str) -> str:
    """Return where requests are to go.

    Raises:
        ConfigurationError: It is no such place, or says more than a place; shows no password.
    """
    text = url.strip() if isinstance(url, str) else repr(url)
    shown = re.split("[?#]", text)[0].rpartition("@")[2]
    try:
        parts = urlsplit(text)
        place = parts.hostname and parts.port != 0 and text.isprintable() and " " not in text
        sound = place and parts.scheme in {"http", "https"}
    except ValueError:
        sound = False
        parts = urlsplit("")
    if not sound:
        raise ConfigurationError(
            f"the provider {provider!r} needs a base_url such as https://host/v1, not {shown!r}",
            details={"provider": provider},
            suggestion=suggestion,
        )
    # The HTTP library logs each URL.
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(
            f"the base_url of {provider!r} at {shown!r} must have no user, password, query or "
            "fragment",
            details={"provider": provider},
            suggestion="Give a key as `api_key`, and what else the server asks for as `headers`.",
        )
    return text


def check_limits(chosen: Mapping[str, Any]) -> None:
    """Raise for the first limit that is no number, or too small."""
    for name in LIMITS:
        value = chosen.get(name, 1)
        if type(value) not in {int, float} or not 0 < value < math.inf:
            raise ConfigurationError(f"{name} must be a number above 0, not {value!r}")
    for name, least in (("max_retries", 0), ("max_concurrency", 1)):
        value = chosen.get(name, least)
        if type(value) is not int or value < least:
            raise ConfigurationError(f"{name} must be a whole number from {least}, not {value!r}")


def refuse_unknown(provider: str, given: Mapping[str, Any], known: set[str]) -> None:
    """Raise for the first setting that is not known, with the one that may be meant."""
    for name in sorted(given.keys() - known, key=str):
        near = difflib.get_close_matches(str(name), known, n=1)
        # Names alone: a value may be a key.
        raise ConfigurationError(
            f"the provider {provider!r} does not take {name!r}"
            + (f"; did you mean {near[0]!r}?" if near else ""),
            details={"provider": provider, "setting": name, "known": sorted(known)},
            suggestion=f"Known settings: {', '.join(sorted(known))}.",
        )
