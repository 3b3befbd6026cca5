"""The shapes that calls take and return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NotRequired, Protocol, TypeAlias, TypedDict

if TYPE_CHECKING:
    from datetime import date, datetime


class MessageObject(Protocol):
    """A message of a client library: an object with `content` and mostly a `role`."""

    @property
    def content(self) -> Any:
        """The text, or parts of it."""
        ...


# A text, a dict, a pair of role and text, or an object of a client library.
Message = str | Mapping[str, Any] | tuple[str, str] | MessageObject
Messages = Message | Sequence[Message] | Iterator[Message]
SortOrder = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "event_time",
    "-event_time",
    "said_at",
    "-said_at",
]
# What a search ranks by.
SearchMode = Literal["hybrid", "semantic", "lexical"]
# A time: text is ISO 8601, a number Unix seconds; without an offset it is UTC.
Moment: TypeAlias = "datetime | date | str | float"


# One value of a scope id, or several that are ORed; "*" names all.
Ids: TypeAlias = str | Sequence[str] | None


class Array(Protocol):
    """A NumPy array, `array.array`, memoryview or list: something with rows or numbers."""

    def __len__(self) -> int:
        """Return the number of rows, or of numbers."""
        ...

    def __getitem__(self, key: Any, /) -> Any:
        """Return a row, or a number."""
        ...


Vector: TypeAlias = Sequence[float] | Array
Vectors: TypeAlias = Sequence[Sequence[float]] | Sequence[Array] | Array


class _Item(TypedDict):
    id: str
    memory: str
    hash: str
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    user_id: NotRequired[str]
    agent_id: NotRequired[str]
    run_id: NotRequired[str]
    actor_id: NotRequired[str]
    role: NotRequired[str]
    memory_type: NotRequired[str]
    event_time: NotRequired[str]
    said_at: NotRequired[str]
    expiration_date: NotRequired[str]
    valid_from: NotRequired[str]
    valid_to: NotRequired[str]
    superseded_by: NotRequired[str]
    categories: NotRequired[list[str]]
    subject: NotRequired[str]
    attribute: NotRequired[str]
    value: NotRequired[str]
    entities: NotRequired[list[str]]
    may_contradict: NotRequired[list[str]]
    worth: NotRequired[float]
    trust: NotRequired[Literal["untrusted"]]


class MemoryItem(_Item):
    """A memory; what is not known is absent, but for `metadata`, which is then empty.

    `kind` is there for kept messages, which stand among memories only where they are asked for.
    """

    kind: NotRequired[Literal["message"]]


class MessageItem(_Item):
    """A message kept beside the memories made from it."""

    kind: Literal["message"]


class ScoreDetails(TypedDict):
    """The parts of a score: those of memfast, and mem0's names for what they have in common.

    Attributes:
        parts: What each number adds to the sum, where it adds something: `bm25`, `cover`, `before`,
            `after`, `vector`, `length`, `long`, `speaker`, `assistant`, `assistant_asked`, `date`,
            `worth`.
        common: What all memories may owe to the question; the score is made from the sum less it.
        words: Stems of the question that the memory holds.
        neighbours: Ids of the memories before and after it whose words it is ranked by too, of
            those that the search may show.
        semantic_score: The number `vector`; of a semantic search the cosine.
        bm25_score: The number `bm25`.
        entity_boost: 0; memfast ranks by no entities.
        raw_score: The sum; of a semantic search the cosine.
        max_possible_score: 1.
        final_score: The score.
        threshold: The least score wanted.
    """

    parts: NotRequired[dict[str, float]]
    common: NotRequired[float]
    words: NotRequired[list[str]]
    neighbours: NotRequired[list[str]]
    semantic_score: float
    bm25_score: float
    entity_boost: float
    raw_score: float
    max_possible_score: float
    final_score: float
    threshold: float | None


class Hit(MemoryItem):
    """A memory with its `score`, from 0 to 1.

    `rerank_score` is there if a reranker gave one, `score_details` with `explain=True`.
    """

    score: float
    rerank_score: NotRequired[float]
    score_details: NotRequired[ScoreDetails]


class Reranked(TypedDict):
    """What a reranker did to the order of the hits.

    `status` is "done", "failed" (with the `reason`; the order is that of the search) or "skipped":
    no reranker is configured. `texts` is how many hits it was asked about.
    """

    status: Literal["done", "failed", "skipped"]
    texts: int
    reranker: NotRequired[str]
    reason: NotRequired[str]


class SearchResult(TypedDict):
    """What `search` returns: memories with `score`, best first.

    `rerank` is there where a reranking was asked for. `candidates` is there where a search over
    several users ranked only so many memories, the nearest by their vectors; `exact=True` ranks
    all.
    """

    results: list[Hit]
    rerank: NotRequired[Reranked]
    candidates: NotRequired[int]


class PromptContext(TypedDict):
    """What `context` returns.

    `text` for a prompt, the ids of the memories that it shows, best first, and how many `tokens` it
    has. `rerank` is there where a reranking was asked for.
    """

    text: str
    memory_ids: list[str]
    tokens: int
    rerank: NotRequired[Reranked]


class MemoryPage(TypedDict):
    """What `get_all` returns.

    `count` is the number of memories in all, `next` and `previous` are the numbers of the pages
    beside this one; they are there where a page was asked for.
    """

    results: list[MemoryItem]
    count: NotRequired[int]
    next: NotRequired[int | None]
    previous: NotRequired[int | None]


class IndexStats(TypedDict):
    """The approximate index: its rows and bytes, and how many events it is behind."""

    rows: int
    bytes: int
    behind: int


class StoreStats(TypedDict):
    """What a store is made of.

    `records` and `events`; `segments` and `segment_bytes` of vectors; `write_buffer`, the vectors
    that are not in a segment yet; `cache_bytes` in memory; `index`, the approximate index, or None;
    `trouble`, the last failure of maintenance in the background, or None.
    """

    records: int
    events: int
    segments: int
    segment_bytes: int
    write_buffer: int
    cache_bytes: int
    index: IndexStats | None
    trouble: str | None


class Extras(TypedDict, total=False):
    """Arguments of mem0's calls that have no effect here."""

    version: object
    output_format: object
    keyword_search: object


