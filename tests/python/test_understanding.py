"""`add(infer=True)`: facts are stored, updated and retried, and no message is lost."""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from memfast import AuthenticationError, Memory, NetworkError, ValidationError
from memfast.testing import FakeLLM, fake_memory
from memfast.types import Prompt, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

ANN: dict[str, Any] = {"user_id": "ann"}


def fact(text: str, event: str = "ADD", alias: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "text": text,
        "event": event,
        "id": alias,
        "sources": [0],
        "kind": "semantic",
        "time": None,
        "categories": [],
        "by": "user",
        **more,
    }


def facts(*items: dict[str, Any]) -> str:
    return json.dumps({"facts": items})


def understanding(*replies: Any, **options: Any) -> tuple[Memory, FakeLLM]:
    llm = FakeLLM(list(replies))
    return fake_memory(llm=llm, **options), llm


def texts_of(memory: Memory, **scope: Any) -> list[str]:
    return [item["memory"] for item in memory.get_all(**scope)["results"]]


def test_add_stores_facts_and_returns_them_as_mem0_does() -> None:
    memory, llm = understanding(facts(fact("Ann lives in Oslo"), fact("Ann has a dog")))
    result = memory.add("I live in Oslo and have a dog", **ANN)
    assert [(one["memory"], one["event"]) for one in result["results"]] == [
        ("Ann lives in Oslo", "ADD"),
        ("Ann has a dog", "ADD"),
    ]
    assert (result["status"], result["extractor"]) == ("stored", llm.name)
    for one in result["results"]:
        item = memory.get(one["id"])
        assert item is not None
        assert item["memory"] == one["memory"]
    assert len(llm.prompts) == 1


def test_a_result_tells_kind_time_categories_and_messages_of_its_fact() -> None:
    told = fact("Ann ran a race", kind="episodic", time="2026-05-01", categories=["sport"])
    memory, _ = understanding(facts({**told, "sources": [1]}))
    said = [{"role": "user", "content": text} for text in ("Hello", "I ran a race on 1 May 2026")]
    (one,) = memory.add(said, **ANN)["results"]
    assert (one["memory_type"], one["messages"]) == ("episodic", [1])
    assert one["event_time"].startswith("2026-05-01T00:00")
    assert one["categories"] == ["sport"]


def test_an_update_keeps_the_id_and_records_the_previous_text() -> None:
    memory, llm = understanding(
        facts(fact("Ann lives in Oslo")),
        facts(fact("Ann lives in Bergen", "UPDATE", "m1")),
    )
    first = memory.add("I live in Oslo", **ANN, timestamp="2026-01-02")["results"][0]["id"]
    result = memory.add("I live in Bergen now", **ANN, timestamp="2026-05-06")
    assert result["results"] == [
        {
            "id": first,
            "memory": "Ann lives in Bergen",
            "event": "UPDATE",
            "previous_memory": "Ann lives in Oslo",
            "memory_type": "semantic",
            "messages": [0],
        }
    ]
    assert texts_of(memory, **ANN) == ["Ann lives in Bergen"]
    found = memory.search("where does Ann live?", **ANN, include_superseded=True)["results"]
    old = next(item for item in found if item["memory"] == "Ann lives in Oslo")
    assert old["superseded_by"] == first
    assert old["valid_from"].startswith("2026-01-02")
    assert old["valid_to"].startswith("2026-05-06")
    assert [entry["event"] for entry in memory.history(first)] == ["ADD", "UPDATE"]
    # The memory was shown with the message: one call was enough.
    assert len(llm.prompts) == 2


def test_a_deleted_fact_stays_in_the_history() -> None:
    memory, _ = understanding(
        facts(fact("Ann has a dog")), facts(fact("Ann has a dog", "DELETE", "m1"))
    )
    first = memory.add("I have a dog", **ANN)["results"][0]["id"]
    result = memory.add("I have no dog any more", **ANN)
    assert [(one["id"], one["event"]) for one in result["results"]] == [(first, "DELETE")]
    assert texts_of(memory, **ANN) == []
    assert memory.search("dog", **ANN)["results"] == []
    assert [
        item["memory"] for item in memory.get_all(**ANN, include_superseded=True)["results"]
    ] == ["Ann has a dog"]
    last = memory.history(first)[-1]
    assert (last["event"], last["new_memory"], last["is_deleted"]) == ("DELETE", None, True)


