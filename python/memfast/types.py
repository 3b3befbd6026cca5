"""The shapes that calls take and return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from typing_extensions import Buffer

Message = Mapping[str, Any]
Messages = str | Message | Sequence[Message | str]
Vector: TypeAlias = "Sequence[float] | Buffer"
Vectors: TypeAlias = "Sequence[Sequence[float]] | Sequence[Buffer] | Buffer"


class MemoryItem(TypedDict):
    """A memory; what is not known is absent, but for `metadata`."""

    id: str
    memory: str
    hash: str
    metadata: dict[str, Any] | None
    created_at: str
    updated_at: str
    score: NotRequired[float]
    user_id: NotRequired[str]
    agent_id: NotRequired[str]
    run_id: NotRequired[str]
    actor_id: NotRequired[str]
    role: NotRequired[str]
    memory_type: NotRequired[str]
    event_time: NotRequired[str]
    expiration_date: NotRequired[str]
    valid_from: NotRequired[str]
    valid_to: NotRequired[str]
    superseded_by: NotRequired[str]


class SearchResult(TypedDict):
    """What `search` returns: memories with `score`, best first."""

    results: list[MemoryItem]


class Added(TypedDict):
    """A memory that `add` stored."""

    id: str
    memory: str
    event: str
    actor_id: NotRequired[str | None]
    role: NotRequired[str]


class SkippedMessage(TypedDict):
    """A message that `add` could not read."""

    index: int
    reason: str


class AddResult(TypedDict):
    """What `add` returns; `status` is "stored" or "empty"."""

    results: list[Added]
    status: str
    skipped: NotRequired[list[SkippedMessage]]


class HistoryEntry(TypedDict):
    """A change of a memory; `action` equals `event`."""

    id: str
    memory_id: str
    old_memory: str | None
    new_memory: str | None
    event: str
    action: str
    created_at: str
    updated_at: str | None
    is_deleted: bool
    actor_id: str | None
    role: str | None
    old_metadata: dict[str, Any] | None
    new_metadata: dict[str, Any] | None
