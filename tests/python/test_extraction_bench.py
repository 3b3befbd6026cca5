"""The benchmark of the extractor."""

from __future__ import annotations

from datetime import UTC, datetime

from benches import extraction as bench
from memfast.evaluation.files import Conversation, Question, Turn

TURNS = [
    Turn(id=f"D1:{n}", session=1, speaker="Ann", text=text, date="1:05 pm on 8 May, 2023")
    for n, text in enumerate(["I like tea.", "My dog is called Rex.", "Thanks!"])
]


def test_turns_keep_their_speaker_and_day() -> None:
    [session] = bench.sessions_of(Conversation(id="c", turns=TURNS, questions=[]))
    assert [key for key, _ in session] == ["D1:0", "D1:1", "D1:2"]
    assert session[0][1].name == "Ann"
    assert session[0][1].at == datetime(2023, 5, 8, tzinfo=UTC)


def test_each_way_to_store_a_conversation_answers_its_questions() -> None:
    question = Question(question="called Rex", evidence=["D1:1"])
    conversation = Conversation(id="c", turns=TURNS, questions=[question])
    for store in (bench.store_turns, bench.store_texts, bench.store_facts):
        assert bench.recalls(conversation, store, "static") == [[1.0, 1.0, 1.0]]
