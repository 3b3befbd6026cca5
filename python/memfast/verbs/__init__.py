"""What a memory can do: each verb once, with its signature, its documentation and its checks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memfast.verbs.adds import add, add_many, add_verbatim
    from memfast.verbs.admin import flush, optimize, reembed, reset, stats
    from memfast.verbs.batches import batch_add, batch_delete, batch_update
    from memfast.verbs.changes import delete, delete_all, update
    from memfast.verbs.contexts import context
    from memfast.verbs.events import history, sql
    from memfast.verbs.queue import pending, retry
    from memfast.verbs.reads import count, get, get_all, iter, sources  # noqa: A004 - methods' names
    from memfast.verbs.searches import search, search_many
    from memfast.verbs.table import VERBS, Verb
    from memfast.verbs.transfer import export, import_

__all__ = [
    "VERBS",
    "Verb",
    "add",
    "add_many",
    "add_verbatim",
    "batch_add",
    "batch_delete",
    "batch_update",
    "context",
    "count",
    "delete",
    "delete_all",
    "export",
    "flush",
    "get",
    "get_all",
    "history",
    "import_",
    "iter",
    "optimize",
    "pending",
    "reembed",
    "reset",
    "retry",
    "search",
    "search_many",
    "sources",
    "sql",
    "stats",
    "update",
]

# The module of each name; it is imported at the first use of one of its names.
_WHERE = {
    "VERBS": "table",
    "Verb": "table",
    "add": "adds",
    "add_many": "adds",
    "add_verbatim": "adds",
    "batch_add": "batches",
    "batch_delete": "batches",
    "batch_update": "batches",
    "context": "contexts",
    "count": "reads",
    "delete": "changes",
    "delete_all": "changes",
    "export": "transfer",
    "flush": "admin",
    "get": "reads",
    "get_all": "reads",
    "history": "events",
    "import_": "transfer",
    "iter": "reads",
    "optimize": "admin",
    "pending": "queue",
    "reembed": "admin",
    "reset": "admin",
    "retry": "queue",
    "search": "searches",
    "search_many": "searches",
    "sources": "reads",
    "sql": "events",
    "stats": "admin",
    "update": "changes",
}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
