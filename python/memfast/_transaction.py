"""`transaction`: changes of several calls, committed together at the end of a block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from memfast._flows import scopes
from memfast._flows.rewrite import decided
from memfast._flows.vectors import embedded
from memfast._later import verbs
from memfast._steps import Flow, commit, done_at_once, restartable, run
from memfast._verb import verb
from memfast.stores.protocol import KeepText, Patch, Put, Rewrite, Write
from memfast.stores.recording import RecordingStore

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.stores.protocol import Operation
    from memfast.types import Vector, Vectors


@dataclass(frozen=True, slots=True)
class Unembedded:
    """Takes the place of the vector of a text until the commit."""

    text: str


class LateEmbedder:
    """Takes the place of the embedder: texts get their vectors at the commit, in one batch."""

    # It takes no time, and needs no thread.
    local = True
    instant = True

    def embed(self, texts: Sequence[str], /) -> Vectors:
        """Return what takes the place of the vectors of texts."""
        return cast("Vectors", [Unembedded(text) for text in texts])


class Transaction:
    """Changes that are committed together when the block ends, or not at all when it fails.

    Its calls are those of `Memory`; `add` stores messages as they are. Reads through the memory see
    the store as it was before the block. Texts are embedded when the transaction is committed, in
    one batch. After its end every call raises TransactionClosedError.
    """

    def __init__(self, context: Context) -> None:
        """Begin without changes."""
        self._base = context
        self._recording = RecordingStore(context.store)

    @property
    def _context(self) -> Context:
        base = self._base.now()
        embedder = None if base.embedder is None else LateEmbedder()
        return replace(base, store=self._recording, embedder=embedder)

    add = verb(verbs.add_verbatim)
    batch_add = verb(verbs.batch_add)
    batch_delete = verb(verbs.batch_delete)
    batch_update = verb(verbs.batch_update)
    delete = verb(verbs.delete)
    update = verb(verbs.update)

    @property
    def is_open(self) -> bool:
        """Whether changes can still be made."""
        return self._recording.is_open

    def commit(self) -> None:
        """Commit all changes, and end the transaction; the end of the block does it otherwise.

        Raises:
            TransactionClosedError: It ended before; nothing is committed.
            ConflictError: A memory whose vector was given without its text was changed meanwhile.
        """
        run(self.ending())

    def ending(self) -> Flow[None]:
        """End the transaction; return the flow that commits its changes."""
        operations = self._recording.end()
        context = self._base.now()
        return _committed(context, operations) if operations else done_at_once(None)

    def close(self) -> None:
        """End the transaction, and drop what is not committed. Closing twice has no effect."""
        if self._recording.is_open:
            self._recording.end()


@restartable
def _committed(context: Context, operations: Sequence[Operation]) -> Flow[None]:
    """Commit recorded operations.

    Their texts are embedded here and not when they were recorded, so that they fit the embedder
    that the store has by now, and all of them are one batch.
    """

    def attempt(trusted: bool) -> Flow[None]:
        texts = [_text_to_embed(one, trusted=trusted) for one in operations]
        made = iter((yield from embedded(context, [text for text in texts if text is not None])))
        whole = [
            one if text is None else _with_vector(one, text, next(made))
            for one, text in zip(operations, texts, strict=True)
        ]
        within = scopes.within(context.bound, None, None, None)
        yield from commit(context, Write(whole, context.space, within=within))

    return decided(attempt)


def _text_to_embed(operation: Operation, *, trusted: bool) -> str | None:
    """Return the text that an operation needs a vector for."""
    part = operation.rewrite if isinstance(operation, Patch) else operation
    if isinstance(part, KeepText):
        return None if trusted else part.text
    vector: object = getattr(part, "vector", None)
    return vector.text if isinstance(vector, Unembedded) else None


def _with_vector(operation: Operation, text: str, vector: Vector) -> Operation:
    if isinstance(operation, Patch):
        return operation._replace(rewrite=Rewrite(text, vector))
    return cast("Put", operation)._replace(vector=vector)


@contextmanager
def transacted(context: Context) -> Iterator[Transaction]:
    """Commit the changes of a block together when it ends, or none if it fails."""
    transaction = Transaction(context)
    try:
        yield transaction
        if transaction.is_open:
            transaction.commit()
    finally:
        transaction.close()
