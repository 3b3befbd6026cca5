"""`get_all`: the memories of a scope, in an order and in pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memfast._flows import checks
from memfast.errors import ValidationError, shown
from memfast.types import MemoryPage

# Orders of `get_all`; "-" puts the latest first.
SORTS = ("created_at", "updated_at", "event_time")
# Memories of a page, and of a call without pages.
PAGE_SIZE = 100


def get_all(
    engine: Any,
    scope: checks.ScopeArgument,
    filters: Mapping[str, Any] | None,
    shows: checks.Shows,
    *,
    limit: object,
    top_k: object,
    sort: object,
    page: object,
    page_size: object,
) -> MemoryPage:
    """Return the first memories of a scope, or one page of them."""
    order = _order_of(sort)
    if page is None and page_size is None:
        most = checks.limit_of(limit, top_k, PAGE_SIZE)
        if not order:
            items, _ = engine.scan(scope, filters, limit=most, **shows)
        else:
            items, _ = engine.slice(scope, filters, limit=most, **order, **shows)
        return {"results": items}
    if limit is not None or top_k is not None:
        raise ValidationError(
            "a page has its size from page_size, not from limit or top_k",
            suggestion="Pass page and page_size, or limit alone.",
        )
    number = 1 if page is None else checks.whole_number("page", page, least=1)
    size = PAGE_SIZE if page_size is None else checks.whole_number("page_size", page_size, least=1)
    offset = min((number - 1) * size, checks.MAX_COUNT)
    items, total = engine.slice(scope, filters, offset=offset, limit=size, **order, **shows)
    return {
        "results": items,
        "count": total,
        "next": number + 1 if offset + size < total else None,
        "previous": number - 1 if number > 1 else None,
    }


def _order_of(sort: object) -> dict[str, Any]:
    """Return an order as the engine takes it; empty for that of adding."""
    if sort is None:
        return {}
    if isinstance(sort, str) and (name := sort.removeprefix("-")) in SORTS:
        return {"sort": name, "descending": name != sort}
    orders = ", ".join(f'"{name}", "-{name}"' for name in SORTS)
    raise ValidationError(
        f"sort must be one of {orders}, not {shown(sort)}", details={"sort": sort}
    )
