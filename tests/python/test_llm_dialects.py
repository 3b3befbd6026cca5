"""Requests for a reply that follows a schema, to endpoints that support some of the forms."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from memfast import errors
from memfast.providers.openai_llm import OpenAILLM
from memfast.types import Prompt, Reply
from tests.python.llm_server import Answer, Asked, Server, chat, refused, serving

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "tea?"}]
ASK = Prompt(MESSAGES, schema=SCHEMA, name="facts", max_tokens=50)
REPLY = '{"a": "b"}'
CALL = {"id": "1", "type": "function", "function": {"name": "facts", "arguments": REPLY}}
COMPLAINT = "'response_format' is not supported by this model"


def model(server: Server, **options: Any) -> OpenAILLM:
    return OpenAILLM("m", base_url=server.url, backoff=0.001, **options)


def form(body: dict[str, Any]) -> str:
    """How a request asked."""
    if "tools" in body:
        return "tool"
    return str(body.get("response_format", {}).get("type", "text"))


def knows(*forms: str, status: int = 400, text: str | None = None) -> Any:
    """An endpoint that supports some forms and refuses the others."""

    def script(asked: Asked) -> Answer:
        asks = form(asked.body)
        if asks not in forms:
            return refused(status, text or f"{asks} (response_format, tools) is not supported")
        return chat(None, "tool_calls", tool_calls=[CALL]) if asks == "tool" else chat(REPLY)

    return script


def every(llm: OpenAILLM, native: bool) -> Reply:
    async def ask() -> Reply:
        reply = await llm.acomplete(ASK)
        await llm.aclose()
        return reply

    if native:
        return asyncio.run(ask())
    reply = llm.complete(ASK)
    llm.close()
    return reply


LADDER = ["json_schema", "json_object", "tool", "text"]


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("status", [400, 404, 422, 500])
@pytest.mark.parametrize("known", LADDER)
def test_the_strictest_known_form_is_found_and_remembered(
    known: str, status: int, native: bool
) -> None:
    with serving(knows(known, status=status)) as server:
        llm = model(server, max_retries=0)
        assert every(llm, native) == Reply(REPLY, "stop", 3, 2)
        tried = LADDER[: LADDER.index(known) + 1]
        assert [form(body) for body in server.bodies] == tried
        every(llm, native)
        assert [form(body) for body in server.bodies] == [*tried, known]


def test_each_form_carries_the_schema_in_its_own_way() -> None:
    with serving(knows("text")) as server:
        every(model(server), native=False)
    strict, loose, tool, text = server.bodies
    assert strict["response_format"]["json_schema"] == {
        "name": "facts",
        "schema": SCHEMA,
        "strict": True,
    }
    assert strict["messages"] == MESSAGES
    assert tool["tools"][0]["function"]["parameters"] == SCHEMA
    assert tool["tool_choice"] == {"type": "function", "function": {"name": "facts"}}
    for body in (loose, text):
        instructions = body["messages"][0]["content"]
        assert instructions.startswith("Be brief.")
        assert json.dumps(SCHEMA) in instructions
        assert body["messages"][1:] == MESSAGES[1:]


def test_a_schema_adds_a_system_message_if_there_is_none() -> None:
    with serving(knows("json_object")) as server:
        llm = model(server)
        llm.complete(Prompt(MESSAGES[1:], schema=SCHEMA))
        llm.close()
    first, second = server.bodies[1]["messages"]
    assert first["role"] == "system"
    assert second == MESSAGES[1]


def test_a_failing_server_gets_its_retries_for_the_first_form_only() -> None:
    with serving(refused(500, "oh")) as server:
        llm = model(server, max_retries=2)
        with pytest.raises(errors.NetworkError):
            every(llm, native=False)
    assert [form(body) for body in server.bodies] == ["json_schema"] * 3 + LADDER[1:]


def test_a_form_without_an_answer_is_not_remembered() -> None:
    with serving(refused(400, COMPLAINT), refused(401, "bad key"), chat(REPLY)) as server:
        llm = model(server)
        with pytest.raises(errors.AuthenticationError):
            every(llm, native=False)
        every(llm, native=False)
    assert [form(body) for body in server.bodies] == ["json_schema", "json_object", "json_schema"]


@pytest.mark.parametrize(
    "answer",
    [
        refused(400, "This model's maximum context length is 8192 tokens"),
        refused(401, COMPLAINT),
        refused(429, COMPLAINT, code="insufficient_quota"),
        refused(404, "The model `m` does not exist"),
    ],
)
def test_other_refusals_do_not_change_the_form(answer: Answer) -> None:
    with serving(answer) as server, pytest.raises(errors.MemfastError):
        every(model(server), native=False)
    assert len(server.bodies) == 1


@pytest.mark.parametrize("native", [False, True])
def test_parameters_of_reasoning_models_are_found_and_remembered(native: bool) -> None:
    def reasoning(asked: Asked) -> Answer:
        if "max_tokens" in asked.body:
            return refused(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
            )
        if "temperature" in asked.body:
            return refused(400, "'temperature' does not support 0 with this model.")
        return chat(REPLY)

    with serving(reasoning) as server:
        llm = model(server, temperature=0)
        for _ in range(2):
            every(llm, native)
    assert len(server.bodies) == 4
    for body in server.bodies[2:]:
        assert body["max_completion_tokens"] == 50
        assert "temperature" not in body
        assert form(body) == "json_schema"


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (refused(400, "Unsupported parameter", param="temperature"), {"top_p"}),
        (refused(400, "`temperature` is deprecated for this model."), {"top_p"}),
        (refused(400, "`temperature` and `top_p` cannot both be specified"), {"temperature"}),
        (Answer([{"error": {"message": "Unknown name 'top_p'"}}], 400), {"temperature"}),
        (Answer({"error": {"message": "Unknown: top_p", "code": 400}}), {"temperature"}),
        (Answer({"detail": [{"loc": ["top_p"], "msg": "Extra inputs"}]}, 422), {"temperature"}),
    ],
)
def test_a_refused_parameter_is_dropped_however_the_error_names_it(
    answer: Answer, left: set[str]
) -> None:
    with serving(answer, chat(REPLY)) as server:
        every(model(server, temperature=0, top_p=1), native=False)
    assert server.bodies[1].keys() & {"temperature", "top_p"} == left


def test_a_token_limit_that_is_too_large_raises() -> None:
    with serving(refused(400, "max_tokens is too large: 50")) as server:
        with pytest.raises(errors.LLMError, match="too large"):
            every(model(server), native=False)
        assert len(server.bodies) == 1
