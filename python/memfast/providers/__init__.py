"""Embedders, language models and rerankers, by name or as objects."""

from memfast.providers._registry import load_embedder, load_llm, load_reranker
from memfast.providers.protocols import (
    LLM,
    AsyncEmbedder,
    AsyncLLM,
    AsyncReranker,
    Embedder,
    Reranker,
)

__all__ = [
    "LLM",
    "AsyncEmbedder",
    "AsyncLLM",
    "AsyncReranker",
    "Embedder",
    "Reranker",
    "load_embedder",
    "load_llm",
    "load_reranker",
]