def test_an_unknown_alias_changes_nothing() -> None:
    memory, _ = understanding(
        facts(fact("Ann has a dog")),
        facts(fact("Ann has no dog any more", "DELETE", "m9"), fact("Ann has a cat", "ADD")),
    )
    memory.add("I have a dog", **ANN)
    result = memory.add("I have a cat and no dog any more", **ANN)
    assert [one["event"] for one in result["results"]] == ["ADD"]
    assert len(result["rejected"]) == 1
    assert sorted(texts_of(memory, **ANN)) == ["Ann has a cat", "Ann has a dog"]


def test_a_known_fact_is_not_stored_again() -> None:
    memory, _ = understanding(
        facts(fact("Ann has a dog")),
        facts(fact("Ann has a dog")),
        facts(fact("Ann has a dog", "NONE", "m1")),
    )
    for _ in range(3):
        memory.add("I have a dog", **ANN)
    assert texts_of(memory, **ANN) == ["Ann has a dog"]


def test_the_additive_strategy_only_adds() -> None:
    memory, _ = understanding(
        facts(fact("Ann lives in Oslo")),
        facts(fact("Ann lives in Bergen", "UPDATE", "m1")),
        strategy="additive",
    )
    memory.add("I live in Oslo", **ANN)
    memory.add("I live in Bergen now", **ANN)
    assert sorted(texts_of(memory, **ANN)) == ["Ann lives in Bergen", "Ann lives in Oslo"]


def test_kept_messages_are_hidden_and_deleted_with_their_scope() -> None:
    memory, _ = understanding(facts(fact("Ann has a dog called Rex")))
    memory.add("My dog Rex barks all night", **ANN)
    assert texts_of(memory, **ANN) == ["Ann has a dog called Rex"]
    assert memory.count(**ANN) == 1
    shown = memory.search("Rex barks", **ANN, include_messages=True)["results"]
    assert {item.get("kind", "memory") for item in shown} == {"memory", "message"}
    memory.delete_all(**ANN)
    assert memory.search("Rex barks", **ANN, include_messages=True)["results"] == []


def test_messages_are_not_kept_when_keep_messages_is_off() -> None:
    memory, _ = understanding(facts(fact("Ann has a dog")), keep_messages=False)
    memory.add("I have a dog", **ANN)
    assert len(memory.search("dog", **ANN, include_messages=True)["results"]) == 1


@pytest.mark.parametrize(
    "replies",
    [
        [Reply("I cannot help with that", "refusal")],
        [NetworkError("connection refused")],
        ["not JSON", "still not JSON"],
        ["", ""],
        [Reply('{"facts": [', "length")],
    ],
    ids=["refusal", "network", "unreadable", "empty", "cut"],
)
def test_input_with_an_unreadable_reply_is_queued_and_retried(replies: list[Any]) -> None:
    memory, llm = understanding(*replies)
    result = memory.add("I live in Oslo", **ANN, metadata={"n": 1}, timestamp="2026-01-02")
    assert (result["status"], result["results"]) == ("pending", [])
    (waiting,) = memory.pending()
    assert waiting["messages"] == [{"role": "user", "content": "I live in Oslo"}]
    assert waiting["reason"] == result["pending"][0]["reason"]
    assert waiting["attempts"] == 1
    llm.replies.append(facts(fact("Ann lives in Oslo")))
    assert memory.retry()["done"] == 1
    assert memory.pending() == []
    (item,) = memory.get_all(**ANN)["results"]
    assert item["memory"] == "Ann lives in Oslo"
    assert item["metadata"] == {"n": 1}
    assert item["said_at"].startswith("2026-01-02")


@pytest.mark.parametrize("stated", ["2025-12-24", None])
def test_event_time_is_a_time_that_the_fact_states_and_said_at_when_it_was_said(
    stated: str | None,
) -> None:
    with fake_memory(llm=FakeLLM([facts(fact("Ann married in Oslo", time=stated))])) as memory:
        memory.add("We married in Oslo", **ANN, timestamp="2026-01-02")
        (item,) = memory.get_all(**ANN)["results"]
        assert item["said_at"][:10] == item["valid_from"][:10] == "2026-01-02"
        assert item.get("event_time", "")[:10] == (stated or "")
        (source,) = memory.sources(item["id"])
        assert source["said_at"][:10] == "2026-01-02"
        assert "event_time" not in source


