"""Facts from a language model: asked once, asked again, asked in halves, or not understood."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from memfast._flows.asks import Ask
from memfast._flows.near import Near
from memfast._flows.understood import UNUSABLE, Understood, reason_of
from memfast._steps import Complete, Context, Flow, Work, is_brief
from memfast.errors import MemfastError
from memfast.extraction import prompts
from memfast.extraction.decisions import Decision
from memfast.extraction.facts import Turn
from memfast.extraction.grounding import content
from memfast.extraction.reply import Reading, read_reply
from memfast.types import Prompt, Reply

log = logging.getLogger("memfast")

# Halvings of messages whose facts do not fit into a reply.
HALVINGS = 4
HALF = 0.5


def understand(context: Context, ask: Ask, near: Near) -> Flow[Understood]:
    """Ask for the facts of messages, and what becomes of the memories near to them."""
    reader = _Reader(context, ask, near)
    yield from reader.read(ask.turns, HALVINGS)
    return reader.result


class _Reader:
    def __init__(self, context: Context, ask: Ask, near: Near) -> None:
        self._settings = context.understanding
        self._ask = ask
        self._near = near
        self.result = Understood()

    def read(self, turns: tuple[Turn, ...], halvings: int) -> Flow[None]:
        """Ask for the facts of some messages; where they do not fit, for those of each half."""
        try:
            reading = yield from self._ask_model(turns)
        except UNUSABLE:
            raise
        except MemfastError as failure:
            self.result.unread.append((turns, reason_of(failure)))
            return
        for warning in reading.warnings:
            log.warning("reply of the model: %s", warning)
        if reading.verdict in ("ok", "empty", "unfounded"):
            self.result.take(reading)
        elif reading.verdict == "split" and halvings and len(turns) > 1:
            middle = len(turns) // 2
            yield from self.read(turns[:middle], halvings - 1)
            yield from self.read(turns[middle:], halvings - 1)
        else:
            self.result.take(reading)
            self.result.unread.append((turns, reading.problem or reading.verdict))

    def _ask_model(self, turns: tuple[Turn, ...]) -> Flow[Reading]:
        prompt = prompts.extraction_prompt(
            turns,
            near=self._near.shown(),
            scope=self._ask.scope,
            now=turns[-1].at,
            instructions=self._ask.instructions or self._settings.instructions,
            replaces=self._settings.extraction,
            agent=self._ask.by_agent,
        )
        aliases = self._near.texts
        known = list(aliases.values())
        self.result.calls += 1
        reply = yield Complete(prompt)
        reading = yield from _read(reply, turns, aliases, known, prompt)
        if reading.verdict in ("retry", "unfounded"):
            log.info("the model is asked again: %s", reading.problem)
            self.result.calls += 1
            reply = yield Complete(prompts.retry_prompt(prompt, reply, reading.problem or ""))
            reading = yield from _read(reply, turns, aliases, known, prompt)
        return reading


def _read(
    reply: Reply,
    turns: Sequence[Turn],
    aliases: Mapping[str, str],
    known: list[str],
    prompt: Prompt,
) -> Flow[Reading]:
    texts = [reply.text, *(turn.content for turn in turns)]
    asked = str(prompt.messages[0]["content"])
    read = partial(read_reply, reply, turns, aliases, known, asked)
    reading: Reading = yield Work(read, lambda: is_brief(texts))
    return reading


def reconsider(
    context: Context, decisions: list[Decision], near: Near, result: Understood
) -> Flow[list[Decision]]:
    """Ask what becomes of memories that only the facts themselves have brought up."""
    settings = context.understanding
    facts = [decision.fact for decision in decisions]
    prompt = prompts.decision_prompt(facts, near.shown(), replaces=settings.reconciliation)
    turns = [
        Turn(source, fact.attributed_to, fact.text) for fact in facts for source in fact.sources
    ]
    result.calls += 1
    try:
        reply: Any = yield Complete(prompt)
    except MemfastError as failure:
        log.warning("facts were added without reconciliation: %s", failure.message)
        return decisions
    reading = yield from _read(reply, turns, near.texts, list(near.texts.values()), prompt)
    if reading.verdict not in ("ok", "empty"):
        log.warning("facts were added without reconciliation: %s", reading.problem)
        return decisions
    result.rejected += reading.rejected
    # A fact that the answer says nothing of is kept as it was told.
    return reading.decisions + _unanswered(decisions, reading.decisions)


def _unanswered(facts: list[Decision], answers: Sequence[Decision]) -> list[Decision]:
    """Return the facts that no answer is about.

    An answer is about the fact of which it says most, and at least half, and about all of which it
    says everything.
    """
    told = [content(one.fact.text) for one in facts]
    answered: set[int] = set()
    for answer in answers:
        stems = content(answer.fact.text)
        shares = [len(stems & own) / max(1, len(own)) for own in told]
        most = max(shares)
        if most >= HALF:
            answered.add(shares.index(most))
        answered.update(place for place, share in enumerate(shares) if share == 1)
    return [one for place, one in enumerate(facts) if place not in answered]
