"""Providers and settings under mem0's names."""

from __future__ import annotations

import asyncio
import logging
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from memfast import ConfigurationError, DependencyError, Memory
from memfast.providers import load_embedder, load_llm
from memfast.types import Prompt, Reply
from tests.python.llm_server import serving, vectors

KEY = "sk-very-secret-0123456789"
ASK = Prompt([{"role": "system", "content": "be brief"}, {"role": "user", "content": "tea?"}])


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for start in ("LLM_AZURE", "EMBEDDING_AZURE", "AZURE_OPENAI", "LLM_AZURE_OPENAI"):
        for end in ("API_KEY", "OPENAI_API_KEY", "ENDPOINT", "DEPLOYMENT", "API_VERSION"):
            monkeypatch.delenv(f"{start}_{end}", raising=False)
    for name in ("OPENAI", "GEMINI", "GOOGLE", "DEEPSEEK"):
        for end in ("API_KEY", "BASE_URL", "API_BASE"):
            monkeypatch.delenv(f"{name}_{end}", raising=False)


def settings_of(model: Any) -> Any:
    inner = model.inner.inner if hasattr(model.inner, "inner") else model.inner
    return inner._endpoint.settings


@pytest.mark.parametrize(
    ("provider", "name", "host"),
    [
        ("anthropic", "anthropic:m", "api.anthropic.com"),
        ("mistralai", "mistral:m", "api.mistral.ai"),
        ("together", "together:m", "api.together.xyz"),
        ("groq", "groq:m", "api.groq.com"),
        ("deepseek", "deepseek:m", "api.deepseek.com"),
        ("xai", "xai:m", "api.x.ai"),
        ("vllm", "vllm:m", "localhost:8000"),
        ("lmstudio", "lmstudio:m", "localhost:1234"),
        ("minimax", "minimax:m", "api.minimax.io"),
        ("sarvam", "sarvam:m", "api.sarvam.ai"),
        ("gemini", "gemini:m", "generativelanguage.googleapis.com"),
        ("openai_structured", "openai:m", "api.openai.com"),
    ],
)
def test_mem0s_providers_are_served_by_their_openai_endpoint(
    provider: str, name: str, host: str
) -> None:
    llm = load_llm({"provider": provider, "config": {"model": "m", "api_key": KEY}})
    assert llm is not None
    assert llm.name == name
    assert settings_of(llm).place == host


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A stand-in for the package that records its calls."""
    asked: list[dict[str, Any]] = []

    class Answer(types.SimpleNamespace):
        def model_dump_json(self) -> str:
            return str(self.body)

    def completion(**request: Any) -> Answer:
        asked.append(request)
        return Answer(
            body='{"choices": [{"finish_reason": "stop", "message": {"content": "tea"}}]}'
        )

    def embedding(**request: Any) -> Answer:
        asked.append(request)
        rows = ", ".join(
            f'{{"index": {at}, "embedding": [1.0, 0.5]}}' for at, _ in enumerate(request["input"])
        )
        return Answer(body=f'{{"data": [{rows}]}}')

    module: Any = types.ModuleType("litellm")
    module.completion, module.embedding = completion, embedding
    monkeypatch.setitem(sys.modules, "litellm", module)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    return asked


AWS = {
    "aws_access_key_id": "AKIA-of-ann-0123",
    "aws_secret_access_key": KEY,
    "aws_region": "eu-north-1",
}


def test_bedrock_and_vertex_are_asked_through_litellm(litellm: list[dict[str, Any]]) -> None:
    llm = load_llm({"provider": "aws_bedrock", "config": {"model": "anthropic.claude", **AWS}})
    assert llm is not None
    assert llm.complete(ASK).text == "tea"
    assert litellm[-1]["model"] == "bedrock/anthropic.claude"
    assert litellm[-1]["aws_region_name"] == "eu-north-1"
    assert litellm[-1]["aws_secret_access_key"] == KEY
    assert KEY not in f"{llm!r} {settings_of(llm)!r}"
    for provider, config, model in (
        ("aws_bedrock", AWS, "bedrock/amazon.titan-embed-text-v1"),
        ("vertexai", {"vertex_credentials_json": "key.json"}, "vertex_ai/gemini-embedding-001"),
    ):
        embedder: Any = load_embedder({"provider": provider, "config": config})
        assert [list(row) for row in embedder.embed(["a", "b"])] == [[1.0, 0.5]] * 2
        assert litellm[-1]["model"] == model
        assert litellm[-1]["input"] == ["a", "b"]
    assert litellm[-1]["vertex_credentials"] == "key.json"


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    for provider, extra in (
        ("aws_bedrock", "litellm"),
        ("vertexai", "litellm"),
        ("huggingface", "sentence-transformers"),
        ("fastembed", "sentence-transformers"),
    ):
        with pytest.raises(DependencyError, match=rf'pip install "memfast\[{extra}\]"'):
            load_embedder({"provider": provider})


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gemini/gemini-pro", "gemini:gemini-pro"),
        ("together_ai/meta/llama", "together:meta/llama"),
        ("gpt-5-mini", "openai:gpt-5-mini"),
        ("open-mixtral-8x7b", "mistral:open-mixtral-8x7b"),
    ],
)
def test_a_model_of_litellm_is_asked_directly_where_the_package_is_missing(
    monkeypatch: pytest.MonkeyPatch, model: str, name: str
) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    config = {"model": model, "api_key": KEY, "temperature": 0.1, "top_k": 1}
    llm = load_llm({"provider": "litellm", "config": config})
    assert llm is not None
    assert llm.name == name
    with pytest.raises(DependencyError, match="litellm"):
        load_llm("litellm:watsonx/granite")


def test_huggingface_and_fastembed_models_are_sentence_transformers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple[str, dict[str, Any]]] = []

    class SentenceTransformer:
        def __init__(self, model: str, **options: Any) -> None:
            made.append((model, options))

        def get_sentence_embedding_dimension(self) -> int:
            return 3

    module: Any = types.ModuleType("sentence_transformers")
    module.SentenceTransformer = SentenceTransformer
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    config = {"model": "BAAI/bge-m3", "embedding_dims": 3, "model_kwargs": {"device": "cpu"}}
    for provider in ("huggingface", "fastembed"):
        embedder = load_embedder({"provider": provider, "config": config})
        assert embedder is not None
        assert embedder.name == "sentence-transformers:BAAI/bge-m3"
    assert made == [("BAAI/bge-m3", {"device": "cpu"})] * 2


def test_a_huggingface_server_is_asked_at_its_url() -> None:
    with serving(vectors([1.0, 0.0])) as server:
        embedder = load_embedder(
            {"provider": "huggingface", "config": {"huggingface_base_url": server.url}}
        )
        assert embedder is not None
        embedder.embed(["tea"])
        embedder.close()
    assert server.bodies[0]["model"] == "tei"


class Message:
    def __init__(self, content: object, ended: str = "stop") -> None:
        self.content = content
        self.response_metadata = {"finish_reason": ended}


class ChatModel:
    """The part of a LangChain chat model that memfast uses."""

    model_name = "small"

    def __init__(self, *answers: object) -> None:
        self.asked: list[Any] = []
        self.answers = list(answers)

    def invoke(self, messages: Any, **_: Any) -> Any:
        self.asked.append(messages)
        return self.answers.pop(0)


class Embeddings:
    """The part of LangChain's embeddings that memfast uses."""

    model = "small"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(len(text)), 1.0] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


