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
from memfast.errors import ConfigurationError, ValidationError
from memfast.testing import fake_memory

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


def said(memory: Memory, *, before: datetime) -> list[bool | None]:
    """Return for each memory whether it was said between a time and now; None for unknown."""
    items = memory.get_all(user_id="ann", include_messages=True)["results"]
    times = [item.get("said_at") for item in items]
    return [
        None if time is None else before <= datetime.fromisoformat(time) <= datetime.now(UTC)
        for time in times
    ]


@pytest.mark.parametrize("infer", [True, False])
def test_now_as_timestamp_is_the_time_of_the_call(*, infer: bool) -> None:
    before = datetime.now(UTC)
    with fake_memory() as memory:
        memory.add("I live in Oslo", user_id="ann", timestamp="now", infer=infer)
        memory.batch_add([{"memory": "tea", "timestamp": "now"}], user_id="ann")
        message = {"role": "user", "content": "I own a dog", "timestamp": "now"}
        memory.add([message], user_id="ann", timestamp="2020-01-01", infer=False)
        found = said(memory, before=before)
        assert len(found) > 2
        assert set(found) == {True}


def test_a_setting_makes_now_the_default_where_a_call_names_no_time() -> None:
    before = datetime.now(UTC)
    with fake_memory() as memory:
        memory.add("I live in Oslo", user_id="ann", infer=False)
        assert said(memory, before=before) == [None]
    with fake_memory(timestamps="now") as memory:
        memory.add("I live in Oslo", user_id="ann", infer=False)
        memory.add("I like tea", user_id="ann", infer=False, timestamp="2020-01-01")
        dated = {"created_at": "2021-01-01"}
        memory.add("I like tea", user_id="ann", infer=False, metadata=dated)
        assert said(memory, before=before) == [True, False, False]
    with pytest.raises(ConfigurationError, match="timestamps"):
        fake_memory(timestamps="today")
