"""Settings, checked; and the only reader of the environment."""

from __future__ import annotations

import difflib
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    ValidationInfo,
    field_serializer,
    field_validator,
)
from pydantic import ValidationError as PydanticError

from memfast._foreign import adopt, plain
from memfast._hidden import check_text, dumped, hide
from memfast.errors import ConfigurationError, shown

log = logging.getLogger("memfast")


Kind = Literal["llm", "embedder", "reranker"]
# Settings that name a model.
MODELS: tuple[Kind, ...] = ("embedder", "llm", "reranker")


class MemoryConfig(BaseModel):
    """All settings of a memory.

    Attributes:
        path: The store's directory; None is the user's data directory.
        embedder: Name, config dict or object; None for outside vectors.
        dim: Dimensions of outside vectors.
        read_only: Open without the right to change anything.
        durability: When a change is safe from a crash: "commit", "batch" or "none".
        cache_bytes: Bytes of vectors, codes and filter columns kept in memory.
        llm: Language model of the extraction: name, config dict or object; None for the rules.
        reranker: Orders the hits of searches with `rerank=True` again: name, config dict, object
            or function; None for none.
        vector_weight: What the number `vector` counts in searches that give no weight of it, from
            0 to 1,000; None for the fitted one.
        strategy: "reconcile" changes memories that no longer hold, "additive" only adds.
        reconcile_scope: Which memories new facts are compared with: "user" for those of all runs
            of the user (and the same agent), "exact" for those of the same run.
        keep_messages: Keep the messages beside the memories made from them.
        timestamps: "now" takes the time of an `add` that names none for when it was said; None
            leaves it unknown.
        while_pending: "rules" lets the rules store facts of input that waits for the model, until
            `retry` succeeds; None stores none of it before.
        secrets: "redact" masks passwords, keys, card and social security numbers in messages before
            they are kept, sent to a model or queued; "keep" keeps messages word for word. Facts
            never hold one.
        earlier_messages: How many kept messages before those of an `add` are read with them, to
            understand them; 0 for none.
        earlier_characters: The most characters of these messages; 0 for none.
        history_db_path: Place of the DuckDB projection; None is `history.duckdb` in `path`, and
            ":memory:" keeps it in memory.
        custom_instructions: Added to the extraction's instructions.
        custom_fact_extraction_prompt: In place of the extraction's instructions.
        custom_update_memory_prompt: In place of the reconciliation's instructions.
        version: mem0's result version; both mean the same here.

    Keys in `embedder`, `llm` and `reranker` are held as `SecretStr`; a dump to JSON shows stars.
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    path: str | Path | None = None
    # An object may show a key.
    embedder: Any = Field(default="static", repr=False)
    dim: int | None = Field(default=None, ge=1, le=65_536)
    read_only: StrictBool = False
    durability: Literal["commit", "batch", "none"] = "commit"
    cache_bytes: StrictInt | None = Field(default=None, ge=0, le=2**63 - 1)
    llm: Any = Field(default=None, repr=False)
    reranker: Any = Field(default=None, repr=False)
    vector_weight: StrictFloat | None = Field(default=None, ge=0, le=1000, allow_inf_nan=False)
    strategy: Literal["reconcile", "additive"] = "reconcile"
    reconcile_scope: Literal["user", "exact"] = "user"
    keep_messages: StrictBool = True
    timestamps: Literal["now"] | None = None
    while_pending: Literal["rules"] | None = None
    secrets: Literal["redact", "keep"] = "redact"
    earlier_messages: StrictInt = Field(default=6, ge=0, le=100)
    earlier_characters: StrictInt = Field(default=1_500, ge=0, le=100_000)
    history_db_path: str | Path | None = None
    custom_instructions: str | None = None
    custom_fact_extraction_prompt: str | None = None
    custom_update_memory_prompt: str | None = None
    version: Literal["v1.0", "v1.1"] = "v1.1"

    @field_validator("path", "history_db_path", mode="before")
    @classmethod
    def _check_place(cls, value: object, info: ValidationInfo) -> object:
        if value is None:
            return None
        place = place_of(value, str(info.field_name))
        return value if isinstance(value, str | Path) else place

    @field_validator(
        "custom_instructions", "custom_fact_extraction_prompt", "custom_update_memory_prompt"
    )
    @classmethod
    def _check_prompt(cls, value: str | None, info: ValidationInfo) -> str | None:
        check_text(value or "", str(info.field_name))
        return value

    @field_validator(*MODELS, mode="before")
    @classmethod
    def _hide_keys(cls, value: object, info: ValidationInfo) -> object:
        return hide(value, str(info.field_name))

    @field_serializer(*MODELS, when_used="json")
    def _dump_model(self, value: object) -> object:
        return dumped(value)


GONE = {
    "graph_store": "remove it; memfast has no graph yet",
    "collection_name": "remove it; a store is named by its path",
}
TOLERANT = 'For a configuration of mem0 pass foreign="warn", or call memfast.from_mem0(config).'
Foreign = Literal["refuse", "warn"]


def load_config(config: object, *, foreign: Foreign = "refuse") -> MemoryConfig:
    """Check a dict of settings, or a pydantic model that holds them.

    Args:
        config: The settings; a value of None is the default, but of `embedder`, where it stands
            for outside vectors.
        foreign: "warn" reads mem0's configuration: what has no effect here is ignored, and named
            in one logged warning; None is the default configuration.

    Raises:
        ConfigurationError: A key is unknown or a value is wrong; says what to write instead.
    """
    if foreign == "warn":
        settings, ignored = adopt(config, frozenset(MemoryConfig.model_fields), default_path())
        if ignored:
            log.warning(
                "settings without effect in memfast: %s; the store is at %s",
                ", ".join(ignored),
                settings.get("path") or default_path(),
            )
        if "llm" not in settings:
            log.info("no llm is named: rules find the facts, where mem0 would ask OpenAI")
        return _checked(settings)
    if foreign != "refuse":
        raise ConfigurationError(
            f'foreign must be "refuse" or "warn", not {foreign!r:.80}', details={"foreign": foreign}
        )
    given = plain(config)
    if not isinstance(given, Mapping):
        raise ConfigurationError(
            f"the configuration must be a dict, not {type(config).__name__}",
            suggestion='Write for example {"path": "memories"}.',
        )
    settings = {
        key: value for key, value in given.items() if value is not None or key == "embedder"
    }
    if "vector_store" in settings:
        _take_store(settings, settings.pop("vector_store"))
    return _checked(settings)


def given_settings(place: object, config: object, arguments: Mapping[str, Any]) -> MemoryConfig:
    """Return the settings that a memory is opened with.

    Args:
        place: The store's path; or a `MemoryConfig` or a dict, which `config` is then; or None.
        config: A `MemoryConfig`, a dict of settings, or None.
        arguments: The settings that are arguments of their own.

    Raises:
        ConfigurationError: A setting is wrong, or an argument contradicts `config`.
    """
    if isinstance(place, Mapping | BaseModel):
        if config is not None:
            raise ConfigurationError("the settings are given twice; pass them as config= alone")
        place, config = None, place
    fields = MemoryConfig.model_fields
    own = {
        name: value
        for name, value in arguments.items()
        if type(value) is not type(fields[name].default) or value != fields[name].default
    }
    if place is not None:
        if "path" in own:
            raise ConfigurationError("the path is given twice; pass one of them")
        own["path"] = place
    if config is None:
        return load_config({**arguments, **own})
    if not isinstance(config, MemoryConfig):
        # A model of another class is mem0's configuration.
        foreign: Foreign = "warn" if isinstance(config, BaseModel) else "refuse"
        config = load_config(config, foreign=foreign)
    if not own:
        return config
    for name, value in own.items():
        held = getattr(config, name)
        if name in config.model_fields_set and held is not value and held != value:
            # A model's settings may hold a key.
            values = "" if name in MODELS else f": {shown(value)} and {shown(held)}"
            raise ConfigurationError(
                f"the argument {name} contradicts the config{values}",
                details={"argument": name},
                suggestion="Pass it once, as an argument or in the config.",
            )
    given = load_config(own)
    return config.model_copy(update={name: getattr(given, name) for name in own})


def _checked(settings: Mapping[str, Any]) -> MemoryConfig:
    """Return settings whose keys and values are all known and right."""
    for key in settings:
        if key in GONE:
            raise ConfigurationError(
                f"configuration key {key!r}: {GONE[key]}",
                details={"key": key},
                suggestion=TOLERANT,
            )
        if key not in MemoryConfig.model_fields:
            near = difflib.get_close_matches(str(key), MemoryConfig.model_fields, n=1)
            raise ConfigurationError(
                f"unknown configuration key {key!r:.80}"
                + (f"; did you mean {near[0]!r}?" if near else ""),
                details={"key": key, "known": sorted(MemoryConfig.model_fields)},
                suggestion=f"Known keys: {', '.join(sorted(MemoryConfig.model_fields))}.",
            )
    try:
        return MemoryConfig(**settings)
    except PydanticError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, ConfigurationError):
            raise cause.with_traceback(None) from None
        # Of a union pydantic names the branch too.
        place = str(first["loc"][0])
        given = first["input"]
        # A block of settings may hold a password; pydantic's error would show it too.
        shown = f"a dict with {sorted(map(str, given))}" if isinstance(given, Mapping) else given
        raise ConfigurationError(
            f"configuration key {place!r}: {first['msg']}, but is {shown!r:.80}",
            details={"key": place, "value": f"{shown!r:.80}"},
        ) from None


def _take_store(settings: dict[str, Any], store: object) -> None:
    """Read mem0's `vector_store` block, which memfast needs only for a path."""
    block: Mapping[str, Any] = store if isinstance(store, Mapping) else {"provider": store}
    provider = block.get("provider")
    if provider != "memfast":
        raise ConfigurationError(
            f"vector_store provider {provider!r:.60} is not used: memfast keeps its vectors itself",
            details={"provider": provider},
            suggestion='Remove the vector_store block and write {"path": "DIRECTORY"} instead. '
            + TOLERANT,
        )
    inner = dict(block.get("config") or {})
    path = inner.pop("path", None)
    if inner:
        raise ConfigurationError(
            f"unknown key {min(inner)!r} in vector_store.config; memfast takes only 'path'",
            details={"known": ["path"], "given": sorted(map(str, inner))},
        )
    if path is not None:
        if settings.get("path") not in (None, path):
            raise ConfigurationError(
                f"path={settings['path']!r} and vector_store.config.path={path!r} differ; "
                "write one of them"
            )
        settings["path"] = path