@pytest.mark.parametrize("direct", [True, False])
def test_model_objects_of_langchain_are_wrapped(direct: bool) -> None:
    model = ChatModel(
        Message("tea"), Message([{"type": "text", "text": "t"}, "ea"], "length"), "tea", Message(5)
    )
    llm = load_llm(model if direct else {"provider": "langchain", "config": {"model": model}})
    assert llm is not None
    assert llm.name == "langchain:ChatModel:small"
    assert llm.complete(ASK) == Reply("tea")
    assert model.asked == [[("system", "be brief"), ("human", "tea?")]]
    assert llm.complete(ASK) == Reply("tea", "length")
    assert asyncio.run(llm.acomplete(ASK)) == Reply("tea")
    with pytest.raises(Exception, match="returned Reply instead of text"):
        llm.complete(ASK)


def test_a_langchain_models_own_asyncio_calls_are_used() -> None:
    class Native(ChatModel):
        async def ainvoke(self, messages: Any) -> Message:
            return Message(f"{len(messages)} from the loop")

    class NativeEmbeddings(Embeddings):
        async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
            return [[0.5, 0.5] for _ in texts]

    llm: Any = load_llm(Native())
    embedder: Any = load_embedder(NativeEmbeddings())
    assert asyncio.run(llm.acomplete(ASK)).text == "2 from the loop"
    assert list(asyncio.run(embedder.aembed(["a"]))) == [[0.5, 0.5]]


