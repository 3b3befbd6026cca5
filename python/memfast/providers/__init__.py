"""Embedders and language models, by name or as objects."""

from memfast.providers.protocols import LLM, AsyncEmbedder, AsyncLLM, Embedder
from memfast.providers.registry import load_embedder, load_llm

__all__ = ["LLM", "AsyncEmbedder", "AsyncLLM", "Embedder", "load_embedder", "load_llm"]
