"""mem0's names of providers and settings, translated to the names used here."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TypeAlias

from memfast.config import Kind
from memfast.errors import ConfigurationError
from memfast.providers._presets import PRESETS

log = logging.getLogger("memfast")

Options: TypeAlias = dict[str, object]
Named: TypeAlias = tuple[str, Options]

ALIASES = {
    "azure-openai": "azure",
    "azure-openai-structured": "azure",
    "openai-structured": "openai",
    "mistralai": "mistral",
    "mistral-ai": "mistral",
    "together-ai": "together",
    "togetherai": "together",
    "fireworks-ai": "fireworks",
    "google": "gemini",
    "lm-studio": "lmstudio",
    "llama-cpp": "llamacpp",
    "bedrock": "aws-bedrock",
    "vertex-ai": "vertexai",
}
# Settings of mem0 that no provider here uses.
WITHOUT_EFFECT = frozenset(
    {
        "top_k",
        "is_reasoning_model",
        "http_client",
        "http_client_proxies",
        "lmstudio_response_format",
        "models",
        "route",
        "site_url",
        "app_name",
        "store",
        "response_callback",
        "enable_sampling_parameters",
        "project",
        "location",
        "vertexai",
        "vertex_credentials_json",
        "google_service_account_json",
        "memory_add_embedding_type",
        "memory_update_embedding_type",
        "memory_search_embedding_type",
        "output_dimensionality",
        "model_kwargs",
        "huggingface_base_url",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_region",
        "aws_profile",
        "azure_kwargs",
        *(f"{name}_base_url" for name in PRESETS),
    }
)
# Settings that mem0 gives to all models and these do not use.
NOT_TAKEN: dict[str, frozenset[str]] = {
    "litellm": frozenset({"reasoning_effort", "enable_vision", "vision_details"}),
    "langchain": frozenset(
        {
            "temperature",
            "max_tokens",
            "top_p",
            "api_key",
            "reasoning_effort",
            "enable_vision",
            "vision_details",
        }
    ),
    "sentence-transformers": frozenset({"embedding_dims", "api_key"}),
    "cohere": frozenset({"return_documents", "max_chunks_per_doc"}),
    "zero-entropy": frozenset(),
    "cross-encoder": frozenset({"show_progress_bar", "normalize", "api_key"}),
    # The replies are as long as their texts are many.
    "llm": frozenset({"max_tokens"}),
}
# litellm's names of a provider's own settings.
AWS = {
    "aws_access_key_id": "aws_access_key_id",
    "aws_secret_access_key": "aws_secret_access_key",
    "aws_session_token": "aws_session_token",
    "aws_region": "aws_region_name",
    "aws_profile": "aws_profile_name",
}
VERTEX = {
    "vertex_credentials_json": "vertex_credentials",
    "google_service_account_json": "vertex_credentials",
    "project": "vertex_project",
    "location": "vertex_location",
}
BEDROCK_EMBEDDER = "amazon.titan-embed-text-v1"
GEMINI_EMBEDDER = "gemini-embedding-001"
HUGGINGFACE_EMBEDDER = "multi-qa-MiniLM-L6-cos-v1"
FASTEMBED_EMBEDDER = "thenlper/gte-large"
HUGGINGFACE_RERANKER = "BAAI/bge-reranker-base"
LLM_RERANKER = "gpt-5-mini"

# Patterns of model names, to find the provider of a model named without it.
MODELS: tuple[tuple[str, str], ...] = (
    (r"gpt-|chatgpt|o\d(-|$)|text-embedding-(3|ada)", "openai"),
    (r"claude", "anthropic"),
    (r"gemini|text-embedding-00", "gemini"),
    (r"mistral-|codestral|ministral|magistral|open-mi", "mistral"),
    (r"deepseek-(chat|reasoner)", "deepseek"),
    (r"grok-", "xai"),
    (r"llama|qwen|gemma|phi|mistral|mixtral|deepseek|gpt-oss|nomic-embed|mxbai", "ollama"),
    (
        r"all-|multi-qa|paraphrase-|bge-|sentence-transformers/|BAAI/|intfloat/",
        "sentence-transformers",
    ),
)


# The same for rerankers.
RERANKERS: tuple[tuple[str, str], ...] = (
    (r"rerank-(v\d|english|multilingual)", "cohere"),
    (r"jina-", "jina"),
    (r"rerank-[12]", "voyage"),
    (r"zerank-", "zero-entropy"),
    (r"cross-encoder/|BAAI/|mixedbread-ai/", "cross-encoder"),
)


def translate(kind: Kind, name: str, options: Options) -> Named:
    """Return a provider and its settings under the names used here.

    Settings without effect are dropped and named in one logged warning; empty ones are dropped.
    """
    name = name.strip().replace("_", "-")
    name = ALIASES.get(name, name)
    options = {key: value for key, value in options.items() if not _empty(value)}
    if name == "gemini" and options.get("vertexai") is True:
        name = "vertexai"
    if kind == "embedder" and name in {"gemini", "vertexai"}:
        options.setdefault("embedding_dims", _whole(options.pop("output_dimensionality", None)))
    served = SERVED.get((kind, name))
    if served is not None:
        name, options = served(options)
    used = {f"{name}_base_url", "azure_kwargs" if name == "azure" else ""}
    unused = sorted(options.keys() & (WITHOUT_EFFECT - used | NOT_TAKEN.get(name, frozenset())))
    if unused and (name in PRESETS or name in NOT_TAKEN):
        log.warning(
            "settings of the %s %r without effect in memfast: %s", kind, name, ", ".join(unused)
        )
        options = {key: value for key, value in options.items() if key not in unused}
    return name, {key: value for key, value in options.items() if value is not None}


def owner_of(kind: Kind, model: str) -> str | None:
    """Return "provider:model" for the name of a model; None if no pattern matches."""
    for pattern, provider in RERANKERS if kind == "reranker" else MODELS:
        if re.match(pattern, model) and (kind != "llm" or provider != "sentence-transformers"):
            return f"{provider}:{model}"
    return None


def without_litellm(kind: Kind, options: Options) -> Named | None:
    """Return the provider that litellm would ask, if it has an endpoint with OpenAI's protocol."""
    whole = str(options.get("model") or "")
    family, _, model = whole.partition("/")
    if not model:
        family, _, model = (owner_of(kind, whole) or "").partition(":")
    name = ALIASES.get(family.replace("_", "-"), family)
    # Only the package knows their URLs and the other settings.
    if name not in PRESETS or name == "azure" or "package" in options:
        return None
    return name, {**options, "model": model}


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, str | dict) and not value)