def test_a_rejected_api_key_raises_and_stores_nothing() -> None:
    memory, _ = understanding(AuthenticationError("no such key"))
    with pytest.raises(AuthenticationError):
        memory.add("I live in Oslo", **ANN)
    assert memory.pending() == []
    assert memory.search("Oslo", **ANN, include_messages=True)["results"] == []


def test_pending_input_is_deleted_with_its_scope() -> None:
    memory, _ = understanding(NetworkError("down"), NetworkError("down"))
    memory.add("I live in Oslo", **ANN)
    memory.add("I live in Rome", user_id="bob")
    memory.delete_all(**ANN)
    assert [one["user_id"] for one in memory.pending()] == ["bob"]
    assert memory.pending(user_id="ann") == []


def test_messages_are_halved_when_the_reply_does_not_fit() -> None:
    def reply(prompt: Prompt) -> Reply:
        # The first half is shown before the second one again.
        asked = str(prompt.messages[-1]["content"]).partition("\nMessages;")[2]
        both = "Oslo" in asked and "dog" in asked
        if both:
            return Reply('{"facts": [{"text": "Ann li', "length")
        if "Oslo" in asked:
            return Reply(facts(fact("Ann lives in Oslo", sources=[0])))
        return Reply(facts(fact("Ann has a dog", sources=[1])))

    memory, llm = understanding(reply, reply, reply)
    result = memory.add(
        [
            {"role": "user", "content": "I live in Oslo"},
            {"role": "user", "content": "I have a dog"},
        ],
        **ANN,
    )
    assert result["status"] == "stored"
    assert sorted(texts_of(memory, **ANN)) == ["Ann has a dog", "Ann lives in Oslo"]
    assert len(llm.prompts) == 3


def test_dates_come_from_the_message_and_never_from_today() -> None:
    memory, llm = understanding(facts(), facts())
    memory.add([{"role": "user", "content": "I ran yesterday", "timestamp": "2023-05-08"}], **ANN)
    assert "Monday 2023-05-08" in str(llm.prompts[0].messages[-1]["content"])
    memory.add("I ran yesterday", user_id="bob")
    asked = str(llm.prompts[1].messages)
    assert "202" not in asked.replace("2031-0", "")


def test_add_decides_again_when_a_memory_has_changed() -> None:
    memory, llm = understanding(facts(fact("Ann lives in Oslo")))
    first = memory.add("I live in Oslo", **ANN)["results"][0]["id"]

    def change(_: Prompt) -> str:
        memory.update(first, "Ann lives in Rome")
        return facts(fact("Ann lives in Bergen", "UPDATE", "m1"))

    llm.replies += [change, facts(fact("Ann lives in Bergen", "UPDATE", "m1"))]
    result = memory.add("I live in Bergen now", **ANN)
    assert result["results"][0]["previous_memory"] == "Ann lives in Rome"


def test_procedural_add_needs_an_agent_and_stores_one_memory() -> None:
    memory, llm = understanding("Task: find a flight. Step 1 ...")
    with pytest.raises(ValidationError, match="agent_id"):
        memory.add("did it", **ANN, memory_type="procedural_memory")
    messages = [
        {"role": "user", "content": "find a flight"},
        {"role": "assistant", "content": "done"},
    ]
    result = memory.add(messages, agent_id="bot", memory_type="procedural_memory")
    assert [one["event"] for one in result["results"]] == ["ADD"]
    (item,) = memory.get_all(agent_id="bot")["results"]
    assert item["memory_type"] == "procedural_memory"
    assert item["memory"] == "Task: find a flight. Step 1 ..."
    assert llm.prompts[0].schema is None


CALL = {"id": "1", "function": {"name": "search", "arguments": '{"for": "trains"}'}}
RUN: list[dict[str, Any]] = [
    {"role": "user", "content": "Find me a train"},
    {"role": "assistant", "content": None, "tool_calls": [CALL, {"id": "2", "function": None}]},
    {"role": "tool", "tool_call_id": "1", "content": "Rome 42 euros"},
    {"role": "assistant", "content": "One costs 42 euros", "tool_calls": [CALL]},
]


