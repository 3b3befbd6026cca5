"""Memories that may contradict each other are listed together, the newest first."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from memfast import Memory
from memfast._flows.rivals import newest_first
from memfast.testing import FakeLLM, fake_memory

ANN: dict[str, Any] = {"user_id": "ann"}
TEXTS = {"m0": "Ann drives a red car", "m1": "Ann walks the dog", "m2": "Ann drives a blue car"}


def talked(memory: Memory, **said: str) -> Memory:
    rows = [
        {"id": key, "memory": text, "said_at": said.get(key, "2026-01-01"), **ANN}
        for key, text in TEXTS.items()
    ]
    rows[2]["may_contradict"] = ["m0", "elsewhere"]
    memory.import_(rows, progress=False)
    return memory


def ids(result: Any) -> list[str]:
    return [item["id"] for item in result["results"]]


def test_the_newer_of_two_rivals_is_listed_directly_before_the_older(memory: Memory) -> None:
    talked(memory, m2="2026-05-01")
    assert ids(memory.get_all(**ANN)) == ["m2", "m0", "m1"]
    assert ids(memory.get_all(**ANN, page=1, page_size=3)) == ["m2", "m0", "m1"]
    for query in ("red car", "walks the dog"):
        [many] = memory.search_many([query], **ANN)
        found = memory.search(query, **ANN)
        assert found["results"] == many["results"]
        at = ids(found)
        assert at.index("m0") == at.index("m2") + 1, query


def test_which_of_them_names_the_other_does_not_matter(memory: Memory) -> None:
    talked(memory, m0="2026-05-01")
    assert ids(memory.get_all(**ANN)) == ["m0", "m2", "m1"]


def test_rivals_keep_their_scores_and_the_order_that_a_caller_asks_for(memory: Memory) -> None:
    talked(memory, m2="2026-05-01")
    linked = {hit["id"]: hit["score"] for hit in memory.search("red car", **ANN)["results"]}
    with fake_memory() as other:
        rows = [{"id": key, "memory": text, **ANN} for key, text in TEXTS.items()]
        other.import_(rows, progress=False)
        plain = {hit["id"]: hit["score"] for hit in other.search("red car", **ANN)["results"]}
    assert linked == plain
    assert ids(memory.get_all(**ANN, sort="said_at")) == ["m0", "m1", "m2"]
    assert ids(memory.get_all(**ANN, filters={"said_at": {"gte": "2026-02-01"}})) == ["m2"]


DAYS = st.integers(10, 28).map(lambda day: f"2026-01-{day}T00:00:00.000000+00:00")
LINKS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=5)


@given(days=st.lists(DAYS, max_size=8), links=LINKS)
def test_only_rivals_move_and_they_move_together(
    days: list[str], links: list[tuple[int, int]]
) -> None:
    items: list[Any] = [
        {"id": str(at), "created_at": day, "said_at": day} for at, day in enumerate(days)
    ]
    for one, other in links:
        if one < len(items):
            items[one].setdefault("may_contradict", []).append(str(other))
    listed = newest_first(items)
    assert sorted(item["id"] for item in listed) == [str(at) for at in range(len(days))]
    joined = {str(at): {str(at)} for at in range(len(days))}
    for one, other in links:
        if one < len(items) and other < len(items):
            both = joined[str(one)] | joined[str(other)]
            joined.update(dict.fromkeys(both, both))
    at = {item["id"]: place for place, item in enumerate(listed)}
    for group in joined.values():
        places = sorted(at[key] for key in group)
        assert places == list(range(places[0], places[0] + len(group)))
        times = [listed[place]["said_at"] for place in places]
        assert times == sorted(times, reverse=True)
    firsts = [min(group, key=int) for group in joined.values()]
    order = sorted(set(firsts), key=int)
    assert sorted(order, key=lambda key: min(at[one] for one in joined[key])) == order


def test_a_fact_names_the_memory_that_a_decision_takes_for_its_rival() -> None:
    # The rules name no rival here; what carries a decision out is the same for both.
    from datetime import UTC, datetime

    from memfast._flows.batch import Batch, Resolved, carry_out
    from memfast._flows.jobs import Job
    from memfast.extraction.decisions import Decision
    from memfast.extraction.facts import Facets, Fact, Turn
    from memfast.stores.protocol import Put, Scope

    turn = Turn(0, "user", "I drive a blue car", at=datetime(2026, 5, 1, tzinfo=UTC))
    facets = Facets("user", "drive", "blue car", ("Blue",))
    fact = Fact("Drives a blue car", (0,), facets=facets, worth=0.5, trusted=False)
    with fake_memory(llm=FakeLLM([json.dumps({"facts": []})])) as memory:
        talked(memory)
        [rival] = memory.search("red car", **ANN, limit=1)["results"]
        batch = Batch()
        job = Job(Scope("ann"), (turn,), {})
        decision = Decision(fact, "ADD", rival="m1")
        carry_out(batch, job, Resolved(decision, None, [1.0], rival=rival))
    [put] = batch.operations
    assert isinstance(put, Put)
    told = put.told
    assert told is not None
    assert (told.may_contradict, told.worth, told.trust) == ((rival["id"],), 0.5, "untrusted")
    assert (told.subject, told.attribute, told.value) == ("user", "drive", "blue car")
    assert (told.entities, told.event_at) == (("Blue",), None)
    assert put.said_at == 1_777_593_600_000_000
