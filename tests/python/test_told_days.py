"""Days are read in eight languages, and recurring and conditional ones are not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from memfast.extraction.facts import Turn
from memfast.extraction.rules import extract

TABLE = Path(__file__).parents[1] / "data" / "told_days.tsv"
WEDNESDAY = datetime(2026, 6, 17, 10, tzinfo=UTC)
ROWS = [
    line.split("\t")
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("language", "day", "text"), ROWS)
def test_days_are_read_in_all_languages(language: str, day: str, text: str) -> None:
    facts = extract([Turn(0, "user", text, None, WEDNESDAY)])
    found = next((fact.event_at.date().isoformat() for fact in facts if fact.event_at), "-")
    assert found == day, (language, [fact.text for fact in facts])


def test_dates_of_other_languages_are_written_after_them() -> None:
    [fact] = extract([Turn(0, "user", "Gestern habe ich das Auto verkauft.", None, WEDNESDAY)])
    assert fact.text == "Gestern (16 June 2026) habe ich das Auto verkauft."
    [fact] = extract(
        [Turn(0, "user", "\u6211\u6628\u5929\u4e70\u4e86\u8f66\u3002", None, WEDNESDAY)]
    )
    assert fact.text == "\u6211\u6628\u5929 (16 June 2026)\u4e70\u4e86\u8f66\u3002"


@pytest.mark.parametrize(
    "text",
    [
        "Der Bericht ist vom 31. Februar und das stimmt nicht.",
        "Mars is my favourite planet",
        "La casa es de mi hermana y tiene dos plantas.",
        "Ich war zwei Wochen im Urlaub in Kroatien.",
        "Am Morgen trinke ich immer Tee mit Honig.",
    ],
)
def test_no_date_is_seen_where_there_is_none(text: str) -> None:
    [fact] = extract([Turn(0, "user", text, None, WEDNESDAY)])
    assert (fact.text, fact.event_at) == (text, None)
