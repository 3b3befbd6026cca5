"""What only some stores can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memfast.errors import UnsupportedError
from memfast.stores.local import LocalStore

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._core import Engine
    from memfast.stores.protocol import Capability


def engine_of(context: Context, capability: Capability, call: str) -> Engine:
    """Return the engine of a store that has a capability.

    Raises:
        UnsupportedError: The store does not have it; `call` names what was asked.
    """
    store = context.store
    if capability in store.capabilities and isinstance(store, LocalStore):
        return store.engine
    known = ", ".join(sorted(store.capabilities)) or "none"
    raise UnsupportedError(
        f"{call} needs a store with the capability {capability!r}; this one has: {known}",
        details={"capability": capability, "capabilities": sorted(store.capabilities)},
        suggestion="Open a memory on a directory, or ':memory:'.",
    )
