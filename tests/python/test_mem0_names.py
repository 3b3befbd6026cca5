"""A program with `mem0` replaced by `memfast` in its imports finds what it names."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import memfast
from memfast.client.main import AsyncMemoryClient, MemoryClient
from memfast.configs.base import EmbedderConfig, LlmConfig, MemoryConfig, VectorStoreConfig
from memfast.configs.enums import MemoryType
from memfast.exceptions import (
    HTTP_STATUS_TO_EXCEPTION,
    MemoryError,  # noqa: A004 - mem0's name
    create_exception_from_response,
)

KEY = "sk-very-secret-0123456789"


@pytest.mark.parametrize(
    ("module", "name", "same"),
    [
        ("memfast.memory.main", "Memory", memfast.Memory),
        ("memfast.memory.main", "AsyncMemory", memfast.AsyncMemory),
        ("memfast.memory", "AsyncMemory", memfast.AsyncMemory),
        ("memfast.llms.configs", "LlmConfig", LlmConfig),
        ("memfast.embeddings.configs", "EmbedderConfig", EmbedderConfig),
        ("memfast.vector_stores.configs", "VectorStoreConfig", VectorStoreConfig),
        ("memfast.exceptions", "ValidationError", memfast.ValidationError),
        ("memfast.exceptions", "MemoryError", memfast.MemfastError),
        ("memfast.exceptions", "LLMError", memfast.LLMError),
    ],
)
def test_modules_with_mem0s_names_export_the_same_classes(
    module: str, name: str, same: object
) -> None:
    assert getattr(importlib.import_module(module), name) is same


def test_a_configuration_in_mem0s_classes_opens_a_store(tmp_path: Path) -> None:
    inner = {"path": str(tmp_path / "q"), "collection_name": "c"}
    config = MemoryConfig(
        llm=LlmConfig(provider="ollama", config={"model": "m", "api_key": KEY}),
        embedder=EmbedderConfig(provider="hash", config={"dim": 32}),
        vector_store=VectorStoreConfig(config=inner),
        history_db_path=str(tmp_path / "history.db"),
    )
    assert KEY not in f"{config!r} {config.model_dump_json()}"
    for open_with in (memfast.Memory, memfast.from_mem0):
        with open_with(config) as memory:
            memory.add("I swim", user_id="ann", infer=False)
            assert memory.config.llm["provider"] == "ollama"
    assert (tmp_path / "q/memfast/c").is_dir()
    with memfast.from_mem0(config.model_dump()) as memory:
        assert memory.count(user_id="ann") == 2


def test_mem0s_default_configuration_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for config in (MemoryConfig(), MemoryConfig().model_dump()):
        with memfast.from_mem0(config) as memory:
            assert memory.add("I live in Oslo.", user_id="ann")["status"] == "stored"
            memory.delete_all(user_id="ann")
    assert MemoryConfig(unheard_of=1).version == "v1.1"  # type: ignore[call-arg]


def test_the_hosted_service_is_refused_when_a_client_is_made() -> None:
    assert memfast.MemoryClient is MemoryClient
    assert memfast.AsyncMemoryClient is AsyncMemoryClient
    for client in (MemoryClient, AsyncMemoryClient):
        with pytest.raises(memfast.ConfigurationError, match="hosted service"):
            client(api_key="m0-key", host="https://api.mem0.ai")


def test_the_procedural_memory_type_has_mem0s_name() -> None:
    assert MemoryType.PROCEDURAL.value == "procedural_memory"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, memfast.ValidationError),
        (401, memfast.AuthenticationError),
        (404, memfast.MemoryNotFoundError),
        (413, memfast.MemoryQuotaExceededError),
        (429, memfast.RateLimitError),
        (500, memfast.MemfastError),
        (503, memfast.NetworkError),
        (599, memfast.MemfastError),
    ],
)
def test_an_http_status_maps_to_an_error_type(
    status: int, kind: type[memfast.MemfastError]
) -> None:
    error = create_exception_from_response(status, "slow down", debug_info={"retry_after": 60})
    assert type(error) is HTTP_STATUS_TO_EXCEPTION.get(status, memfast.MemfastError) is kind
    assert (error.message, error.error_code) == ("slow down", f"HTTP_{status}")
    assert error.suggestion
    assert error.debug_info == {"retry_after": 60}
    assert create_exception_from_response(status, "", "OWN").error_code == "OWN"
    assert str(create_exception_from_response(status, "")) == f"HTTP {status} error"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("VectorStoreError", "VECTOR_001"),
        ("GraphStoreError", "GRAPH_001"),
        ("EmbeddingError", "EMBED_001"),
        ("LLMError", "LLM_001"),
        ("DatabaseError", "DB_001"),
        ("DependencyError", "DEPS_001"),
    ],
)
def test_errors_of_parts_have_mem0s_codes_and_say_what_to_do(name: str, code: str) -> None:
    error = getattr(importlib.import_module("memfast.exceptions"), name)("it failed")
    assert isinstance(error, MemoryError)
    assert error.error_code == code
    assert error.suggestion
    for narrower in type(error).__subclasses__():
        assert narrower("it failed").suggestion != error.suggestion
