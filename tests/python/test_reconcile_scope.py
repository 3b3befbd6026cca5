"""Facts of one user in several runs: what is compared, what is ended, and what a search shows."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memfast import AsyncMemory, ConfigurationError, Memory
from memfast._flows.scopes import compared as compared_scope
from memfast._flows.scopes import exactly, ids_of
from memfast.stores.protocol import Scope
from memfast.testing import FakeLLM, fake_memory
from memfast.types import Prompt

Item = dict[str, Any]


@pytest.fixture
def memory() -> Iterator[Memory]:
    with Memory(path=":memory:") as opened:
        yield opened


def texts(memory: Memory, **scope: Any) -> list[str]:
    """Return the texts of the memories that hold, in order."""
    return sorted(item["memory"] for item in memory.get_all(**scope)["results"])


def found(memory: Memory, query: str, **arguments: Any) -> list[str]:
    return [hit["memory"] for hit in memory.search(query, user_id="ann", **arguments)["results"]]


def of_run(items: list[Any], run: str) -> list[Item]:
    return [item for item in items if item.get("run_id") == run]


def test_a_fact_of_another_run_supersedes(memory: Memory) -> None:
    memory.add("I live in Oslo.", user_id="ann", run_id="1")
    outcome = memory.add("I live in Bergen now.", user_id="ann", run_id="2")
    assert texts(memory, user_id="ann") == ["I live in Bergen now."]
    [result] = outcome["results"]
    assert result["event"] == "UPDATE"
    assert result["previous_memory"] == "I live in Oslo."
    ended = memory.get_all(user_id="ann", run_id="1", include_superseded=True)["results"]
    assert [item["superseded_by"] for item in ended] == [result["id"]]
    assert ended[0]["valid_to"] is not None
    assert [item["run_id"] for item in memory.get_all(user_id="ann")["results"]] == ["2"]
    events = [event["event"] for event in memory.history(ended[0]["id"])]
    assert events == ["ADD", "DELETE"]


def test_an_update_within_a_run_keeps_the_id(memory: Memory) -> None:
    first = memory.add("I live in Oslo.", user_id="ann", run_id="1")["results"][0]["id"]
    second = memory.add("I live in Bergen now.", user_id="ann", run_id="1")["results"][0]
    assert (second["id"], second["event"]) == (first, "UPDATE")


def test_facts_without_a_run_and_with_one_are_compared(memory: Memory) -> None:
    memory.add("I live in Oslo.", user_id="ann")
    memory.add("I live in Bergen now.", user_id="ann", run_id="1")
    assert texts(memory, user_id="ann") == ["I live in Bergen now."]
    memory.add("I live in Rome now.", user_id="ann")
    assert texts(memory, user_id="ann") == ["I live in Rome now."]


@pytest.mark.parametrize(
    "other",
    [
        {"user_id": "bob", "run_id": "1"},
        {"user_id": "ann", "agent_id": "bot", "run_id": "1"},
        {"agent_id": "bot", "run_id": "1"},
        {"run_id": "1"},
    ],
)
def test_what_others_learned_stays(memory: Memory, other: dict[str, Any]) -> None:
    scopes: list[dict[str, Any]] = [other, {"user_id": "ann", "run_id": "1"}]
    for first, second in (scopes, scopes[::-1]):
        memory.reset()
        memory.add("I live in Oslo.", **first)
        memory.add("I live in Bergen now.", **second)
        assert len(memory.get_all(**first)["results"]) >= 1
        everything = memory.get_all(user_id="*", include_superseded=True)["results"]
        assert [item["memory"] for item in everything if item.get("valid_to")] == []


def test_runs_of_an_agent_without_a_user_are_compared(memory: Memory) -> None:
    names = {
        "own": Scope(agent_id="bot", run_id="1"),
        "other run": Scope(agent_id="bot", run_id="2"),
        "no run": Scope(agent_id="bot"),
        "with a user": Scope("ann", "bot", "1"),
        "other agent": Scope(agent_id="tool", run_id="1"),
        "run alone": Scope(run_id="1"),
    }
    for text, scope in names.items():
        memory.add(text, infer=False, **dict[str, Any](ids_of(scope)))
    store = memory._context.store
    compared = exactly(compared_scope(names["own"], "user"))
    assert {item["memory"] for item in store.scan(compared).items} == {"own", "other run", "no run"}
    [alone] = store.scan(exactly(compared_scope(names["run alone"], "user"))).items
    assert alone["memory"] == "run alone"


def test_each_run_keeps_its_copy_and_a_search_shows_the_newest(memory: Memory) -> None:
    for run in "123":
        memory.add("My sister is called Nora.", user_id="ann", run_id=run)
        memory.add("My sister is called Nora.", user_id="ann", run_id=run)
    assert memory.count(user_id="ann") == 3
    for run in "123":
        assert len(found(memory, "sister", run_id=run)) == 1
        assert texts(memory, user_id="ann", run_id=run) == ["My sister is called Nora."]
    for mode in ("hybrid", "semantic", "lexical"):
        [hit] = memory.search("sister", user_id="ann", mode=mode)["results"]
        assert hit["run_id"] == "3"
        [hit] = memory.search("sister", user_id="ann", run_id=["1", "2"], mode=mode)["results"]
        assert hit["run_id"] == "2"
    text = memory.context("Who is my sister?", user_id="ann")["text"]
    assert text.count("Nora") == 1


def test_a_search_returns_as_many_different_facts_as_are_asked_for(memory: Memory) -> None:
    pets = [f"My {pet} is called Kim." for pet in ("dog", "cat", "horse", "parrot", "snake")]
    for run in range(6):
        for pet in pets:
            memory.add(pet, user_id="ann", run_id=str(run))
    assert memory.count(user_id="ann") == 30
    for mode in ("hybrid", "semantic", "lexical"):
        for limit in (1, 2, 5, 7):
            hits = found(memory, "What is my dog called?", limit=limit, mode=mode)
            assert len(hits) == len(set(hits)) == min(limit, 5)
    many = memory.search_many(["my dog", "my cat"], user_id="ann", limit=5)
    assert [sorted(hit["memory"] for hit in one["results"]) for one in many] == [sorted(pets)] * 2
    both = memory.search("my dog", user_id="*", limit=5)["results"]
    assert sorted(hit["memory"] for hit in both) == sorted(pets)


def test_what_a_filter_leaves_decides_which_copy_is_the_newest(memory: Memory) -> None:
    for run, colour in enumerate(("red", "green", "blue")):
        memory.add(
            "My sister is called Nora.",
            user_id="ann",
            run_id=str(run),
            metadata={"colour": colour},
        )
    [hit] = memory.search("sister", user_id="ann", filters={"colour": {"ne": "blue"}})["results"]
    assert hit["metadata"]["colour"] == "green"


def test_texts_stored_as_they_are_are_no_copies(memory: Memory) -> None:
    for run in "12":
        memory.add("Thanks!", user_id="ann", run_id=run, infer=False)
    assert found(memory, "thanks") == ["Thanks!", "Thanks!"]


def test_an_update_ends_all_copies(memory: Memory) -> None:
    for run in "1234":
        memory.add("I live in Oslo.", user_id="ann", run_id=run)
    own = of_run(memory.get_all(user_id="ann")["results"], "2")[0]["id"]
    outcome = memory.add("I live in Bergen now.", user_id="ann", run_id="2")
    assert [(one["id"], one["event"]) for one in outcome["results"]] == [(own, "UPDATE")]
    assert texts(memory, user_id="ann") == ["I live in Bergen now."]
    rows = memory.get_all(user_id="ann", include_superseded=True)["results"]
    assert {row["superseded_by"] for row in rows if row["id"] != own} == {own}


def test_delete_all_of_a_run_reopens_what_it_had_ended(memory: Memory) -> None:
    memory.add("I live in Oslo.", user_id="ann", run_id="1")
    memory.add("I live in Oslo.", user_id="ann", run_id="2")
    memory.add("I live in Bergen now.", user_id="ann", run_id="3")
    memory.delete_all(user_id="ann", run_id="3")
    rows = memory.get_all(user_id="ann")["results"]
    assert [row["memory"] for row in rows] == ["I live in Oslo.", "I live in Oslo."]
    for row in rows:
        assert row.get("valid_to") is None
        assert row.get("superseded_by") is None
        events = [event["event"] for event in memory.history(row["id"])]
        assert events == ["ADD", "DELETE", "UPDATE"]
    assert found(memory, "Where do I live?") == ["I live in Oslo."]
    memory.add("I live in Rome now.", user_id="ann", run_id="1")
    assert texts(memory, user_id="ann") == ["I live in Rome now."]


def test_what_a_later_run_ended_too_stays_ended(memory: Memory) -> None:
    for run, town in enumerate(("Oslo", "Bergen", "Rome")):
        memory.add(f"I live in {town} now.", user_id="ann", run_id=str(run))
    memory.delete_all(user_id="ann", run_id="1")
    assert texts(memory, user_id="ann") == ["I live in Rome now."]
    memory.delete_all(user_id="ann", run_id="2")
    assert texts(memory, user_id="ann") == ["I live in Oslo now."]


def test_delete_reopens_nothing(memory: Memory) -> None:
    memory.add("I live in Oslo.", user_id="ann", run_id="1")
    outcome = memory.add("I live in Bergen now.", user_id="ann", run_id="2")
    memory.delete(outcome["results"][0]["id"])
    assert texts(memory, user_id="ann") == []


def test_exact_compares_with_the_same_run_alone() -> None:
    with Memory(path=":memory:", reconcile_scope="exact") as memory:
        memory.add("I live in Oslo.", user_id="ann", run_id="1")
        memory.add("I live in Bergen now.", user_id="ann", run_id="2")
        assert texts(memory, user_id="ann") == ["I live in Bergen now.", "I live in Oslo."]
        memory.add("I live in Rome now.", user_id="ann", run_id="2")
        assert texts(memory, user_id="ann") == ["I live in Oslo.", "I live in Rome now."]


def test_an_unknown_reconcile_scope_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="reconcile_scope"):
        Memory(path=":memory:", reconcile_scope="run")  # type: ignore[arg-type]


def test_a_scoped_memory_compares_the_runs_of_its_user(memory: Memory) -> None:
    memory.scoped(user_id="ann", run_id="1").add("I live in Oslo.")
    memory.scoped(user_id="bob", run_id="1").add("I live in Oslo.")
    handle = memory.scoped(user_id="ann", run_id="2")
    handle.add("I live in Bergen now.")
    assert texts(memory, user_id="ann") == ["I live in Bergen now."]
    assert texts(memory, user_id="bob") == ["I live in Oslo."]
    handle.delete_all()
    assert texts(memory, user_id="ann") == ["I live in Oslo."]


def test_more_runs_than_a_search_can_name_are_compared(memory: Memory) -> None:
    for run in range(70):
        memory.add("My sister is called Nora.", user_id="ann", run_id=str(run))
    memory.add("I live in Oslo.", user_id="ann", run_id="3")
    memory.add("I live in Oslo.", user_id="ann", agent_id="bot", run_id="3")
    memory.add("I live in Bergen now.", user_id="ann", run_id="last")
    assert texts(memory, user_id="ann", run_id="3") == [
        "I live in Oslo.",
        "My sister is called Nora.",
    ]
    assert texts(memory, user_id="ann", agent_id="bot") == ["I live in Oslo."]
    assert len(found(memory, "sister", limit=5, filters={"agent_id": None})) == 2


def test_runs_that_change_a_fact_at_the_same_time_leave_one(memory: Memory) -> None:
    memory.add("I live in Oslo.", user_id="ann", run_id="start")
    towns = ("Bergen", "Rome", "Paris", "Lima", "Quito", "Cairo")

    def move(town: str) -> None:
        memory.add(f"I live in {town} now.", user_id="ann", run_id=town)

    with ThreadPoolExecutor(len(towns)) as pool:
        list(pool.map(move, towns))
    assert len(texts(memory, user_id="ann")) == 1
    everything = memory.get_all(user_id="ann", include_superseded=True)["results"]
    assert len(everything) == 1 + len(towns)


def test_an_event_loop_changes_facts_across_runs() -> None:
    async def talk() -> list[str]:
        async with AsyncMemory(path=":memory:") as memory:
            towns = ("Bergen", "Rome", "Paris")
            calls = (
                memory.add(f"I live in {town} now.", user_id="ann", run_id=town) for town in towns
            )
            await asyncio.gather(*calls)
            listed = await memory.get_all(user_id="ann")
            return [item["memory"] for item in listed["results"]]

    assert len(asyncio.run(talk())) == 1


def replies(prompt: Prompt) -> str:
    """State where the user lives, as a model that knows the memories of the prompt."""
    asked = "\n".join(str(message["content"]) for message in prompt.messages)
    said = asked.rpartition("]")[2] if "]" in asked else asked
    known = re.search(r"(m\d+)[^\n]*: User lives in Oslo", asked)
    fact: dict[str, object] = {"text": "User lives in Oslo", "event": "ADD", "sources": [0]}
    if known is not None:
        fact |= {"event": "NONE", "id": known[1]}
        if "Bergen" in said:
            fact |= {"text": "User lives in Bergen", "event": "UPDATE"}
    return json.dumps({"facts": [fact]})


def test_a_model_changes_and_repeats_facts_of_other_runs() -> None:
    with fake_memory(llm=FakeLLM([replies] * 8)) as memory:
        memory.add("I live in Oslo", user_id="ann", run_id="1")
        memory.add("Yes, I live in Oslo", user_id="ann", run_id="2")
        assert texts(memory, user_id="ann", run_id="2") == ["User lives in Oslo"]
        memory.add("The weather is fine", user_id="ann", run_id="quiet")
        assert texts(memory, user_id="ann", run_id="quiet") == []
        outcome = memory.add("I live in Bergen now", user_id="ann", run_id="3")
        assert [one["event"] for one in outcome["results"]] == ["UPDATE"]
        assert texts(memory, user_id="ann") == ["User lives in Bergen"]


TOWNS = ("Oslo", "Rome", "Lima")
RUNS = ("a", "b", "c")
STEP = st.one_of(
    st.tuples(st.just("live"), st.sampled_from(RUNS), st.sampled_from(TOWNS)),
    st.tuples(st.just("delete_all"), st.sampled_from(RUNS), st.just("")),
    st.tuples(st.just("delete"), st.sampled_from(RUNS), st.just("")),
)


class Model:
    """Where somebody lives: memories as [run, town, successor, holds], by number."""

    def __init__(self) -> None:
        self.rows: dict[int, list[Any]] = {}
        self.number = 0

    def live(self, run: str, town: str) -> None:
        held = [key for key, row in self.rows.items() if row[3]]
        own = next((key for key in held if self.rows[key][0] == run), None)
        if own is not None and self.rows[own][1] == town:
            return
        same = [key for key in held if self.rows[key][1] == town]
        if same:
            self._push(run, town)
            return
        if own is None:
            own = self._push(run, town)
        self.rows[own][1] = town
        for key in held:
            if key != own:
                self.rows[key][2:] = [own, False]

    def _push(self, run: str, town: str) -> int:
        self.number += 1
        self.rows[self.number] = [run, town, None, True]
        return self.number

    def delete(self, run: str) -> None:
        for key in [key for key, row in self.rows.items() if row[3] and row[0] == run]:
            del self.rows[key]

    def delete_all(self, run: str) -> None:
        gone = {key: row for key, row in self.rows.items() if row[0] == run}
        for key in gone:
            del self.rows[key]
        for row in self.rows.values():
            if row[2] not in gone:
                continue
            while row[2] in gone:
                row[2] = gone[row[2]][2]
            row[3] = row[2] is None

    def towns(self) -> list[tuple[str, str]]:
        return sorted((row[0], row[1]) for row in self.rows.values() if row[3])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, max_size=12))
def test_runs_agree_with_a_plain_model(memory: Memory, steps: list[tuple[str, str, str]]) -> None:
    memory.reset()
    model = Model()
    for step, run, town in steps:
        if step == "live":
            memory.add(f"I live in {town}.", user_id="ann", run_id=run)
            model.live(run, town)
        elif step == "delete_all":
            memory.delete_all(user_id="ann", run_id=run)
            model.delete_all(run)
        else:
            for item in memory.get_all(user_id="ann", run_id=run)["results"]:
                memory.delete(item["id"])
            model.delete(run)
        held = memory.get_all(user_id="ann")["results"]
        assert sorted((one["run_id"], one["memory"][10:-1]) for one in held) == model.towns()
        shown = found(memory, "Where do I live?")
        assert sorted(shown) == sorted({one["memory"] for one in held})
