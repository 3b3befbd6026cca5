"""The table of verbs, from which routes, tools, commands and clients are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from memfast.verbs.adds import add, add_many
from memfast.verbs.admin import flush, optimize, reembed, reset, stats
from memfast.verbs.batches import batch_add, batch_delete, batch_update
from memfast.verbs.changes import delete, delete_all, update
from memfast.verbs.contexts import context
from memfast.verbs.events import history, sql
from memfast.verbs.queue import pending, retry
from memfast.verbs.reads import count, get, get_all, iter, sources  # noqa: A004 - methods' names
from memfast.verbs.searches import search, search_many
from memfast.verbs.transfer import export, import_


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb, as routes, tools, commands and clients are made from it.

    Attributes:
        name: The method's name.
        function: Takes a `Context` and the arguments, returns a flow.
        access: Whether it changes the store.
        scope: Whether a scope must be named: "needed" in the arguments or in `filters`; "may"
            narrows the call; "none" for calls about the whole store, which a scoped memory does
            not have.
    """

    name: str
    function: Callable[..., object]
    access: Literal["read", "write"]
    scope: Literal["needed", "may", "none"]


VERBS: dict[str, Verb] = {
    one.name: one
    for one in (
        Verb("add", add, "write", "needed"),
        Verb("add_many", add_many, "write", "needed"),
        Verb("batch_add", batch_add, "write", "needed"),
        Verb("batch_delete", batch_delete, "write", "may"),
        Verb("batch_update", batch_update, "write", "may"),
        Verb("context", context, "read", "needed"),
        Verb("count", count, "read", "needed"),
        Verb("delete", delete, "write", "may"),
        Verb("delete_all", delete_all, "write", "needed"),
        Verb("export", export, "read", "may"),
        Verb("flush", flush, "write", "none"),
        Verb("get", get, "read", "may"),
        Verb("get_all", get_all, "read", "needed"),
        Verb("history", history, "read", "may"),
        Verb("import_", import_, "write", "none"),
        Verb("iter", iter, "read", "needed"),
        Verb("optimize", optimize, "write", "none"),
        Verb("pending", pending, "read", "may"),
        Verb("reembed", reembed, "write", "none"),
        Verb("reset", reset, "write", "none"),
        Verb("retry", retry, "write", "may"),
        Verb("search", search, "read", "needed"),
        Verb("search_many", search_many, "read", "needed"),
        Verb("sources", sources, "read", "may"),
        Verb("sql", sql, "read", "may"),
        Verb("stats", stats, "read", "none"),
        Verb("update", update, "write", "may"),
    )
}
