"""An `add` knows what was said before it: short answers, pronouns, corrections."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from memfast import AsyncMemory, Memory
from memfast.errors import ConfigurationError, NetworkError
from memfast.testing import FakeLLM, fake_memory
from memfast.types import Prompt

ASKED = {"role": "assistant", "content": "Do you have any pets?"}
NOTHING = '{"facts": []}'


def memories(memory: Memory, **scope: str) -> list[str]:
    return [item["memory"] for item in memory.get_all(**scope)["results"]]  # type: ignore[arg-type]


def said(llm: FakeLLM, number: int = -1) -> str:
    return str(llm.prompts[number].messages[-1]["content"])


def test_an_answer_in_a_later_add_comes_from_both_messages() -> None:
    with Memory(":memory:") as memory:
        memory.add([ASKED], user_id="ann")
        (fact,) = memory.add("Two cats.", user_id="ann")["results"]
        assert fact["memory"] == "Assistant asked: Do you have any pets? User: Two cats."
        told = [message["memory"] for message in memory.sources(fact["id"])]
        assert told == [ASKED["content"], "Two cats."]
        (item,) = memory.get_all(user_id="ann")["results"]
        assert item["role"] == "user"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"user_id": "ann"}, {"user_id": "bob"}),
        ({"user_id": "ann", "agent_id": "cook"}, {"user_id": "ann"}),
        ({"user_id": "ann"}, {"user_id": "ann", "agent_id": "cook"}),
        ({"user_id": "ann", "agent_id": "cook"}, {"user_id": "ann", "agent_id": "tutor"}),
        ({"agent_id": "cook"}, {"user_id": "ann", "agent_id": "cook"}),
    ],
)
def test_messages_of_another_user_or_agent_are_never_read(
    first: dict[str, str], then: dict[str, str]
) -> None:
    llm = FakeLLM([NOTHING, NOTHING])
    with fake_memory(llm=llm) as memory:
        memory.add("My safe opens with 4711.", **first)  # type: ignore[arg-type]
        memory.add("Two cats.", **then)  # type: ignore[arg-type]
        assert "4711" not in said(llm)
    with Memory(":memory:") as memory:
        memory.add([ASKED], **first)  # type: ignore[arg-type]
        memory.add("Two cats.", **then)  # type: ignore[arg-type]
        assert not any("pets" in text for text in memories(memory, **then))


def test_a_model_reads_messages_of_other_runs_before_those_of_the_run() -> None:
    llm = FakeLLM([NOTHING] * 3)
    with fake_memory(llm=llm) as memory:
        memory.add("Said in run one.", user_id="ann", run_id="one")
        memory.add("Said in run two.", user_id="ann", run_id="two")
        memory.add("And now?", user_id="ann", run_id="one")
        asked = said(llm)
    assert asked.index("run two") < asked.index("run one") < asked.index("And now?")
    assert asked.index("not evidence") < asked.index("run two")


def test_rules_take_no_answer_to_a_question_of_another_run() -> None:
    with Memory(":memory:") as memory:
        memory.add([ASKED], user_id="ann", run_id="one")
        memory.add("Two cats.", user_id="ann", run_id="two")
        assert not any("pets" in text for text in memories(memory, user_id="ann"))


def test_the_settings_bound_what_is_read() -> None:
    for config, shown in (
        ({}, ["b", "c", "d", "e", "f", "g"]),
        ({"earlier_messages": 2}, ["f", "g"]),
        ({"earlier_messages": 0}, []),
        ({"earlier_characters": 0}, []),
        ({"earlier_characters": 36}, ["e", "f", "g"]),
    ):
        llm = FakeLLM([NOTHING] * 8)
        settings = {"path": ":memory:", "embedder": "hash", "llm": llm, **config}
        with Memory.from_config(settings) as memory:
            for name in "abcdefg":
                memory.add(f"message {name}x", user_id="ann")
            memory.add("Last.", user_id="ann")
        assert [name for name in "abcdefg" if f"message {name}x" in said(llm)] == shown


@pytest.mark.parametrize("name", ["earlier_messages", "earlier_characters"])
@pytest.mark.parametrize("value", [-1, 10**9, "6", 1.5])
def test_wrong_bounds_are_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Memory.from_config({"path": ":memory:", name: value})


def test_without_kept_messages_there_is_nothing_to_read() -> None:
    with Memory(":memory:", keep_messages=False) as memory:
        memory.add([ASKED], user_id="ann")
        memory.add("Two cats.", user_id="ann")
        assert not any("pets" in text for text in memories(memory, user_id="ann"))


def test_retry_reads_what_was_said_before_its_input_and_nothing_after_it() -> None:
    def fail(_: Prompt) -> str:
        raise NetworkError("the model is away")

    llm = FakeLLM([NOTHING, fail, NOTHING, NOTHING])
    with fake_memory(llm=llm) as memory:
        memory.add("Said before.", user_id="ann")
        assert memory.add("Two cats.", user_id="ann")["status"] == "pending"
        memory.add("Said after.", user_id="ann")
        memory.retry(user_id="ann")
        assert "Said before." in said(llm)
        assert "Said after." not in said(llm)


def test_what_was_deleted_is_not_read_again_by_retry() -> None:
    def fail(_: Prompt) -> str:
        raise NetworkError("the model is away")

    llm = FakeLLM([NOTHING, fail, NOTHING])
    with fake_memory(llm=llm) as memory:
        memory.add("Said before.", user_id="ann")
        memory.add("Two cats.", user_id="ann")
        messages = memory.get_all(user_id="ann", include_messages=True)["results"]
        memory.delete(next(one["id"] for one in messages if one["memory"] == "Said before."))
        memory.retry(user_id="ann")
        assert "Said before." not in said(llm)


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    with Memory(":memory:") as memory:
        memory.add("My driving test is on Monday at nine.", user_id="ann")
        (result,) = memory.add("No, I meant Tuesday.", user_id="ann")["results"]
        assert result["event"] == "UPDATE"
        assert memories(memory, user_id="ann") == ["My driving test is on Tuesday at nine."]


def test_async_and_scoped_memories_read_what_was_said_before() -> None:
    async def talk() -> list[str]:
        async with AsyncMemory(":memory:") as memory:
            await memory.add([ASKED], user_id="ann")
            await memory.add("Two cats.", user_id="ann")
            return [one["memory"] for one in (await memory.get_all(user_id="ann"))["results"]]

    expected = ["Assistant asked: Do you have any pets? User: Two cats."]
    assert asyncio.run(talk()) == expected
    with Memory(":memory:") as memory:
        scoped = memory.scoped(user_id="ann")
        scoped.add([ASKED])
        scoped.add("Two cats.")
        assert memories(memory, user_id="ann") == expected


def test_calls_at_once_lose_no_message_and_no_fact() -> None:
    with Memory(":memory:") as memory, ThreadPoolExecutor(8) as pool:
        texts = [f"My neighbour number {at} plays the horn." for at in range(24)]
        list(pool.map(lambda text: memory.add(text, user_id="ann"), texts))
        held = memory.get_all(user_id="ann", limit=100, include_messages=True)["results"]
        kept = [one["memory"] for one in held if one.get("kind") == "message"]
        assert sorted(kept) == sorted(texts)


SESSIONS = [
    [
        ("assistant", "How many people are coming to the party?"),
        ("user", "Twelve, plus my cousin's twins."),
        ("assistant", "Lovely. Who bakes the cake?"),
        ("user", "My nephew Oskar. He learned it from his grandmother."),
        ("user", "He wants to open a bakery in Derby."),
    ],
    [
        ("user", "We moved to Trondheim in January."),
        ("assistant", "How is it?"),
        ("user", "Cold! My wife found a job there as a translator."),
        ("user", "The dentist is on Monday at nine."),
        ("user", "Sorry, I mean Tuesday."),
    ],
    [
        ("user", "When is choir rehearsal again? Monday?"),
        ("user", "No, on Tuesday."),
        ("user", "I bought a cargo bike in March."),
        ("assistant", "Nice!"),
        ("user", "It has a flat tyre again, so I take the bus."),
        ("user", "My favourite colour is blue."),
        ("user", "My favourite colour is green now."),
    ],
]


@pytest.mark.parametrize("session", SESSIONS)
def test_turn_by_turn_and_at_once_give_the_same_facts(session: list[tuple[str, str]]) -> None:
    turns = [{"role": role, "content": text} for role, text in session]
    with Memory(":memory:") as memory:
        memory.add(turns, user_id="once")
        for turn in turns:
            memory.add([turn], user_id="turns")
        at_once = sorted(memories(memory, user_id="once"))
        assert at_once == sorted(memories(memory, user_id="turns"))
        assert len(at_once) > 2
