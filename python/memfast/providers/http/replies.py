"""Reads the body of a chat reply, in the forms that endpoints give it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress

from memfast.providers.http.failures import OK, EndpointError, Secrets
from memfast.types import Finish, Reply

FINISHES: dict[str, Finish] = {
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
# A stream of events starts with a field, or with a comment that keeps the connection open.
EVENTS = re.compile(r"\s*(?:data|event|id|retry)?:")
# Not `splitlines`: a text may hold other characters that Python takes for a line end.
LINE = re.compile(r"\r\n|\n|\r")
# Fields of a model's thoughts, and the first and last characters of a JSON answer in them.
REASONING = ("reasoning_content", "reasoning")
JSON_BEGINS = ("{", "[", "```")
JSON_ENDS = ("}", "]", "```")
THOUGHTS = frozenset({"reasoning", "thinking"})


def read_body(body: str, secrets: Secrets) -> dict[str, object]:
    """Return the JSON object of a body.

    Raises:
        EndpointError: It is something else (a web page, a list, empty), or holds an error.
    """
    value = read_json(body, secrets)
    if not isinstance(value, dict):
        raise unlike("is not a JSON object", body, secrets)
    check_error(value, secrets)
    return value


def read_json(body: str, secrets: Secrets) -> object:
    """Return the JSON value of a body.

    Raises:
        EndpointError: It is empty, or not JSON.
    """
    if not body.strip():
        raise EndpointError("the reply is empty", status=OK)
    # The parser's exception holds the body, which may repeat the key.
    with suppress(ValueError, RecursionError):
        value: object = json.loads(body)
        return value
    raise unlike("is not a JSON object", body, secrets)


def read_chat(body: str, secrets: Secrets) -> Reply:
    """Return the model's answer.

    Raises:
        EndpointError: The body holds no answer.
    """
    if EVENTS.match(body):
        choice, usage = _join(body, secrets)
    else:
        value = read_body(body, secrets)
        choices = _dicts(value.get("choices"))
        if not choices:
            raise unlike("has no choices", body, secrets)
        choice, usage = choices[0], value.get("usage")
        check_error(choice, secrets)
    message = _dict(choice.get("message")) or {"content": choice.get("text")}
    finish = choice.get("finish_reason")
    text = _content(message) or _arguments(message) or _thought(message)
    ended = "stop" if finish is None else FINISHES.get(str(finish), "other")
    if refusal := _string(message.get("refusal")):
        text, ended = text or refusal, "refusal"
    counts = _dict(usage)
    return Reply(
        text, ended, _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    )


def check_error(value: Mapping[str, object], secrets: Secrets) -> None:
    """Raise the error inside a reply with a status of success."""
    if error := value.get("error"):
        fields = error if isinstance(error, dict) else {"message": error}
        code = fields.get("code")
        raise EndpointError(
            secrets.hide(str(fields.get("message") or error)),
            status=code if isinstance(code, int) else OK,
            code=None if code is None else secrets.hide(str(code)),
        )


def unlike(how: str, body: str, secrets: Secrets) -> EndpointError:
    """Return the error about a body that is not a reply.

    It shows a page, which names the server that answered in place of the endpoint. Any other body
    may quote a memory, and errors go into logs.
    """
    text = body.strip()
    shown = repr(secrets.hide(text)) if text.startswith("<") else f"{len(text)} characters"
    return EndpointError(f"the reply {how}: {shown}", status=OK)


def _dict(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _content(message: Mapping[str, object]) -> str:
    content = message.get("content")
    if not isinstance(content, list):
        return _string(content)
    parts = [{"text": part} if isinstance(part, str) else _dict(part) for part in content]
    return "".join(_string(part.get("text")) for part in parts if part.get("type") not in THOUGHTS)


def _arguments(message: Mapping[str, object]) -> str:
    """Return the arguments of the first tool call: on one rung the schema is a tool."""
    for call in _dicts(message.get("tool_calls")):
        arguments = _dict(call.get("function")).get("arguments")
        if isinstance(arguments, dict):
            return json.dumps(arguments, ensure_ascii=False)
        if isinstance(arguments, str):
            return arguments
    return ""


def _thought(message: Mapping[str, object]) -> str:
    """Return thoughts that are or end with JSON: some servers take the answer for a thought."""
    for key in REASONING:
        text = _string(message.get(key)).strip()
        if text.startswith(JSON_BEGINS) or text.endswith(JSON_ENDS):
            return text
    return ""


def _join(body: str, secrets: Secrets) -> tuple[Mapping[str, object], object]:
    """Return choice and usage of a reply that came as a stream of events, unrequested."""
    finish: object = None
    usage: object = None
    text = refusal = arguments = ""
    thoughts = dict.fromkeys(REASONING, "")
    for line in LINE.split(body):
        data = line.removeprefix(EVENT).strip()
        if not line.startswith(EVENT) or data == "[DONE]":
            continue
        event = read_body(data, secrets)
        usage = event.get("usage") or usage
        for choice in _dicts(event.get("choices")):
            check_error(choice, secrets)
            delta = _dict(choice.get("delta")) or _dict(choice.get("message"))
            finish = choice.get("finish_reason") or finish
            text += _content(delta)
            refusal += _string(delta.get("refusal"))
            arguments += _arguments(delta)
            for key in REASONING:
                thoughts[key] += _string(delta.get(key))
    if finish is None:
        raise EndpointError("the reply is a stream of events without its end", status=OK)
    call = {"function": {"arguments": arguments}}
    message = {"content": text, "refusal": refusal, "tool_calls": [call], **thoughts}
    return {"message": message, "finish_reason": finish}, usage
