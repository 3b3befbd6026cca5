"""Times and days are read by one rule, whoever gives them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memfast import Memory
from memfast._core import read_day, read_moment
from memfast._flows.times import expiry_of, micros, moment_of
from memfast.errors import ValidationError

# Seconds east of UTC.
OFFSETS = st.none() | st.integers(-86_399, 86_399)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), OFFSETS)  # noqa: DTZ001 - local times
def test_a_written_time_is_read_as_the_same_instant_and_offset(
    moment: datetime, offset: int | None
) -> None:
    if offset is not None:
        moment = moment.replace(tzinfo=timezone(timedelta(seconds=offset)))
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    for text in (moment.isoformat(), moment.isoformat(" ")):
        found = moment_of(text)
        assert found == zoned
        assert found is not None
        assert found.utcoffset() == zoned.utcoffset()
        assert read_moment(text) == (micros(zoned), offset)


@given(st.text(max_size=30))
def test_text_that_python_does_not_read_is_not_a_time(text: str) -> None:
    if read_moment(text) is not None:
        datetime.fromisoformat(text)


@given(st.dates())
def test_a_written_day_is_read_as_that_day(day: date) -> None:
    assert expiry_of(day.isoformat()) == expiry_of(day)
    assert read_day(f"{day.year:04}-{day.month}-{day.day}") == expiry_of(day)


@pytest.mark.parametrize("text", ["soon", "2026-02-30", "2026-01-01T25:00", "\ud800", ""])
def test_add_and_import_refuse_the_same_times(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="is not a valid time"):
        moment_of(text)
    with Memory(path=tmp_path / "m") as memory:
        row = {"memory": "tea", "user_id": "ann", "created_at": text}
        assert memory.import_([row], progress=False).rejected == 1