@pytest.mark.parametrize("direct", [True, False])
def test_embeddings_of_langchain_can_be_the_embedder(tmp_path: Path, direct: bool) -> None:
    spec: Any = {"provider": "langchain", "config": {"model": Embeddings(), "embedding_dims": 2}}
    llm = ChatModel(Message('{"facts": [{"text": "Ann swims", "source": [0]}]}'))
    with Memory(tmp_path, embedder=Embeddings() if direct else spec, llm=llm) as memory:
        memory.add("I swim", user_id="ann", infer=False)
        assert memory.search("I swim", user_id="ann", mode="semantic")["results"][0]["score"] > 0.99
        memory.add("I, Ann, swim", user_id="bob")
    assert len(llm.asked) == 1
    assert "langchain" not in sys.modules


def test_a_langchain_object_without_its_methods_is_refused() -> None:
    for load in (load_llm, load_embedder):
        with pytest.raises(ConfigurationError, match="must be an object with"):
            load({"provider": "langchain", "config": {"model": "gpt-4o"}})


WITHOUT_EFFECT = {
    "top_k": 1,
    "is_reasoning_model": False,
    "http_client_proxies": f"http://ann:{KEY}@proxy:8080",
    "lmstudio_response_format": {"type": "json_object"},
    "openrouter_base_url": "https://openrouter.ai/api/v1",
    "site_url": "https://example.org",
    "app_name": "app",
    "route": "fallback",
    "models": ["a", "b"],
}


@pytest.mark.parametrize("load", [load_llm, load_embedder])
@pytest.mark.parametrize("provider", ["openai", "lmstudio", "azure_openai", "ollama"])
def test_settings_without_effect_are_accepted_with_one_warning(
    provider: str, load: Any, caplog: pytest.LogCaptureFixture
) -> None:
    config = {"model": "m", "api_key": KEY, "base_url": "https://h/v1", **WITHOUT_EFFECT}
    with caplog.at_level(logging.WARNING, "memfast"):
        assert load({"provider": provider, "config": config}) is not None
    [record] = caplog.records
    assert all(name in record.getMessage() for name in WITHOUT_EFFECT)
    assert KEY not in record.getMessage()


def test_settings_beside_a_model_object_are_accepted_with_a_warning(
    caplog: pytest.LogCaptureFixture, litellm: list[dict[str, Any]]
) -> None:
    usual = {"temperature": 0.1, "max_tokens": 2000, "top_p": 0.1, "top_k": 1, "api_key": KEY}
    vision = {"enable_vision": False, "vision_details": "auto", "reasoning_effort": "low"}
    with caplog.at_level(logging.WARNING, "memfast"):
        model = ChatModel(Message("tea"))
        config = {"model": model, **usual, **vision}
        assert load_llm({"provider": "langchain", "config": config}) is not None
        config = {"model": "anthropic.claude", **usual, **vision}
        llm = load_llm({"provider": "aws_bedrock", "config": config})
        assert llm is not None
        llm.complete(ASK)
    assert litellm[-1]["temperature"] == 0.1
    assert ["temperature" in record.getMessage() for record in caplog.records] == [True, False]
    assert all("enable_vision" in record.getMessage() for record in caplog.records)


