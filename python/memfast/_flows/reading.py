"""Facts from a language model: asked once, asked again, asked in halves, or not understood."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from memfast._flows.earlier import earlier_than
from memfast._flows.scopes import ids_of
from memfast._flows.understood import UNUSABLE, Understood, Unread, reason_of
from memfast._steps import Flow, complete, is_brief, work
from memfast.errors import MemfastError
from memfast.extraction import prompts
from memfast.extraction.decisions import Decision, Rejected
from memfast.extraction.facts import Turn
from memfast.extraction.grounding import content, plain
from memfast.extraction.items import ALONE, Surroundings
from memfast.extraction.reply import Reading, read_reply

if TYPE_CHECKING:
    from memfast._context import Context
    from memfast._flows.jobs import Job
    from memfast._flows.near import Near
    from memfast.types import Prompt, Reply

log = logging.getLogger("memfast")

# Halvings of messages whose facts do not fit into a reply.
HALVINGS = 4
HALF = 0.5


def understand(context: Context, job: Job, near: Near) -> Flow[Understood]:
    """Ask for the facts of messages, and what becomes of the memories near to them."""
    reader = _Reader(context, job, near)
    yield from reader.read(job.turns, HALVINGS)
    return reader.result


class _Reader:
    def __init__(self, context: Context, job: Job, near: Near) -> None:
        self._context = context
        self._settings = context.understanding
        self._job = job
        self._near = near
        self.result = Understood()

    def read(self, turns: tuple[Turn, ...], halvings: int) -> Flow[None]:
        """Ask for the facts of some messages; where they do not fit, for those of each half."""
        try:
            reading = yield from self._ask_model(turns)
        except UNUSABLE:
            raise
        except MemfastError as failure:
            self.result.unread.append(Unread(turns, reason_of(failure)))
            return
        for warning in reading.warnings:
            log.warning("reply of the model: %s", warning)
        for rejected in reading.rejected:
            log.info("a fact of the model is rejected: %s", rejected.reason)
        if reading.verdict in ("ok", "empty"):
            self.result.take(reading)
        elif reading.verdict == "split" and halvings and len(turns) > 1:
            middle = len(turns) // 2
            yield from self.read(turns[:middle], halvings - 1)
            yield from self.read(turns[middle:], halvings - 1)
        else:
            self.result.take(reading)
            reason = reading.problem or reading.verdict
            self.result.unread.append(Unread(turns, reason, answered=True))

    def _earlier(self, turns: tuple[Turn, ...]) -> list[Turn]:
        return earlier_than(self._job, turns, *self._settings.earlier)

    def _ask_model(self, turns: tuple[Turn, ...]) -> Flow[Reading]:
        earlier = self._earlier(turns)
        prompt = prompts.extraction_prompt(
            turns,
            earlier=earlier,
            near=self._near.shown(),
            scope=ids_of(self._job.scope),
            now=turns[-1].at,
            instructions=self._job.instructions or self._settings.instructions,
            replaces=self._settings.extraction,
            agent=self._job.by_agent,
        )
        around = Surroundings(
            earlier=earlier,
            ids=[str(value) for value in ids_of(self._job.scope).values()],
            days=[day.isoformat() for _, _, day in self._near.shown() if day],
            agent=self._job.by_agent,
        )
        aliases = self._near.texts
        self.result.calls += 1
        reply = yield from complete(self._context, prompt)
        reading = yield from _read(reply, turns, aliases, prompt, around)
        if reading.verdict == "retry":
            log.info("the model is asked again: %s", reading.problem)
            self.result.calls += 1
            again = prompts.retry_prompt(prompt, reply, reading.problem or "")
            reply = yield from complete(self._context, again)
            reading = yield from _read(reply, turns, aliases, prompt, around)
        return reading


def _read(
    reply: Reply,
    turns: Sequence[Turn],
    aliases: Mapping[str, str],
    prompt: Prompt,
    around: Surroundings = ALONE,
) -> Flow[Reading]:
    texts = [reply.text, *(turn.content for turn in turns)]
    asked = str(prompt.messages[0]["content"])
    read = partial(read_reply, reply, turns, aliases, list(aliases.values()), asked, around)
    return (yield from work(read, lambda: is_brief(texts)))


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
        reply = yield from complete(context, prompt)
    except MemfastError as failure:
        log.warning("facts were added without reconciliation: %s", failure.message)
        return decisions
    around = Surroundings(days=[day.isoformat() for _, _, day in near.shown() if day])
    reading = yield from _read(reply, turns, near.texts, prompt, around)
    if reading.verdict not in ("ok", "empty"):
        log.warning("facts were added without reconciliation: %s", reading.problem)
        return decisions
    result.rejected += reading.rejected
    answers, strays = _matched(decisions, reading.decisions, near)
    result.rejected += strays
    return answers


def _matched(
    facts: list[Decision], answers: Sequence[Decision], near: Near
) -> tuple[list[Decision], list[Rejected]]:
    """Return what becomes of facts after answers about them, and the answers about none.

    An answer is about the fact of whose words it holds most, at least half, and about all facts
    whose words it holds wholly. In the words of a memory it may be about the memory alone. The
    other parts of a fact are known from its messages; a fact that no answer is about stays.
    """
    stems_of = [content(one.fact.text) for one in facts]
    memories = {plain(text) for text in near.texts.values()}
    matched: list[Decision] = []
    strays: list[Rejected] = []
    answered: set[int] = set()
    for answer in answers:
        text = answer.fact.text
        stems = content(text)
        shares = [len(stems & own) / max(1, len(own)) for own in stems_of]
        about = [place for place, share in enumerate(shares) if share == 1]
        if not about and max(shares) >= HALF and plain(text) not in memories:
            about = [shares.index(max(shares))]
        if about:
            sources = sorted({at for place in about for at in facts[place].fact.sources})
            fact = replace(facts[about[0]].fact, text=text, sources=tuple(sources))
            matched.append(replace(answer, fact=fact))
        elif answer.event in {"DELETE", "NONE"}:
            matched.append(answer)
        else:
            strays.append(Rejected("the text says none of the facts", text))
        answered.update(about)
    return matched + [one for at, one in enumerate(facts) if at not in answered], strays
