"""Names of embedders, language models and rerankers, and the classes behind them."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memfast._hidden import reveal
from memfast.config import Kind
from memfast.errors import ConfigurationError
from memfast.providers._adapting import missing_package
from memfast.providers._cache import CachedEmbedder
from memfast.providers._embedder_adapter import EmbedderAdapter
from memfast.providers._names import owner_of, translate, without_litellm
from memfast.providers._presets import PRESETS

if TYPE_CHECKING:
    from memfast.providers._llm_adapter import LLMAdapter
    from memfast.providers._reranker_adapter import RerankerAdapter

SERVER = 'For a server with the OpenAI protocol write "openai" and its `base_url`'


@dataclass(frozen=True, slots=True)
class Registry:
    """One kind of model.

    Attributes:
        kind: Its name in messages.
        group: Entry point group of other packages.
        known: Name to the class and to the extra that installs its package.
        example: A name for messages.
        others: What to do about a model that has none of the names.
        own: An object with one of these methods is returned unchanged.
        langchain: The method by which LangChain's objects are recognised; they are wrapped. None
            for a kind that has none.
        served: Names whose class takes the name as `provider`.
        given: Further arguments of the classes behind some names.
    """

    kind: Kind
    group: str
    known: Mapping[str, tuple[str, str | None]]
    example: str
    others: str
    own: tuple[str, ...]
    langchain: str | None
    served: frozenset[str] = frozenset(PRESETS)
    given: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def make(self, spec: object) -> object:
        """Return the model that a name or a dict names, or the object itself."""
        if isinstance(spec, str):
            name, _, model = spec.partition(":")
            return self._named(name, {"model": model} if model else {}, text=spec)
        if isinstance(spec, Mapping):
            # Only names are shown: a value may be a key.
            shown = sorted(map(str, spec))
            config = spec.get("config") or {}
            if (
                spec.keys() - {"provider", "config"}
                or not isinstance(spec.get("provider"), str)
                or not isinstance(config, Mapping)
            ):
                raise ConfigurationError(
                    f"{self.kind} config must have the keys 'provider' (a name) and 'config' (a "
                    f"dict), not {shown}",
                    details={"keys": shown},
                    suggestion=f'Write {{"provider": "{self.example}"}} or just "{self.example}".',
                )
            return self._named(spec["provider"], reveal(config))
        foreign = self.langchain is not None and callable(getattr(spec, self.langchain, None))
        if foreign and not any(callable(getattr(spec, method, None)) for method in self.own):
            return self._named("langchain", {"model": spec})
        return spec

    def _named(self, given: str, settings: Mapping[str, object], text: str | None = None) -> object:
        name, options = translate(self.kind, given, dict(settings))
        if name in self.known:
            place, extra = self.known[name]
            module, _, attribute = place.partition(":")
            fixed = dict(self.given.get(name, {}))
            if name in self.served:
                fixed["provider"] = name
            try:
                make = getattr(importlib.import_module(module), attribute)
                return self._call(name, lambda **given: make(**fixed, **given), options)
            except ImportError as error:
                if extra is None:
                    raise
                if name == "litellm" and (direct := without_litellm(self.kind, options)):
                    return self._named(*direct)
                raise missing_package(self.kind, name, extra) from error
        from importlib.metadata import entry_points

        others = {point.name: point for point in entry_points(group=self.group)}
        if name in others:
            return self._call(name, others[name].load(), options)
        known = sorted({*self.known, *others})
        near = difflib.get_close_matches(name.lower(), known, n=1)
        meant = f'"{owner}"' if (owner := owner_of(self.kind, text or given)) else None
        if meant is None and near:
            meant = f"`{near[0]}`"
        raise ConfigurationError(
            f"no {self.kind} named `{given:.80}`"
            + (f"; did you mean {meant}?" if meant else ";")
            + f" known: {', '.join(known)}",
            details={self.kind: name, "known": known},
            suggestion=self.others,
        )

    def _call(self, name: str, make: Callable[..., object], options: dict[str, object]) -> object:
        try:
            return make(**options)
        except TypeError as error:
            settings = sorted(map(str, options))
            raise ConfigurationError(
                f"{self.kind} `{name}` does not take these settings: {settings} ({error})",
                details={self.kind: name, "settings": settings},
            ) from error


EMBEDDERS = Registry(
    "embedder",
    "memfast.embedders",
    {
        "static": ("memfast.providers.static:StaticEmbedder", None),
        "hash": ("memfast.testing:HashEmbedder", None),
        "sentence-transformers": (
            "memfast.providers.sentence_transformers:SentenceTransformersEmbedder",
            "sentence-transformers",
        ),
        "wordllama": ("memfast.providers.wordllama:WordLlamaEmbedder", "wordllama"),
        "langchain": ("memfast.providers.langchain:LangChainEmbedder", None),
        "litellm": ("memfast.providers.litellm_embedder:LiteLLMEmbedder", "litellm"),
        **dict.fromkeys(PRESETS, ("memfast.providers.openai_embedder:OpenAIEmbedder", None)),
    },
    "static",
    f"{SERVER}, or pass an object with embed(texts).",
    ("embed", "embed_batch"),
    "embed_query",
)
LLMS = Registry(
    "llm",
    "memfast.llms",
    {
        "litellm": ("memfast.providers.litellm:LiteLLM", "litellm"),
        "langchain": ("memfast.providers.langchain:LangChainLLM", None),
        **dict.fromkeys(PRESETS, ("memfast.providers.openai_llm:OpenAILLM", None)),
    },
    "openai",
    f'{SERVER}, write "litellm:PROVIDER/MODEL", or pass an object with complete(prompt).',
    ("complete", "generate_response"),
    "invoke",
)

APIS = frozenset({"cohere", "jina", "openai", "tei", "vllm", "voyage", "zero-entropy"})
RERANKERS = Registry(
    "reranker",
    "memfast.rerankers",
    {
        **dict.fromkeys(APIS, ("memfast.providers.api_reranker:ApiReranker", None)),
        "cross-encoder": ("memfast.providers.cross_encoder:CrossEncoderReranker", None),
        "llm": ("memfast.providers.llm_reranker:LLMReranker", None),
    },
    "cohere",
    'For a server with a /rerank API write "openai" and its `base_url`, or pass an object with '
    "rerank(query, texts).",
    ("rerank",),
    None,
    APIS,
)


def load_embedder(spec: object) -> EmbedderAdapter | CachedEmbedder | None:
    """Return the embedder that a setting names.

    Args:
        spec: "name", "name:model", mem0's {"provider", "config"}, an object, or None for none.

    Raises:
        ConfigurationError: The name is unknown, or a setting is wrong.
        DependencyError: Its package is missing; the message names the extra to install.
    """
    if spec is None:
        return None
    adapted = EmbedderAdapter(EMBEDDERS.make(spec), owned=isinstance(spec, str | Mapping))
    # An instant embedder is as fast as the cache.
    return adapted if adapted.instant else CachedEmbedder(adapted)


def load_llm(spec: object) -> LLMAdapter | None:
    """Return the language model that a setting names.

    Args:
        spec: "name:model", mem0's {"provider", "config"}, an object, or None for none.

    Raises:
        ConfigurationError: The name is unknown, or a setting is wrong.
        DependencyError: Its package is missing; the message names the extra to install.
    """
    if spec is None:
        return None
    from memfast.providers._llm_adapter import LLMAdapter

    return LLMAdapter(LLMS.make(spec), owned=isinstance(spec, str | Mapping))


def load_reranker(spec: object, llm: LLMAdapter | None = None) -> RerankerAdapter | None:
    """Return the reranker that a setting names.

    Args:
        spec: "name:model", mem0's {"provider", "config"}, an object, a function, or None for none.
        llm: The model of the reranker "llm", where it names none.

    Raises:
        ConfigurationError: The name is unknown, or a setting is wrong.
        DependencyError: Its package is missing; the message names the extra to install.
    """
    if spec is None:
        return None
    from memfast.providers._reranker_adapter import RerankerAdapter

    made = replace(RERANKERS, given={"llm": {"memory_llm": llm}}).make(spec)
    return RerankerAdapter(made, owned=isinstance(spec, str | Mapping))
