"""Stores by the scheme of their place: `scheme://...` names a class; all else is a directory."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

from memfast.errors import ConfigurationError, DependencyError, shown

if TYPE_CHECKING:
    from memfast.stores.protocol import Store, StoreSettings

# Entry points under which packages offer stores; the name is the scheme.
GROUP = "memfast.stores"
SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
LOCAL = ""

Opener: TypeAlias = "Callable[[str, StoreSettings], Store]"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the class of a store stands.

    Attributes:
        target: Module and name, such as `memfast.stores.local:LocalStore`.
        extra: The extra that installs what it needs; None for nothing.
    """

    target: str
    extra: str | None = None


# The stores of this package, by scheme.
STORES: dict[str, Entry] = {LOCAL: Entry("memfast.stores.local:LocalStore")}


def scheme_of(place: str) -> str:
    """Return the scheme of a place in lower case; empty for a path.

    >>> scheme_of("milvus://localhost:19530/notes"), scheme_of("/var/notes"), scheme_of(":memory:")
    ('milvus', '', '')
    """
    found = SCHEME.match(place)
    return found.group(1).lower() if found else LOCAL


def open_store(place: str, settings: StoreSettings) -> Store:
    """Open the store at a place.

    Raises:
        ConfigurationError: No store has this scheme.
        DependencyError: The store needs a package that is missing; names the extra.
    """
    scheme = scheme_of(place)
    entry = STORES.get(scheme)
    if entry is None:
        return _offered(scheme, place)(place, settings)
    module, _, name = entry.target.partition(":")
    try:
        opener: Opener = getattr(import_module(module), name)
    except ImportError as error:
        if entry.extra is None:
            raise
        raise DependencyError(
            f"{scheme}:// needs a package that is missing: {error}",
            suggestion=f"pip install 'memfast[{entry.extra}]'",
        ) from error
    return opener(place, settings)


def _offered(scheme: str, place: str) -> Opener:
    """Return the store that another package offers under a scheme."""
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=scheme):
        return cast("Opener", point.load())
    offered = {point.name for point in entry_points(group=GROUP)}
    known = ", ".join(f"{name}://" for name in sorted({*STORES, *offered} - {LOCAL}))
    raise ConfigurationError(
        f"{shown(place)} names no store that is installed"
        + (f"; known are {known}" if known else ""),
        details={"place": place, "scheme": scheme},
        suggestion="Pass the path of a directory or ':memory:', or install the package that "
        f"offers {scheme}:// stores.",
    )