def test_a_procedural_memory_includes_tool_calls() -> None:
    memory, llm = understanding("1. Searched for trains.")
    result = memory.add(RUN, agent_id="bot", memory_type="procedural_memory")
    assert "skipped" not in result
    asked = str(llm.prompts[0].messages[-1]["content"])
    assert asked.count('[calls search({"for": "trains"})]') == 2
    assert "Rome 42 euros" in asked


@pytest.mark.parametrize("infer", [True, False])
def test_add_skips_tool_calls_without_an_error(
    infer: bool, caplog: pytest.LogCaptureFixture
) -> None:
    memory, _ = understanding(facts())
    result = memory.add(RUN, **ANN, infer=infer)
    assert "skipped" not in result
    assert caplog.messages == []
    assert all("calls" not in text for text in texts_of(memory, **ANN))


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "<think>What was the task?",
        "<!DOCTYPE html><html>503</html>",
        "{}",
        "\u200b",
        Reply("Task: find a fli", "length"),
        Reply("Task: find a flight", "filter"),
    ],
)
def test_an_unusable_procedural_reply_leaves_the_input_pending(answer: Any) -> None:
    memory, llm = understanding(answer, "<think>Hm. {x}</think>```\nTask: find a flight\n```")
    result = memory.add("find a flight", agent_id="bot", memory_type="procedural_memory")
    assert (result["status"], result["results"]) == ("pending", [])
    assert memory.retry()["done"] == 1
    assert texts_of(memory, agent_id="bot") == ["Task: find a flight"]
    assert len(llm.prompts) == 2


def test_a_procedural_memory_keeps_quoted_tags() -> None:
    memory, _ = understanding("Task: strip <think>this</think> from replies")
    result = memory.add("go on", agent_id="bot", memory_type="procedural_memory")
    assert result["results"][0]["memory"] == "Task: strip <think>this</think> from replies"


def test_an_invented_fact_is_rejected_logged_and_not_asked_for_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "memfast")
    memory, llm = understanding(facts(fact("User has a dog called Rex")), facts())
    result = memory.add("I have a dog", **ANN)
    assert (result["status"], result["results"], len(llm.prompts)) == ("empty", [], 1)
    (rejected,) = result["rejected"]
    assert rejected["reason"] == "the name 'Rex' is not in the messages"
    assert rejected["item"]["text"] == "User has a dog called Rex"
    assert any("'Rex' is not in the messages" in line for line in caplog.messages)


def test_a_fact_in_another_language_than_its_message_is_stored() -> None:
    memory, llm = understanding(facts(fact("User likes dogs")))
    assert memory.add("Ich mag Hunde", **ANN)["status"] == "stored"
    assert texts_of(memory, **ANN) == ["User likes dogs"]
    assert len(llm.prompts) == 1


def test_an_example_from_the_callers_prompt_is_not_stored() -> None:
    memory, _ = understanding(facts(fact("The name of the user is John")))
    example = "Of 'Hi, I am John' make: The name of the user is John."
    result = memory.add("My name is Anna", **ANN, prompt=example)
    assert [one["reason"] for one in result["rejected"]] == ["the text repeats the prompt"]


@pytest.mark.parametrize("answer", [Reply(None), Reply(5)])  # type: ignore[arg-type]
def test_a_reply_without_text_leaves_the_input_pending(answer: Any) -> None:
    memory, _ = understanding(answer, answer)
    assert memory.add("I live in Oslo", **ANN)["status"] == "pending"


def test_add_many_reports_progress_and_names_a_faulty_conversation() -> None:
    memory, _ = understanding(facts(), facts(), AuthenticationError("no"))
    seen: list[tuple[int, int]] = []
    result = memory.add_many(
        [{"messages": "hello", "user_id": "ann"}] * 3,
        max_concurrency=2,
        progress=lambda *step: seen.append(step),
    )
    assert [one["status"] for one in result] == ["empty", "empty", "failed"]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(ValidationError, match="conversation 1"):
        memory.add_many([{"messages": "a", "user_id": "u"}, {"messages": "b"}])


@pytest.fixture(params=["model", "rules"])
def either(request: pytest.FixtureRequest) -> Callable[..., Memory]:
    if request.param == "rules":
        return lambda *_, **options: fake_memory(**options)
    return lambda *replies, **options: fake_memory(llm=FakeLLM(list(replies)), **options)


