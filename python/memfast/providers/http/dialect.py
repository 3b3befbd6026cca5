"""Ways to request a reply that follows a JSON schema, from the strictest to the plainest."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from memfast.providers.http.failures import SERVER, EndpointError
from memfast.providers.http.talk import Request
from memfast.types import Prompt

Rung = Literal["schema", "object", "tool", "text"]
RUNGS: tuple[Rung, ...] = get_args(Rung)
COMPLAINTS = {
    "schema": re.compile(r"response_?format|json|schema|structured|grammar|guided", re.IGNORECASE),
    "object": re.compile(r"response_?format|json|structured|grammar|guided", re.IGNORECASE),
    "tool": re.compile(r"tool|function", re.IGNORECASE),
}
# Where a refusal names two, the first is left out.
OPTIONAL = ("max_tokens", "top_p", "temperature", "reasoning_effort")
UNKNOWN = re.compile(
    r"support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|extra|deprecated|both",
    re.IGNORECASE,
)
ADAPTABLE = frozenset({400, 404, 422, SERVER, 501})


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an endpoint is known to understand.

    Attributes:
        rung: How a schema is requested.
        limit: The endpoint's name for the token limit of a reply.
        dropped: Parameters that it refuses.
    """

    rung: Rung = "schema"
    limit: str = "max_tokens"
    dropped: frozenset[str] = frozenset()

    def request(self, prompt: Prompt, options: Request) -> Request:
        """Return the arguments of `chat.completions.create`.

        Args:
            prompt: The messages and the schema of the reply.
            options: model, and temperature, top_p and so on; None is left out.
        """
        request = {k: v for k, v in options.items() if v is not None and k not in self.dropped}
        most = request.pop("max_tokens", None)
        most = most if prompt.max_tokens is None else prompt.max_tokens
        if most is not None and self.limit not in self.dropped:
            request[self.limit] = most
        request["messages"] = list(prompt.messages)
        if prompt.schema is not None:
            request |= schema_fields(prompt, self.rung)
        return request

    def after(self, failure: EndpointError, request: Request) -> Dialect | None:
        """Return what to try after a request was refused; None if nothing else can help."""
        if failure.status not in ADAPTABLE:
            return None
        text = f"{failure.code or ''} {failure.param or ''} {failure.text}"
        if failure.status != SERVER and (name := _named(text, request)) is not None:
            if name == "max_tokens":
                return replace(self, limit="max_completion_tokens")
            return replace(self, dropped=self.dropped | {name})
        has_schema = "response_format" in request or "tools" in request
        if has_schema and (failure.status == SERVER or COMPLAINTS[self.rung].search(text)):
            return replace(self, rung=RUNGS[RUNGS.index(self.rung) + 1])
        return None


def _named(text: str, request: Request) -> str | None:
    """Return the parameter that an endpoint does not know and that can be left out."""
    if not UNKNOWN.search(text):
        return None
    return next((name for name in OPTIONAL if name in request and name in text), None)


def schema_fields(prompt: Prompt, rung: Rung) -> Request:
    """Return the fields that a rung adds to a request."""
    schema, name = dict(prompt.schema or {}), prompt.name
    if rung == "schema":
        form = {"name": name, "schema": schema, "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": form}}
    if rung == "object":
        return {"response_format": {"type": "json_object"}, "messages": spelled_out(prompt)}
    if rung == "tool":
        function = {"name": name, "description": "Give the reply.", "parameters": schema}
        return {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": name}},
        }
    return {"messages": spelled_out(prompt)}


def spelled_out(prompt: Prompt) -> list[dict[str, Any]]:
    """Return the messages with the schema in the system message."""
    if prompt.schema is None:
        return list(prompt.messages)
    rule = (
        "Reply with one JSON object and nothing else. It must follow this JSON schema:\n"
        + json.dumps(dict(prompt.schema), ensure_ascii=False)
    )
    first, *others = prompt.messages or [{}]
    if first.get("role") == "system" and isinstance(first.get("content"), str):
        return [{**first, "content": f"{first['content']}\n\n{rule}"}, *others]
    return [{"role": "system", "content": rule}, *prompt.messages]
