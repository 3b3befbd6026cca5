"""Builds prompts from messages and memories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b

from memfast.extraction import instructions as say
from memfast.extraction.decisions import SCHEMA
from memfast.extraction.facts import Fact, Turn
from memfast.extraction.grounding import plain, unknown
from memfast.types import Prompt, Reply

NAME = "facts"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SUBJECTS = {"user_id": "a user", "agent_id": "an agent", "run_id": "one session"}

Near = Sequence[tuple[str, str, date | None]]


def extraction_prompt(
    turns: Sequence[Turn],
    *,
    earlier: Sequence[Turn] = (),
    near: Near = (),
    scope: Mapping[str, object] | None = None,
    now: datetime | None = None,
    instructions: str | None = None,
    replaces: str | None = None,
    agent: bool = False,
) -> Prompt:
    """Return the prompt that asks for the facts in messages and their effect on memories.

    Args:
        turns: The messages, shown in full.
        earlier: The messages before them, which tell what they mean and are no source of facts.
        near: Memories similar to the messages, each with its alias, text and date. A message that
            repeats one is marked as recalled.
        scope: The ids that the memories belong to; their values are not shown.
        now: The time of the call, for messages without a time.
        instructions: Instructions in addition to the rules.
        replaces: Instructions in place of the rules; the form of the reply stays.
        agent: Whether the memories belong to an agent too.
    """
    rules = say.RULES.replace("{agent}", say.AGENT if agent else say.USER_ONLY)
    parts = [replaces] if replaces else [rules]
    if instructions:
        parts.append(f"Heed this as well:\n{instructions}")
    parts.append(say.CONTRACT)
    if not replaces:
        parts += [say.FURTHER, say.EXAMPLE]
    texts = [*(turn.content for turn in (*earlier, *turns)), *(text for _, text, _ in near)]
    recalled = {plain(text) for _, text, _ in near}
    mark = mark_of(texts)
    asked = [
        *_circumstances(scope or {}, now),
        _memories(near, mark),
        *_earlier(earlier, mark),
        f"Messages; each begins with a line that starts with {mark}:",
        *(
            _message(turn, mark, recalled=not unknown(turn.content, recalled).strip())
            for turn in turns
        ),
        f"{mark} end of the messages",
    ]
    return _prompt("\n\n".join(parts), "\n".join(asked))


def decision_prompt(facts: Sequence[Fact], near: Near, replaces: str | None = None) -> Prompt:
    """Return the prompt that asks for the effect of facts on similar memories.

    Args:
        facts: The facts.
        near: The memories, each with its alias, text and date.
        replaces: Instructions in place of the rules; the form of the reply stays.
    """
    mark = mark_of([*(fact.text for fact in facts), *(text for _, text, _ in near)])
    lines = [
        f"{mark} fact, sources {list(fact.sources)}, {fact.kind}, by {fact.attributed_to}"
        f"{f', time {fact.event_at.isoformat()}' if fact.event_at else ''}\n{fact.text}"
        for fact in facts
    ]
    asked = [_memories(near, mark), f"New facts, each after a line that starts with {mark}:"]
    system = f"{replaces or say.DECIDE}\n\n{say.CONTRACT}"
    return _prompt(system, "\n".join([*asked, *lines, f"{mark} end of the facts"]))


def retry_prompt(prompt: Prompt, reply: Reply, problem: str) -> Prompt:
    """Return a prompt again, with its reply and what was wrong with the reply."""
    messages = [
        *prompt.messages,
        {"role": "assistant", "content": reply.text or "(nothing)"},
        {"role": "user", "content": f"That reply cannot be used. {problem}"},
    ]
    return Prompt(messages, prompt.schema, prompt.name, prompt.max_tokens)


def procedural_prompt(turns: Sequence[Turn], prompt: str | None = None) -> Prompt:
    """Return the prompt for a record of an agent's run, in free text.

    Args:
        turns: The messages of the run.
        prompt: Instructions in place of the rules.
    """
    mark = mark_of([turn.content for turn in turns])
    shown = [_message(turn, mark, recalled=False) for turn in turns]
    asked = "\n".join([*shown, f"{mark} end of the messages", "Write the record of this run."])
    messages = [
        {"role": "system", "content": prompt or say.PROCEDURAL},
        {"role": "user", "content": asked},
    ]
    return Prompt(messages, None, "record")


def image_prompt(url: str, detail: str) -> Prompt:
    """Return the prompt for a description of an image.

    Args:
        url: Its URL, or a data URL with the image.
        detail: The detail of the image: "auto", "low" or "high".
    """
    content = [
        {"type": "text", "text": say.IMAGE},
        {"type": "image_url", "image_url": {"url": url, "detail": detail}},
    ]
    return Prompt([{"role": "user", "content": content}], None, "image")


def _prompt(system: str, asked: str) -> Prompt:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": asked}]
    return Prompt(messages, SCHEMA, NAME)


def mark_of(texts: Sequence[str]) -> str:
    """Return a mark that no text can contain on purpose: it is a hash of all of them."""
    digest = blake2b(digest_size=5)
    for text in texts:
        digest.update(text.encode("utf-8", "replace") + b"\0")
    return f"#{digest.hexdigest()}"


def _circumstances(scope: Mapping[str, object], now: datetime | None) -> list[str]:
    subjects = [name for key, name in _SUBJECTS.items() if scope.get(key)]
    lines = [f"The memory belongs to {' and '.join(subjects)}."] if subjects else []
    if now is not None:
        lines.append(f"Now it is {_instant(now)}; messages without a time were said now.")
    return lines


def _memories(near: Near, mark: str) -> str:
    if not near:
        return "No memories are shown, so every fact is an ADD.\n"
    lines = [
        f"{mark} {alias}{f' ({when.isoformat()})' if when else ''}: {text}"
        for alias, text, when in near
    ]
    return "\n".join(["Memories that may be concerned, by alias:", *lines, ""])


def _earlier(turns: Sequence[Turn], mark: str) -> list[str]:
    """Return messages as what was said before: without numbers, so that no fact names them."""
    if not turns:
        return []
    head = "Earlier messages, not evidence: they only tell what the later ones mean."
    return [head, *(_said(turn, f"{mark} earlier") for turn in turns), ""]


def _said(turn: Turn, head: str, note: str = "") -> str:
    when = f", {_instant(turn.at)}" if turn.at else ""
    name = f" {' '.join(turn.name.split())}" if turn.name else ""
    return f"{head}{when}, {turn.role}{name}{note}\n{turn.content}"


def _message(turn: Turn, mark: str, *, recalled: bool) -> str:
    return _said(turn, f"{mark} {turn.index}", ", recalled: a memory already" if recalled else "")


def _instant(when: datetime) -> str:
    return f"{_DAYS[when.weekday()]} {when.isoformat(timespec='seconds')}"
