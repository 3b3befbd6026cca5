"""Calls that read: searches in and across scopes, get_all, history; and recall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import NotRequired, TypedDict

from memfast.bench import data as synthetic
from memfast.bench.data import Synthetic
from memfast.bench.plan import Plan
from memfast.bench.result import Limit, Result
from memfast.bench.sampling import Call, summary, take_turns
from memfast.bench.store import ids_found, ids_of
from memfast.memory import Memory


class Asked(TypedDict):
    """Arguments of a search; one scope is named."""

    user_id: NotRequired[str]
    agent_id: NotRequired[str]
    filters: NotRequired[Mapping[str, object]]
    threshold: NotRequired[float]
    exact: NotRequired[bool]


K = 10
MANY = 16
ALL: Asked = {"user_id": "*"}
QUARTER = {"gte": synthetic.day(0.25), "lt": synthetic.day(0.5)}

# Name of a search to its arguments; each returns the ten best.
SEARCHES: dict[str, Asked] = {
    "search.heavy": {"user_id": synthetic.HEAVY},
    "search.light": {"user_id": synthetic.LIGHT},
    "search.steady": {"user_id": synthetic.STEADY},
    "search.heavy_category_time": {
        "user_id": synthetic.HEAVY,
        "filters": {"category": "c3", "created_at": QUARTER},
    },
    "search.heavy_threshold": {"user_id": synthetic.HEAVY, "threshold": 0.6},
    "search.agent": {"agent_id": "agent-3"},
    "search.filter_1pct": {**ALL, "filters": {"bucket": 7}},
    "search.filter_30pct": {**ALL, "filters": {"third": True}},
    "search.all": ALL,
    "search.all_exact": {**ALL, "exact": True},
}
MANY_SEARCHES: dict[str, Asked] = {
    "search_many.heavy": {"user_id": synthetic.HEAVY},
    "search_many.all": ALL,
}
RECALL = "recall.all"
OTHER = ("get_all", "history")
NAMES = (*SEARCHES, *MANY_SEARCHES, RECALL, *OTHER)
# The measures that the approximate index answers.
INDEXED = ("search.all", "search_many.all", RECALL)


@dataclass(frozen=True, slots=True)
class Read:
    """A call to time.

    Attributes:
        call: The call; its argument selects the query.
        scanned: Rows whose vectors an exact answer must read; None for calls without vectors.
        note: What it reads.
    """

    call: Call
    scanned: int | None
    note: str


def measure(memory: Memory, plan: Plan, memory_rate: float) -> list[Result]:
    """Time the calls in turns; the limit of a search is reading the f32 vectors of its scope once.

    Args:
        memory: The filled store.
        plan: Its content, and how it is measured.
        memory_rate: Memory bandwidth of one core in GB/s.
    """
    tier = plan.tier
    reads = {name: read for name, read in _reads(memory, plan.data).items() if name in plan.wanted}
    samples = take_turns({name: read.call for name, read in reads.items()}, plan.budget)
    results = []
    for name, read in reads.items():
        limit = None
        if read.scanned:
            needed = 4 * read.scanned * tier.dim / memory_rate / 1e6
            limit = Limit("one core reads the vectors once", needed)
        results.append(summary(name, samples[name], tier, unit="ms", limit=limit, note=read.note))
    if RECALL in plan.wanted:
        results.append(_recall(memory, plan))
    return results


def _reads(memory: Memory, data: Synthetic) -> dict[str, Read]:
    queries = data.queries
    reads: dict[str, Read] = {}
    for name, asked in SEARCHES.items():
        rows = _count(memory, asked)
        reads[name] = Read(_search(memory, queries, asked), rows, f"{rows:,} rows match")
    for name, asked in MANY_SEARCHES.items():
        rows = _count(memory, asked)
        call = _search_many(memory, queries, asked)
        reads[name] = Read(call, rows, f"{MANY} queries in one call, {rows:,} rows match")
    ids = ids_of(memory, synthetic.HEAVY, 200)
    reads["get_all"] = Read(
        lambda _: memory.get_all(user_id=synthetic.HEAVY, limit=100), None, "100 of the heavy user"
    )
    reads["history"] = Read(lambda turn: memory.history(ids[turn % len(ids)]), None, "one event")
    return reads


def _count(memory: Memory, asked: Asked) -> int:
    return memory.count(
        user_id=asked.get("user_id"),
        agent_id=asked.get("agent_id"),
        filters=asked.get("filters"),
    )


def _search(memory: Memory, queries: synthetic.Matrix, asked: Asked) -> Call:
    return lambda turn: memory.search(vector=queries[turn % len(queries)], limit=K, **asked)


def _search_many(memory: Memory, queries: synthetic.Matrix, asked: Asked) -> Call:
    groups = [queries[start : start + MANY] for start in range(0, len(queries), MANY)]
    return lambda turn: memory.search_many(vectors=groups[turn % len(groups)], limit=K, **asked)


def _recall(memory: Memory, plan: Plan) -> Result:
    """Return the share of the true ten best that a search of the whole store finds."""
    queries = plan.data.queries
    shares: list[float] = []
    asked = 0
    end = perf_counter() + 10 * plan.budget.seconds
    while not shares or (asked < len(queries) and perf_counter() < end):
        group = queries[asked : asked + MANY]
        hits = true = 0
        for query in group:
            best = ids_found(memory.search(vector=query, limit=K, **SEARCHES["search.all_exact"]))
            hits += len(best & ids_found(memory.search(vector=query, limit=K, **ALL)))
            true += len(best)
        asked += len(group)
        shares.append(hits / true)
    mean = sum(shares) / len(shares)
    return summary(
        RECALL,
        shares,
        plan.tier,
        unit="share",
        better="higher",
        limit=Limit("exact=True", 1.0),
        note=f"recall@{K}, mean {mean:.4f} of {asked} queries; a sample is {MANY} queries",
    )