def place_of(value: object, name: str) -> Path:
    """Return a place on disk, with `~` as the home it stands for.

    Args:
        value: Text or a path.
        name: The setting or argument, for errors.

    Raises:
        ConfigurationError: It is neither, is empty, or can be no name of a file.
    """
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else value
    if not isinstance(text, str):
        raise ConfigurationError(
            f"{name} must be text or a Path, not {type(value).__name__}", details={"key": name}
        )
    if not text.strip() or "\0" in text:
        raise ConfigurationError(
            f"{name} must name a place on disk, and is {text!r:.80}",
            details={"key": name},
            suggestion="Write the name of a directory or file, or leave it out.",
        )
    check_text(text, name)
    place = expanded(text)
    if str(place).startswith("~") and text.startswith("~"):
        raise ConfigurationError(
            f"{name}={text!r:.80}: there is no home directory for {Path(text).parts[0]!r:.80}",
            details={"key": name},
            suggestion="Write the whole path; for a name that starts with ~ write ./ before it.",
        )
    return place


def expanded(path: str | Path) -> Path:
    """Return a path with a leading `~` as the home directory it stands for, if there is one."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - a Path has lost the dot of "./~name"


def default_path() -> Path:
    """Return `MEMFAST_HOME`, or the platform's directory for a user's data."""
    if home := os.environ.get("MEMFAST_HOME"):
        return place_of(home, "MEMFAST_HOME")
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/memfast"
    return expanded(os.environ.get("XDG_DATA_HOME") or "~/.local/share") / "memfast"


# A provider's second variable for its key.
OTHER_KEYS = {
    "COHERE": "CO_API_KEY",
    "GEMINI": "GOOGLE_API_KEY",
    "ZERO_ENTROPY": "ZEROENTROPY_API_KEY",
}


def provider_environment(prefix: str, kind: Kind) -> dict[str, str]:
    """Return what the environment says about a provider.

    Args:
        prefix: What its variables start with, such as "OPENAI" for OPENAI_API_KEY and
            OPENAI_BASE_URL (or OPENAI_API_BASE). Azure has AZURE_OPENAI_ENDPOINT and
            OPENAI_API_VERSION, and before them mem0's variables, such as LLM_AZURE_ENDPOINT.
        kind: What the provider is asked for.

    Returns:
        `api_key`, `base_url`, `api_version` and `azure_deployment`, as far as they are set.
    """
    names = {
        "api_key": [f"{prefix}_API_KEY"],
        "base_url": [f"{prefix}_BASE_URL", f"{prefix}_API_BASE"],
    }
    if prefix == "AZURE_OPENAI":
        start = "LLM_AZURE" if kind == "llm" else "EMBEDDING_AZURE"
        names = {
            "api_key": [f"{start}_OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"],
            "base_url": [f"{start}_ENDPOINT", "AZURE_OPENAI_ENDPOINT"],
            "api_version": [f"{start}_API_VERSION", "OPENAI_API_VERSION"],
            "azure_deployment": [f"{start}_DEPLOYMENT"],
        }
    elif prefix in OTHER_KEYS:
        names["api_key"].append(OTHER_KEYS[prefix])
    found = {key: [os.environ.get(one) for one in some] for key, some in names.items()}
    return {key: next(filter(None, values)) for key, values in found.items() if any(values)}


def environment_proxy(url: str) -> str | None:
    """Return the proxy that the environment names for requests to a URL; None for none."""
    # It takes long to load.
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def keep_litellm_local() -> None:
    """Keep litellm from fetching its price list at its import, unless a variable allows it."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
