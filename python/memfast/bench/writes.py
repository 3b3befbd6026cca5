"""Calls that change: single and concurrent adds, update, delete, delete_all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import perf_counter

from memfast.bench import data as synthetic
from memfast.bench.data import Synthetic
from memfast.bench.plan import Plan
from memfast.bench.result import Limit, Result
from memfast.bench.sampling import Call, summary, timed
from memfast.bench.store import ids_of
from memfast.errors import DatabaseError
from memfast.memory import Memory

THREADS = (1, 8, 64)
CONCURRENT = {threads: f"add.threads_{threads}" for threads in THREADS}
NAMES = ("add.single", *CONCURRENT.values(), "update", "delete", "delete_all")
TEXT = "moved from the old flat near the river to a small house by the sea"


def measure(memory: Memory, plan: Plan, flush_ms: float) -> list[Result]:
    """Time the changes; each is durable when its call returns, so its limit is a flush.

    Args:
        memory: The filled store; its content changes.
        plan: Its content, and how it is measured.
        flush_ms: Time of an append with its flush to disk.
    """
    data, tier, wanted, budget = plan.data, plan.tier, plan.wanted, plan.budget
    limit = Limit("flush", flush_ms)
    results = []

    def single(name: str, call: Call, most: int) -> None:
        if name in wanted and most > 0:
            times = timed(call, seconds=2 * budget.seconds, most=min(most, budget.calls))
            results.append(summary(name, times, tier, unit="ms", limit=limit))

    add = _add(memory, data, "writer")
    add(0)
    single("add.single", add, budget.calls)
    for threads, name in CONCURRENT.items():
        if name in wanted:
            results.append(_concurrent(memory, plan, flush_ms, threads))
    ids = ids_of(memory, synthetic.SECOND, 2 * budget.calls)
    half = len(ids) // 2
    single(
        "update",
        lambda turn: memory.update(ids[turn], TEXT, vector=_vector(data, turn)),
        half,
    )
    single("delete", lambda turn: memory.delete(ids[half + turn]), len(ids) - half)
    if "delete_all" in wanted:
        rows = memory.count(user_id=synthetic.HEAVY)
        times = timed(lambda _: memory.delete_all(user_id=synthetic.HEAVY), seconds=0, most=1)
        note = f"{rows:,} rows of the heavy user in one commit; measured once"
        results.append(summary("delete_all", times, tier, unit="ms", limit=limit, note=note))
    return results


def _vector(data: Synthetic, turn: int) -> synthetic.Matrix:
    vector: synthetic.Matrix = data.queries[turn % len(data.queries)]
    return vector


def _add(memory: Memory, data: Synthetic, user: str) -> Call:
    return lambda turn: memory.add(TEXT, user_id=user, vector=_vector(data, turn), infer=False)


def _concurrent(memory: Memory, plan: Plan, flush_ms: float, threads: int) -> Result:
    """Add from several threads at once; an acknowledged row that is missing is an error."""
    budget = plan.budget
    rates = []
    rows = 0
    user = f"writers-{threads}"
    add = _add(memory, plan.data, user)
    for _ in range(budget.rounds):
        barrier = Barrier(threads + 1)

        def write(barrier: Barrier = barrier) -> int:
            barrier.wait()
            return len(timed(add, seconds=budget.seconds, most=budget.calls))

        with ThreadPoolExecutor(threads) as pool:
            writers = [pool.submit(write) for _ in range(threads)]
            barrier.wait()
            begin = perf_counter()
            added = sum(writer.result() for writer in writers)
            rates.append(added / (perf_counter() - begin))
        rows += added
    if (found := memory.count(user_id=user)) != rows:
        raise DatabaseError(
            f"{threads} threads added {rows} rows, and {found} are in the store",
            suggestion="This is a bug of memfast; please report it.",
        )
    return summary(
        CONCURRENT[threads],
        rates,
        plan.tier,
        unit="rows/s",
        better="higher",
        limit=Limit("a flush per row and thread", threads * 1e3 / flush_ms),
        note=f"{rows:,} rows acknowledged, {found:,} counted afterwards",
    )
