"""mem0's module name for its configuration, in the shape that its programs write.

`Memory(config=...)` and `memfast.from_mem0` read it; `memfast.MemoryConfig` holds memfast's own
settings.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator

from memfast._hidden import dumped, hide

__all__ = [
    "EmbedderConfig",
    "GraphStoreConfig",
    "LlmConfig",
    "MemoryConfig",
    "MemoryItem",
    "RerankerConfig",
    "VectorStoreConfig",
]


class _Block(BaseModel):
    """A part's provider and its settings, with keys as `SecretStr`."""

    provider: str
    config: Any = Field(default_factory=dict, repr=False)

    @field_validator("config", mode="before")
    @classmethod
    def _hide_keys(cls, value: object) -> object:
        return hide(value, "config")

    @field_serializer("config", when_used="json")
    def _dump(self, value: object) -> object:
        return dumped(value)


class LlmConfig(_Block):
    """A language model."""

    provider: str = "openai"


class EmbedderConfig(_Block):
    """An embedder."""

    provider: str = "openai"


class VectorStoreConfig(_Block):
    """A vector store; memfast reads its path and its collection's name."""

    provider: str = "qdrant"


class GraphStoreConfig(_Block):
    """A graph store; it has no effect."""

    model_config = ConfigDict(extra="allow")

    provider: str = "neo4j"


class RerankerConfig(_Block):
    """A reranker, for searches with `rerank=True`."""

    provider: str = "cohere"


class MemoryConfig(BaseModel):
    """mem0's configuration; what is not given is memfast's default, which needs no key.

    Attributes:
        vector_store: Its path and collection name the directory of the store.
        llm: Language model; None for the rules.
        embedder: Embedder; None for the static table.
        history_db_path: No effect: the history is part of the store.
        graph_store: No effect.
        reranker: Orders the hits of searches with `rerank=True`.
        version: mem0's result version.
        custom_instructions: Added to the extraction's instructions.
        custom_fact_extraction_prompt: In place of the extraction's instructions.
        custom_update_memory_prompt: In place of the reconciliation's instructions.
    """

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    vector_store: VectorStoreConfig | None = None
    llm: LlmConfig | None = None
    embedder: EmbedderConfig | None = None
    history_db_path: str | None = None
    graph_store: GraphStoreConfig | None = None
    reranker: RerankerConfig | None = None
    version: str = "v1.1"
    custom_instructions: str | None = None
    custom_fact_extraction_prompt: str | None = None
    custom_update_memory_prompt: str | None = None


class MemoryItem(BaseModel):
    """A memory as mem0 describes it; `created_at` and `updated_at` are ISO 8601 in UTC."""

    id: str
    memory: str
    hash: str | None = None
    metadata: dict[str, Any] | None = None
    score: float | None = None
    created_at: str | None = None
    updated_at: str | None = None
