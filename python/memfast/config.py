"""Settings, checked; and the only reader of the environment."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as PydanticError

from memfast.errors import ConfigurationError


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
        strategy: "reconcile" changes memories that no longer hold, "additive" only adds.
        keep_messages: Keep the messages beside the memories made from them.
        history_db_path: Place of the DuckDB projection; None is `history.duckdb` in `path`.
        custom_instructions: Added to the extraction's instructions.
        custom_fact_extraction_prompt: In place of the extraction's instructions.
        custom_update_memory_prompt: In place of the reconciliation's instructions.
        version: mem0's result version; both mean the same here.
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    path: str | Path | None = None
    # A dict of theirs may hold a key.
    embedder: Any = Field(default="static", repr=False)
    dim: int | None = Field(default=None, ge=1, le=65_536)
    read_only: bool = False
    durability: Literal["commit", "batch", "none"] = "commit"
    cache_bytes: int | None = Field(default=None, ge=0)
    llm: Any = Field(default=None, repr=False)
    strategy: Literal["reconcile", "additive"] = "reconcile"
    keep_messages: bool = True
    history_db_path: str | Path | None = None
    custom_instructions: str | None = None
    custom_fact_extraction_prompt: str | None = None
    custom_update_memory_prompt: str | None = None
    version: Literal["v1.0", "v1.1"] = "v1.1"


GONE = {
    "graph_store": "remove it; memfast has no graph yet",
    "reranker": "remove it; memfast has no reranker yet",
    "collection_name": "remove it; a store is named by its path",
}


def load_config(config: Mapping[str, Any]) -> MemoryConfig:
    """Check a dict of settings.

    Raises:
        ConfigurationError: A key is unknown or a value is wrong; says what to write instead.
    """
    if not isinstance(config, Mapping):
        raise ConfigurationError(
            f"the configuration must be a dict, not {type(config).__name__}",
            suggestion='Write for example {"path": "memories"}.',
        )
    settings = dict(config)
    if "vector_store" in settings:
        _take_store(settings, settings.pop("vector_store"))
    for key in settings:
        if key in GONE:
            raise ConfigurationError(
                f"configuration key {key!r}: {GONE[key]}", details={"key": key}
            )
        if key not in MemoryConfig.model_fields:
            near = difflib.get_close_matches(str(key), MemoryConfig.model_fields, n=1)
            raise ConfigurationError(
                f"unknown configuration key {key!r}"
                + (f"; did you mean {near[0]!r}?" if near else ""),
                details={"key": key, "known": sorted(MemoryConfig.model_fields)},
                suggestion=f"Known keys: {', '.join(sorted(MemoryConfig.model_fields))}.",
            )
    try:
        return MemoryConfig(**settings)
    except PydanticError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        given = first["input"]
        # A block of settings may hold a password; pydantic's error would show it too.
        shown = f"a dict with {sorted(map(str, given))}" if isinstance(given, Mapping) else given
        raise ConfigurationError(
            f"configuration key {place!r}: {first['msg']}, but is {shown!r}",
            details={"key": place, "value": shown},
        ) from None


def _take_store(settings: dict[str, Any], store: object) -> None:
    """Read mem0's `vector_store` block, which memfast needs only for a path."""
    block: Mapping[str, Any] = store if isinstance(store, Mapping) else {"provider": store}
    provider = block.get("provider")
    if provider != "memfast":
        raise ConfigurationError(
            f"vector_store provider {provider!r:.60} is not used: memfast keeps its vectors itself",
            details={"provider": provider},
            suggestion='Remove the vector_store block and write {"path": "DIRECTORY"} instead.',
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


def default_path() -> Path:
    """Return `MEMFAST_HOME`, or the platform's directory for a user's data."""
    if home := os.environ.get("MEMFAST_HOME"):
        return Path(home)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "memfast"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/memfast"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "memfast"


def provider_environment(prefix: str) -> dict[str, str]:
    """Return what the environment says about a provider: api_key, base_url, api_version.

    Args:
        prefix: What its variables start with, such as "OPENAI" for OPENAI_API_KEY and
            OPENAI_BASE_URL. "AZURE_OPENAI" has AZURE_OPENAI_ENDPOINT and OPENAI_API_VERSION.
    """
    azure = prefix == "AZURE_OPENAI"
    names = {
        "api_key": f"{prefix}_API_KEY",
        "base_url": f"{prefix}_ENDPOINT" if azure else f"{prefix}_BASE_URL",
    }
    if azure:
        names["api_version"] = "OPENAI_API_VERSION"
    return {key: os.environ[name] for key, name in names.items() if os.environ.get(name)}


def keep_litellm_local() -> None:
    """Keep litellm from fetching its price list when it is imported, unless it was told to."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