class _Added(TypedDict):
    id: str
    memory: str
    valid_to: NotRequired[str]
    actor_id: NotRequired[str | None]
    role: NotRequired[str]
    # Of a fact: its kind, its time, its labels and the indexes of its messages.
    memory_type: NotRequired[str]
    event_time: NotRequired[str]
    categories: NotRequired[list[str]]
    messages: NotRequired[list[int]]
    # Of a fact that rules found, and that stays until `retry` succeeds.
    stand_in: NotRequired[Literal[True]]


class AddedMemory(_Added):
    """A memory that `add` stored; with `valid_to` it was over already when it was said."""

    event: Literal["ADD"]
    previous_memory: NotRequired[str]


class UpdatedMemory(_Added):
    """A memory that `add` changed, with its text before."""

    event: Literal["UPDATE"]
    previous_memory: str


class EndedMemory(_Added):
    """A memory that `add` ended."""

    event: Literal["DELETE"]
    previous_memory: NotRequired[str]


# What `add` did to a memory; `event` is the tag.
Added = AddedMemory | UpdatedMemory | EndedMemory
AddStatus = Literal["stored", "empty", "pending", "failed", "repeated"]


class SkippedMessage(TypedDict):
    """A message that `add` could not read."""

    index: int
    reason: str


class Waiting(TypedDict):
    """Messages of a call, by their indexes, that are queued as pending."""

    messages: list[int]
    reason: str


class RejectedItem(TypedDict):
    """An item of a model's reply that was not kept."""

    reason: str
    item: Any


SecretKind = Literal[
    "password", "pin", "key", "token", "private key", "card", "social security number", "iban"
]


class Redacted(TypedDict):
    """A secret that was masked in a message of a call, by the message's index."""

    message: int
    kind: SecretKind


class AddResult(TypedDict):
    """What `add` returns.

    `status` is "stored", "empty", "pending" or, only in `add_many`, "failed". `repeated` is true
    for a call that was made before under its key: the outcome is that of the first. A store of an
    older version kept none, and the status is then "repeated".
    """

    results: list[Added]
    status: AddStatus
    extractor: NotRequired[str]
    pending: NotRequired[list[Waiting]]
    rejected: NotRequired[list[RejectedItem]]
    error: NotRequired[str]
    skipped: NotRequired[list[SkippedMessage]]
    redacted: NotRequired[list[Redacted]]
    repeated: NotRequired[bool]


class PendingMessage(TypedDict):
    """A message of pending input."""

    role: str
    content: str


class PendingInput(TypedDict):
    """Input that nothing was made of yet.

    `attempts` is how often it was tried; with `ended`, `retry` tries it no more by itself.
    """

    id: int
    user_id: NotRequired[str]
    agent_id: NotRequired[str]
    run_id: NotRequired[str]
    messages: list[PendingMessage]
    reason: str
    attempts: int
    ended: bool
    created_at: str


class RetryResult(TypedDict):
    """What `retry` returns: `results` of all attempts, how many were processed, how many wait."""

    results: list[Added]
    done: int
    pending: int


class Confirmation(TypedDict):
    """A confirmation in words."""

    message: str


class Changed(TypedDict):
    """What a batch did to one of its items."""

    id: str
    memory: str
    event: Literal["ADD", "UPDATE", "DELETE", "NONE"]
    previous_memory: NotRequired[str]


class BatchResult(TypedDict):
    """What a batch did: a message as mem0 writes it, and the items in their order."""

    message: str
    results: list[Changed]


class HistoryEntry(TypedDict):
    """A change of a memory; `action` equals `event`."""

    id: str
    memory_id: str
    old_memory: str | None
    new_memory: str | None
    event: Literal["ADD", "UPDATE", "DELETE"]
    action: Literal["ADD", "UPDATE", "DELETE"]
    created_at: str
    updated_at: str | None
    is_deleted: bool
    actor_id: str | None
    role: str | None
    old_metadata: dict[str, Any] | None
    new_metadata: dict[str, Any] | None


# Why a language model's reply ended.
Finish = Literal["stop", "length", "filter", "refusal", "other"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request to a language model.

    Attributes:
        messages: Messages as the OpenAI API takes them.
        schema: JSON schema that the reply must follow; None for free text.
        name: Name of the schema.
        max_tokens: Most tokens of the reply; None is the model's default.
    """

    messages: list[dict[str, Any]]
    schema: Mapping[str, Any] | None = None
    name: str = "reply"
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply of a language model.

    Attributes:
        text: The text, unchanged.
        finish: "stop", "length" (it was cut), "filter" (the provider held it back), "refusal" or
            "other".
        prompt_tokens: Tokens of the prompt; None where the provider does not report them.
        reply_tokens: Tokens of the reply; None where the provider does not report them.
    """

    text: str
    finish: Finish = "stop"
    prompt_tokens: int | None = None
    reply_tokens: int | None = None
