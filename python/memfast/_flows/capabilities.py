"""What only some stores can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memfast._flows.times import instant_of
from memfast.errors import UnsupportedError
from memfast.stores.local import LocalStore

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._core import Engine
    from memfast.stores.protocol import Capability, Selection


def engine_of(context: Context, capability: Capability, call: str) -> Engine:
    """Return the engine of a store that has a capability.

    Raises:
        UnsupportedError: The store does not have it; `call` names what was asked.
    """
    store = context.store
    if capability in store.capabilities and isinstance(store, LocalStore):
        return store.engine
    raise _lacks(context, capability, call)


def known_at(context: Context, selection: Selection, time: object) -> Selection:
    """Return what a selection was known to hold at a time; all of it as it is now for None.

    Raises:
        UnsupportedError: The store keeps no history.
        ValidationError: It is not a time.
    """
    if time is None:
        return selection
    if "history" not in context.store.capabilities:
        raise _lacks(context, "history", "known_at")
    return selection._replace(known_at=instant_of(time, "known_at"))


def _lacks(context: Context, capability: Capability, call: str) -> UnsupportedError:
    store = context.store
    known = ", ".join(sorted(store.capabilities)) or "none"
    return UnsupportedError(
        f"{call} needs a store with the capability {capability!r}; this one has: {known}",
        details={"capability": capability, "capabilities": sorted(store.capabilities)},
        suggestion="Open a memory on a directory, or ':memory:'.",
    )
