"""Providers with the OpenAI protocol: their URLs, and the reading of their settings."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from memfast.config import Kind, provider_environment
from memfast.errors import ConfigurationError
from memfast.providers.http.settings import Limits, Settings

# A server without a key needs the header all the same.
NO_KEY = "none"
CONTROLS = frozenset(map(chr, (*range(32), 127)))
AZURE_VERSION = "2024-10-21"
# Their own clients, and so their users' settings, use the URL without the path of the API.
ROOTED = frozenset({"ollama", "anthropic"})
# Limits in seconds, which must be above 0, and the least value of each count.
SECONDS = ("timeout", "connect_timeout", "deadline", "backoff")
COUNTS = {"max_retries": 0, "max_concurrency": 1}


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider.

    Attributes:
        variable: Prefix of its environment variables.
        base_url: Its URL; None must be set by the user.
        keyed: Whether it requires a key.
        llm: Default language model.
        embedder: Default embedder.
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
FIELDS = frozenset({"base_url", "api_key", "headers", *SECONDS, *COUNTS})


def connect(
    provider: str,
    options: Mapping[str, object],
    *,
    kind: Kind,
    also: tuple[str, ...] = (),
    presets: Mapping[str, Preset] | None = None,
) -> tuple[Settings, str | None]:
    """Return the settings of an endpoint, and for Azure the name of the deployment.

    Args:
        provider: A name of `presets`.
        options: Fields of `Settings`; `NAME_base_url` for `base_url`; for Azure `azure_endpoint`,
            `azure_deployment` and mem0's `azure_kwargs`. None means not given.
        kind: The kind of model; mem0 has variables for Azure of each kind.
        also: Further settings of its config, for errors.
        presets: The providers; None for `PRESETS`.

    Raises:
        ConfigurationError: A setting is unknown or wrong, or the key is missing.
    """
    presets = PRESETS if presets is None else presets
    if provider not in presets:
        raise ConfigurationError(
            f"no provider named {provider!r}; known: {', '.join(sorted(presets))}",
            details={"provider": provider, "known": sorted(presets)},
        )
    preset = presets[provider]
    names = {f"{provider}_base_url": "base_url", "default_headers": "headers"}
    known = {*FIELDS, *names}
    given = dict(options)
    if provider == "azure":
        inner = given.pop("azure_kwargs", None) or {}
        if not isinstance(inner, Mapping):
            raise ConfigurationError(f"azure_kwargs must be a dict, not {type(inner).__name__}")
        given |= {name: value for name, value in inner.items() if value or value == 0}
        names["azure_endpoint"] = "base_url"
        known |= {"api_version", "azure_endpoint", "azure_deployment", "azure_kwargs"}
    refuse_unknown(provider, given, known, also)
    # A setting in the config takes precedence over the environment.
    chosen = {names.get(k, k): v for k, v in given.items() if v is not None}
    for name, value in provider_environment(preset.variable, kind).items():
        chosen.setdefault(name, value)
    deployment = chosen.pop("azure_deployment", None)
    if deployment is not None and not isinstance(deployment, str):
        raise ConfigurationError(
            f"azure_deployment must be a string, not {type(deployment).__name__}"
        )
    return _checked(provider, preset, chosen), deployment


def _checked(provider: str, preset: Preset, chosen: Mapping[str, object]) -> Settings:
    key = sendable("api_key", chosen.get("api_key") or "")
    if preset.keyed and not key and not (provider == "openai" and chosen.get("base_url")):
        raise ConfigurationError(
            f"the provider {provider!r} needs a key; set {preset.variable}_API_KEY in the "
            "environment or `api_key` in its config",
            details={"provider": provider},
            suggestion="For your own server without a key set `base_url`.",
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
    version = chosen.get("api_version", AZURE_VERSION) if provider == "azure" else None
    if version is not None and not isinstance(version, str):
        raise ConfigurationError(f"api_version must be a string, not {type(version).__name__}")
    headers = chosen.get("headers", {})
    if not isinstance(headers, Mapping):
        raise ConfigurationError(f"headers must be a dict, not {type(headers).__name__}")
    sent = {sendable("headers", k): sendable(f"headers[{k!r}]", v) for k, v in headers.items()}
    return Settings(
        provider=provider,
        base_url=url,
        api_key=key or NO_KEY,
        api_version=version,
        headers=sent,
        **check_limits(chosen),
    )


def sendable(name: str, value: object) -> str:
    """Return a value of a header, without the line end that a file may have left on it.

    Raises:
        ConfigurationError: A header cannot hold it; the value is not shown.
    """
    if isinstance(value, str) and (text := value.strip()).isascii() and not set(text) & CONTROLS:
        return text
    # The value may be a key.
    raise ConfigurationError(
        f"{name} must be a string of printable ASCII characters, and is not",
        suggestion="Copy it again; look for line ends, quotes and dots that are not ASCII.",
    )


def check_url(provider: str, url: object, *, suggestion: str) -> str:
    """Return the URL that requests are sent to.

    Raises:
        ConfigurationError: It is not a URL of a server, or contains more than that; no password is
            shown.
    """
    text = url.strip() if isinstance(url, str) else repr(url)
    shown = re.split("[?#]", text)[0].rpartition("@")[2]
    try:
        parts = urlsplit(text)
        named = parts.hostname and parts.port != 0 and text.isprintable() and " " not in text
        valid = named and parts.scheme in {"http", "https"}
    except ValueError:
        valid = False
        parts = urlsplit("")
    if not valid:
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
            suggestion="Give a key as `api_key`, and further values as `headers`.",
        )
    return text


def check_limits(options: Mapping[str, object]) -> Limits:
    """Return the limits among some settings.

    Raises:
        ConfigurationError: One is not a number, or too small.
    """
    given = {name: options[name] for name in (*SECONDS, *COUNTS) if name in options}
    for name, value in given.items():
        if name in COUNTS:
            least = COUNTS[name]
            if type(value) is not int or value < least:
                raise ConfigurationError(
                    f"{name} must be a whole number from {least}, not {value!r:.80}"
                )
        elif not isinstance(value, int | float) or type(value) is bool or not 0 < value < math.inf:
            raise ConfigurationError(f"{name} must be a number above 0, not {value!r:.80}")
    return cast("Limits", given)


def refuse_unknown(
    provider: str, given: Mapping[str, object], known: AbstractSet[str], also: Iterable[str] = ()
) -> None:
    """Raise for the first setting that is not known.

    Args:
        provider: Its name.
        given: The settings.
        known: Names that it takes.
        also: Further names for the message.
    """
    unknown = sorted(given.keys() - known, key=str)
    known = {*known, *also}
    for name in unknown:
        near = difflib.get_close_matches(str(name), known - {name}, n=1)
        # Only names: a value may be a key.
        raise ConfigurationError(
            f"the provider {provider!r} does not take {name!r}"
            + (f"; did you mean {near[0]!r}?" if near else ""),
            details={"provider": provider, "setting": name, "known": sorted(known)},
            suggestion=f"Known settings: {', '.join(sorted(known))}.",
        )
