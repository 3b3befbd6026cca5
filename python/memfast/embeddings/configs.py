"""mem0's module name for the configuration of its embedders."""

from memfast.configs.base import EmbedderConfig

__all__ = ["EmbedderConfig"]
