"""mem0's configuration, read for what memfast can use of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from memfast.errors import ConfigurationError

# What mem0 takes where nothing is named.
COLLECTION = "mem0"
PROVIDERS = {"llm": "openai", "embedder": "openai", "reranker": "cohere"}
VERSIONS = ("v1.0", "v1.1")
# Names that are one directory on every file system, also where case makes no difference.
PLAIN = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def plain(value: object) -> object:
    """Return the dict that a pydantic model stands for, and anything else as it is."""
    dump = getattr(value, "model_dump", None)
    return dump() if callable(dump) else value


def adopt(config: object, known: frozenset[str], default: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the settings that stand in mem0's configuration, and what has no effect.

    Args:
        config: A dict, a pydantic model, or None.
        known: The keys of memfast's own configuration.
        default: Directory of the stores that name a collection and no path.

    Raises:
        ConfigurationError: It is neither a dict nor a model.
    """
    given = plain(config)
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise ConfigurationError(
            f"the configuration must be a dict or a pydantic model, not {type(config).__name__}",
            suggestion='Write for example {"path": "memories"}.',
        )
    settings = {key: value for key, value in given.items() if value is not None}
    ignored: list[str] = []
    store = plain(settings.pop("vector_store", None))
    block = store if isinstance(store, Mapping) else {"provider": store}
    inner = plain(block.get("config"))
    inner = inner if isinstance(inner, Mapping) else {}
    if store is not None and block.get("provider") != "memfast":
        ignored.append(f"vector_store ({block.get('provider')!s:.40})")
    collection = settings.pop("collection_name", None) or inner.get("collection_name")
    # Beside a server mem0 takes no notice of a path, which its classes fill in.
    theirs = None if inner.get("host") or inner.get("url") else inner.get("path")
    path = _place(settings.pop("path", None), theirs, collection, default)
    if path is not None:
        settings["path"] = path
    if "custom_prompt" in settings:
        settings.setdefault("custom_fact_extraction_prompt", settings.pop("custom_prompt"))
    # It names a SQLite file of mem0's; the history of memfast is part of its store.
    for key in sorted(settings.keys() - known | settings.keys() & {"history_db_path"}, key=str):
        ignored.append(f"{key!s:.40}")
        del settings[key]
    if settings.get("version", "v1.1") not in VERSIONS:
        ignored.append("version")
        del settings["version"]
    for name in settings.keys() & PROVIDERS.keys():
        settings[name] = _model(settings[name], name, ignored)
    return settings, ignored


def _model(block: object, name: str, ignored: list[str]) -> object:
    """Return mem0's block of a model with its provider named and nothing beside it."""
    given = plain(block) if hasattr(block, "provider") else block
    if not isinstance(given, Mapping):
        return given
    ignored += [f"{name}.{key!s:.40}" for key in given if key not in {"provider", "config"}]
    return {
        "provider": given.get("provider") or PROVIDERS[name],
        "config": plain(given.get("config")) or {},
    }


def _place(own: object, theirs: object, collection: object, default: Path) -> object:
    """Return the directory that holds a collection; None is the default store."""
    name = COLLECTION if collection is None else str(collection)
    if own is not None or not theirs:
        if name == COLLECTION or own == ":memory:":
            return own
        base = default if own is None else Path(str(own))
        return base / "collections" / directory_name(name)
    if theirs == ":memory:":
        return theirs
    if not isinstance(theirs, str | Path):
        raise ConfigurationError(
            f"the path in vector_store.config must be text or a Path, not {type(theirs).__name__}",
            suggestion="Write the name of a directory, or leave it out.",
        )
    place = Path(os.path.expanduser(theirs))  # noqa: PTH111 - it does not fail
    # Beside a file; inside a directory, which may be the only one that outlives a container.
    beside = place.with_name(f"{place.name}.memfast") if place.is_file() else place / "memfast"
    return beside / directory_name(name)


def directory_name(collection: str) -> str:
    """Return the name of a collection's directory; two collections never share one."""
    if PLAIN.fullmatch(collection):
        return collection
    digest = blake2b(collection.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    start = re.sub(r"[^a-z0-9_-]+", "-", collection.lower())[:40].strip("-")
    # The tilde stands in no plain name.
    return f"{start}~{digest}"
