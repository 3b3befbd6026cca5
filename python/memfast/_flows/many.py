"""Many conversations: several at a time, those about the same memories in their order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, TypeAlias, cast

from memfast._flows import checks, scopes
from memfast._steps import Flow, Gather
from memfast.errors import MemfastError, ValidationError, shown

if TYPE_CHECKING:
    from memfast.stores.protocol import Scope
    from memfast.types import AddResult

log = logging.getLogger("memfast")

Progress: TypeAlias = Callable[[int, int], object]
# The arguments of `add` for one conversation.
Arguments: TypeAlias = Mapping[str, object]
# A conversation with its place among those given.
Placed: TypeAlias = tuple[int, Arguments]


@dataclass(slots=True)
class _Counter:
    total: int
    progress: Progress | None
    done: int = 0

    def step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def add_each(
    begin: Callable[[Arguments], Flow[AddResult]],
    owner_of: Callable[[Arguments], Scope],
    conversations: object,
    max_concurrency: object,
    progress: Progress | None,
) -> Flow[list[AddResult]]:
    """Add conversations; return the outcome of each in their order.

    Args:
        begin: Returns the flow that adds one.
        owner_of: Returns what it has in common with those that come after it.
        conversations: The arguments of each.
        max_concurrency: Most conversations at a time.
        progress: Called with how many are done, and how many there are.

    Raises:
        ValidationError: One is not a dict of arguments, or names no scope; says which.
    """
    queues = _queues(owner_of, conversations)
    most = checks.whole_number("max_concurrency", max_concurrency, least=1)
    counter = _Counter(sum(map(len, queues)), progress)
    results: dict[int, AddResult] = {}

    def one_after_another(queue: list[Placed]) -> Flow[None]:
        for index, arguments in queue:
            try:
                results[index] = yield from begin(arguments)
            except MemfastError as error:
                results[index] = _failed(index, error)
            counter.step()

    yield Gather([one_after_another(queue) for queue in queues], most)
    return [results[index] for index in sorted(results)]


def _queues(owner_of: Callable[[Arguments], Scope], conversations: object) -> list[list[Placed]]:
    """Return the conversations by what they have in common, each with its index."""
    if isinstance(conversations, str | bytes | Mapping) or not isinstance(conversations, Sequence):
        raise ValidationError(
            f"conversations must be a list, not {type(conversations).__name__}",
            suggestion='Pass for example [{"messages": [...], "user_id": "ann"}].',
        )
    queues: dict[Scope, list[Placed]] = {}
    for index, one in enumerate(cast("Sequence[object]", conversations)):
        if not isinstance(one, Mapping) or "messages" not in one:
            raise ValidationError(
                f"conversation {index} must be a dict with 'messages', not {shown(one)}"
            )
        try:
            scope = owner_of(one)
        except ValidationError as error:
            raise ValidationError(f"conversation {index}: {error.message}") from error
        queues.setdefault(scope, []).append((index, dict(one)))
    return list(queues.values())


def arguments_of(add: Callable[..., object]) -> Signature:
    """Return the arguments of a conversation: those of `add`, without its first."""
    rest = list(signature(add).parameters.values())[1:]
    return Signature([Parameter(one.name, one.kind, default=one.default) for one in rest])


def owner_of(arguments: Signature, bound: Scope, conversation: Arguments) -> Scope:
    """Return whose memories a conversation makes.

    Raises:
        ValidationError: It names no scope, or an argument that `add` does not have.
    """
    try:
        named = arguments.bind(**conversation)
        checks.ignore("add", named.arguments.get("extras", {}))
    except TypeError as error:
        raise ValidationError(
            f"{error}", suggestion="Give the arguments of `add`; put other values into metadata."
        ) from error
    return scopes.owner(bound, *(conversation.get(name) for name in checks.ID_NAMES))


def _failed(index: int, error: MemfastError) -> AddResult:
    log.warning("conversation %d was not stored: %s", index, error.message)
    return {"results": [], "status": "failed", "error": f"{type(error).__name__}: {error.message}"}
