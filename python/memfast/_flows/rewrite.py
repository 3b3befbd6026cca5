"""Changes of texts: a text and its vector go into one commit, which decides about both.

What a flow reads before may be out of date when it commits. So a change brings a text with its
vector, or names the text of which no vector is needed, and the commit refuses the second where the
memory has another text by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from memfast._flows.vectors import rows
from memfast._steps import Commit, Embed, Flow, Outcome
from memfast.errors import ConflictError, MemoryNotFoundError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draft:
    """An operation whose vector is not in it yet.

    Attributes:
        op: The engine's operation, without `vector`.
        vector: The vector that was given for it; None for none.
        embeds: Whether its text is embedded for the commit.
    """

    op: dict[str, Any]
    vector: Any = None
    embeds: bool = False


class Texts:
    """The texts of memories as a batch leaves them, change after change.

    Args:
        seen: The texts that were read, by id.
        trusted: Whether the store may still hold them.
    """

    def __init__(self, seen: Mapping[str, str], *, trusted: bool) -> None:
        self._left = dict(seen)
        self._trusted = trusted

    def stays(self, memory_id: str, text: str) -> bool:
        """Take the next text of a memory; return whether it is the one that is there."""
        same = self._left.get(memory_id) == text
        self._left[memory_id] = text
        return same and self._trusted

    def of(self, memory_id: str) -> str:
        """Return the text of a memory that was read."""
        return self._left[memory_id]


def draft_update(op: dict[str, Any], vector: Any, texts: Texts) -> Draft:
    """Return an update with what it takes to keep text and vector together."""
    text = op.get("text")
    if text is not None:
        stays = texts.stays(op["id"], text)
        return Draft(op, vector, embeds=vector is None and not stays)
    if vector is not None:
        return Draft({**op, "vector_of": texts.of(op["id"])}, vector)
    return Draft(op)


def commit_drafts(drafts: Sequence[Draft]) -> Flow[list[Outcome]]:
    """Embed the texts that need it, and commit; return what became of each operation."""
    texts = [draft.op["text"] for draft in drafts if draft.embeds]
    made = (yield Embed(texts)) if texts else None
    vectors = [draft.vector for draft in drafts if draft.embeds or draft.vector is not None]
    numbers = iter(range(len(vectors)))
    ops = [
        {**draft.op, "vector": next(numbers)}
        if draft.embeds or draft.vector is not None
        else draft.op
        for draft in drafts
    ]
    if made is not None and len(texts) < len(vectors):
        fresh = iter(rows(made))
        vectors = [next(fresh) if vector is None else vector for vector in vectors]
    elif made is not None:
        # A matrix goes on as it is.
        vectors = made
    outcomes: list[Outcome] = yield Commit(ops, vectors if len(vectors) else None)
    return outcomes


def decided(attempt: Callable[[bool], Flow[T]]) -> Flow[T]:
    """Run an attempt that trusts the texts it reads; after a refusal, one that does not.

    What the second attempt brings is right whatever the store holds, unless the caller gave a
    vector without its text: only the caller knows of which text it is then.
    """
    try:
        return (yield from attempt(True))
    except (ConflictError, MemoryNotFoundError):
        return (yield from attempt(False))
