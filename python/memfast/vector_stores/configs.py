"""mem0's module name for the configuration of its vector stores."""

from memfast.configs.base import VectorStoreConfig

__all__ = ["VectorStoreConfig"]
