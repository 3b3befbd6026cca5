"""Measures of retrieval quality."""

from __future__ import annotations

import pytest

from benches import retrieval
from benches.questions import Conversation, Question, Turn
from memfast.testing import fake_memory


def test_recall_is_the_share_of_evidence_among_the_first() -> None:
    assert retrieval.recall(["a", "b", "c"], {"b", "x"}, 2) == 0.5
    assert retrieval.recall(["a", "b", "c"], {"c"}, 2) == 0.0


@pytest.mark.parametrize(("ranked", "value"), [("ba", 1.0), ("ab", 0.5), ("ac", 0.0)])
def test_reciprocal_rank_is_that_of_the_first_evidence(ranked: str, value: float) -> None:
    assert retrieval.reciprocal_rank(list(ranked), {"b"}) == value


def test_a_conversation_is_stored_asked_and_measured() -> None:
    turns: list[Turn] = [
        {"id": f"D1:{n}", "session": 1, "speaker": "Ann", "text": text}
        for n, text in enumerate(["I like tea", "It rained", "My dog is called Rex"])
    ]
    questions: list[Question] = [
        {"question": "called Rex", "evidence": ["D1:2"], "category": 4},
        {"question": "unanswerable", "evidence": [], "category": 5},
    ]
    conversation: Conversation = {"id": "c", "turns": turns, "questions": questions}
    [(category, row)] = retrieval.questions_of(fake_memory(), conversation)
    assert category == "4"
    assert row["recall@5"] == row["mrr"] == 1.0
