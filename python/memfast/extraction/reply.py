"""Reads a model's reply: what to store, what was rejected, and whether to ask again."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from memfast.extraction.decisions import Decision, Rejected
from memfast.extraction.facts import Turn
from memfast.extraction.grounding import spoken
from memfast.extraction.items import (
    ALONE,
    REFUSED,
    UNREADABLE,
    Surroundings,
    ground_of,
    read_item,
)
from memfast.extraction.policy import limited
from memfast.extraction.repair import MOST_ITEMS, Parsed, Unreadable, parse
from memfast.extraction.scanning import FENCE, THINK, THOUGHT, clean, without_thoughts
from memfast.extraction.signs import NOTHING_SAID, REFUSAL
from memfast.types import Reply

Verdict: TypeAlias = Literal["ok", "empty", "retry", "split", "refused"]

LONGEST_REPLY = 4 * 1024 * 1024
_HELD_BACK = frozenset({"filter", "refusal"})
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]")
_REFUSAL_KEY = re.compile(r"""\s*\{\s*["']refusal["']\s*:\s*["']""", re.IGNORECASE)
_WANTED = 'Answer with one JSON object {"facts": [...]} as described, and with nothing else.'


@dataclass(slots=True)
class Reading:
    """The meaning of a reply.

    Attributes:
        decisions: What to do; with "split", from the complete items of a cut reply.
        rejected: Items that are ignored, and why.
        verdict: "ok": there are decisions. "empty": there is nothing to keep. "retry": ask again
            with `problem`. "split": the reply was cut; ask again about
            fewer messages. "refused": the model refused to answer.
        problem: What was wrong, in words for the model; None with "ok" and "empty".
        warnings: Faults that were corrected.
    """

    decisions: list[Decision] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    verdict: Verdict = "ok"
    problem: str | None = None
    warnings: list[str] = field(default_factory=list)


def read_reply(  # noqa: PLR0917 - all that a prompt shows
    reply: Reply,
    turns: Sequence[Turn],
    aliases: Collection[str],
    known: Sequence[str] = (),
    asked: str = "",
    around: Surroundings = ALONE,
) -> Reading:
    """Read a reply to `extraction_prompt` or `decision_prompt`; no reply raises.

    Args:
        reply: The reply.
        turns: The messages that were shown.
        aliases: The aliases of memories in the prompt; a mapping gives their texts too.
        known: Texts of memories; such a text is not a new fact.
        asked: The instructions in the prompt; a text from them is not a fact.
        around: What the prompt shows beside messages and memories.
    """
    if reply.finish in _HELD_BACK:
        return _asking("refused", f"the reply was held back ({reply.finish})")
    text = clean(reply.text)
    cut = reply.finish == "length"
    if not text:
        return _asking("retry", f"The reply was empty. {_WANTED}")
    if len(text) > LONGEST_REPLY:
        return _asking("retry", f"The reply was {len(text)} characters long. {_WANTED}")
    if _PAGE.match(text):
        return _asking("retry", f"The reply was a page of HTML or XML. {_WANTED}")
    parsed = parse(text, cut=cut)
    if parsed.items is None:
        return _nothing(text, parsed, cut=cut)
    reading = Reading(warnings=parsed.warnings)
    ground = ground_of(turns, aliases, known, asked, around)
    vocabulary = spoken(text) if parsed.repaired else None
    for item in parsed.items[:MOST_ITEMS]:
        outcome = read_item(item, ground, vocabulary, reading.warnings)
        if isinstance(outcome, Rejected):
            reading.rejected.append(outcome)
        else:
            reading.decisions.append(outcome)
    reading.decisions, refused = limited(reading.decisions, ground, reading.warnings)
    rejected = [*reading.rejected, *refused]
    if (beyond := len(parsed.items) - MOST_ITEMS) > 0:
        rejected.append(Rejected(f"{beyond} items come after the first {MOST_ITEMS}", None))
    reading.rejected = [replace(one, item=_shown(one.item)) for one in rejected]
    reading.warnings = list(dict.fromkeys(reading.warnings))
    _judge(reading, parsed, cut=cut)
    return reading


def _judge(reading: Reading, parsed: Parsed, *, cut: bool) -> None:
    reasons = list(dict.fromkeys(rejected.reason for rejected in reading.rejected))
    if parsed.cut and (cut or reading.decisions):
        reading.verdict, reading.problem = "split", "The reply ended before it was complete."
    elif parsed.cut:
        reading.verdict = "retry"
        reading.problem = f"The reply ended before it was complete. {_WANTED}"
    elif reading.decisions:
        reading.verdict = "ok"
    elif REFUSED in reasons:
        reading.verdict, reading.problem = "refused", "the model refused"
    elif UNREADABLE in reasons:
        reading.verdict = "retry"
        reading.problem = f"No fact could be read: {'; '.join(reasons[:5])}. {_WANTED}"
    else:
        reading.verdict = "empty"


def _nothing(text: str, parsed: Parsed, *, cut: bool) -> Reading:
    """Judge a reply that holds no list of facts."""
    if _REFUSAL_KEY.match(text) or REFUSAL.match(text):
        return _asking("refused", f"the model refused: {text[:200]}")
    if cut:
        return _asking("split", "The reply ended before it held a fact.")
    answer, unfinished = without_thoughts(text)
    if not unfinished and NOTHING_SAID.match(answer):
        return Reading(verdict="empty")
    if parsed.schema:
        return _asking("retry", f"The reply was the schema itself. {_WANTED}")
    if parsed.cut:
        return _asking("retry", f"The reply ended before it was complete. {_WANTED}")
    return _asking("retry", f'The reply held no list of facts under the key "facts". {_WANTED}')


def _shown(item: object) -> object:
    """Return an item that JSON can express."""
    if isinstance(item, Decision):
        return {"text": item.fact.text, "event": item.event, "id": item.alias}
    if isinstance(item, Unreadable):
        return item.text
    if isinstance(item, dict):
        return {key: _shown(value) for key, value in item.items()}
    return [_shown(value) for value in item] if isinstance(item, list) else item


def read_text(reply: Reply) -> tuple[str, str]:
    """Return the free text of a reply, and if there is none, why.

    Thoughts, and a fence around the whole text, are removed.
    """
    if reply.finish in _HELD_BACK:
        return "", f"the reply was held back ({reply.finish})"
    text = clean(reply.text)
    opening, ending = THINK.search(text), THOUGHT.search(text)
    if ending and (opening is None or not 0 < opening.start() < ending.start()):
        text = text[ending.end() :].strip()
    elif opening and opening.start() == 0:
        return "", "the reply ended inside the model's thoughts"
    fenced = FENCE.fullmatch(text)
    text = fenced.group(1).strip() if fenced else text
    if not _WORD.search(text):
        return "", "the model returned no text"
    if _PAGE.match(text):
        return "", "the reply was a page of HTML or XML"
    return ("", "the model refused") if REFUSAL.match(text) else (text, "")


def _asking(verdict: Verdict, problem: str) -> Reading:
    return Reading(verdict=verdict, problem=problem)
