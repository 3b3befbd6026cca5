"""Embedders and language models, by name or as objects."""

from memfast.providers._registry import load_embedder, load_llm
from memfast.providers.protocols import LLM, AsyncEmbedder, AsyncLLM, Embedder

__all__ = ["LLM", "AsyncEmbedder", "AsyncLLM", "Embedder", "load_embedder", "load_llm"]