def test_empty_settings_count_as_not_given(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-the-environment")
    config: dict[str, Any] = {"model": "m", "api_key": "", "openai_base_url": None, "top_k": None}
    config["model_kwargs"] = {}
    with caplog.at_level(logging.WARNING, "memfast"):
        llm = load_llm({"provider": "openai", "config": config})
    assert settings_of(llm).api_key == "of-the-environment"
    assert caplog.records == []


def test_dimensions_are_read_under_mem0s_names() -> None:
    config = {"model": "m", "api_key": KEY, "output_dimensionality": "768"}
    embedder = load_embedder({"provider": "gemini", "config": config})
    assert embedder is not None
    assert embedder.dim == 768


def test_mem0s_variables_for_azure_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "the-common-key")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://common")
    for start, place in (("LLM_AZURE", "https://chat"), ("EMBEDDING_AZURE", "https://vectors")):
        monkeypatch.setenv(f"{start}_OPENAI_API_KEY", f"key-of-{start}")
        monkeypatch.setenv(f"{start}_ENDPOINT", place)
        monkeypatch.setenv(f"{start}_DEPLOYMENT", f"{start}-deployment")
        monkeypatch.setenv(f"{start}_API_VERSION", "2025-01-01")
    for load, start, place in (
        (load_llm, "LLM_AZURE", "https://chat"),
        (load_embedder, "EMBEDDING_AZURE", "https://vectors"),
    ):
        model: Any = load({"provider": "azure_openai", "config": {"model": "m"}})
        settings = settings_of(model)
        assert settings.base_url == place
        assert settings.api_key == f"key-of-{start}"
        assert settings.api_version == "2025-01-01"
        assert model.name == f"azure:{start}-deployment"
        said = {"api_key": KEY, "azure_endpoint": "https://said", "azure_deployment": "mine"}
        inner = {**said, "api_version": "", "default_headers": {"x-gate": "a"}}
        model = load({"provider": "azure_openai", "config": {"azure_kwargs": inner}})
        assert settings_of(model).base_url == "https://said"
        assert model.name == "azure:mine"


def test_other_variables_of_mem0_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "of-google")
    monkeypatch.setenv("DEEPSEEK_API_KEY", "of-deepseek")
    monkeypatch.setenv("DEEPSEEK_API_BASE", "https://deep/v1")
    assert settings_of(load_llm("gemini:m")).api_key == "of-google"
    assert settings_of(load_llm("deepseek")).base_url == "https://deep/v1"


def test_the_url_of_anthropic_may_omit_the_path_of_its_api() -> None:
    for place in ("https://gate", "https://gate/", "https://gate/v1"):
        config = {"model": "m", "api_key": KEY, "anthropic_base_url": place}
        llm = load_llm({"provider": "anthropic", "config": config})
        assert settings_of(llm).base_url == "https://gate/v1"


@pytest.mark.parametrize(
    ("load", "name", "meant"),
    [
        (load_llm, "gpt-4o-mini", "openai:gpt-4o-mini"),
        (load_llm, "o3-mini", "openai:o3-mini"),
        (load_llm, "gemini-2.5-flash", "gemini:gemini-2.5-flash"),
        (load_llm, "qwen3:4b", "ollama:qwen3:4b"),
        (load_llm, "grok-4", "xai:grok-4"),
        (load_embedder, "text-embedding-3-small", "openai:text-embedding-3-small"),
        (load_embedder, "all-MiniLM-L6-v2", "sentence-transformers:all-MiniLM-L6-v2"),
        (load_embedder, "nomic-embed-text", "ollama:nomic-embed-text"),
    ],
)
def test_a_model_name_without_a_provider_is_an_error_with_the_full_name(
    load: Any, name: str, meant: str
) -> None:
    with pytest.raises(ConfigurationError, match=f'did you mean "{meant}"'):
        load(name)
