"""Messages in the shapes callers have them, brought into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from memfast._flows import checks
from memfast.errors import ValidationError


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        index: Its place among those given.
        role: Who speaks, such as "user".
        content: Its text; empty only where there are images.
        name: The speaker's name, where known.
        at: When it was said, with the offset of who said it.
        images: URLs of its images, for a model that sees.
    """

    index: int
    role: str
    content: str
    name: str | None
    at: datetime | None
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that could not be read, with why."""

    index: int
    reason: str

    def report(self) -> dict[str, Any]:
        """Return it as it stands in a result."""
        return {"index": self.index, "reason": self.reason}


def read_messages(
    messages: object, *, sees: bool = False, acts: bool = False
) -> tuple[list[Message], list[Skipped]]:
    """Return the messages that can be read, and those that cannot.

    Images are left out unless someone `sees` them, and calls of tools unless `acts` asks what was
    done; a message of nothing else is in neither list.
    """
    if isinstance(messages, str | Mapping):
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
        given = {"role": "user", "content": message} if isinstance(message, str) else message
        outcome = _read(index, given, sees=sees, acts=acts)
        if isinstance(outcome, str):
            skipped.append(Skipped(index, outcome))
        elif outcome is not None:
            read.append(outcome)
    return read, skipped


def _read(  # noqa: PLR0911 - one per fault
    index: int, message: object, *, sees: bool, acts: bool
) -> Message | str | None:
    if not isinstance(message, Mapping):
        return f"a message must be a dict, not {type(message).__name__}"
    role = message.get("role")
    if not isinstance(role, str) or not role:
        return f"role must be text such as 'user', not {role!r}"
    content = _text(message.get("content"))
    images = _images(message.get("content")) if sees else ()
    calls = _calls(message.get("tool_calls"))
    if calls and not (content or images or acts):
        return None
    if acts and calls:
        content = "\n".join([content, *calls] if content else calls)
    if images:
        content = content or ""
    if content is None:
        return f"content must be text, not {message.get('content')!r}"
    if not content.strip() and not images:
        return "content is empty"
    name = message.get("name")
    if name is not None and not isinstance(name, str):
        return f"name must be text, not {name!r}"
    try:
        at = checks.moment_of(message.get("timestamp"))
    except ValidationError as error:
        return error.message
    return Message(index, role, content, name or None, at, images)


def _images(content: object) -> tuple[str, ...]:
    """Return the URLs of the images of a content that comes in parts."""
    parts = [content] if isinstance(content, Mapping) else content
    urls = []
    for part in parts if isinstance(parts, list) else ():
        image = part.get("image_url") if isinstance(part, Mapping) else None
        url = image.get("url") if isinstance(image, Mapping) else image
        if isinstance(url, str):
            urls.append(url)
    return tuple(urls)


def _calls(calls: object) -> list[str]:
    """Return the calls of tools as text: their names and arguments."""
    told = []
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping) and isinstance(name := function.get("name"), str):
            told.append(f"[calls {name}({function.get('arguments') or ''})]")
    return told


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
