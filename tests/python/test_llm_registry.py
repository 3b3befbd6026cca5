"""Language models by name, by mem0's dict and as objects."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from memfast import ConfigurationError, DependencyError, LLMError
from memfast.config import load_config
from memfast.providers import LLM, AsyncLLM, load_embedder, load_llm
from memfast.providers._presets import PRESETS
from memfast.testing import FakeLLM
from memfast.types import Prompt, Reply
from tests.python.llm_server import chat, refused, serving

KEY = "sk-very-secret-0123456789"
ASK = Prompt([{"role": "user", "content": "tea?"}])
ASK_JSON = Prompt(ASK.messages, schema={"type": "object"})
VARIABLES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "GROQ_API_KEY", "AZURE_OPENAI_API_KEY")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "AZURE_OPENAI_ENDPOINT", "OPENAI_API_VERSION"):
        monkeypatch.delenv(name, raising=False)


def settings_of(llm: LLM | None) -> Any:
    inner: Any = llm
    return inner.inner._endpoint.settings


@pytest.mark.parametrize(
    ("spec", "name", "url"),
    [
        ("ollama:llama3.2:1b", "ollama:llama3.2:1b", "http://localhost:11434/v1"),
        ("lmstudio:m", "lmstudio:m", "http://localhost:1234/v1"),
        ("vllm:org/m", "vllm:org/m", "http://localhost:8000/v1"),
        (
            {"provider": "ollama", "config": {"model": "m", "ollama_base_url": "http://h:1"}},
            "ollama:m",
            "http://h:1/v1",
        ),
        (
            {"provider": "lmstudio", "config": {"model": "m", "lmstudio_base_url": "http://h/v1"}},
            "lmstudio:m",
            "http://h/v1",
        ),
        (
            {"provider": "vllm", "config": {"model": "m", "vllm_base_url": "http://h/v1"}},
            "vllm:m",
            "http://h/v1",
        ),
        (
            {"provider": "openai", "config": {"openai_base_url": "http://h/v1"}},
            "openai:gpt-5-mini",
            "http://h/v1",
        ),
        (
            {"provider": "openai_structured", "config": {"model": "m", "api_key": KEY}},
            "openai:m",
            "https://api.openai.com/v1",
        ),
        (
            {"provider": "groq", "config": {"model": "m", "api_key": KEY, "base_url": None}},
            "groq:m",
            "https://api.groq.com/openai/v1",
        ),
        (
            {
                "provider": "azure_openai",
                "config": {"model": "m", "api_key": KEY, "azure_endpoint": "https://h"},
            },
            "azure:m",
            "https://h",
        ),
    ],
)
def test_names_and_mem0_dicts_give_a_model_and_a_url(spec: object, name: str, url: str) -> None:
    llm = load_llm(spec)
    assert isinstance(llm, LLM)
    assert isinstance(llm, AsyncLLM)
    assert llm.name == name
    assert settings_of(llm).base_url == url
    assert KEY not in repr(llm)


def test_settings_take_precedence_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://environment/v1")
    monkeypatch.setenv("GROQ_API_KEY", "of-groq")
    said = {"provider": "openai", "config": {"model": "m", "base_url": "http://said/v1"}}
    assert settings_of(load_llm("openai:m")).base_url == "http://environment/v1"
    assert settings_of(load_llm(said)).base_url == "http://said/v1"
    assert settings_of(load_llm(said)).api_key == "of-the-environment"
    assert settings_of(load_llm("groq:m")).api_key == "of-groq"
    assert settings_of(load_llm("vllm:m")).api_key == "none"


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("openai:gpt-5-mini", "OPENAI_API_KEY"),
        ("groq:m", "GROQ_API_KEY"),
        ("azure:m", "AZURE_OPENAI_API_KEY"),
        ({"provider": "azure", "config": {"model": "m", "api_key": KEY}}, "azure_endpoint"),
        ("ollama", "name of a model"),
        ("litellm", "name of a model"),
        ("opnai:m", "did you mean `openai`"),
        ("watsonx:m", "known: anthropic, azure, deepseek"),
        ({"provider": "openai", "config": {"modle": "m", "api_key": KEY}}, "did you mean 'model'"),
        ({"provider": "vllm", "config": {"model": "m", "base_url": "host:80"}}, "https://host/v1"),
        ({"provider": "vllm", "config": {"model": "m", "timeout": 0}}, "timeout must be"),
        ({"provider": "vllm", "config": {"model": "m", "max_retries": -1}}, "max_retries must"),
        ({"provider": "vllm", "config": {"model": "m", "max_concurrency": 0}}, "max_concurrency"),
        ({"provider": "openai", "config": [KEY]}, "'provider'"),
        ({"model": "m", "api_key": KEY}, "'provider'"),
        ({"provider": 3}, "'provider'"),
        ("watsonx:m", '"litellm:PROVIDER/MODEL"'),
        ("gpt-5-mini", 'did you mean "openai:gpt-5-mini"?'),
        ("claude-sonnet-4-5", 'did you mean "anthropic:claude-sonnet-4-5"?'),
        ("llama3.2:1b", 'did you mean "ollama:llama3.2:1b"?'),
        ({"provider": "gpt-5-mini"}, 'did you mean "openai:gpt-5-mini"?'),
        ("OpenAI:m", "did you mean `openai`"),
        (17, "complete"),
    ],
)
def test_a_wrong_setting_raises_with_a_suggestion_and_no_key(spec: object, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_llm(spec)
    assert hint in f"{caught.value} {caught.value.suggestion}"
    assert KEY not in repr(caught.value)
    if spec not in ("litellm", "ollama", 17):
        with pytest.raises(ConfigurationError):
            load_embedder(spec)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"provider": "openai"}, "'provider'"),
    ({"timeout": math.inf}, "timeout must be"),
    ({"deadline": math.nan}, "deadline must be"),
    ({"azure_kwargs": KEY}, "azure_kwargs must be a dict"),
    ({"azure_kwargs": {1: KEY}}, "does not take 1"),
    ({"azure_kwargs": {"model": KEY}}, "does not take 'model'"),
    ({"api_version": 20241021}, "api_version must be a string"),
    ({"azure_deployment": 5}, "azure_deployment must be a string"),
    ({"api_key": [KEY]}, "api_key must be a string of printable"),
    ({"api_key": f"{KEY}\r\nx: y"}, "api_key must be a string of printable"),
    ({"api_key": f"{KEY}\u2026"}, "api_key must be a string of printable"),
    ({"headers": KEY}, "headers must be a dict"),
    ({"headers": {"x-a": 1}}, "headers['x-a'] must be a string"),
    ({"headers": {"x-a": f"{KEY}\nb"}}, "headers['x-a'] must be a string"),
    ({"base_url": 5}, "https://host/v1, not '5'"),
    ({"base_url": "http://h:99999"}, "https://host/v1"),
    ({"base_url": "http://[::1"}, "https://host/v1"),
    ({"base_url": "http://h\nost"}, "https://host/v1"),
    ({"base_url": "file:///etc/passwd"}, "https://host/v1"),
    ({"base_url": f"ftp://ann:{KEY}@h"}, "https://host/v1, not 'h'"),
    ({"base_url": f"ann:{KEY}@h"}, "https://host/v1, not 'h'"),
    ({"base_url": f"https://ann:{KEY}@h/v1"}, "no user, password"),
    ({"base_url": f"https://h/v1?key={KEY}"}, "query"),
    ({"base_url": f"https://h\\@g/v1#{KEY}"}, "fragment"),
]


@pytest.mark.parametrize("load", [load_llm, load_embedder])
@pytest.mark.parametrize(("config", "hint"), WRONG)
def test_a_wrong_value_raises_with_a_suggestion_and_no_key(
    config: dict[str, Any], hint: str, load: Callable[[object], object]
) -> None:
    usual = {"model": "m", "api_key": KEY, "base_url": "https://h/v1"}
    with pytest.raises(ConfigurationError) as caught:
        load({"provider": "azure_openai", "config": {**usual, **config}})
    assert hint in caught.value.message
    assert KEY not in repr(caught.value)


def test_only_azure_takes_an_api_version() -> None:
    with pytest.raises(ConfigurationError, match="'vllm' does not take 'api_version'"):
        load_llm({"provider": "vllm", "config": {"model": "m", "api_version": "1"}})


def test_extra_body_must_be_a_dict() -> None:
    with pytest.raises(ConfigurationError, match="extra_body must be a dict, not str"):
        load_llm({"provider": "vllm", "config": {"model": "m", "extra_body": KEY}})


def test_a_line_end_is_stripped_from_a_key_and_a_url() -> None:
    config = {"model": "m", "api_key": f" {KEY}\n", "base_url": "http://h/v1\n"}
    settings = settings_of(load_llm({"provider": "openai", "config": config}))
    assert (settings.api_key, settings.base_url) == (KEY, "http://h/v1")


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_provider_has_a_default_url_and_takes_another(name: str) -> None:
    if name != "azure":
        llm = load_llm({"provider": name, "config": {"model": "m", "api_key": KEY}})
        assert settings_of(llm).base_url == PRESETS[name].base_url
    config = {"model": "m", "api_key": KEY, f"{name}_base_url": "https://h/v1"}
    for load in (load_llm, load_embedder):
        made: Any = load({"provider": name, "config": config})
        assert made.name == f"{name}:m"
    assert settings_of(load_llm({"provider": name, "config": config})).base_url == "https://h/v1"


def test_settings_and_errors_show_no_key() -> None:
    config = {"provider": "openai", "config": {"api_key": KEY}}
    assert KEY not in repr(load_config({"llm": config, "embedder": config}))
    with pytest.raises(ConfigurationError) as caught:
        load_embedder({"provider": "hash", "config": {"api_key": KEY}})
    assert KEY not in repr(caught.value)


def test_no_model_is_loaded_for_none() -> None:
    assert load_llm(None) is None


class Mem0Style:
    def __init__(self) -> None:
        self.asked: list[tuple[Any, Any]] = []

    def generate_response(self, messages: Any, response_format: Any = None) -> str:
        self.asked.append((messages, response_format))
        return "tea"


class Native:
    name = "native"

    def complete(self, prompt: Prompt) -> Reply:
        raise NotImplementedError(prompt)

    async def acomplete(self, prompt: Prompt) -> Reply:
        return Reply("from the loop" if prompt is ASK else "")


def both(spec: object, prompt: Prompt = ASK) -> Reply:
    llm = load_llm(spec)
    assert llm is not None
    reply = llm.complete(prompt)
    assert asyncio.run(llm.acomplete(prompt)) == reply
    return reply


def test_objects_and_functions_serve_as_models() -> None:
    mem0 = Mem0Style()
    assert both(mem0) == Reply("tea")
    assert mem0.asked[0] == (ASK.messages, None)
    both(mem0, ASK_JSON)
    messages, form = mem0.asked[-1]
    assert form == {"type": "json_object"}
    assert "JSON schema" in messages[0]["content"]
    assert both(lambda messages: messages[-1]["content"]) == Reply("tea?")
    assert both(lambda _: None) == Reply("")
    assert both(lambda _: "t\ud800 \ud83c\udf75") == Reply("t\ufffd \U0001f375")
    assert both(FakeLLM(["a", "a"])) == Reply("a")


def test_only_models_made_by_name_are_closed() -> None:
    class Open:
        closed = 0

        def complete(self, prompt: Prompt) -> Reply:
            return Reply(prompt.name)

        def embed(self, texts: list[str]) -> list[list[float]]:
            return [[1.0] for _ in texts]

        def close(self) -> None:
            self.closed += 1

    mine: Any = Open()
    models: list[Any] = [load_llm(mine), load_embedder(mine)]
    for made in models:
        made.close()
        asyncio.run(made.aclose())
    assert mine.closed == 0
    with serving(chat()) as server:
        named: Any = load_llm(
            {"provider": "vllm", "config": {"model": "m", "base_url": server.url}}
        )
        named.complete(ASK)
        assert named.inner._endpoint._carrier._client is not None
        named.close()
        assert named.inner._endpoint._carrier._client is None


def test_an_objects_own_asyncio_call_is_preferred() -> None:
    class Nameless:
        complete, acomplete = Native.complete, Native.acomplete

    for made in (Native(), Nameless()):
        llm = load_llm(made)
        assert llm is not None
        assert asyncio.run(llm.acomplete(ASK)).text == "from the loop"


def test_a_failing_object_raises_a_typed_error() -> None:
    def fail(_: object) -> str:
        raise TimeoutError("no answer")

    textless: Any = Reply(5)  # type: ignore[arg-type]
    for wrong, error, message in (
        (fail, LLMError, "no answer"),
        (lambda _: 3, ConfigurationError, "returned int"),
        (lambda _: textless, LLMError, "returned Reply"),
    ):
        llm = load_llm(wrong)
        assert llm is not None
        with pytest.raises(error, match=message):
            llm.complete(ASK)
        with pytest.raises(error, match=message):
            asyncio.run(llm.acomplete(ASK))


@pytest.mark.parametrize("silent", [None, "", Reply(None, "refusal")])  # type: ignore[arg-type]
def test_an_object_that_returns_no_text_gives_an_empty_reply(silent: Any) -> None:
    llm = load_llm(lambda _: silent)
    assert llm is not None
    reply = llm.complete(ASK)
    assert reply.text == ""
    assert reply.finish == ("refusal" if isinstance(silent, Reply) else "stop")


def test_the_fake_answers_in_order_and_records_its_prompts() -> None:
    fake = FakeLLM(["a", {"b": 1}, Reply("c", "length"), OSError("d")])
    assert [fake.complete(ASK).text for _ in range(3)] == ["a", '{"b": 1}', "c"]
    with pytest.raises(OSError, match="d"):
        asyncio.run(fake.acomplete(ASK))
    with pytest.raises(LLMError, match="given 4 replies and asked 5 times"):
        fake.complete(ASK_JSON)
    assert fake.prompts == [ASK] * 4 + [ASK_JSON]
    assert FakeLLM(lambda prompt: str(len(prompt.messages))).complete(ASK).text == "1"


def test_litellm_has_the_same_errors_and_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its package is stood in for by OpenAI's client, whose exceptions it raises too."""
    import openai

    with serving(
        refused(400, "response_format is not supported"),
        chat("tea"),
        chat("tea"),
        refused(401, KEY),
    ) as server:
        client = openai.OpenAI(base_url=server.url, api_key=KEY, max_retries=0)
        native = openai.AsyncOpenAI(base_url=server.url, api_key=KEY, max_retries=0)

        def completion(**request: Any) -> Any:
            assert (request.pop("num_retries"), request.pop("max_retries")) == (0, 0)
            assert request.pop("api_key") == KEY
            return client.chat.completions.create(**request)

        async def acompletion(**request: Any) -> Any:
            assert request.pop("api_key") == KEY
            del request["num_retries"], request["max_retries"]
            reply = await native.chat.completions.create(**request)
            await native.close()
            return reply

        module: Any = types.ModuleType("litellm")
        module.completion, module.acompletion = completion, acompletion
        monkeypatch.setitem(sys.modules, "litellm", module)
        monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        llm = load_llm({"provider": "litellm", "config": {"model": "a/m", "api_key": KEY}})
        assert llm is not None
        assert llm.complete(ASK_JSON) == Reply("tea", "stop", 3, 2)
        assert asyncio.run(llm.acomplete(ASK)) == Reply("tea", "stop", 3, 2)
        with pytest.raises(Exception, match="litellm") as caught:
            llm.complete(ASK)
        client.close()
    assert type(caught.value).__name__ == "AuthenticationError"
    assert KEY not in repr(caught.value)
    assert server.bodies[1]["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("wrong", [{"api_key": [KEY]}, {"base_url": f"https://ann:{KEY}@h"}])
def test_litellm_rejects_settings_that_would_show_a_key(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_llm({"provider": "litellm", "config": {"model": "a/m", **wrong}})
    assert KEY not in repr(caught.value)


def test_a_missing_litellm_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.setitem(sys.modules, "litellm", None)
    with pytest.raises(DependencyError, match=r'pip install "memfast\[litellm\]"'):
        load_llm("litellm:a/m")


def test_the_client_is_imported_with_the_first_request() -> None:
    code = (
        "import sys; from memfast.providers import load_llm, load_embedder;"
        "load_llm('ollama:m'); load_embedder('ollama:m');"
        "sys.exit(any(name in sys.modules for name in ('openai', 'httpx', 'httpx2')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
