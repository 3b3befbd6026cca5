"""What the tests of imports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memfast import Memory


def vector_rows(count: int, **common: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"m{n}", "memory": f"text {n}", "user_id": f"u{n % 3}", "vector": [1.0, n, 0, 0]}
        | common
        for n in range(count)
    ]


def all_texts(memory: Memory) -> list[str]:
    return sorted(item["memory"] for item in memory.iter(user_id="*"))
