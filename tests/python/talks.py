"""Short talks, and what the rules read in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from memfast.extraction.facts import Fact, Turn
from memfast.extraction.rules import extract

MONDAY = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
WEDNESDAY = datetime(2024, 2, 28, 23, 30, tzinfo=timezone(timedelta(hours=9)))


def turn(content: str, index: int = 0, role: str = "user", name: str | None = None) -> Turn:
    return Turn(index, role, content, name, MONDAY)


def talk(*said: tuple[str, str]) -> list[Turn]:
    return [turn(content, index, role) for index, (role, content) in enumerate(said)]


def facts(*contents: str, name: str | None = None) -> list[Fact]:
    return extract([turn(content, index, name=name) for index, content in enumerate(contents)])


def texts(*contents: str) -> list[str]:
    return [fact.text for fact in facts(*contents)]
