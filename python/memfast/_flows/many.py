"""Many conversations: several at a time, those of one scope in their order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import Signature, signature
from typing import Any

from memfast._flows import checks
from memfast._workers import Workers
from memfast.errors import MemfastError, ValidationError, shown

log = logging.getLogger("memfast")

Results = list[Any]
Tell = Callable[[int, int], object]


class _Progress:
    def __init__(self, total: int, tell: Tell | None) -> None:
        self._total = total
        self._done = 0
        self._tell = tell

    def step(self) -> None:
        self._done += 1
        if self._tell is not None:
            self._tell(self._done, self._total)


def _queues(
    add: Callable[..., Any], conversations: object, max_concurrency: object
) -> list[list[tuple[int, dict[str, Any]]]]:
    """Return the conversations by scope, each with its index.

    Raises:
        ValidationError: One is no dict of arguments, or names no scope; says which.
    """
    if isinstance(conversations, str | bytes | Mapping) or not isinstance(conversations, Sequence):
        raise ValidationError(
            f"conversations must be a list, not {type(conversations).__name__}",
            suggestion='Pass for example [{"messages": [...], "user_id": "ann"}].',
        )
    checks.whole_number("max_concurrency", max_concurrency, least=1)
    arguments = signature(add)
    queues: dict[tuple[Any, ...], list[tuple[int, dict[str, Any]]]] = {}
    for index, one in enumerate(conversations):
        if not isinstance(one, Mapping) or "messages" not in one:
            raise ValidationError(
                f"conversation {index} must be a dict with 'messages', not {shown(one)}"
            )
        try:
            scope = scope_of(arguments, one)
        except ValidationError as error:
            raise ValidationError(f"conversation {index}: {error.message}") from error
        queues.setdefault(tuple(sorted(scope.items())), []).append((index, dict(one)))
    return list(queues.values())


def scope_of(arguments: Signature, conversation: Mapping[str, Any]) -> dict[str, str]:
    """Return whose memories a conversation makes.

    Raises:
        ValidationError: It names no scope, or what `add` does not know.
    """
    try:
        bound = arguments.bind(**conversation)
        checks.ignore("add", bound.arguments.get("extras", {}))
    except TypeError as error:
        raise ValidationError(
            f"{error}", suggestion="Give the arguments of `add`; what else is known is metadata."
        ) from error
    return checks.write_scope(*(conversation.get(name) for name in checks.ID_NAMES))


def _failed(index: int, error: MemfastError) -> dict[str, Any]:
    log.warning("conversation %d was not stored: %s", index, error.message)
    return {"results": [], "status": "failed", "error": f"{type(error).__name__}: {error.message}"}


def in_threads(
    add: Callable[..., Any], conversations: object, max_concurrency: int, tell: Tell | None
) -> Results:
    """Add conversations from threads."""
    queues = _queues(add, conversations, max_concurrency)
    results: Results = [None] * sum(map(len, queues))
    progress = _Progress(len(results), tell)

    def work(queue: list[tuple[int, dict[str, Any]]]) -> None:
        for index, one in queue:
            try:
                results[index] = add(**one)
            except MemfastError as error:
                results[index] = _failed(index, error)
            progress.step()

    with Workers(max_concurrency, "memfast-add") as pool:
        for running in [pool.submit(work, queue) for queue in queues]:
            running.result()
    return results


async def in_tasks(
    add: Callable[..., Awaitable[Any]],
    conversations: object,
    max_concurrency: int,
    tell: Tell | None,
) -> Results:
    """Add conversations from tasks."""
    queues = _queues(add, conversations, max_concurrency)
    results: Results = [None] * sum(map(len, queues))
    progress = _Progress(len(results), tell)
    free = asyncio.Semaphore(max_concurrency)

    async def work(queue: list[tuple[int, dict[str, Any]]]) -> None:
        for index, one in queue:
            async with free:
                try:
                    results[index] = await add(**one)
                except MemfastError as error:
                    results[index] = _failed(index, error)
            progress.step()

    async with asyncio.TaskGroup() as group:
        for queue in queues:
            group.create_task(work(queue))
    return results
