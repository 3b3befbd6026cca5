"""What a flow works on: the store, the models, and the scope that the call cannot leave."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Literal, Protocol

from memfast._turns import Turns
from memfast.errors import ConfigurationError
from memfast.stores.protocol import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from memfast.stores.protocol import Selection, Store
    from memfast.types import Prompt, Reply, Vectors


class EmbedderLike(Protocol):
    """An embedder, as flows use it."""

    def embed(self, texts: list[str], /) -> Vectors:
        """Return one vector per text, in their order."""
        ...


class NamedEmbedder(EmbedderLike, Protocol):
    """An embedder whose vectors a store can keep.

    Attributes:
        name: Its name, written into the store.
        dim: Dimensions of its vectors; None if not known before the first.
        fingerprint: Tells two versions of one model apart.
    """

    name: str
    dim: int | None
    fingerprint: str


class LanguageModel(Protocol):
    """A language model, as flows use it."""

    @property
    def name(self) -> str:
        """Its name, for results and logs."""
        ...

    def complete(self, prompt: Prompt, /) -> Reply:
        """Return the model's answer."""
        ...


class RerankerLike(Protocol):
    """A reranker, as flows use it."""

    @property
    def name(self) -> str:
        """Its name, for results and logs."""
        ...

    def rerank(self, query: str, texts: list[str], /) -> Sequence[float]:
        """Return one score per text, in their order; more is better."""
        ...


class Rerankers(Protocol):
    """The rerankers of a memory."""

    def of(self, spec: object) -> RerankerLike | None:
        """Return the reranker that a setting names; for True the configured one, or None."""
        ...


# Which memories facts are compared with.
Reach = Literal["user", "exact"]


@dataclass(frozen=True, slots=True)
class Understanding:
    """How conversations become memories.

    Attributes:
        llm: The language model; None for the rules.
        keep_messages: Keep the messages beside the memories made from them.
        strategy: "reconcile" changes memories that new messages contradict, "additive" only adds.
        timestamps: When a message of an `add` was said that names no time; None for unknown.
        while_pending: What stores facts of input that waits for the model; None for nothing.
        secrets: "redact" masks secrets in messages, "keep" keeps messages word for word.
        reach: Which memories facts are compared with: "user" for those of all runs of the user (and
            the same agent), "exact" for those of the same run.
        earlier: How many messages before those of a call are read with them, and the most
            characters of these.
        instructions: Added to the extraction's instructions.
        extraction: In place of the extraction's instructions.
        reconciliation: In place of the reconciliation's instructions.
    """

    llm: LanguageModel | None = None
    keep_messages: bool = True
    strategy: Literal["reconcile", "additive"] = "reconcile"
    timestamps: Literal["now"] | None = None
    while_pending: Literal["rules"] | None = None
    secrets: Literal["redact", "keep"] = "redact"
    reach: Reach = "user"
    earlier: tuple[int, int] = (6, 1_500)
    instructions: str | None = None
    extraction: str | None = None
    reconciliation: str | None = None


UNDERSTANDING = Understanding()
# The scope of calls that may reach all.
UNBOUND = Scope()


@dataclass(frozen=True, slots=True)
class Swap:
    """The locks of a store that changes to another embedder.

    Attributes:
        building: From the begin to the end of a change, so that there is one at a time.
        serving: From the moment the store has the new embedder until all calls get it.
    """

    building: Lock = field(default_factory=Lock)
    serving: Lock = field(default_factory=Lock)


class Owner(Protocol):
    """Who opened the store."""

    @property
    def context(self) -> Context:
        """The store, and the models that it has now."""
        ...

    def sql(self, query: str, params: object, within: Selection | None) -> duckdb.DuckDBPyRelation:
        """Run one read-only SQL statement over the history."""
        ...

    def reset(self) -> None:
        """Delete everything."""
        ...

    def change_embedder(self, spec: object, model: NamedEmbedder) -> None:
        """Take another embedder for all handles, after the store did."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a flow works on.

    Attributes:
        store: Where memories are kept.
        embedder: Makes vectors of texts; None for vectors from outside.
        space: Number of the vector space.
        owner: Who opened the store.
        understanding: How conversations become memories.
        swap: The locks of a change of the embedder.
        turns: Calls that wait for each other.
        rerankers: Order the hits of searches again.
        warned: Arguments that were warned about, with what takes them.
        vector_weight: What the number `vector` counts by default; None for the fitted weight.
        bound: The scope that calls cannot leave.
    """

    store: Store
    embedder: EmbedderLike | None
    space: int
    owner: Owner
    understanding: Understanding = UNDERSTANDING
    swap: Swap = field(default_factory=Swap)
    turns: Turns = field(default_factory=Turns)
    rerankers: Rerankers | None = None
    vector_weight: float | None = None
    warned: set[tuple[str, str]] = field(default_factory=set)
    bound: Scope = UNBOUND

    @property
    def embeds_here(self) -> bool:
        """Whether embedding a text costs nothing but time on this machine."""
        return bool(getattr(self.embedder, "local", False))

    @property
    def store_embeds(self) -> bool:
        """Whether the store embeds the texts of searches itself."""
        in_engine = bool(getattr(self.embedder, "in_engine", False))
        return in_engine and "hybrid" in self.store.capabilities

    def needed_embedder(self) -> EmbedderLike:
        """Return the embedder, which must be there."""
        if self.embedder is None:
            raise ConfigurationError(
                "this memory was opened with embedder=None and takes only vectors, but was given "
                "text",
                suggestion="Pass vector=..., or open the memory with an embedder.",
            )
        return self.embedder

    def needed_llm(self) -> LanguageModel:
        """Return the language model, which must be there."""
        if self.understanding.llm is None:
            raise ConfigurationError("this memory has no language model; open it with llm=...")
        return self.understanding.llm

    def now(self) -> Context:
        """Return the context with the embedder that the store has now."""
        return replace(self.owner.context, bound=self.bound)

    def after_swap(self) -> Context:
        """Return `now()`, once all calls get the embedder that the store has."""
        with self.swap.serving:
            return self.now()
