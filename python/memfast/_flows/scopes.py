"""Whose memories a call is about. Messages and codes are mem0's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from memfast._context import UNBOUND, Reach
from memfast._core import owner_id, scope_id
from memfast._flows.checks import ID_NAMES, flag, integer
from memfast._flows.times import instant_of
from memfast.errors import ValidationError, shown
from memfast.stores.protocol import Ids, Scope, Selection

if TYPE_CHECKING:
    from memfast.types import MemoryItem

ANY = "*"
# Bits of the largest integer that is taken as an id: a UUID's.
MAX_ID_BITS = 128


def one_id(name: str, value: object, rule: Callable[[str, str], str] = scope_id) -> str | None:
    """Return a scope id as trimmed text, checked by a rule of the core.

    Raises:
        ValidationError: It is neither text, an integer nor a UUID; or is empty, too long, or holds
            a control character or a lone surrogate.
    """
    if value is None:
        return None
    # Of an enumeration of texts the value, not its name.
    text = str.__str__(value) if isinstance(value, str) else _number_or_uuid(name, value)
    try:
        return rule(name, text)
    except ValidationError as error:
        raise ValidationError(error.message, details={name: value}) from None


def _number_or_uuid(name: str, value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    number = integer(value)
    if number is None or number.bit_length() > MAX_ID_BITS:
        raise ValidationError(
            f"Invalid {name}: {shown(value)} is neither text, an integer nor a UUID. "
            "Provide a valid identifier.",
            details={name: value},
        )
    return str(number)


def default_scope(
    user_id: object, agent_id: object, run_id: object
) -> tuple[str | None, str | None, str | None]:
    """Return the ids of rows that name none themselves."""
    return (one_id("user_id", user_id), one_id("agent_id", agent_id), one_id("run_id", run_id))


def _values(name: str, value: object) -> Ids:
    if not isinstance(value, str) and isinstance(value, Mapping):
        raise ValidationError(
            f"Invalid {name}: {shown(value)} is a dict. Provide an identifier or a list of them.",
            suggestion=f"Put conditions into filters={{{name!r}: ...}}.",
        )
    if isinstance(value, (list, tuple, set, frozenset)):
        texts = tuple(text for item in value if (text := one_id(name, item)) is not None)
        if not texts:
            raise ValidationError(f"Invalid {name}: an empty list names no scope.")
        return texts
    text = one_id(name, value)
    return None if text is None else (text,)


def _bound(bound: Scope, name: str, given: Ids) -> Ids:
    """Return the values of an id inside the scope that the call cannot leave.

    Raises:
        ValidationError: They name another scope.
    """
    only: str | None = getattr(bound, name)
    if only is None:
        return given
    other = next((text for text in given or () if text not in (only, ANY)), None)
    if other is not None:
        raise ValidationError(
            f"this memory is scoped to {name}={shown(only)} and cannot reach {name}={shown(other)}",
            details={name: other},
            suggestion="Use the memory that it was made from.",
        )
    return (only,)


def _ids(bound: Scope, user_id: object, agent_id: object, run_id: object) -> tuple[Ids, Ids, Ids]:
    user = None if user_id is None else _values("user_id", user_id)
    agent = None if agent_id is None else _values("agent_id", agent_id)
    run = None if run_id is None else _values("run_id", run_id)
    if bound is UNBOUND:
        return user, agent, run
    return (
        _bound(bound, "user_id", user),
        _bound(bound, "agent_id", agent),
        _bound(bound, "run_id", run),
    )


def selection(
    bound: Scope,
    user_id: object,
    agent_id: object,
    run_id: object,
    *,
    filters: Mapping[str, object] | None = None,
    show_expired: object = False,
    include_superseded: object = False,
    include_messages: object = False,
    as_of: object = None,
    latest_only: object = False,
) -> Selection:
    """Return which memories a read is about; whether it names a scope is decided with the filter.

    `bound` is the scope that the call cannot leave, here and below.

    Raises:
        ValidationError: An id, a flag or a time is wrong.
    """
    user, agent, run = _ids(bound, user_id, agent_id, run_id)
    if not (show_expired is include_superseded is include_messages is False):
        show_expired = flag("show_expired", show_expired)
        include_superseded = flag("include_superseded", include_superseded)
        include_messages = flag("include_messages", include_messages)
    chosen = Selection(
        user, agent, run, filters, show_expired, include_superseded, include_messages
    )
    if as_of is None and latest_only is False:
        return chosen
    return chosen._replace(
        as_of=instant_of(as_of, "as_of"), latest_only=flag("latest_only", latest_only)
    )


def within(bound: Scope, user_id: object, agent_id: object, run_id: object) -> Selection | None:
    """Return the scope that the ids of memories must belong to; None for any."""
    if user_id is None and agent_id is None and run_id is None and bound == UNBOUND:
        return None
    user, agent, run = _ids(bound, user_id, agent_id, run_id)
    return Selection(user, agent, run)


def owner(bound: Scope, user_id: object, agent_id: object, run_id: object) -> Scope:
    """Return the ids a new memory gets; at least one."""
    scope = Scope(
        None if user_id is None and bound is UNBOUND else _own(bound, "user_id", user_id),
        None if agent_id is None and bound is UNBOUND else _own(bound, "agent_id", agent_id),
        None if run_id is None and bound is UNBOUND else _own(bound, "run_id", run_id),
    )
    if scope == UNBOUND:
        raise ValidationError(
            "At least one of 'user_id', 'agent_id', or 'run_id' must be provided.",
            error_code="VALIDATION_001",
            details={"provided_ids": {}},
            suggestion="Say whose memory it is, for example user_id='alice'.",
        )
    return scope


def _own(bound: Scope, name: str, value: object) -> str | None:
    """Return one id of a new memory."""
    text = one_id(name, value, owner_id)
    values = _bound(bound, name, None if text is None else (text,))
    return values[0] if values else None


def ids_of(scope: Scope) -> dict[str, str]:
    """Return the ids of a scope that are set, by name."""
    named = ((name, getattr(scope, name)) for name in ID_NAMES)
    return {name: value for name, value in named if value is not None}


def compared(scope: Scope, reach: Reach) -> Scope:
    """Return the scope whose memories new facts of a scope are compared with.

    With "user" these are the memories of all runs of the user and exactly the agent, or of the
    agent where no user is named; a run of nobody is compared with itself.
    """
    if reach == "exact" or (scope.user_id is None and scope.agent_id is None):
        return scope
    return scope._replace(run_id=ANY)


def sequence_of(scope: Scope, reach: Reach) -> Scope:
    """Return what calls have in common that decide about the same memories, one after another."""
    wider = compared(scope, reach)
    return wider._replace(run_id=None) if wider.run_id == ANY else wider


def is_of_run(item: MemoryItem, scope: Scope) -> bool:
    """Return whether a memory of the same user and agent belongs to the run of a scope."""
    return item.get("run_id") == scope.run_id


def exactly(scope: Scope) -> Selection:
    """Return the memories that have these ids and no other; a run of "*" stands for any or none."""
    user, agent, run = (
        None if value is None else (value,)
        for value in (scope.user_id, scope.agent_id, scope.run_id)
    )
    return Selection(user, agent, run, exact_scope=True)
