"""`get`, `sources`, `get_all`, `iter` and `count`: memories as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from memfast._flows import capabilities, checks, scopes
from memfast._flows.rivals import newest_first
from memfast._methods import Pages
from memfast._steps import Flow, work
from memfast.errors import ValidationError, shown
from memfast.stores.protocol import EVERYTHING, Order

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.stores.protocol import Cursor, Selection
    from memfast.types import Extras, Ids, MemoryItem, MemoryPage, MessageItem, Moment, SortOrder

# Orders of `get_all`; "-" puts the latest first.
ORDERS: dict[object, Order] = {
    f"{sign}{order.key}": order
    for key in ("created_at", "updated_at", "event_time", "said_at")
    for sign, order in (("", Order(key)), ("-", Order(key, True)))
}
# Memories of a page of `get_all`, and of a call without pages; and of a page of `iter`.
PAGE_SIZE = 100
PAGE = 1000


def get(
    context: Context,
    memory_id: str,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    known_at: Moment | None = None,
) -> Flow[MemoryItem | None]:
    """Return one memory, or None if there is none with this id.

    Args:
        memory_id: The memory.
        user_id: Whose it must be; the id of a memory of another scope is not found.
        agent_id: The agent that must hold it.
        run_id: The session it must come from.
        known_at: Return it as it was stored at this time, by the event log; None where it was not
            stored yet, or has been deleted since.

    Raises:
        ValidationError: A bad value.
        UnsupportedError: `known_at`, and the store keeps no history.
    """
    within = scopes.within(context.bound, user_id, agent_id, run_id)
    if known_at is not None:
        within = capabilities.known_at(context, within or EVERYTHING, known_at)
    key = checks.memory_id_of(memory_id)
    return (yield from work(partial(context.store.get, [key], within)))[0]


def sources(
    context: Context,
    memory_id: str,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
) -> Flow[list[MessageItem]]:
    """Return the messages that a memory was made from, in their order, where they are kept.

    Args:
        memory_id: The memory.
        user_id: See `get`.
        agent_id: See `get`.
        run_id: See `get`.

    Raises:
        MemoryNotFoundError: There is no such memory.
    """
    within = scopes.within(context.bound, user_id, agent_id, run_id)
    key = checks.memory_id_of(memory_id)
    return (yield from work(partial(context.store.sources, key, within)))


def get_all(
    context: Context,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    limit: int | None = None,
    filters: Mapping[str, Any] | None = None,
    top_k: int | None = None,
    show_expired: bool = False,
    include_superseded: bool = False,
    include_messages: bool = False,
    as_of: Moment | None = None,
    latest_only: bool = False,
    known_at: Moment | None = None,
    sort: SortOrder | None = None,
    page: int | None = None,
    page_size: int | None = None,
    **extras: Unpack[Extras],
) -> Flow[MemoryPage]:
    """Return the memories of a scope, at most 100 by default.

    Args:
        user_id: See `search`.
        agent_id: See `search`.
        run_id: See `search`.
        limit: Most memories returned. Default: 100.
        filters: Conditions on ids, fields and metadata.
        top_k: Another name of `limit`.
        show_expired: See `search`.
        include_superseded: See `search`.
        include_messages: See `search`.
        as_of: See `search`.
        latest_only: See `search`.
        known_at: Show memories as they were stored at this time, by the event log, without what
            has been deleted since; beside `as_of`, those that held then as was known at this time.
        sort: A time to order by, with "-" before it the latest first; memories without it
            come last. Default: the order in which they were added, those of one
            user (else agent, else run) together; the newest of those that may contradict
            each other directly before the others.
        page: Return this page, the first being 1, instead of the first memories.
        page_size: Memories of a page. Default: 100.
        **extras: See `add`.

    Returns:
        `results`; of a page also `count`, the number of memories in all, and `next` and
        `previous`, the numbers of the pages beside it or None. Each call cuts the pages again:
        use `iter` to see each memory once while others are added or deleted.

    Raises:
        ValidationError: No scope, or a bad value.
        FilterError: The filter is malformed; the message names the place.
        UnsupportedError: `known_at`, and the store keeps no history.
    """
    checks.ignore("get_all", extras)
    selection = scopes.selection(
        context.bound,
        user_id,
        agent_id,
        run_id,
        filters=filters,
        show_expired=show_expired,
        include_superseded=include_superseded,
        include_messages=include_messages,
        as_of=as_of,
        latest_only=latest_only,
    )
    selection = capabilities.known_at(context, selection, known_at)
    order = _order_of(sort)
    if page is None and page_size is None:
        most = checks.limit_of(limit, top_k, PAGE_SIZE)
        if order is None:
            scan = partial(context.store.scan, selection, limit=most)
            return {"results": newest_first((yield from work(scan)).items)}
        cut = partial(context.store.slice, selection, order=order, limit=most)
        return {"results": (yield from work(cut)).items}
    if limit is not None or top_k is not None:
        raise ValidationError(
            "a page has its size from page_size, not from limit or top_k",
            suggestion="Pass page and page_size, or limit alone.",
        )
    number = 1 if page is None else checks.whole_number("page", page, least=1)
    size = PAGE_SIZE if page_size is None else checks.whole_number("page_size", page_size, least=1)
    offset = min((number - 1) * size, checks.MAX_COUNT)
    cut = partial(context.store.slice, selection, order=order, offset=offset, limit=size)
    items, total = yield from work(cut)
    return {
        "results": newest_first(items) if order is None else items,
        "count": total,
        "next": number + 1 if offset + size < total else None,
        "previous": number - 1 if number > 1 else None,
    }


def _order_of(sort: object) -> Order | None:
    if sort is None:
        return None
    if isinstance(sort, str) and sort in ORDERS:
        return ORDERS[sort]
    orders = ", ".join(f'"{name}"' for name in ORDERS)
    raise ValidationError(
        f"sort must be one of {orders}, not {shown(sort)}", details={"sort": sort}
    )


def iter(  # noqa: A001 - a method's name
    context: Context,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    filters: Mapping[str, Any] | None = None,
    show_expired: bool = False,
    include_superseded: bool = False,
    include_messages: bool = False,
) -> Flow[Pages[MemoryItem]]:
    """Iterate over all memories of a scope without holding them all; none comes twice."""
    selection = scopes.selection(
        context.bound,
        user_id,
        agent_id,
        run_id,
        filters=filters,
        show_expired=show_expired,
        include_superseded=include_superseded,
        include_messages=include_messages,
    )
    return _page(context, selection, None)


def _page(context: Context, selection: Selection, after: Cursor | None) -> Flow[Pages[MemoryItem]]:
    items, end = yield from work(partial(context.store.scan, selection, after=after, limit=PAGE))
    return Pages(items, None if end is None else partial(_page, context, selection, end))


def count(
    context: Context,
    *,
    user_id: Ids = None,
    agent_id: Ids = None,
    run_id: Ids = None,
    filters: Mapping[str, Any] | None = None,
    show_expired: bool = False,
    include_superseded: bool = False,
    include_messages: bool = False,
    as_of: Moment | None = None,
    known_at: Moment | None = None,
) -> Flow[int]:
    """Return how many memories a scope holds, or held: see `search` and `get_all`."""
    selection = scopes.selection(
        context.bound,
        user_id,
        agent_id,
        run_id,
        filters=filters,
        show_expired=show_expired,
        include_superseded=include_superseded,
        include_messages=include_messages,
        as_of=as_of,
    )
    selection = capabilities.known_at(context, selection, known_at)
    return work(partial(context.store.count, selection))
