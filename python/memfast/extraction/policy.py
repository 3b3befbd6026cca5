"""Limits on what the decisions of one reply may change together."""

from __future__ import annotations

from dataclasses import replace

from memfast.extraction.decisions import Decision, Rejected
from memfast.extraction.grounding import plain
from memfast.extraction.items import Ground

MOST_DECISIONS = 200
MOST_CHANGES = 3
_CHANGES = frozenset({"UPDATE", "DELETE"})


def limited(
    decisions: list[Decision], ground: Ground, warnings: list[str]
) -> tuple[list[Decision], list[Rejected]]:
    """Return the accepted decisions and the rejected ones.

    A memory changes at most once, and is not deleted by a reply that also states it. Equal facts
    are kept once. A reply that would change more than three memories and more than half of those
    in the prompt changes none. At most 200 decisions are accepted.
    """
    rejected: list[Rejected] = []
    kept = _within(_once(_apart(decisions, ground, rejected), warnings), ground, rejected)
    if len(kept) > MOST_DECISIONS:
        warnings.append(f"{len(kept)} facts are more than {MOST_DECISIONS}; the rest was left out")
        reason = f"it comes after the first {MOST_DECISIONS} facts"
        rejected.extend(Rejected(reason, decision) for decision in kept[MOST_DECISIONS:])
    return kept[:MOST_DECISIONS], rejected


def _apart(decisions: list[Decision], ground: Ground, rejected: list[Rejected]) -> list[Decision]:
    """Keep the first change of each memory; a later new text for it becomes an ADD."""
    kept: list[Decision] = []
    changed: dict[str, str] = {}
    known = {plain(one.fact.text) for one in decisions if one.event == "NONE" and not one.alias}
    for decision in decisions:
        alias, text = decision.alias, plain(decision.fact.text)
        if decision.event == "DELETE" and plain(ground.memories.get(alias or "") or "") in known:
            rejected.append(Rejected("the reply also says what it deletes", decision))
            continue
        if decision.event not in _CHANGES or alias is None or alias not in changed:
            kept.append(decision)
        elif decision.event == "UPDATE" and text not in ground.known:
            kept.append(replace(decision, event="ADD", alias=None))
        elif changed[alias] != text:
            rejected.append(Rejected(f"the memory {alias!r} is changed already", decision))
        if decision.event in _CHANGES and alias is not None:
            changed.setdefault(alias, text)
    return kept


def _once(decisions: list[Decision], warnings: list[str]) -> list[Decision]:
    """Keep one decision per text; a change of a memory has precedence over an ADD."""
    kept: dict[tuple[str, str | None], Decision] = {}
    updated = {plain(one.fact.text) for one in decisions if one.event == "UPDATE"}
    seen: set[str] = set()
    for decision in decisions:
        text = plain(decision.fact.text)
        if (text, "UPDATE") in kept and decision.event == "UPDATE":
            # One fact replaces several memories.
            kept[(text, decision.alias)] = replace(decision, event="DELETE")
        elif decision.event == "DELETE":
            kept.setdefault((text, decision.alias), decision)
        elif text not in seen and (decision.event == "UPDATE" or text not in updated):
            seen.add(text)
            kept[(text, decision.event)] = decision
    if len(kept) < len(decisions):
        warnings.append(f"{len(decisions) - len(kept)} facts were given more than once")
    return list(kept.values())


def _within(decisions: list[Decision], ground: Ground, rejected: list[Rejected]) -> list[Decision]:
    changes = {one.alias for one in decisions if one.event in _CHANGES}
    if len(changes) <= max(MOST_CHANGES, len(ground.memories) / 2):
        return decisions
    reason = f"the reply would change {len(changes)} of {len(ground.memories)} memories at once"
    rejected.extend(Rejected(reason, one) for one in decisions if one.event in _CHANGES)
    return [one for one in decisions if one.event not in _CHANGES]
