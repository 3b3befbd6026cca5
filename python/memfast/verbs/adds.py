"""`add` and `add_many`: conversations become memories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from memfast._flows import checks, receipts, scopes
from memfast._flows.add import Given
from memfast._flows.add import add as store
from memfast._flows.jobs import PROCEDURAL
from memfast._flows.times import backfilled, expiry_of, spoken_at
from memfast._steps import Flow, Leave, restartable
from memfast.errors import ValidationError

if TYPE_CHECKING:
    from datetime import date, datetime

    from memfast._context import Context
    from memfast.stores.protocol import Scope
    from memfast.types import AddResult, Extras, Messages, Vector, Vectors

# Messages up to which an add computes on an event loop.
FEW = 32


@restartable
def add(
    context: Context,
    messages: Messages,
    *,
    user_id: str | None = None,
    agent_id: str | None = None,
    run_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    infer: bool = True,
    memory_type: str | None = None,
    prompt: str | None = None,
    memory_id: str | None = None,
    vector: Vector | Vectors | None = None,
    timestamp: datetime | date | str | float | None = None,
    expiration_date: date | str | None = None,
    idempotency_key: str | None = None,
    **extras: Unpack[Extras],
) -> Flow[AddResult]:
    """Store messages, or the facts found in them, in one commit.

    With `infer` facts are found in the messages, by the language model or, where none is named,
    by rules, and compared with the memories of the scope: known facts are left out, memories that
    they contradict are superseded. Input that cannot be understood now is queued as pending; see
    `pending` and `retry`.

    Args:
        messages: A text, a message, or a list or iterator of messages: dicts (`role`,
            `content`, `name`, `timestamp`), pairs of role and text, or objects of a client
            library. One without role is the user's. Messages of the roles "system" and
            "developer" are not stored; empty and malformed ones stand under `skipped`.
        user_id: Whose memory it is. At least one of the three ids is needed.
        agent_id: The agent that holds it.
        run_id: The session it comes from.
        metadata: JSON-like values to keep with each memory; scalars and arrays of NumPy become
            numbers, texts and lists. As in mem0, `created_at` and `updated_at` in it are the
            times of the memories; `created_at` is also when it was said, where `timestamp` and
            the messages do not tell.
        infer: Find facts; False stores the messages as they are. Messages that come with
            vectors are stored as they are.
        memory_type: None, or "procedural_memory" for a summary of what an agent did.
        prompt: Instructions for the extraction, or in place of those for the summary.
        memory_id: Id of the one memory to be stored. Default: a new UUID.
        vector: The memory's vector, or one row per message; they are stored as they are.
        timestamp: When it was said, where the messages do not tell; a time without offset is
            UTC, and "now" is the time of the call. Default: the setting `timestamps`; where that is
            None it is not known, so that "yesterday" stays as it is.
        expiration_date: Last day (UTC) on which the memory is shown.
        idempotency_key: The caller's name for this call, committed with it: a second call of
            that name in the scope does nothing and returns what the first did, with
            `repeated`, so that a call that may have been lost can be made again. Known until
            the scope is deleted.
        **extras: Arguments of mem0's that have no effect: `version`, `output_format`,
            `keyword_search`. The first use of each is logged.

    Returns:
        `results`: id, memory and event ("ADD", "UPDATE" with `previous_memory`, "DELETE") of
        each memory, and of a fact `memory_type`, `messages` (indexes of those that tell it),
        `event_time` and `categories` where it has them; `status`: "stored", "empty" or "pending";
        `extractor`: the model or the rules that found the facts;
        `pending`, `rejected` and `skipped` with reasons, where there are any.

    Raises:
        ValidationError: No id, or a bad value.
        ConflictError: The idempotency_key was used for other messages.
        AuthenticationError: The language model refused the key; nothing was stored.
    """
    checks.ignore("add", extras)
    scope = scopes.owner(context.bound, user_id, agent_id, run_id)
    if memory_type not in {None, PROCEDURAL}:
        raise ValidationError(
            "Invalid 'memory_type'. Please pass procedural_memory to create procedural memories.",
            error_code="VALIDATION_002",
            details={"provided_type": memory_type, "valid_type": PROCEDURAL},
        )
    inferred = checks.flag("infer", infer) and vector is None
    kept = backfilled(checks.metadata_of(metadata))
    given = Given(
        scope,
        kept.metadata,
        kept.times,
        spoken_at(timestamp) or kept.made or spoken_at(context.understanding.timestamps),
        expiry_of(expiration_date),
        PROCEDURAL if memory_type else None,
        receipts.call_of(scope, idempotency_key),
    )
    if given.memory_type:
        checks.procedural_owner(scope)
    if inferred and memory_id is not None:
        raise ValidationError(
            "memory_id names one memory, and infer=True may make several",
            suggestion="Pass infer=False to store the message as it is under this id.",
        )
    if isinstance(messages, list | tuple) and len(messages) > FEW:
        yield Leave()
    instructions = checks.prompt_of(prompt)
    return (
        yield from store(
            context,
            messages,
            given,
            inferred=inferred,
            prompt=instructions,
            memory_id=memory_id,
            vector=vector,
        )
    )


def add_verbatim(
    context: Context,
    messages: Messages,
    *,
    user_id: str | None = None,
    agent_id: str | None = None,
    run_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    memory_id: str | None = None,
    vector: Vector | Vectors | None = None,
    timestamp: datetime | date | str | float | None = None,
    expiration_date: date | str | None = None,
) -> Flow[AddResult]:
    """Store messages as they are; see `Memory.add` with `infer=False`."""
    return add(
        context,
        messages,
        user_id=user_id,
        agent_id=agent_id,
        run_id=run_id,
        metadata=metadata,
        infer=False,
        memory_id=memory_id,
        vector=vector,
        timestamp=timestamp,
        expiration_date=expiration_date,
    )


def add_many(
    context: Context,
    conversations: Sequence[Mapping[str, Any]],
    *,
    max_concurrency: int = 8,
    progress: Callable[[int, int], object] | None = None,
) -> Flow[list[AddResult]]:
    """Add conversations, several at a time; those of one user and agent one after another.

    Args:
        conversations: The arguments of `add` for each, such as
            `{"messages": [...], "user_id": "ann"}`.
        max_concurrency: Most conversations at a time.
        progress: Called with how many are done, and how many there are.

    Returns:
        What `add` returns for each, in their order; one that failed has `status` "failed" and
        `error`.
    """
    from memfast._flows.many import Arguments, add_each, arguments_of, owner_of

    def begin(arguments: Arguments) -> Flow[AddResult]:
        return add(context.now(), **arguments)  # type: ignore[arg-type]  # checked by `owner_of`

    signature, reach = arguments_of(add), context.understanding.reach

    def whose(arguments: Arguments) -> Scope:
        return scopes.sequence_of(owner_of(signature, context.bound, arguments), reach)

    return add_each(begin, whose, conversations, max_concurrency, progress)
