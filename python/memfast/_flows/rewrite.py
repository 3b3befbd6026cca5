"""Changes of texts: a text and its vector go into one commit, which decides about both.

What a flow reads before may be out of date when it commits. So a change brings a text with its
vector, or names the text of which no vector is needed, and the commit refuses the second where the
memory has another text by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from memfast._flows.vectors import embedded
from memfast._steps import Flow, commit
from memfast.errors import ConflictError, MemoryNotFoundError
from memfast.stores.protocol import KeepText, Patch, Put, Revector, Rewrite, Write

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.stores.protocol import Change, Operation, Selection
    from memfast.types import Vector

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewPut:
    """A new memory whose vector is the given one, or is made for the commit.

    Attributes:
        text: Its text.
        make: Makes the operation, given `vector`.
        vector: The given vector.
    """

    text: str
    make: partial[Put]
    vector: Vector | None = None

    def text_to_embed(self) -> str | None:
        """Return the text whose vector is made for the commit."""
        return self.text if self.vector is None else None

    def operation(self, made: Vector | None) -> Operation:
        """Return the operation, with the vector that was made."""
        return self.make(vector=self.vector if made is None else made)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a memory whose new text has the given vector, or one made for the commit.

    Attributes:
        patch: The change, without text and vector.
        text: The new text; None to keep it.
        vector: The given vector.
        of: The text that a vector without a text belongs to.
        stays: Whether the memory is known to have this text.
    """

    patch: Patch
    text: str | None = None
    vector: Vector | None = None
    of: str | None = None
    stays: bool = False

    def text_to_embed(self) -> str | None:
        """Return the text whose vector is made for the commit."""
        return self.text if self.vector is None and not self.stays else None

    def operation(self, made: Vector | None) -> Operation:
        """Return the operation, with the vector that was made."""
        given = self.vector if made is None else made
        if self.text is None:
            if given is None or self.of is None:
                return self.patch
            return self.patch._replace(rewrite=Revector(self.of, given))
        if given is None:
            return self.patch._replace(rewrite=KeepText(self.text))
        return self.patch._replace(rewrite=Rewrite(self.text, given))


Draft = NewPut | Edit


class Texts:
    """The texts of memories as a batch leaves them, change after change.

    Args:
        seen: The texts that were read, by id; it stays as it is.
        trusted: Whether the store may still hold them.
    """

    def __init__(self, seen: Mapping[str, str], *, trusted: bool) -> None:
        self.left = dict(seen)
        self._trusted = trusted

    def take(self, memory_id: str, text: str) -> bool:
        """Take the next text of a memory; return whether it is the one that is there."""
        same = self.left.get(memory_id) == text
        self.left[memory_id] = text
        return same and self._trusted


def draft_edit(patch: Patch, text: str | None, vector: Vector | None, texts: Texts) -> Edit:
    """Return a change with what it takes to keep text and vector together."""
    if text is not None:
        return Edit(patch, text, vector, stays=texts.take(patch.id, text))
    if vector is not None:
        return Edit(patch, vector=vector, of=texts.left[patch.id])
    return Edit(patch)


def commit_drafts(
    context: Context, drafts: Sequence[Draft], within: Selection | None = None
) -> Flow[list[Change]]:
    """Embed the texts that need it, and commit; return what each operation did."""
    texts = [draft.text_to_embed() for draft in drafts]
    made = iter((yield from embedded(context, [text for text in texts if text is not None])))
    operations = [
        draft.operation(None if text is None else next(made))
        for draft, text in zip(drafts, texts, strict=True)
    ]
    return (yield from commit(context, Write(operations, context.space, within=within)))


def decided(attempt: Callable[[bool], Flow[T]]) -> Flow[T]:
    """Run an attempt that trusts the texts it reads; after a refusal, one that does not.

    What the second attempt brings is right whatever the store holds, unless the caller gave a
    vector without its text: only the caller knows of which text it is then.
    """
    try:
        return (yield from attempt(True))
    except (ConflictError, MemoryNotFoundError):
        return (yield from attempt(False))