def _whole(value: object) -> object:
    """Return digits as a number, and any other value unchanged."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _through_litellm(
    family: str, settings: dict[str, str], model: str | None
) -> Callable[[Options], Named]:
    def serve(options: Options) -> Named:
        given = dict(options)
        package = {theirs: given.pop(ours) for ours, theirs in settings.items() if ours in given}
        named = given.get("model") or model
        if named is not None:
            given["model"] = named if str(named).startswith(f"{family}/") else f"{family}/{named}"
        if package:
            given["package"] = package
        return "litellm", given

    return serve


def _huggingface(options: Options) -> Named:
    given = dict(options)
    if url := given.pop("huggingface_base_url", None):
        given.pop("model_kwargs", None)
        return "openai", {"model": "tei", "api_key": "none", **given, "base_url": url}
    return _sentence_transformers(given, HUGGINGFACE_EMBEDDER)


def _huggingface_reranker(options: Options) -> Named:
    return "cross-encoder", {"model": HUGGINGFACE_RERANKER, **options}


def _cross_encoder(options: Options) -> Named:
    return "cross-encoder", options


def _llm_reranker(options: Options) -> Named:
    return "llm", {"provider": "openai", "model": LLM_RERANKER, **options}


def _fastembed(options: Options) -> Named:
    return _sentence_transformers(options, FASTEMBED_EMBEDDER)


def _sentence_transformers(options: Options, model: str) -> Named:
    given: Options = {"model": model, **options}
    # The package's own arguments.
    arguments = given.pop("model_kwargs", None) or {}
    if not isinstance(arguments, dict):
        raise ConfigurationError(f"model_kwargs must be a dict, not {type(arguments).__name__}")
    return "sentence-transformers", {**given, **arguments}


SERVED: dict[tuple[Kind, str], Callable[[Options], Named]] = {
    ("llm", "aws-bedrock"): _through_litellm("bedrock", AWS, None),
    ("llm", "vertexai"): _through_litellm("vertex_ai", VERTEX, None),
    ("embedder", "aws-bedrock"): _through_litellm("bedrock", AWS, BEDROCK_EMBEDDER),
    ("embedder", "vertexai"): _through_litellm("vertex_ai", VERTEX, GEMINI_EMBEDDER),
    ("embedder", "huggingface"): _huggingface,
    ("embedder", "fastembed"): _fastembed,
    ("reranker", "huggingface"): _huggingface_reranker,
    ("reranker", "sentence-transformer"): _cross_encoder,
    ("reranker", "sentence-transformers"): _cross_encoder,
    ("reranker", "llm-reranker"): _llm_reranker,
}
