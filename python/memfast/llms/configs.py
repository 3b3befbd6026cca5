"""mem0's module name for the configuration of its language models."""

from memfast.configs.base import LlmConfig

__all__ = ["LlmConfig"]
