"""A month and day without a year get the year that is meant, or none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from memfast.extraction.rules import dates
from memfast.extraction.rules.words import words_of

TABLE = Path(__file__).parents[1] / "data" / "told_years.tsv"
LEAST_RIGHT = 0.97
MOST_WRONG = 0.02


class Told(NamedTuple):
    """A sentence, when it was said, and the day that it means; None if that is open."""

    at: datetime
    day: str | None
    text: str


def told() -> list[Told]:
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return [
        Told(
            datetime.fromisoformat(at).replace(hour=10, tzinfo=UTC),
            None if day == "-" else day,
            text,
        )
        for at, day, text in (row for row in rows if len(row) == 3)
    ]


def test_most_days_get_the_year_that_is_meant() -> None:
    missed: list[str] = []
    wrong: list[str] = []
    table = told()
    for at, day, text in table:
        said, when = dates.resolve(text, words_of(text), at)
        found = when and when.date().isoformat()
        if found != day:
            (wrong if found else missed).append(f"{at.date()} {day}: {said}")
    assert len(table) >= 200
    share = len(wrong) / len(table)
    assert share <= MOST_WRONG, wrong
    assert 1 - share - len(missed) / len(table) >= LEAST_RIGHT, [*wrong, *missed]
