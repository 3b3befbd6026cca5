"""From the body of a reply to a `Reply`, whatever the endpoint makes of the protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from memfast.providers.failures import EndpointError, Secrets
from memfast.types import Reply

FINISHES = {
    "stop": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "eos": "stop",
    "end_turn": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filter",
    "refusal": "refusal",
}
EVENT = "data:"
# The endpoint did answer; asking again would bring the same.
OK = 200


def read_body(body: str, secrets: Secrets) -> dict[str, Any]:
    """Return the JSON object of a body.

    Raises:
        EndpointError: It is none: a web page, a list, nothing; or it holds an error.
    """
    if not body.strip():
        raise EndpointError("the reply is empty", status=OK)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise EndpointError(
            f"the reply is not JSON: {secrets.hide(body.strip())!r}", status=OK
        ) from None
    if not isinstance(value, dict):
        raise EndpointError(
            f"the reply is no JSON object: {secrets.hide(body.strip())!r}", status=OK
        )
    if error := value.get("error"):
        fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
        code = fields.get("code")
        raise EndpointError(
            secrets.hide(str(fields.get("message") or error)),
            status=code if isinstance(code, int) else OK,
            code=None if code is None else secrets.hide(str(code)),
        )
    return value


def read_chat(body: str, secrets: Secrets) -> Reply:
    """Return what the model answered.

    Raises:
        EndpointError: The body holds no answer.
    """
    choice: Mapping[str, Any]
    if body.lstrip().startswith((EVENT, ":", "event:")):
        choice, usage = _join(body, secrets)
    else:
        value = read_body(body, secrets)
        choices = value.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
            raise EndpointError(
                f"the reply has no choices: {secrets.hide(body.strip())!r}", status=OK
            )
        choice, usage = choices[0], value.get("usage")
    message = choice.get("message")
    message = message if isinstance(message, Mapping) else {"content": choice.get("text")}
    text, finish = _text(message), choice.get("finish_reason")
    told = "stop" if finish is None else FINISHES.get(finish, "other")
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        text, told = text or refusal, "refusal"
    counts = usage if isinstance(usage, Mapping) else {}
    return Reply(
        text, told, _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    )


def _none(why: str, body: str, secrets: Secrets) -> EndpointError:
    return EndpointError(f"the reply {why}: {secrets.hide(body.strip())!r}", status=OK)


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, Mapping) else part for part in content]
        content = "".join(part for part in parts if isinstance(part, str))
    if isinstance(content, str) and content:
        return content
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, Mapping) else None
        arguments = function.get("arguments") if isinstance(function, Mapping) else None
        if isinstance(arguments, str):
            return arguments
        if isinstance(arguments, Mapping):
            return json.dumps(arguments, ensure_ascii=False)
    return ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _join(body: str, secrets: Secrets) -> tuple[dict[str, Any], Any]:
    """Return choice and usage of a reply that came as events, though nobody asked for them."""
    text, arguments, finish, usage = "", "", None, None
    for line in body.splitlines():
        data = line.removeprefix(EVENT).strip()
        if not line.startswith(EVENT) or data == "[DONE]":
            continue
        event = read_body(data, secrets)
        usage = event.get("usage") or usage
        for choice in event.get("choices") or []:
            delta = choice.get("delta") or choice.get("message") or {}
            finish = choice.get("finish_reason") or finish
            text += delta.get("content") or ""
            for call in delta.get("tool_calls") or []:
                arguments += (call.get("function") or {}).get("arguments") or ""
    if finish is None:
        raise EndpointError("the reply came as events and was cut before its end", status=OK)
    calls = [{"function": {"arguments": arguments}}] if arguments else None
    return {"message": {"content": text, "tool_calls": calls}, "finish_reason": finish}, usage
