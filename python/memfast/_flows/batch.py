"""Decisions become one commit: memories, the messages they come from, and what is queued."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias, cast

from memfast._core import new_id
from memfast._flows import receipts, scopes
from memfast._flows.times import micros
from memfast._steps import Flow, commit
from memfast.stores.protocol import Blend, Deferred, Patch, Put, Rewrite, Speaker, Told, Write

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._flows.jobs import Job
    from memfast._flows.understood import Understood, Unread
    from memfast.extraction.decisions import Decision
    from memfast.extraction.facts import Fact, Turn
    from memfast.stores.protocol import Change, Operation
    from memfast.types import Added, AddResult, Hit, MemoryItem, Vector

log = logging.getLogger("memfast")

# What `add` returns of an operation, but for the id.
Result: TypeAlias = Mapping[str, object]


@dataclass(slots=True)
class Batch:
    """Changes that are committed together.

    Attributes:
        operations: The operations.
        results: What is returned of each; None for nothing.
        kept: Ids of the messages that are kept, by index.
    """

    operations: list[Operation] = field(default_factory=list)
    results: list[Result | None] = field(default_factory=list)
    kept: dict[int, str] = field(default_factory=dict)

    def add(self, operation: Operation, result: Result | None = None) -> None:
        """Add an operation."""
        self.operations.append(operation)
        self.results.append(result)

    def sources(self, turns: Sequence[Turn]) -> tuple[list[str], list[str]]:
        """Return the ids of the messages among some that are kept, and the texts of the others."""
        ids = [self.kept[turn.index] for turn in turns if turn.index in self.kept]
        return ids, [turn.content for turn in turns if turn.index not in self.kept]


def keep_message(batch: Batch, job: Job, place: int, vector: Vector | None) -> None:
    """Keep a message, unless an earlier attempt has; every message is a row of its own.

    Args:
        batch: Takes it.
        job: The messages.
        place: Which of them.
        vector: Its vector; None where texts are embedded elsewhere, which costs.
    """
    turn = job.turns[place]
    if turn.id is not None:
        batch.kept[turn.index] = turn.id
        return
    ids, texts = batch.sources(job.turns[max(place - 1, 0) : place])
    key = None if job.unnamed else new_id()
    if key is not None:
        batch.kept[turn.index] = key
    batch.add(
        Put(
            job.scope,
            turn.content,
            vector,
            key,
            kind="message",
            sources=texts,
            source_ids=ids,
            role=turn.role,
            actor_id=turn.name,
            said_at=micros(turn.at),
            existing="refuse" if key else "keep",
        )
    )


@dataclass(frozen=True, slots=True)
class Resolved:
    """A decision with all that it takes to carry it out.

    Attributes:
        decision: The decision.
        before: The memory that an UPDATE or a DELETE changes.
        vector: The vector of the fact's text, blended with those of its messages.
        ending: The same memory with its copies in other runs.
        known: The memory of the run that has the text of an UPDATE already.
        rival: The memory that the fact may contradict, where both hold.
    """

    decision: Decision
    before: Hit | None
    vector: Vector | Blend
    ending: tuple[MemoryItem, ...] = ()
    known: MemoryItem | None = None
    rival: Hit | None = None


def carry_out(batch: Batch, job: Job, resolved: Resolved) -> None:
    """Add the operations of a decision."""
    event, before = resolved.decision.event, resolved.before
    begins = job.said(resolved.decision.fact.sources) or datetime.now(UTC)
    if event == "DELETE":
        if before is not None:
            _end(batch, resolved, begins)
    elif event == "UPDATE" and before is not None:
        _supersede(batch, job, resolved, before, begins)
    else:
        add_fact(batch, job, resolved)


def _end(batch: Batch, resolved: Resolved, ends: datetime, by: str | None = None) -> None:
    """End a memory and its copies; `by` is what takes their place."""
    before = resolved.before["id"] if resolved.before else None
    for one in resolved.ending:
        if one["id"] != by:
            patch = Patch(
                one["id"],
                valid_to=micros(_end_of(one, ends)),
                superseded_by=by,
                expects=one["hash"],
            )
            # What takes its place is reported where it is new.
            told = one["id"] == before and (by is None or resolved.known is not None)
            batch.add(patch, {"memory": one["memory"], "event": "DELETE"} if told else None)


def _supersede(batch: Batch, job: Job, resolved: Resolved, before: Hit, begins: datetime) -> None:
    """Let a fact take the place of a memory and of its copies in other runs.

    The run's own memory is changed, and its previous version archived. In a run that has none the
    fact becomes a new memory, unless one there says so already.
    """
    ends = resolved.decision.over or begins
    own = next((one for one in resolved.ending if scopes.is_of_run(one, job.scope)), None)
    if own is not None:
        _change(batch, job, replace(resolved, known=None), own, begins)
        _end(batch, replace(resolved, known=None), ends, own["id"])
    elif resolved.known is not None:
        _end(batch, resolved, ends, resolved.known["id"])
    else:
        successor = new_id()
        _succeed(batch, job, resolved, before, successor)
        _end(batch, resolved, ends, successor)


def _change(
    batch: Batch, job: Job, resolved: Resolved, before: MemoryItem, begins: datetime
) -> None:
    """Change a memory to a fact; the previous version is archived."""
    fact = resolved.decision.fact
    said = job.said(fact.sources)
    turns = job.telling(fact.sources)
    ids, texts = batch.sources(turns)
    ends = _end_of(before, resolved.decision.over or begins)
    known = said or before.get("valid_from")
    patch = Patch(
        before["id"],
        rewrite=Rewrite(fact.text, resolved.vector),
        metadata=job.metadata,
        categories=list(fact.categories) or None,
        said_at=micros(said),
        told=_told(fact),
        valid_from=micros(max(begins, ends)) if known else None,
        archive_to=micros(ends),
        speaker=_speaker(fact, turns),
        sources=texts,
        source_ids=ids,
        expects=before["hash"],
    )
    previous = before["memory"]
    result = {"memory": fact.text, "event": "UPDATE", "previous_memory": previous}
    batch.add(patch, {**result, **_shown(fact)})


def _succeed(batch: Batch, job: Job, resolved: Resolved, before: Hit, successor: str) -> None:
    """Add a fact as a new memory with an id, in place of a memory of another run."""
    decision = resolved.decision
    begins = job.said(decision.fact.sources) or datetime.now(UTC)
    known = job.said(decision.fact.sources) or before.get("valid_from")
    put = _put(job, batch, resolved)._replace(
        id=successor,
        valid_from=micros(max(begins, _end_of(before, decision.over or begins))) if known else None,
        existing="refuse",
    )
    text, previous = decision.fact.text, before["memory"]
    result = {"memory": text, "event": "UPDATE", "previous_memory": previous}
    batch.add(put, {**result, **_shown(decision.fact)})


def add_fact(batch: Batch, job: Job, resolved: Resolved, stand_in: str | None = None) -> None:
    """Add a fact as a new memory; as a stand-in it has a given id."""
    fact, over = resolved.decision.fact, resolved.decision.over
    put = _put(job, batch, resolved)
    result: dict[str, object] = {"memory": fact.text, "event": "ADD", **_shown(fact)}
    if stand_in is not None:
        result["stand_in"] = True
        put = put._replace(id=stand_in, existing="refuse")
    if over is not None:
        result["valid_to"] = over.astimezone(UTC).isoformat()
        put = put._replace(
            valid_to=micros(over),
            superseded_by=resolved.before["id"] if resolved.before else None,
            # A fact that is over and one that holds are two memories, even with the same text.
            existing="refuse",
        )
    batch.add(put, result)


def _shown(fact: Fact) -> dict[str, object]:
    """Return what a result says of a fact beside its text."""
    shown: dict[str, object] = {"memory_type": fact.kind, "messages": list(fact.sources)}
    if fact.event_at is not None:
        shown["event_time"] = fact.event_at.astimezone(UTC).isoformat()
    if fact.categories:
        shown["categories"] = list(fact.categories)
    return shown


def _put(job: Job, batch: Batch, resolved: Resolved) -> Put:
    """Return a fact as a new memory, unless the scope holds its text."""
    fact = resolved.decision.fact
    turns = job.telling(fact.sources)
    said = job.said(fact.sources)
    ids, texts = batch.sources(turns)
    speaker = _speaker(fact, turns)
    return Put(
        job.scope,
        fact.text,
        resolved.vector,
        metadata=job.metadata,
        sources=texts,
        source_ids=ids,
        created_at=job.times.created_at,
        updated_at=job.times.updated_at,
        said_at=micros(said),
        valid_from=micros(said),
        expires_on=job.expires_on,
        memory_type=fact.kind,
        categories=fact.categories,
        told=_told(fact, resolved.rival),
        role=speaker.role,
        actor_id=speaker.actor_id,
        existing="keep",
    )


def _told(fact: Fact, rival: Hit | None = None) -> Told:
    """Return what a fact tells, and the memory that it may contradict."""
    facets = fact.facets
    return Told(
        event_at=micros(fact.event_at),
        worth=fact.worth,
        trust=None if fact.trusted else "untrusted",
        may_contradict=() if rival is None else (rival["id"],),
        subject=facets.subject or None,
        attribute=facets.attribute or None,
        value=facets.value or None,
        entities=facets.entities,
    )


def _speaker(fact: Fact, turns: Sequence[Turn]) -> Speaker:
    """Return who says a fact: the speaker of the first of its messages that it is attributed to."""
    # Who asked the question before an answer is not who gave the answer.
    telling = [turn for turn in turns if turn.role == fact.attributed_to] or turns
    if not telling:
        return Speaker(fact.attributed_to, None)
    return Speaker(telling[0].role, telling[0].name)


def _end_of(before: MemoryItem, ends: datetime) -> datetime:
    """Return when a memory ended: not before it began, where its begin is known."""
    begun = before.get("valid_from")
    return ends if begun is None else max(ends, datetime.fromisoformat(begun))


def deferred(job: Job, unread: Sequence[Unread], kept: Mapping[int, str]) -> list[Deferred]:
    """Return input for the pending queue; `kept` has the ids of messages that are kept."""
    return [Deferred(job.scope, one.reason, job.queued(one, kept).to_json()) for one in unread]


def conclude(
    context: Context, batch: Batch, job: Job, result: Understood, processed: Sequence[int]
) -> Flow[AddResult]:
    """Commit what was made of messages, and queue the rest as pending; return both."""
    llm = context.understanding.llm
    outcome: AddResult = {
        "results": [],
        "status": "pending" if result.unread else "stored",
        "extractor": "rules" if llm is None else str(llm.name),
    }
    if result.unread:
        outcome["pending"] = [
            {"messages": [turn.index for turn in one.turns], "reason": one.reason}
            for one in result.unread
        ]
        for one in result.unread:
            log.warning("%d messages are queued as pending: %s", len(one.turns), one.reason)
    if job.redacted:
        outcome["redacted"] = list(job.redacted)
    if result.rejected:
        outcome["rejected"] = [{"reason": one.reason, "item": one.item} for one in result.rejected]
    receipt = receipts.noted(job.call, outcome, batch.results)
    waiting = deferred(job, result.unread, batch.kept)
    write = Write(batch.operations, context.space, waiting, processed, receipt)
    if write.operations or write.pending or write.processed or write.receipt:
        outcome["results"] = returned(batch.results, (yield from commit(context, write)))
    return receipts.with_status(outcome)


def returned(results: Sequence[Result | None], changes: Sequence[Change]) -> list[Added]:
    """Return the results of a commit; a memory that was there already has none."""
    pairs = zip(results, changes, strict=True)
    return cast(
        "list[Added]",
        [
            {"id": change.id, **result}
            for result, change in pairs
            if result is not None and change.event != "NONE"
        ],
    )
