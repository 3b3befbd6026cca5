"""Embedders, by name or as objects."""

from memfast.providers.protocols import Embedder
from memfast.providers.registry import load_embedder

__all__ = ["Embedder", "load_embedder"]


def load_llm(spec: object) -> object:
    return spec
