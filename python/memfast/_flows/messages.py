"""Messages in the shapes callers have them, brought into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memfast._flows import checks
from memfast.errors import ValidationError


@dataclass(frozen=True, slots=True)
class Message:
    """One message with text; `at` is when it was said, in microseconds since 1970 UTC."""

    index: int
    role: str
    content: str
    name: str | None
    at: int | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that could not be read, with why."""

    index: int
    reason: str

    def report(self) -> dict[str, Any]:
        """Return it as it stands in a result."""
        return {"index": self.index, "reason": self.reason}


def read_messages(messages: object) -> tuple[list[Message], list[Skipped]]:
    """Return the messages that can be read, and those that cannot."""
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    elif isinstance(messages, Mapping):
        messages = [messages]
    if not isinstance(messages, (list, tuple)):
        raise ValidationError(
            "messages must be str, dict, or list[dict]",
            error_code="VALIDATION_003",
            details={
                "provided_type": type(messages).__name__,
                "valid_types": ["str", "dict", "list[dict]"],
            },
            suggestion="Convert your input to a string, dictionary, or list of dictionaries.",
        )
    read: list[Message] = []
    skipped: list[Skipped] = []
    for index, message in enumerate(messages):
        outcome = _read(index, message)
        if isinstance(outcome, str):
            skipped.append(Skipped(index, outcome))
        else:
            read.append(outcome)
    return read, skipped


def _read(index: int, message: object) -> Message | str:  # noqa: PLR0911 - one per fault
    if isinstance(message, str):
        message = {"role": "user", "content": message}
    if not isinstance(message, Mapping):
        return f"a message must be a dict, not {type(message).__name__}"
    role = message.get("role")
    if not isinstance(role, str) or not role:
        return f"role must be text such as 'user', not {role!r}"
    content = _text(message.get("content"))
    if content is None:
        return f"content must be text, not {message.get('content')!r}"
    if not content.strip():
        return "content is empty"
    name = message.get("name")
    if name is not None and not isinstance(name, str):
        return f"name must be text, not {name!r}"
    try:
        at = checks.instant_of(message.get("timestamp"))
    except ValidationError as error:
        return error.message
    return Message(index, role, content, name or None, at)


def _text(content: object) -> str | None:
    """Return the text of a content, which may come in parts; parts of other kinds are dropped."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list):
        return None
    parts = [
        part["text"]
        for part in content
        if isinstance(part, Mapping) and isinstance(part.get("text"), str)
    ]
    return "\n".join(parts) if parts else None
