"""Facts from a language model: asked once, asked again, asked in halves, or not understood."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from memfast._flows.asks import Ask
from memfast._flows.near import Near
from memfast._steps import Complete, Context, Flow
from memfast.errors import AuthenticationError, ConfigurationError, DependencyError, MemfastError
from memfast.extraction import prompts
from memfast.extraction.decisions import Decision, Rejected
from memfast.extraction.facts import Turn
from memfast.extraction.reply import Reading, read_reply

log = logging.getLogger("memfast")

# Halvings of messages whose facts do not fit into a reply.
HALVINGS = 4


@dataclass(slots=True)
class Understood:
    """What was made of messages.

    Attributes:
        decisions: What to add, change and end.
        rejected: Items of replies that were not kept, with why.
        unread: Messages that nothing was made of yet, with why.
        calls: How often the model was asked.
    """

    decisions: list[Decision] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    unread: list[tuple[tuple[Turn, ...], str]] = field(default_factory=list)
    calls: int = 0

    def take(self, reading: Reading) -> None:
        """Add what a reply holds."""
        self.decisions += reading.decisions
        self.rejected += reading.rejected


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
        except (AuthenticationError, ConfigurationError, DependencyError):
            # Nothing was stored, and the same call will fail until the settings are right.
            raise
        except MemfastError as failure:
            reason = f"{type(failure).__name__}: {failure.message}"
            self.result.unread.append((turns, reason))
            return
        for warning in reading.warnings:
            log.warning("reply of the model: %s", warning)
        if reading.verdict in ("ok", "empty"):
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
        reading = read_reply(reply, turns, aliases, known)
        if reading.verdict == "retry":
            log.info("the model is asked again: %s", reading.problem)
            self.result.calls += 1
            reply = yield Complete(prompts.retry_prompt(prompt, reply, reading.problem or ""))
            reading = read_reply(reply, turns, aliases, known)
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
    reading = read_reply(reply, turns, near.texts, list(near.texts.values()))
    if reading.verdict not in ("ok", "empty"):
        log.warning("facts were added without reconciliation: %s", reading.problem)
        return decisions
    result.rejected += reading.rejected
    return reading.decisions
