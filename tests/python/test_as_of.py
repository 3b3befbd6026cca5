"""`as_of` and `latest_only`: memories as things stood at a time, with the scores of today."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memfast import AsyncMemory, Memory, ValidationError
from memfast.testing import HashEmbedder, fake_memory
from memfast.types import SearchMode
from tests.python.campaign import rounds

ANN: dict[str, Any] = {"user_id": "ann"}
MODES: tuple[SearchMode, ...] = get_args(SearchMode)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ("coffee", "Oslo", "Porto", "bicycle", "works", "Tobias", "the")


def day(number: int) -> datetime:
    return BEGIN + timedelta(days=number)


def texts(found: Any) -> list[str]:
    return [item["memory"] for item in found["results"]]


def ids(found: Any) -> list[str]:
    return [item["id"] for item in found["results"]]


class Row(NamedTuple):
    """A memory as the model knows it; times are numbers of days."""

    words: list[str]
    created: int
    said: int | None
    happened: int | None
    begins: int | None
    ends: int | None
    last_day: int | None
    run: int
    replaced: bool

    def item(self, number: int) -> dict[str, Any]:
        times = {
            "created_at": self.created,
            "said_at": self.said,
            "event_time": self.happened,
            "valid_from": self.begins,
            "valid_to": self.ends,
        }
        last = self.last_day
        return {
            "id": f"m{number:03}",
            "memory": " ".join(self.words),
            "run_id": f"r{self.run}",
            "metadata": {"even": number % 2 == 0},
            **{name: day(at).isoformat() for name, at in times.items() if at is not None},
            **({} if last is None else {"expiration_date": day(last).date().isoformat()}),
            **({"superseded_by": "m000"} if self.replaced else {}),
            **ANN,
        }

    def held(self, at: float) -> bool:
        begins = (self.begins, self.said, self.happened, self.created)
        begin = next(one for one in begins if one is not None)
        ended = self.ends is not None and self.ends <= at
        expired = self.last_day is not None and self.last_day < int(at)
        return begin <= at and not ended and not expired


DAYS = st.integers(0, 9)
MAYBE = st.none() | DAYS
ROWS = st.lists(
    st.builds(
        Row,
        words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
        created=DAYS,
        said=MAYBE,
        happened=MAYBE,
        begins=MAYBE,
        ends=MAYBE,
        last_day=MAYBE,
        run=st.integers(0, 1),
        replaced=st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
# Begins, ends and times between them.
TIMES = st.integers(0, 20).map(lambda halves: halves / 2)


def stored(rows: list[Row]) -> Memory:
    memory = fake_memory()
    report = memory.import_([row.item(number) for number, row in enumerate(rows)])
    assert report.added == len(rows)
    return memory


@settings(max_examples=rounds(test=30, campaign=600), deadline=None)
@given(ROWS, ROWS, TIMES)
def test_every_read_returns_what_held_then(rows: list[Row], later: list[Row], half: float) -> None:
    memory = stored(rows)
    at = BEGIN + timedelta(days=half)
    for more in ([], later):
        # The second time the columns of the first search do not know the newest rows.
        begin = len(rows)
        rows = rows + more
        memory.import_([row.item(begin + number) for number, row in enumerate(more)])
        held = [row.item(number) for number, row in enumerate(rows) if row.held(half)]
        names = [item["id"] for item in held]
        assert ids(memory.get_all(**ANN, as_of=at)) == names
        assert memory.count(**ANN, as_of=at) == len(names)
        page = memory.get_all(**ANN, as_of=at, page=1, page_size=5, sort="created_at")
        assert page["count"] == len(names)
        assert set(ids(page)) <= set(names)
        for mode in MODES:
            found = memory.search("coffee in Oslo", **ANN, as_of=at, mode=mode)
            assert sorted(ids(found)) == names
        even: dict[str, Any] = {"filters": {"even": True}, "run_id": "r0"}
        some = [one["id"] for one in held if one["metadata"]["even"] and one["run_id"] == "r0"]
        assert ids(memory.get_all(**ANN, **even, as_of=at)) == some
        assert memory.count(**ANN, **even, as_of=at) == len(some)
        assert sorted(ids(memory.search("coffee", **ANN, **even, as_of=at))) == some


@settings(max_examples=rounds(test=20, campaign=400), deadline=None)
@given(ROWS, TIMES, st.sampled_from(MODES))
def test_a_time_only_removes_and_changes_no_score_and_no_order(
    rows: list[Row], half: float, mode: SearchMode
) -> None:
    memory = stored(rows)
    question = "Where did Tobias get the bicycle in January?"
    whole = memory.search(
        question, **ANN, mode=mode, include_superseded=True, show_expired=True, explain=True
    )
    then = memory.search(
        question, **ANN, mode=mode, as_of=BEGIN + timedelta(days=half), explain=True
    )
    kept = set(ids(then))
    assert then["results"] == [hit for hit in whole["results"] if hit["id"] in kept]


@pytest.fixture
def moved() -> Memory:
    """Ann lives in Oslo from January, in Porto from May."""
    memory = fake_memory()
    memory.add("I live in Oslo.", **ANN, timestamp="2026-01-10")
    memory.add("I moved to Porto.", **ANN, timestamp="2026-05-10")
    return memory


@pytest.mark.parametrize(
    "may",
    [
        "2026-05-10",
        "2026-05-10T00:00:00Z",
        "2026-05-10T02:00:00+02:00",
        date(2026, 5, 10),
        datetime(2026, 5, 10),  # noqa: DTZ001 - it is in UTC
        datetime(2026, 5, 10, tzinfo=UTC),
        1_778_371_200,
        1_778_371_200.0,
    ],
)
def test_a_fact_holds_from_its_begin_until_the_next_one_replaces_it(
    moved: Memory, may: Any
) -> None:
    assert texts(moved.search("Where does Ann live?", **ANN, as_of=may)) == ["I moved to Porto."]
    before = datetime(2026, 5, 9, 23, 59, 59, 999_999, UTC)
    assert texts(moved.search("Where does Ann live?", **ANN, as_of=before)) == ["I live in Oslo."]
    assert texts(moved.get_all(**ANN, as_of=before)) == ["I live in Oslo."]
    assert moved.count(**ANN, as_of="2026-01-09") == 0


def test_several_queries_are_answered_as_of_one_time(moved: Memory) -> None:
    answers = moved.search_many(["Oslo", "Porto"], **ANN, as_of="2026-02-01")
    assert [texts(answer) for answer in answers] == [["I live in Oslo."]] * 2


def test_a_context_shows_what_held_then_and_no_later_turn() -> None:
    memory = fake_memory()
    talk = [
        {"role": "user", "name": "Ann", "content": "I live in Oslo.", "timestamp": "2026-01-10"},
        {"role": "user", "name": "Bob", "content": "Nice place!", "timestamp": "2026-01-11"},
        {"role": "user", "name": "Ann", "content": "I moved to Porto.", "timestamp": "2026-05-10"},
    ]
    memory.add(talk, **ANN, run_id="1", infer=False)
    text = memory.context("Where does Ann live?", **ANN, as_of="2026-01-10T12:00:00Z")["text"]
    assert "Oslo" in text
    assert "Nice place" not in text
    assert "Porto" not in text


def test_scoped_async_and_read_only_memories_answer_as_of_a_time(tmp_path: Path) -> None:
    place = tmp_path / "store"
    with Memory(place, embedder=HashEmbedder()) as memory:
        memory.add("I live in Oslo.", **ANN, timestamp="2026-01-10")
        memory.add("I live in Rome.", user_id="bob", timestamp="2026-01-10")
    with Memory(place, embedder=HashEmbedder(), read_only=True) as memory:
        ann = memory.scoped(**ANN)
        assert texts(ann.search("live", as_of="2026-02-01")) == ["I live in Oslo."]
        assert texts(ann.search("live", as_of="2026-01-01")) == []
        assert ann.count(as_of="2026-02-01") == 1

    async def run() -> list[str]:
        async with AsyncMemory(place, embedder=HashEmbedder()) as memory:
            assert await memory.count(**ANN, as_of="2026-01-01") == 0
            return texts(await memory.search("live", **ANN, as_of="2026-02-01"))

    assert asyncio.run(run()) == ["I live in Oslo."]


def test_only_the_latest_of_a_chain_is_returned(moved: Memory) -> None:
    moved.add("I moved to Rome.", **ANN, timestamp="2026-08-01")
    everything: dict[str, Any] = {**ANN, "include_superseded": True}
    assert len(texts(moved.get_all(**everything))) == 3
    for found in (
        moved.get_all(**everything, latest_only=True),
        moved.search("Where?", **everything, latest_only=True),
        moved.get_all(**ANN, latest_only=True),
    ):
        assert texts(found) == ["I moved to Rome."]
    for at, text in (("2026-02-01", "I live in Oslo."), ("2026-06-01", "I moved to Porto.")):
        assert texts(moved.get_all(**ANN, as_of=at, latest_only=True)) == [text]


def test_what_ended_without_a_successor_is_the_latest_of_its_kind() -> None:
    memory = fake_memory()
    rows = [
        {"id": "ended", "memory": "a", "valid_to": "2026-02-01T00:00:00Z"},
        {"id": "replaced", "memory": "b", "superseded_by": "ended"},
    ]
    memory.import_(rows, **ANN)
    found = memory.get_all(**ANN, include_superseded=True, latest_only=True)
    assert ids(found) == ["ended"]
    # When it was replaced is not known.
    assert ids(memory.get_all(**ANN, as_of="9999-01-01")) == ["replaced"]
    assert ids(memory.get_all(**ANN, as_of="9999-01-01", latest_only=True)) == []


def test_an_expired_memory_is_shown_as_of_a_day_on_which_it_was_not() -> None:
    memory = fake_memory()
    memory.batch_add(
        [{"memory": "trial", "timestamp": "2020-01-01", "expiration_date": "2020-01-31"}], **ANN
    )
    for at, shown in (("2020-01-31T23:59:59Z", 1), ("2020-02-01", 0)):
        assert memory.count(**ANN, as_of=at) == shown
        assert len(texts(memory.search("trial", **ANN, as_of=at))) == shown
        assert memory.count(**ANN, as_of=at, show_expired=True) == 1


BAD = [
    *(True, "", "soon", "2026-13-01", b"2026", [], {}, object()),
    *(float("nan"), float("inf"), 1e300, -1e300, 10**400, "10000-01-01"),
]


@pytest.mark.parametrize("at", BAD)
@pytest.mark.parametrize("verb", ["search", "search_many", "get_all", "count", "context"])
def test_a_bad_time_is_refused_by_its_name(moved: Memory, verb: str, at: Any) -> None:
    query: dict[str, list[Any]] = {"search": ["x"], "search_many": [["x"]], "context": ["x"]}
    with pytest.raises(ValidationError, match=r"^as_of ") as raised:
        getattr(moved, verb)(*query.get(verb, []), **ANN, as_of=at)
    assert len(raised.value.message) < 200


@pytest.mark.parametrize("flag", [1, "yes", None])
def test_latest_only_is_true_or_false(moved: Memory, flag: Any) -> None:
    with pytest.raises(ValidationError, match="latest_only"):
        moved.get_all(**ANN, latest_only=flag)
    with pytest.raises(ValidationError, match="latest_only"):
        moved.search("x", **ANN, latest_only=flag)
