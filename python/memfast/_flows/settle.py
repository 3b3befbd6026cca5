"""Decisions become one commit: memories, the messages they come from, and what waits."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from memfast._flows import checks, receipts
from memfast._flows.asks import Ask
from memfast._flows.checks import micros
from memfast._flows.understood import Understood, Unread
from memfast._steps import Commit, Context, Flow
from memfast.extraction.decisions import Decision

log = logging.getLogger("memfast")


@dataclass(slots=True)
class Batch:
    """Changes that are committed together.

    Attributes:
        ops: The engine's operations.
        vectors: The vectors that they name by their row.
        results: What is told of each operation; None for one that is not told of.
    """

    ops: list[dict[str, Any]] = field(default_factory=list)
    vectors: list[Any] = field(default_factory=list)
    results: list[dict[str, Any] | None] = field(default_factory=list)

    def add(
        self, op: dict[str, Any], vector: Any = None, result: dict[str, Any] | None = None
    ) -> None:
        """Add an operation."""
        if vector is not None:
            op["vector"] = self.row(vector)
        self.ops.append(op)
        self.results.append(result)

    def row(self, vector: Any) -> int:
        """Add a vector, and return its row."""
        self.vectors.append(vector)
        return len(self.vectors) - 1

    def commit(
        self,
        pending: Sequence[dict[str, Any]],
        settled: Sequence[int],
        receipt: Mapping[str, str] | None,
    ) -> Flow[list[dict[str, Any]]]:
        """Commit all of it, and return what is told; a memory that was there already is not."""
        if not (self.ops or pending or settled or receipt):
            return []
        changes = yield Commit(self.ops, self.vectors or None, pending, settled, receipt)
        told = []
        for result, (memory_id, event, _) in zip(self.results, changes, strict=True):
            if result is not None and event != "NONE":
                told.append({"id": memory_id, **result})
        return told


def keep_message(batch: Batch, ask: Ask, place: int, row: int) -> None:
    """Keep a message beside the memories made from it; one that is kept already stays.

    Args:
        batch: Takes it.
        ask: The messages.
        place: Which of them.
        row: Of its vector.
    """
    turn = ask.turns[place]
    batch.add(
        {
            **ask.scope,
            "op": "put",
            "kind": "message",
            "text": turn.content,
            "sources": [ask.turns[place - 1].content] if place else [],
            "role": turn.role,
            "actor_id": turn.name,
            "event_at": micros(turn.at),
            "vector": row,
            "keep_text": True,
        }
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision with all that it takes to carry it out.

    Attributes:
        decision: The decision.
        before: The memory that an UPDATE or a DELETE changes.
        vector: Of the fact's text.
        old_vector: Of the memory's text, for an UPDATE.
        support: Levels of rows that the fact's vector leans on.
    """

    decision: Decision
    before: dict[str, Any] | None
    vector: Any
    old_vector: Any
    support: list[list[int]]


def carry_out(batch: Batch, ask: Ask, settled: Settled) -> None:
    """Add what a decision asks for."""
    fact, event, before = settled.decision.fact, settled.decision.event, settled.before
    turns = ask.telling(fact.sources)
    said = ask.said(fact.sources)
    begins = said or datetime.now(UTC)
    if event == "DELETE":
        if before is None:
            return
        ended = micros(_end_of(before, begins))
        op = {"op": "update", "id": before["id"], "valid_to": ended, "expects": before["hash"]}
        batch.add(op, result={"memory": before["memory"], "event": "DELETE"})
        return
    told = {
        "text": fact.text,
        "event_at": micros(fact.event_at) or micros(said),
        "valid_from": micros(said),
        "sources": [turn.content for turn in turns],
        "support": settled.support,
    }
    if fact.categories:
        told["categories"] = list(fact.categories)
    if event == "UPDATE" and before is not None:
        ends = _end_of(before, settled.decision.over or begins)
        archive(batch, before, ends, settled.old_vector)
        op = {"op": "update", "id": before["id"], "expects": before["hash"], **told}
        if said or before.get("valid_from"):
            op["valid_from"] = micros(max(begins, ends))
        result = {"memory": fact.text, "event": "UPDATE", "previous_memory": before["memory"]}
        batch.add({**op, "metadata": ask.metadata}, settled.vector, result)
        return
    names = {turn.name for turn in turns}
    put = {
        **ask.scope,
        **told,
        "op": "put",
        "metadata": ask.metadata,
        **ask.times,
        "expires_on": ask.expires_on,
        "memory_type": fact.kind,
        "role": fact.attributed_to,
        "actor_id": names.pop() if len(names) == 1 else None,
        "keep_text": True,
    }
    result = {"memory": fact.text, "event": "ADD"}
    if settled.decision.over is not None:
        over = settled.decision.over
        # What is over and what holds are two memories, even where they say the same.
        put |= {"valid_to": micros(over), "keep_text": False}
        put["superseded_by"] = before["id"] if before else None
        result["valid_to"] = over.astimezone(UTC).isoformat()
    batch.add(put, settled.vector, result)


def _end_of(before: dict[str, Any], ends: datetime) -> datetime:
    """Return when a memory ended: not before it began, where its begin was told."""
    begun = before.get("valid_from")
    return ends if begun is None else max(ends, datetime.fromisoformat(begun))


def archive(batch: Batch, before: dict[str, Any], ends: datetime, vector: Any) -> None:
    """Keep what a memory said, with the time in which it held."""
    begun = before.get("valid_from")
    created = datetime.fromisoformat(before["created_at"])
    began = min(created, ends) if begun is None else datetime.fromisoformat(begun)
    batch.add(
        {
            **{name: before[name] for name in checks.ID_NAMES if name in before},
            "op": "put",
            "text": before["memory"],
            "metadata": before["metadata"],
            "categories": before.get("categories"),
            "memory_type": before.get("memory_type"),
            "role": before.get("role"),
            "actor_id": before.get("actor_id"),
            "event_at": _instant(before.get("event_time")),
            "created_at": _instant(before["created_at"]),
            "updated_at": _instant(before["updated_at"]),
            "valid_from": micros(began),
            "valid_to": micros(ends),
            "superseded_by": before["id"],
            "sources_of": before["id"],
        },
        vector,
    )


def _instant(text: str | None) -> int | None:
    return None if text is None else micros(datetime.fromisoformat(text))


def put_aside(ask: Ask, unread: Sequence[Unread]) -> list[dict[str, Any]]:
    """Return input that waits, as the engine takes it."""
    return [
        {**ask.scope, "reason": one.reason, "body": ask.put_aside(one).to_json()} for one in unread
    ]


def conclude(
    context: Context, batch: Batch, ask: Ask, result: Understood, settled: Sequence[int]
) -> Flow[dict[str, Any]]:
    """Commit what was made of messages and put the rest aside; tell both."""
    llm = context.understanding.llm
    told: dict[str, Any] = {
        "results": batch.results,
        "status": "pending" if result.unread else "stored",
        "extractor": "rules" if llm is None else str(llm.name),
    }
    if result.unread:
        told["pending"] = [
            {"messages": [turn.index for turn in one.turns], "reason": one.reason}
            for one in result.unread
        ]
        for one in result.unread:
            log.warning("%d messages wait for another attempt: %s", len(one.turns), one.reason)
    if result.rejected:
        told["rejected"] = [{"reason": one.reason, "item": one.item} for one in result.rejected]
    receipt = receipts.noted(ask.receipt, told)
    told["results"] = yield from batch.commit(put_aside(ask, result.unread), settled, receipt)
    return receipts.with_status(told)
