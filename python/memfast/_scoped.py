"""Memories that cannot leave a scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from memfast._flows import scopes
from memfast._later import verbs
from memfast._transaction import Transaction, transacted
from memfast._verb import verb, verb_iter
from memfast.errors import shown

if TYPE_CHECKING:
    from memfast._context import Context


class Scoped:
    """The calls of a `Memory`, within one scope; `Memory.scoped` returns it.

    It has no calls about the whole store, and is used as long as its memory is open.
    """

    def __init__(self, context: Context) -> None:
        """Bind the calls to the scope of a context."""
        self._given = context

    @property
    def _context(self) -> Context:
        return self._given.now()

    add = verb(verbs.add)
    add_many = verb(verbs.add_many)
    batch_add = verb(verbs.batch_add)
    batch_delete = verb(verbs.batch_delete)
    batch_update = verb(verbs.batch_update)
    context = verb(verbs.context)
    count = verb(verbs.count)
    delete = verb(verbs.delete)
    delete_all = verb(verbs.delete_all)
    export = verb(verbs.export)
    get = verb(verbs.get)
    get_all = verb(verbs.get_all)
    history = verb(verbs.history)
    iter = verb_iter(verbs.iter)
    pending = verb(verbs.pending)
    retry = verb(verbs.retry)
    search = verb(verbs.search)
    search_many = verb(verbs.search_many)
    sources = verb(verbs.sources)
    sql = verb(verbs.sql)
    update = verb(verbs.update)

    def scoped(
        self,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
    ) -> Scoped:
        """Return a memory that cannot leave a narrower scope; see `Memory.scoped`."""
        return Scoped(scoped_to(self._given, user_id, agent_id, run_id))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit the changes of a block together; see `Memory.transaction`."""
        with transacted(self._given) as transaction:
            yield transaction

    def __repr__(self) -> str:
        """Return the scope."""
        return described(type(self).__name__, self._given)


def scoped_to(context: Context, user_id: object, agent_id: object, run_id: object) -> Context:
    """Return a context that cannot leave a scope."""
    return replace(context, bound=scopes.owner(context.bound, user_id, agent_id, run_id))


def described(name: str, context: Context) -> str:
    """Return the scope that a memory is bound to, for its `repr`."""
    named = context.bound._asdict().items()
    return f"{name}({', '.join(f'{key}={shown(value)}' for key, value in named if value)})"
