"""Names of embedders, and how each is made."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from memfast.errors import ConfigurationError, DependencyError
from memfast.providers.cache import CachedEmbedder
from memfast.providers.protocols import Adapter, Embedder

# Name to class, and to the extra that brings its package.
EMBEDDERS: dict[str, tuple[str, str | None]] = {
    "static": ("memfast.providers.static:StaticEmbedder", None),
    "hash": ("memfast.testing:HashEmbedder", None),
    "sentence-transformers": (
        "memfast.providers.sentence_transformers:SentenceTransformersEmbedder",
        "sentence-transformers",
    ),
    "wordllama": ("memfast.providers.wordllama:WordLlamaEmbedder", "wordllama"),
}
GROUP = "memfast.embedders"
# As fast as a look-up in the cache.
UNCACHED = frozenset({"static"})


def load_embedder(spec: object) -> Embedder | None:
    """Return the embedder that a setting names.

    Args:
        spec: "name", "name:model", mem0's {"provider", "config"}, an object, or None for none.

    Raises:
        ConfigurationError: The name is unknown or a setting of it wrong.
        DependencyError: Its package is missing; names the extra to install.
    """
    if spec is None:
        return None
    if isinstance(spec, str):
        name, _, model = spec.partition(":")
        return _named(name, {"model": model} if model else {})
    if isinstance(spec, Mapping):
        unknown = sorted(spec.keys() - {"provider", "config"})
        if unknown or not isinstance(spec.get("provider"), str):
            raise ConfigurationError(
                f"embedder {spec!r} must have the keys 'provider' and 'config'",
                suggestion='Write {"provider": "static"} or just "static".',
            )
        return _named(spec["provider"], dict(spec.get("config") or {}))
    return CachedEmbedder(Adapter(spec))


def _named(name: str, options: dict[str, Any]) -> Embedder:
    name = name.replace("_", "-")
    others = {point.name: point for point in entry_points(group=GROUP)}
    if name in EMBEDDERS:
        place, extra = EMBEDDERS[name]
        module, _, attribute = place.partition(":")
        try:
            make = getattr(importlib.import_module(module), attribute)
            embedder = _make(name, make, options)
        except ImportError as error:
            if extra is None:
                raise
            raise DependencyError(
                f'embedder `{name}` needs an extra package; run `pip install "memfast[{extra}]"`',
                details={"embedder": name},
            ) from error
    elif name in others:
        embedder = _make(name, others[name].load(), options)
    else:
        known = sorted({*EMBEDDERS, *others})
        near = difflib.get_close_matches(name, known, n=1)
        raise ConfigurationError(
            f"no embedder named `{name}`"
            + (f"; did you mean `{near[0]}`?" if near else "")
            + f" known: {', '.join(known)}",
            details={"embedder": name, "known": known},
        )
    adapted = Adapter(embedder)
    return adapted if name in UNCACHED else CachedEmbedder(adapted)


def _make(name: str, make: Any, options: dict[str, Any]) -> Any:
    try:
        return make(**options)
    except TypeError as error:
        raise ConfigurationError(
            f"embedder `{name}` does not take these settings: {options!r} ({error})",
            details={"embedder": name, "config": options},
        ) from error