def test_either_extractor_supersedes_a_contradiction(either: Callable[..., Memory]) -> None:
    memory = either(
        facts(fact("My favourite colour is blue")),
        facts(fact("My favourite colour is green", "UPDATE", "m1")),
    )
    memory.add("My favourite colour is blue", **ANN)
    result = memory.add("My favourite colour is now green", **ANN)
    assert [one["event"] for one in result["results"]] == ["UPDATE"]
    (left,) = texts_of(memory, **ANN)
    assert "green" in left


def test_rule_extraction_names_itself_and_drops_chatter(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "memfast")
    memory = fake_memory()
    result = memory.add(
        [
            {"role": "user", "content": "Hi! How are you?"},
            {"role": "assistant", "content": "Fine, thanks. What can I do for you?"},
            {"role": "user", "content": "I am allergic to peanuts."},
        ],
        **ANN,
    )
    assert result["extractor"] == "rules"
    (only,) = result["results"]
    assert "peanuts" in only["memory"]
    assert caplog.messages == ["1 facts found by rules; no language model is named"]
    assert memory.add("Thanks!", **ANN)["status"] == "empty"


def test_images_are_described_by_vision_models_and_skipped_by_others() -> None:
    photo = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    message = {"role": "user", "content": [{"type": "text", "text": "My new boat!"}, photo]}

    class Seeing(FakeLLM):
        vision = "low"

    llm = Seeing(["A red boat named Wanda.", facts(fact("Ann has a red boat named Wanda"))])
    memory = fake_memory(llm=llm)
    assert memory.add([message], **ANN)["status"] == "stored"
    (asked,) = llm.prompts[0].messages
    assert asked["content"][1]["image_url"] == {"url": photo["image_url"]["url"], "detail": "low"}  # type: ignore[index]
    assert "[image: A red boat named Wanda.]" in str(llm.prompts[1].messages[-1]["content"])
    llm = Seeing(["I'm sorry, I can't help with that.", facts()])
    fake_memory(llm=llm).add([message], **ANN)
    assert str(llm.prompts[1].messages[-1]["content"]).count("sorry") == 0
    memory, blind = understanding(facts())
    memory.add([message, {"role": "user", "content": [photo]}], **ANN)
    assert "image" not in str(blind.prompts[0].messages[-1]["content"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"user_id": "ann", "agent_id": "bot"}, {"agent_id": "bot"}),
        ({"user_id": "ann", "agent_id": "bot"}, {"user_id": "ann"}),
        ({"user_id": "ann", "run_id": "r1"}, {"run_id": "r1"}),
        ({"user_id": "ann"}, {"user_id": "bob"}),
    ],
)
def test_add_never_changes_a_memory_of_another_scope(
    either: Callable[..., Memory], first: dict[str, Any], second: dict[str, Any]
) -> None:
    memory = either(
        facts(fact("I live in Lisbon.")), facts(fact("I live in Paris.", "UPDATE", "m1"))
    )
    memory.add("I live in Lisbon.", **first)
    result = memory.add("I live in Paris.", **second)
    assert [one["event"] for one in result["results"]] == ["ADD"]
    assert {item["memory"] for item in memory.get_all(user_id="*")["results"]} == {
        "I live in Lisbon.",
        "I live in Paris.",
    }


def test_add_stores_a_fact_again_once_its_memory_is_no_longer_active(
    either: Callable[..., Memory],
) -> None:
    memory = either(*[facts(fact("I am in Rome for work"))] * 3)
    memory.add("I am in Rome for work", **ANN, expiration_date="2020-01-01")
    for status in ("stored", "empty"):
        assert memory.add("I am in Rome for work", **ANN)["status"] == status
    assert texts_of(memory, **ANN) == ["I am in Rome for work"]


def brought_up(*replies: Any, others: int = 16) -> tuple[Memory, FakeLLM]:
    """Return a memory where a stored fact is near the new fact but not near its message."""
    memory, llm = understanding(facts(fact("Ann drives the red lorry")), *replies)
    memory.add("Ann drives the red lorry", **ANN)
    for number in range(max(others, 5)):
        memory.add(f"apples bananas cherries dates {number}", **ANN, infer=False)
    for number in range(others):
        memory.add(f"elderberries figs grapes quinces {number}", **ANN, infer=False)
    return memory, llm


