"""Messages in the shapes callers have them, brought into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from memfast._flows import checks
from memfast._flows.times import spoken_at
from memfast.errors import ValidationError, shown

if TYPE_CHECKING:
    from memfast.types import SkippedMessage

# LangChain's names of the speakers, and those of the OpenAI API.
ROLES = {"human": "user", "ai": "assistant"}
# Roles of instructions, which are never memories.
INSTRUCTIONS = frozenset({"system", "developer"})
# The fields of a message that are read.
FIELDS = ("role", "content", "name", "timestamp", "tool_calls")
PAIR = 2
IMAGE_ALONE = "it holds nothing but an image, and no language model that sees is named"


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
        bare: Whether it was given as a text alone: nobody said it.
    """

    index: int
    role: str
    content: str
    name: str | None
    at: datetime | None
    images: tuple[str, ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that could not be read, with why."""

    index: int
    reason: str

    def report(self) -> SkippedMessage:
        """Return it as it stands in a result."""
        return {"index": self.index, "reason": self.reason}


def read_messages(
    messages: object, *, sees: bool = False, acts: bool = False
) -> tuple[list[Message], list[Skipped]]:
    """Return the messages that can be read, and those that cannot.

    A message is a text, a dict, a pair of role and text, or an object of a client library with
    these fields. One without a role is the user's. Images are left out unless someone `sees` them,
    and calls of tools unless `acts` asks what was done; a message of nothing but calls is in
    neither list.

    Raises:
        ValidationError: `messages` is neither a message nor a sequence or iterator of some
            (VALIDATION_003), or a text holds a lone surrogate.
    """
    if isinstance(messages, str | dict):
        messages = [messages]
    elif not isinstance(messages, list):
        if isinstance(messages, Iterator):
            messages = list(messages)
        elif not isinstance(messages, Sequence) and _fields(messages) is not None:
            messages = [messages]
    if not isinstance(messages, Sequence) or isinstance(messages, bytes | bytearray | memoryview):
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
        outcome = _read(index, message, sees=sees, acts=acts)
        if isinstance(outcome, str):
            skipped.append(Skipped(index, outcome))
        elif outcome is not None:
            read.append(outcome)
    return read, skipped


def _fields(message: object) -> Mapping[str, object] | None:
    """Return the fields of one message; None for another object."""
    if isinstance(message, str):
        return {"content": message}
    if isinstance(message, dict | Mapping):
        return message
    if isinstance(message, list | tuple):
        pair = len(message) == PAIR and all(isinstance(part, str) for part in message)
        return dict(zip(("role", "content"), message, strict=True)) if pair else None
    if not hasattr(message, "content"):
        return None
    dump: Callable[[], object] | None = getattr(message, "model_dump", None)
    dumped = dump() if callable(dump) else None
    if isinstance(dumped, Mapping):
        return dumped
    fields = {name: getattr(message, name, None) for name in FIELDS}
    return {**fields, "type": getattr(message, "type", None)}


def _role(fields: Mapping[str, object]) -> object:
    """Return the role of a message; the type of one of LangChain's, which has no role."""
    role = fields.get("role")
    if role is None and isinstance(kind := fields.get("type"), str) and kind != "message":
        role = kind
    if role is None:
        return "user"
    return ROLES.get(role, role) if isinstance(role, str) else role


@dataclass(frozen=True, slots=True)
class _Content:
    """The readable parts of a message."""

    text: str
    images: tuple[str, ...]


def _content(fields: Mapping[str, object], *, sees: bool, acts: bool) -> _Content | str | None:
    """Return what a message says; a text says why it is skipped, None that it is left out."""
    given = fields.get("content")
    if isinstance(given, str) and given and not given.isspace() and not fields.get("tool_calls"):
        return _Content(given, ())
    text = _text(given)
    images = _images(given)
    calls = _calls(fields.get("tool_calls"))
    if calls and not (text or images or acts):
        return None
    if acts and calls:
        text = "\n".join([text, *calls] if text else calls)
    if text is None and not images:
        return f"content must be text, not {shown(given)}"
    if not (text and text.strip()) and not (images and sees):
        return IMAGE_ALONE if images else "content is empty"
    return _Content(text or "", images if sees else ())


def _read(index: int, message: object, *, sees: bool, acts: bool) -> Message | str | None:
    fields = _fields(message)
    if fields is None:
        return f"a message must be a dict, not {type(message).__name__}"
    role = _role(fields)
    if not isinstance(role, str) or not role:
        return f"role must be text such as 'user', not {shown(role)}"
    content = _content(fields, sees=sees, acts=acts)
    if not isinstance(content, _Content):
        return content
    name = fields.get("name")
    if name is not None and not isinstance(name, str):
        return f"name must be text, not {shown(name)}"
    try:
        at = spoken_at(fields.get("timestamp"))
    except ValidationError as error:
        return error.message
    for field, text in (("role", role), ("content", content.text), ("name", name or "")):
        checks.unicode_text(f"the {field} of message {index}", text)
    bare = isinstance(message, str)
    return Message(index, role, content.text, name or None, at, content.images, bare)


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
    texts = []
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping) and isinstance(name := function.get("name"), str):
            texts.append(f"[calls {name}({function.get('arguments') or ''})]")
    return texts


def _text(content: object) -> str | None:
    """Return the text of a content, which may come in parts; parts of other kinds are dropped."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list):
        return None
    texts = [part.get("text") if isinstance(part, Mapping) else part for part in content]
    parts = [text for text in texts if isinstance(text, str)]
    return "\n".join(parts) if parts else None
