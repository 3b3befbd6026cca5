"""The vector of a fact is blended with those of its messages; facts stay apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from memfast import Memory
from memfast._flows.infer import RIVAL
from memfast.testing import FakeLLM

ANN: dict[str, Any] = {"user_id": "ann"}

# A stored fact, the message it came from, and a statement that contradicts it.
RIVALS = [
    ("Ann lives in Oslo", "I live in Oslo, near the river. I moved for work.", "Ann lives in Rome"),
    ("Ann lives in Oslo", "Hi! I live in Oslo.", "Ann moved to Bergen"),
    ("Ann works as a nurse", "I work as a nurse, mostly at night.", "Ann is now a teacher"),
    ("Ann has a dog called Rex", "My dog Rex loves the beach", "Ann's dog Rex died last week"),
    ("Ann's favourite colour is blue", "Blue, of course!", "Ann's favourite colour is green"),
    ("Ann is vegetarian", "I'm vegetarian so no chicken for me", "Ann eats meat again"),
    ("Ann is dating Tom", "Tom and I have been dating for a year", "Ann broke up with Tom"),
    ("Ann drives a Volvo", "I drive an old Volvo", "Ann sold her Volvo and bought a Tesla"),
    ("Ann drinks coffee every morning", "I need my coffee", "Ann stopped drinking coffee"),
]
# A stored fact, its message, and an unrelated statement.
OTHERS = [
    ("Ann lives in Oslo", "I live in Oslo, near the river.", "Ann has a dog called Rex"),
    ("Ann works as a nurse", "I work as a nurse, mostly at night.", "Ann likes green best"),
    ("Ann works as a nurse", "I live in Oslo and work as a nurse.", "Ann has two sons"),
    ("Ann is vegetarian", "I'm vegetarian so no chicken for me", "Ann drives a Volvo"),
    ("Ann is dating Tom", "Tom and I have been dating for a year", "Ann drinks much coffee"),
    ("Ann plans to visit Japan in May", "Japan in May, hooray!", "Ann works as a nurse"),
]


def facts(*texts: str, sources: tuple[int, ...] = (0,)) -> str:
    items = [{"text": text, "event": "ADD", "sources": list(sources)} for text in texts]
    return json.dumps({"facts": items})


def score(memory: Memory, query: str, text: str) -> float:
    hits = memory.search(query, **ANN, limit=100, mode="semantic")["results"]
    return next(float(hit["score"]) for hit in hits if hit["memory"] == text)


@pytest.mark.parametrize(("old", "said", "new"), RIVALS)
def test_contradicting_statements_are_near_enough_to_be_compared(
    old: str, said: str, new: str
) -> None:
    with Memory(path=":memory:", llm=FakeLLM([facts(old)])) as memory:
        memory.add(said, **ANN)
        assert score(memory, new, old) >= RIVAL


@pytest.mark.parametrize(("old", "said", "new"), OTHERS)
def test_unrelated_statements_are_not_near_enough_to_be_compared(
    old: str, said: str, new: str
) -> None:
    with Memory(path=":memory:", llm=FakeLLM([facts(old)])) as memory:
        memory.add(said, **ANN)
        assert score(memory, new, old) < RIVAL


TALK = [
    {"role": "assistant", "content": "How was the pottery workshop on Saturday?"},
    {"role": "user", "content": "Great, I glazed a teapot and burned my thumb on the kiln."},
]
FACT = "Ann glazed something at the weekend"


def lifted(**options: Any) -> Memory:
    memory = Memory(path=":memory:", llm=FakeLLM([facts(FACT, sources=(1,))]), **options)
    memory.add(TALK, **ANN)
    return memory


def test_search_finds_a_fact_by_the_words_of_its_messages_and_of_the_question_before() -> None:
    with lifted() as memory, Memory(path=":memory:") as plain:
        plain.add(FACT, **ANN, infer=False)
        for query in ("a burned thumb", "the kiln", "pottery workshop"):
            assert score(memory, query, FACT) > score(plain, query, FACT) + 0.05
        assert score(memory, FACT, FACT) > 0.8


def test_a_fact_is_blended_with_its_messages_also_if_they_are_not_kept() -> None:
    with lifted() as memory, lifted(keep_messages=False) as bare:
        for query in ("the kiln", "pottery workshop", FACT):
            assert score(memory, query, FACT) == score(bare, query, FACT)
        assert (
            len(bare.search("kiln", **ANN, include_messages=True, mode="semantic")["results"]) == 1
        )


def test_reembed_blends_facts_with_their_messages() -> None:
    with lifted() as memory:
        before = memory.search("pottery", **ANN, include_messages=True, mode="semantic")["results"]
        assert memory.reembed("hash") == 3
        assert memory.search("pottery", **ANN, mode="semantic")["results"] != before
        assert memory.reembed("static") == 3
        assert (
            memory.search("pottery", **ANN, include_messages=True, mode="semantic")["results"]
            == before
        )


def test_update_by_hand_stores_a_vector_of_the_text_alone_also_after_reembed() -> None:
    with lifted() as memory:
        [fact] = memory.get_all(**ANN)["results"]
        text = "Ann glazed a cup at the weekend"
        memory.update(fact["id"], text)
        assert score(memory, text, text) == pytest.approx(1.0)
        memory.reembed("hash")
        memory.reembed("static")
        assert score(memory, text, text) == pytest.approx(1.0)


def test_memories_stored_as_they_are_have_vectors_of_their_text_alone() -> None:
    with Memory(path=":memory:") as memory:
        memory.add(TALK, **ANN, infer=False)
        for message in TALK:
            assert score(memory, message["content"], message["content"]) == pytest.approx(1.0)


def test_reembed_finds_messages_in_other_batches_than_their_fact() -> None:
    with Memory(path=":memory:") as memory:
        # More rows than one batch embeds; the question is stored once, far from most answers.
        for number in range(6):
            talk = []
            for at in range(number * 100, number * 100 + 100):
                talk.append({"role": "assistant", "content": "What else do you like?"})
                talk.append({"role": "user", "content": f"I like the colour number {at}."})
            memory.add(talk, **ANN)
        query = "What do you like, the colour number 77?"
        before = memory.search(query, **ANN, include_messages=True, limit=2000, mode="semantic")[
            "results"
        ]
        assert len(before) > 1100
        memory.reembed("hash")
        memory.reembed("static")
        assert (
            memory.search(query, **ANN, include_messages=True, limit=2000, mode="semantic")[
                "results"
            ]
            == before
        )
