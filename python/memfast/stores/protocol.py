"""What flows need of a store: requests and results as named tuples, and the `Store` protocol.

A text and its vector travel together: a `Put` and a `Rewrite` hold both. A change that was decided
on what was read before names that text, and the store refuses it where the text is another by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from memfast.types import (
        HistoryEntry,
        Hit,
        MemoryItem,
        MessageItem,
        SearchMode,
        StoreStats,
        Vector,
    )

# Values that a scope id may have, for user, agent and run; None where it was not given.
Ids: TypeAlias = tuple[str, ...] | None
Durability = Literal["commit", "batch", "none"]
EventName = Literal["ADD", "UPDATE", "DELETE", "NONE"]
SortKey = Literal["created_at", "updated_at", "event_time", "said_at"]
# What a store can do beside this protocol.
Capability = Literal[
    "approximate", "arrow", "exact", "graph", "history", "hybrid", "maintenance", "reembed", "sql"
]
# Where a scan goes on: partition and row id.
Cursor: TypeAlias = tuple[int, int]


class Scope(NamedTuple):
    """Who a memory belongs to; at least one id is set on a stored memory."""

    user_id: str | None = None
    agent_id: str | None = None
    run_id: str | None = None


class Selection(NamedTuple):
    """Which memories a call is about.

    Attributes:
        user_id: Values of the user's id; `("*",)` for all.
        agent_id: Values of the agent's id.
        run_id: Values of the run's id.
        filters: Conditions on ids, fields and metadata.
        show_expired: Also memories after their expiration date.
        include_superseded: Also memories that something else took the place of.
        include_messages: Also kept messages.
        exact_scope: Only memories that have no other id than those named; of an id named "*" any
            or none.
        as_of: Only memories that held at this time, in microseconds since 1970 UTC: it is not
            before `valid_from`, else `said_at`, else `event_time`, else `created_at`, and it is
            before `valid_to`.
            Superseded ones are among them, and expiry counts from the day of this time.
        latest_only: Only memories that no other has replaced, or had replaced at `as_of`.
        known_at: Memories as they were stored at this time, in microseconds since 1970 UTC, without
            those that have been deleted since; only of a store with the capability "history".
            Reads, and searches in mode "lexical", go by it; expiry counts from its day, or that of
            `as_of`.
    """

    user_id: Ids = None
    agent_id: Ids = None
    run_id: Ids = None
    filters: Mapping[str, object] | None = None
    show_expired: bool = False
    include_superseded: bool = False
    include_messages: bool = False
    exact_scope: bool = False
    as_of: int | None = None
    latest_only: bool = False
    known_at: int | None = None

    @property
    def names_no_scope(self) -> bool:
        """Whether no id is given."""
        return self.user_id is None and self.agent_id is None and self.run_id is None


# Every memory of the store.
EVERYTHING = Selection(user_id=("*",))


class Adjustments(NamedTuple):
    """What changes scores and order after the threshold.

    Attributes:
        now: The time from which ages count, in microseconds since 1970 UTC.
        half_life: Days in which age takes half of the fifth of a score that fades.
        boosts: Filters, and the factor of the scores of memories that match them.
        mmr: What the score counts beside being unlike the hits before, from 0 to 1.
    """

    now: int
    half_life: float | None = None
    boosts: Sequence[tuple[Mapping[str, object], float]] = ()
    mmr: float | None = None


class Query(NamedTuple):
    """A search for one or several inputs: texts, vectors, or both of each.

    Attributes:
        selection: The memories that are searched.
        texts: One text per search; None to search by vectors alone.
        vectors: One row per search; None lets the store embed the texts, or do without vectors.
        mode: What memories are ranked by.
        reference: The day, since 1970, that "yesterday" counts from; None reads no such dates.
        space: Number of the vector space that the vectors belong to; None skips the check.
        limit: Most hits of each search.
        threshold: Least score of a hit, in [0, 1].
        exact: Demand the exact scan.
        ef: Candidates of the approximate index; None for its default.
        weights: What numbers of a memory count, where not what they count by default.
        explain: Return the parts of each score.
        adjustments: What changes the order after the threshold.
    """

    selection: Selection
    texts: Sequence[str] | None = None
    vectors: Sequence[Vector] | Vector | None = None
    mode: SearchMode = "hybrid"
    reference: int | None = None
    space: int | None = None
    limit: int = 100
    threshold: float | None = None
    exact: bool = False
    ef: int | None = None
    weights: Mapping[str, float] | None = None
    explain: bool = False
    adjustments: Adjustments | None = None

    def posed(
        self,
        texts: Sequence[str] | None,
        vectors: Sequence[Vector] | Vector | None,
        mode: SearchMode,
        reference: int | None,
    ) -> Query:
        """Return the same search for other inputs."""
        # All options follow these fields.
        return Query._make((self.selection, texts, vectors, mode, reference, *self[5:]))


class Order(NamedTuple):
    """An order of memories by a time."""

    key: SortKey
    descending: bool = False


class Blend(NamedTuple):
    """A vector blended with the vectors of what it was made from.

    Attributes:
        vector: The text's own vector.
        levels: The vectors that it is blended with, nearest level first.
    """

    vector: Vector
    levels: tuple[tuple[Vector, ...], ...]


class Told(NamedTuple):
    """What a text tells, as an extractor read it.

    Attributes:
        event_at: When what it tells happened, in microseconds since 1970 UTC; only a time that the
            text states.
        worth: How useful it is on its own, from 0 to 1.
        trust: "untrusted" for a text that gives orders to the assistant.
        may_contradict: Ids of memories that it may contradict, while all of them hold.
        subject: Whose attribute it states.
        attribute: Which one.
        value: Its value.
        entities: The names in it.
    """

    event_at: int | None = None
    worth: float = 0.0
    trust: Literal["untrusted"] | None = None
    may_contradict: Sequence[str] = ()
    subject: str | None = None
    attribute: str | None = None
    value: str | None = None
    entities: Sequence[str] = ()


class Put(NamedTuple):
    """A new memory. Times are microseconds since 1970 UTC.

    Attributes:
        scope: Who it belongs to.
        text: The text.
        vector: The text's vector; None for a message that has none.
        id: Its id; None for a new UUID.
        kind: A memory, or a message kept beside memories.
        metadata: User metadata.
        sources: Texts of the messages that it comes from and that are not kept.
        source_ids: Ids of the kept messages that it comes from, in their order.
        note: Nobody said it, although it has a role or a name.
        created_at: Creation time; None for now.
        updated_at: Time of the last change; None for the creation time.
        said_at: When it was said.
        valid_from: Start of its validity.
        valid_to: End of its validity.
        superseded_by: Id of the memory that took its place.
        expires_on: Last day on which it is shown, in days since 1970.
        memory_type: "semantic", "episodic" or "procedural_memory".
        categories: What it is about.
        told: What it tells; None where nothing read it.
        role: Role of the speaker.
        actor_id: Name of the speaker.
        existing: What happens where the store already holds it: "refuse" raises if the id is in
            use; "keep" changes nothing where the scope holds the same text; "update" changes the
            text, vector and metadata of the memory with this id.
        sets_expiry: With "update": also set `expires_on`.
    """

    scope: Scope
    text: str
    vector: Vector | Blend | None
    id: str | None = None
    kind: Literal["memory", "message"] = "memory"
    metadata: Mapping[str, object] | None = None
    sources: Sequence[str] = ()
    source_ids: Sequence[str] = ()
    note: bool = False
    created_at: int | None = None
    updated_at: int | None = None
    said_at: int | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    superseded_by: str | None = None
    expires_on: int | None = None
    memory_type: str | None = None
    categories: Sequence[str] = ()
    told: Told | None = None
    role: str | None = None
    actor_id: str | None = None
    existing: Literal["refuse", "keep", "update"] = "refuse"
    sets_expiry: bool = False


class Rewrite(NamedTuple):
    """A new text with its vector."""

    text: str
    vector: Vector | Blend


class KeepText(NamedTuple):
    """The text that the memory must still have; its vector stays."""

    text: str


class Revector(NamedTuple):
    """Another vector of the text that the memory must still have."""

    text: str
    vector: Vector


class Speaker(NamedTuple):
    """Who says a text: the role, and the name where it is known."""

    role: str | None
    actor_id: str | None


class Patch(NamedTuple):
    """A change of a memory; what is None stays as it is.

    Attributes:
        id: The memory.
        rewrite: What becomes of text and vector.
        metadata: Keys to set; others stay.
        categories: New categories.
        expires_on: New last day, in days since 1970.
        sets_expiry: Set `expires_on`, also to None.
        said_at: When the new text was said.
        told: What the new text tells, in place of what the old one told.
        valid_from: Start of the validity of the new text.
        valid_to: End of its validity: the memory is superseded.
        superseded_by: Id of the memory that takes its place.
        archive_to: Keep the previous version as a memory of its own, valid until then.
        speaker: Who says the new text, in place of who said the old one.
        sources: Texts of the messages that the new text comes from and that are not kept. They and
            `source_ids` take the place of all that the memory names.
        source_ids: Ids of the kept messages that the new text comes from.
        expects: Hash of the text that the change was decided on.
    """

    id: str
    rewrite: Rewrite | KeepText | Revector | None = None
    metadata: Mapping[str, object] | None = None
    categories: Sequence[str] | None = None
    expires_on: int | None = None
    sets_expiry: bool = False
    said_at: int | None = None
    told: Told | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    superseded_by: str | None = None
    archive_to: int | None = None
    speaker: Speaker | None = None
    sources: Sequence[str] | None = None
    source_ids: Sequence[str] | None = None
    expects: str | None = None


class Delete(NamedTuple):
    """The deletion of a memory; its history stays."""

    id: str


Operation: TypeAlias = Put | Patch | Delete


class Deferred(NamedTuple):
    """Input for the pending queue."""

    scope: Scope
    reason: str
    body: str


class Pending(NamedTuple):
    """Input in the pending queue.

    Attributes:
        id: Its number.
        scope: Whose memories it would become.
        created_at: When it was queued, as ISO 8601 text.
        reason: Why nothing was made of it yet.
        body: The input, in a form that the store does not read.
    """

    id: int
    scope: Scope
    created_at: str
    reason: str
    body: str


class Receipt(NamedTuple):
    """The name of a write in its scope: a second write of that name is refused.

    Attributes:
        scope: Whose it is.
        key: The caller's name for it.
        note: Kept with it, and returned by `knows`.
    """

    scope: Scope
    key: str
    note: str = ""


class Write(NamedTuple):
    """Changes that are committed together or not at all.

    Attributes:
        operations: In order; later ones see earlier ones.
        space: Number of the vector space of the vectors; None skips the check.
        pending: Input for the pending queue.
        processed: Numbers of pending input that this write processes.
        receipt: Names the write.
        within: Patches and deletions reach only memories of this scope; None for all.
    """

    operations: Sequence[Operation] = ()
    space: int | None = None
    pending: Sequence[Deferred] = ()
    processed: Sequence[int] = ()
    receipt: Receipt | None = None
    within: Selection | None = None


class Change(NamedTuple):
    """What an operation did: the memory, the event, and the text that it had before."""

    id: str
    event: EventName
    previous: str | None


class Known(NamedTuple):
    """What is kept of a named write: the memory of each operation, and its note."""

    ids: list[str | None]
    note: str


class Identity(NamedTuple):
    """What a store is.

    Attributes:
        embedder: Name of the embedder that made the vectors; empty for vectors from outside.
        dim: Dimensions of the vectors; 0 if not known yet.
        fingerprint: Tells two versions of one embedder apart.
        space: Number of the vector space.
        log_id: Id of the event log; `reset` begins another one.
        format: Number of the store's format.
    """

    embedder: str
    dim: int
    fingerprint: str
    space: int
    log_id: str
    format: int


class EmbedderIdentity(NamedTuple):
    """Name, dimensions (0 if not known yet) and fingerprint of an embedder."""

    name: str
    dim: int
    fingerprint: str


class Page(NamedTuple):
    """Memories, and where the scan goes on; None at its end."""

    items: list[MemoryItem]
    after: Cursor | None


class Slice(NamedTuple):
    """Memories of a selection from an offset on, and how many it has."""

    items: list[MemoryItem]
    total: int


class StoreSettings(NamedTuple):
    """How a store is opened.

    Attributes:
        embedder: The embedder that makes its vectors; None takes what is there.
        read_only: Nothing may be changed.
        durability: When a change is safe from a crash.
        cache_bytes: Bytes kept in memory; None for the default.
    """

    embedder: EmbedderIdentity | None = None
    read_only: bool = False
    durability: Durability = "commit"
    cache_bytes: int | None = None


class Store(Protocol):
    """A place that keeps memories. Errors are those of `memfast.errors`."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do beside this protocol."""
        ...

    def identity(self) -> Identity:
        """Return what it is."""
        ...

    def get(self, ids: Sequence[str], within: Selection | None = None) -> list[MemoryItem | None]:
        """Return the memories with these ids; None for one that is not there, or not `within`."""
        ...

    def sources(self, memory_id: str, within: Selection | None = None) -> list[MessageItem]:
        """Return the kept messages that a memory comes from, in their order.

        Raises:
            MemoryNotFoundError: There is no such memory, or not `within`.
        """
        ...

    def latest(
        self, selection: Selection, *, until: str | None = None, limit: int = 6
    ) -> list[MessageItem]:
        """Return the last kept messages of a selection, oldest first.

        It takes no longer in a larger store: messages that lie far back, behind many memories of
        the same user, need not be found.

        Args:
            selection: Whose messages, with `include_messages`.
            until: Id of a message: none after it; none at all where it is not there.
            limit: Most messages.
        """
        ...

    def search(self, query: Query) -> list[list[Hit]]:
        """Return the hits of each input, best first; equal ones are ordered by id.

        Of copies (facts of one user and agent with the same text in several runs) only the newest
        one that is selected is a hit.
        """
        ...

    def candidates(self, query: Query) -> int | None:
        """Return how many candidates a search ranks; None for one that ranks every memory."""
        ...

    def is_brief(self, query: Query) -> bool:
        """Return whether a search takes less time than handing it to another thread."""
        ...

    def scan(self, selection: Selection, *, after: Cursor | None = None, limit: int = 100) -> Page:
        """Return memories in the order in which they lie; none comes twice over all pages."""
        ...

    def slice(
        self, selection: Selection, *, order: Order | None = None, offset: int = 0, limit: int = 100
    ) -> Slice:
        """Return memories from an offset on; without an order in that of adding."""
        ...

    def count(self, selection: Selection) -> int:
        """Return how many memories are selected."""
        ...

    def write(self, write: Write) -> list[Change]:
        """Commit a write; return what each operation did."""
        ...

    def write_each(self, writes: Sequence[Write]) -> list[list[Change] | Exception]:
        """Commit writes with one flush; return what `write` returns or raises for each."""
        ...

    def erase(self, selection: Selection) -> int:
        """Delete the selected memories in one commit; return how many.

        Memories of other scopes that they had taken the place of hold again, unless one that stays
        has taken the place of these.
        """
        ...

    def reset(self) -> None:
        """Delete everything, also the event log."""
        ...

    def events(self, memory_id: str, within: Selection | None = None) -> list[HistoryEntry]:
        """Return all changes of a memory, oldest first, also of a deleted one."""
        ...

    def pending(self, selection: Selection) -> list[Pending]:
        """Return the pending queue of a scope, oldest first."""
        ...

    def knows(self, receipt: Receipt) -> Known | None:
        """Return what is kept of the write of this name; None where there is none."""
        ...

    def flush(self) -> None:
        """Make all changes so far durable."""
        ...

    def close(self) -> None:
        """Close it. Closing twice has no effect."""
        ...

    def stats(self) -> StoreStats:
        """Return what it is made of."""
        ...