FRUIT = "apples bananas cherries dates"


@pytest.mark.parametrize(
    "second",
    [
        facts(),
        facts(fact("unheard")),
        facts(fact("Ann sells bananas")),
        facts(fact("apples", "UPDATE", "m99")),
    ],
)
def test_a_fact_missing_from_the_second_reply_is_stored(second: str) -> None:
    lorry, sells = "Ann drives the red lorry bananas", "Ann sells bananas"
    memory, llm = brought_up(facts(fact(lorry), fact(sells)), second)
    memory.add(FRUIT, **ANN)
    assert len(llm.prompts) == 3
    assert {lorry, sells} <= set(texts_of(memory, **ANN))


def test_the_second_prompt_shows_the_memories_near_the_facts() -> None:
    new = "Ann drives the red lorry bananas"
    memory, llm = brought_up(facts(fact(new)), facts(fact(new)), others=16)
    messages = [FRUIT, "elderberries figs grapes quinces"]
    memory.add([{"role": "user", "content": text} for text in messages], **ANN)
    assert ": Ann drives the red lorry\n" not in str(llm.prompts[1].messages[-1]["content"])
    assert "Ann drives the red lorry\n" in str(llm.prompts[2].messages[-1]["content"])


@pytest.mark.parametrize(
    "value", [date(2026, 5, 1), datetime(2026, 5, 1, tzinfo=UTC), UUID(int=7), (1, 2), None]
)
def test_pending_input_keeps_its_metadata(value: Any) -> None:
    memory, llm = understanding(NetworkError("down"), *[facts(fact("User likes tea"))] * 2)
    memory.add("I like tea", **ANN, metadata={"kept": value})
    memory.retry()
    (late,) = memory.get_all(**ANN)["results"]
    memory.add("I like tea", user_id="bob", metadata={"kept": value})
    (direct,) = memory.get_all(user_id="bob")["results"]
    assert late["metadata"] == direct["metadata"]
    assert len(llm.prompts) == 3


@pytest.mark.parametrize(
    "value", [{1}, b"x", 2**70, float("nan"), "\ud800", {1: 2}, {"a": [{2}]}, {"\ud800": 1}]
)
def test_input_with_invalid_metadata_is_not_queued(value: Any) -> None:
    memory, _ = understanding(NetworkError("down"))
    with pytest.raises(ValidationError, match="metadata"):
        memory.add("I like tea", **ANN, metadata={"bad": value})
    assert memory.pending() == []


def test_two_retries_at_once_store_pending_input_once() -> None:
    memory, llm = understanding(NetworkError("down"))
    memory.add("I like tea", **ANN)

    def faster(_: Prompt) -> str:
        assert memory.retry()["done"] == 1
        return facts(fact("Ann says that she likes tea"))

    llm.replies += [faster, facts(fact("Ann likes tea"))]
    assert memory.retry() == {"results": [], "done": 0, "pending": 0}
    assert texts_of(memory, **ANN) == ["Ann likes tea"]


def test_pending_input_erased_during_its_retry_stores_nothing() -> None:
    memory, llm = understanding(NetworkError("down"))
    memory.add("I like tea", **ANN)

    def erased(_: Prompt) -> str:
        memory.delete_all(**ANN)
        return facts(fact("Ann likes tea"))

    llm.replies.append(erased)
    assert memory.retry() == {"results": [], "done": 0, "pending": 0}
    assert memory.search("tea", **ANN, include_superseded=True)["results"] == []


@pytest.mark.parametrize("limit", [-1, "2", True])
def test_retry_rejects_a_limit_that_is_not_a_number(limit: Any) -> None:
    with pytest.raises(ValidationError, match="limit"):
        fake_memory().retry(limit=limit)


@pytest.mark.parametrize("most", ["8", None, 0, True])
def test_add_many_rejects_unknown_arguments_and_invalid_concurrency(most: Any) -> None:
    memory = fake_memory()
    with pytest.raises(ValidationError, match=r"conversation 1: .*bogus"):
        memory.add_many([{"messages": "a", **ANN}, {"messages": "b", **ANN, "bogus": 1}])
    with pytest.raises(ValidationError, match="max_concurrency"):
        memory.add_many([{"messages": "a", **ANN}], max_concurrency=most)
