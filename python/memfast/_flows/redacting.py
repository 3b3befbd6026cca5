"""Secrets are masked in messages before anyone reads them, and in facts in any case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from memfast.extraction.secrets import masked

if TYPE_CHECKING:
    from memfast.extraction.decisions import Decision
    from memfast.extraction.facts import Fact, Turn
    from memfast.types import Redacted


def without_secrets(turns: Sequence[Turn]) -> tuple[tuple[Turn, ...], list[Redacted]]:
    """Return messages with their secrets masked, and which secrets these were."""
    clean: list[Turn] = []
    redacted: list[Redacted] = []
    for turn in turns:
        text, kinds = masked(turn.content)
        clean.append(replace(turn, content=text) if kinds else turn)
        redacted += [{"message": turn.index, "kind": kind} for kind in kinds]
    return tuple(clean), redacted


def clean_fact(fact: Fact) -> Fact:
    """Return a fact without secrets."""
    text, kinds = masked(fact.text)
    return replace(fact, text=text) if kinds else fact


def clean_decisions(decisions: Sequence[Decision]) -> list[Decision]:
    """Return decisions about facts without secrets."""
    return [replace(one, fact=clean_fact(one.fact)) for one in decisions]
