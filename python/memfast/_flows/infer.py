"""`add(infer=True)`: conversation becomes facts, which are kept true as they change."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from memfast._core import new_id
from memfast._flows import scopes
from memfast._flows.batch import Batch, Resolved, add_fact, carry_out, conclude, keep_message
from memfast._flows.copies import Copies, copies_of, hash_of, own_where_known, stated_again
from memfast._flows.earlier import with_earlier
from memfast._flows.jobs import PROCEDURAL, PROCESSED, REPEATED, Job, StandIn
from memfast._flows.near import EACH, FEW, RIVALS, Near, candidates, nearest
from memfast._flows.procedural import summarise
from memfast._flows.reading import reconsider, understand
from memfast._flows.redacting import clean_decisions, clean_fact
from memfast._flows.stand_ins import remove_unconfirmed
from memfast._flows.turn import Turn
from memfast._flows.understood import Understood, Unread, reason_of
from memfast._flows.vectors import embedded
from memfast._steps import Flow, sliced
from memfast.errors import (
    ConflictError,
    EmbeddingError,
    MemoryNotFoundError,
    NetworkError,
    RateLimitError,
)
from memfast.extraction.decisions import Decision
from memfast.extraction.grounding import plain
from memfast.extraction.rules import extracting
from memfast.extraction.rules.change import decide_by_rules
from memfast.stores.protocol import Blend

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast.extraction.facts import Fact
    from memfast.extraction.facts import Turn as Said
    from memfast.extraction.slices import Slices
    from memfast.stores.protocol import Scope
    from memfast.types import AddResult, Hit, Vector

log = logging.getLogger("memfast")

# Times that a call decides, where others change what it decides about. From the second time on it
# holds its turn, so that only calls that began before, and changes by hand, can still do so.
TRIES = 8
# Failures of an embedder that may pass; those of the language model are handled where it is asked.
UNEMBEDDED = (EmbeddingError, NetworkError, RateLimitError)
# Least cosine of a memory that a fact may be at odds with: with the static embedder it lies between
# those of statements that exclude each other and those of one person's other statements.
RIVAL = 0.5
# Characters of a message by whose words memories are found.
LONG = 500


def infer(context: Context, job: Job, processed: Sequence[int] = ()) -> Flow[AddResult]:
    """Make memories of messages, and commit them with what they change.

    Args:
        context: The store and the models.
        job: The messages.
        processed: Numbers of the pending input that they are.

    Returns:
        `results`, `status` and `extractor`; `pending` and `rejected` where there is any.
    """
    reason = ""
    turn = Turn(context, scopes.sequence_of(job.scope, context.understanding.reach))
    try:
        for _ in range(TRIES):
            try:
                if job.memory_type == PROCEDURAL:
                    return (yield from summarise(context, job, processed))
                return (yield from _attempt(context, job, processed, turn))
            except (ConflictError, MemoryNotFoundError) as conflict:
                if conflict.error_code in {PROCESSED, REPEATED}:
                    raise
                reason = conflict.message
            except UNEMBEDDED as failure:
                reason = reason_of(failure)
                break
            yield from turn.take()
    finally:
        turn.leave()
    job = yield from with_earlier(context, job)
    waits = Understood(unread=[Unread(job.turns, reason)])
    return (yield from conclude(context, Batch(), job, waits, processed))


def _attempt(context: Context, given: Job, processed: Sequence[int], turn: Turn) -> Flow[AddResult]:
    job = yield from with_earlier(context, given)
    # A local embedder costs nothing: the messages themselves find what is near to them.
    heard: list[Vector] = []
    if context.embeds_here and job.turns:
        heard = yield from embedded(context, [turn.content for turn in job.turns])
    near = Near()
    if context.understanding.llm is None:
        found_by_rules = yield from _by_rules(context, job, heard, near, turn)
        if found_by_rules is None:
            # Now it holds its turn, and nobody comes before it again.
            return (yield from _attempt(context, given, processed, turn))
        result, vectors = found_by_rules
    else:
        selection = scopes.exactly(_compared(context, job))
        said = [turn.content[:LONG] for turn in job.turns] if heard else []
        found = yield from candidates(context, selection, said, heard, FEW)
        near.take(hit for hits in found for hit in hits if not job.has_stand_in(hit["id"]))
        result, vectors = yield from _by_model(context, job, near)
    batch = Batch(kept={turn.index: turn.id for turn in job.earlier if turn.id})
    if context.understanding.keep_messages:
        for place in range(len(job.turns)):
            keep_message(batch, job, place, heard[place] if heard else None)
    changing = [one.alias for one in result.decisions if one.event in ("UPDATE", "DELETE")]
    ended = {near.items[alias]["hash"] for alias in changing if alias in near.items}
    begun = {hash_of(one.fact.text) for one in result.decisions if one.event == "UPDATE"}
    copies = yield from copies_of(context, job.scope, ended | begun if ended else set())
    if job.stand_ins:
        copies = copies.without({one.id for one in job.stand_ins})
    resolving = _resolved(job, result.decisions, near, copies)

    vector_of = dict(zip((turn.index for turn in job.turns), heard, strict=False))
    answered = [turn for turn in job.earlier if heard and _is_source(turn, result.decisions)]
    if answered:
        asked = yield from embedded(context, [turn.content for turn in answered])
        vector_of.update(zip((turn.index for turn in answered), asked, strict=True))

    def carried_out() -> Slices[None]:
        for resolved, vector in zip(resolving, vectors, strict=True):
            yield
            blend = _blended(job, resolved.decision, vector_of, vector)
            carry_out(batch, job, replace(resolved, vector=blend))

    yield from sliced(carried_out())
    job = yield from _with_stand_ins(context, batch, job, result, turn)
    return (yield from conclude(context, batch, job, result, processed))


def _with_stand_ins(
    context: Context, batch: Batch, job: Job, result: Understood, turn: Turn
) -> Flow[Job]:
    """Remove the stand-ins of messages that were read, or let rules make those of unread ones.

    Return the job with the stand-ins that it has then.
    """
    unread = [turn for one in result.unread for turn in one.turns]
    if job.stand_ins:
        waiting = job.stand_ins_of(unread)
        settled = [one for one in job.stand_ins if one not in waiting]
        yield from remove_unconfirmed(context, batch, settled, result.decisions)
        return job
    if not unread or job.attempts or context.understanding.while_pending is None:
        return job
    part = replace(job, turns=tuple(unread))
    heard: list[Vector] = []
    if context.embeds_here:
        heard = yield from embedded(context, [said.content for said in unread])
    found = yield from _by_rules(context, part, heard, Near(), turn)
    if found is None:
        # Now it holds its turn.
        found = yield from _by_rules(context, part, heard, Near(), turn)
    stand_ins: list[StandIn] = []
    if found is not None:
        for one, vector in zip(found[0].decisions, found[1], strict=True):
            fact = one.fact
            if one.event in ("ADD", "UPDATE") and one.over is None:
                stand_in = StandIn(new_id(), hash_of(fact.text), fact.sources)
                stand_ins.append(stand_in)
                decision = Decision(fact, "ADD")
                add_fact(batch, job, Resolved(decision, None, vector), stand_in.id)
    return replace(job, stand_ins=tuple(stand_ins))


def _is_source(turn: Said, decisions: Sequence[Decision]) -> bool:
    return any(turn.index in one.fact.sources for one in decisions)


def _blended(
    job: Job, decision: Decision, heard: Mapping[int, Vector], vector: Vector
) -> Vector | Blend:
    """Return the vector of a fact, blended with those of its messages where they have some."""
    if not heard:
        return vector
    levels = job.support(decision.fact.sources)
    return Blend(vector, tuple(tuple(heard[index] for index in level) for level in levels))


def _compared(context: Context, job: Job) -> Scope:
    """Return the scope whose memories the facts of messages are compared with."""
    return scopes.compared(job.scope, context.understanding.reach)


def _resolved(
    job: Job, decisions: Sequence[Decision], near: Near, copies: Copies
) -> list[Resolved]:
    """Return decisions with the memories that each changes; each memory is changed once."""
    taken: set[str] = set()
    resolved: list[Resolved] = []
    for decision in decisions:
        before = near.items.get(decision.alias) if decision.alias else None
        if before is None or decision.event == "ADD":
            rival = near.items.get(decision.rival) if decision.rival else None
            resolved.append(Resolved(decision, before, (), rival=rival))
            continue
        known = None
        if decision.event == "UPDATE":
            known = copies.of_run(decision.fact.text, job.scope)
        ending = [one for one in copies.of(before, near.items.values()) if one["id"] not in taken]
        if not ending or before["id"] in taken:
            resolved.append(Resolved(decision, None, ()))
            continue
        taken.update(one["id"] for one in ending)
        resolved.append(Resolved(decision, before, (), tuple(ending), known))
    return resolved


def _overtaken(context: Context, job: Job) -> Flow[bool]:
    """Return whether a call before this one brought messages that this one may answer."""
    if job.attempts:
        # Queued input goes on from the messages that were the last when it came.
        return False
    again = yield from with_earlier(context, replace(job, follows=None))
    return again.follows != job.follows


def _facts_of(job: Job, recalled: list[str]) -> Flow[list[Fact]]:
    # What another run said may explain a statement to a model, not answer its question.
    own = job.earlier[job.elsewhere :]
    return (
        yield from sliced(extracting(job.turns, earlier=own, agent=job.by_agent, recalled=recalled))
    )


def _by_rules(
    context: Context, job: Job, heard: list[Vector], near: Near, turn: Turn
) -> Flow[tuple[Understood, list[Vector]] | None]:
    """Return what rules find, or None where it must be looked for again, as others came before."""
    known = yield from nearest(context, scopes.exactly(job.scope), heard)
    recalled = [hit["memory"] for hits in known for hit in hits]
    facts = yield from _facts_of(job, recalled)
    if context.understanding.secrets == "keep":
        facts = [clean_fact(fact) for fact in facts]
    log.info("%d facts found by rules; no language model is named", len(facts))
    if not facts:
        return Understood(), []
    # Of one slot one value holds, also where calls at the same time bring the first ones.
    if (yield from turn.take()) and (yield from _overtaken(context, job)):
        return None
    vectors = yield from embedded(context, [fact.text for fact in facts])
    selection = scopes.exactly(_compared(context, job))
    found: list[list[Hit]] = [[] for _ in facts]
    # "I moved to Bergen" may be nearer to others' moves than to where its speaker lived.
    for valued, most in ((False, EACH), (True, RIVALS)):
        places = [at for at, fact in enumerate(facts) if bool(fact.slot) is valued]
        near_each = yield from candidates(
            context,
            selection,
            [facts[at].text for at in places],
            [vectors[at] for at in places],
            most,
        )
        for at, hits in zip(places, near_each, strict=True):
            found[at] = hits
    texts = [fact.text for fact in facts]
    found = yield from own_where_known(context, job.scope, texts, vectors, found)
    vector_of = {fact.text: vector for fact, vector in zip(facts, vectors, strict=True)}
    decisions = yield from sliced(decide_by_rules(facts, found, job.said))
    if context.understanding.strategy == "additive":
        decisions = [Decision(one.fact, "ADD") for one in decisions]
    near.items.update({hit["id"]: hit for hits in found for hit in hits})
    # A fact may have got the words that it needs to be understood alone.
    worded = [text for one in decisions if (text := one.fact.text) not in vector_of]
    if worded:
        vector_of.update(zip(worded, (yield from embedded(context, worded)), strict=True))
    return Understood(decisions), [vector_of[one.fact.text] for one in decisions]


def _by_model(context: Context, job: Job, near: Near) -> Flow[tuple[Understood, list[Vector]]]:
    result = yield from understand(context, job, near)
    result.decisions += stated_again(job, near.items, result.decisions)
    decisions = [one for one in result.decisions if one.event != "NONE"]
    if context.understanding.secrets == "keep":
        decisions = clean_decisions(decisions)
    if context.understanding.strategy == "additive":
        # That something ended is a fact as well, unless the words are those of the memory.
        known = {plain(text) for text in near.texts.values()}
        decisions = [
            Decision(one.fact, "ADD") for one in decisions if plain(one.fact.text) not in known
        ]
    vectors = yield from embedded(context, [one.fact.text for one in decisions])
    fresh = [at for at, one in enumerate(decisions) if one.event == "ADD"]
    if fresh and context.understanding.strategy == "reconcile":
        # Only the fact itself may bring up what it is at odds with.
        selection = scopes.exactly(_compared(context, job))
        hits = yield from nearest(context, selection, [vectors[at] for at in fresh], RIVAL)
        hits = [[hit for hit in found if not job.has_stand_in(hit["id"])] for found in hits]
        shown = {item["id"] for item in near.items.values()}
        doubtful = [
            at
            for at, found in zip(fresh, hits, strict=True)
            if any(hit["id"] not in shown or not decisions[at].sure for hit in found)
        ]
        if doubtful and result.calls < 2:  # noqa: PLR2004 - an add asks twice at most
            rivals = Near(first=1 + len(near.items))
            rivals.take(
                hit
                for at, found in zip(fresh, hits, strict=True)
                for hit in found
                if at in doubtful
            )
            others = yield from candidates(
                context,
                selection,
                [decisions[at].fact.text for at in doubtful],
                [vectors[at] for at in doubtful],
            )
            rivals.take(hit for found in others for hit in found if not job.has_stand_in(hit["id"]))
            near.items.update(rivals.items)
            again = [decisions[at] for at in doubtful]
            certain = [one for at, one in enumerate(decisions) if at not in doubtful]
            answers = yield from reconsider(context, again, rivals, result)
            decisions = certain + [one for one in answers if one.event != "NONE"]
            if context.understanding.secrets == "keep":
                decisions = clean_decisions(decisions)
            vectors = yield from embedded(context, [one.fact.text for one in decisions])
    result.decisions = decisions
    return result, vectors
