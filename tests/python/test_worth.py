"""The worth of statements: what tells little is not stored, what tells something is."""

from __future__ import annotations

import pytest

from memfast.extraction.rules.words import words_of
from memfast.extraction.rules.worth import LEAST, worth_of
from tests.python.talks import facts, texts


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("I moved to Turin in May.", "It was moving."),
        ("My sister Ada collects stamps.", "You have a great sister!"),
        ("We always eat at seven.", "Um we eat, I guess, we eat,"),
        ("I bought a 1962 Vespa last week.", "It's an amazing thing to have!"),
    ],
)
def test_a_statement_of_facts_is_worth_more_than_a_remark(more: str, less: str) -> None:
    assert worth_of(more, words_of(more), 1) > LEAST > worth_of(less, words_of(less), 0)


@pytest.mark.parametrize(
    "text",
    [
        "Bruno died.",
        "Ya no como carne.",
        "Two cats",
        "Down to 88!",
        "Sold the Golf.",
        "引っ越しました。",
    ],
)
def test_a_short_plain_statement_is_stored(text: str) -> None:
    assert texts(text) == [text]


def test_each_fact_of_the_rules_has_a_worth() -> None:
    stated = facts(
        "I own a boat.", "Always answer in French.", "My name is Ana.", "Je suis médecin."
    )
    assert [LEAST <= fact.worth <= 1 for fact in stated] == [True] * 4


def test_a_caption_alone_is_worth_nothing() -> None:
    assert worth_of("[image: a dog]", words_of("image a dog"), 1) == 0
