"""Dialogues: answers and their questions, assistant claims, and dialogues in one message."""

from __future__ import annotations

import pytest

from memfast.extraction.rules import extract
from tests.python.talks import facts, talk, texts, turn


def test_facts_begin_with_the_name_of_a_known_speaker() -> None:
    assert [fact.text for fact in facts("I like tea", name="Ann")] == ["Ann: I like tea"]
    assert texts("Ann: I like tea") == ["Ann: I like tea"]
    assert facts("Ann: I live in Oslo")[0].slot == "ann home"
    assert facts("Note: I live in Oslo")[0].text == "Note: I live in Oslo"
    assert facts("Correction: I live in Oslo")[0].slot == "user home"


def test_a_dialogue_pasted_in_one_message_is_split_by_speaker() -> None:
    extracted = facts(
        "Ann: I live in Oslo.\nBob: Nice! I live in Rome.\nAnn: Do you like it?\nBob: Yes!"
    )
    assert [(fact.text, fact.slot) for fact in extracted] == [
        ("Ann: I live in Oslo.", "ann home"),
        ("Bob: I live in Rome.", "bob home"),
        ("Ann asked: Do you like it? Bob: Yes!", None),
    ]
    assert all(fact.sources == (0,) for fact in extracted)


def test_assistant_lines_in_a_pasted_dialogue_are_not_the_users() -> None:
    [fact] = facts("[10:32] User: I moved to Oslo.\n[10:33] Assistant: I live in the cloud.")
    assert (fact.text, fact.slot) == ("I moved to Oslo.", "user home")


@pytest.mark.parametrize(
    "text",
    [
        "Monday: legs\nFriday: arms",
        "Size: small\nColour: red\nSize: large",
        "Note: I own a boat\nBob: I sail\nNote: it is old",
    ],
)
def test_a_list_with_labels_is_not_read_as_a_dialogue(text: str) -> None:
    assert " ".join(texts(text)) == " ".join(text.split())


def test_a_short_answer_is_stored_with_its_question() -> None:
    turns = talk(("assistant", "Nice. Do you have any pets?"), ("user", "Yes, two."))
    [fact] = extract(turns)
    assert fact.text == "Assistant asked: Do you have any pets? User: Yes, two."
    assert (fact.sources, fact.attributed_to) == ((0, 1), "user")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Where do you live now?", "Still in the old flat on Mill Road!"),
        ("Would you prefer a window or an aisle seat?", "Aisle please"),
        ("Your flight is on May 12, correct?", "Correct"),
        ("What did you do there?", "Went camping by the lake."),
    ],
)
def test_a_dependent_answer_is_stored_with_its_question(question: str, answer: str) -> None:
    found = extract(talk(("assistant", question), ("user", answer)))
    assert [fact.text for fact in found] == [f"Assistant asked: {question} User: {answer}"]


def test_thanks_before_an_answer_are_dropped() -> None:
    turns = talk(("assistant", "Where did you grow up?"), ("user", "Thanks! In Lima."))
    assert extract(turns)[0].text == "Assistant asked: Where did you grow up? User: In Lima."


@pytest.mark.parametrize("said", ["How are you?", "Look at this!", "Check out the bowl!"])
def test_an_image_note_is_kept_only_with_a_statement(said: str) -> None:
    assert texts(f"{said} [image: a dog with a ball]") == []
    with_statement = "I made this bowl. [image: a bowl with a dog]"
    assert texts(f"{said} {with_statement}") == [with_statement]


def test_accepting_an_offer_yields_no_fact() -> None:
    turns = talk(("assistant", "Shall I write it down for you?"), ("user", "Yes please."))
    assert extract(turns) == []


def test_an_assistant_claim_is_stored_only_when_the_user_confirms_it() -> None:
    claim = ("assistant", "So you work at Acme.")
    assert extract(talk(claim, ("user", "What else?"))) == []
    [fact] = extract(talk(claim, ("user", "Yes, that's right.")))
    assert fact.text == "Assistant said: So you work at Acme. User: Yes, that's right."
    assert (fact.sources, fact.attributed_to) == ((0, 1), "user")


def test_knowledge_and_advice_of_the_assistant_are_dropped() -> None:
    said = "Paris is the capital of France. I'd suggest the train. I hope this helps!"
    assert extract(talk(("assistant", said)), agent=True) == []


def test_agent_extraction_keeps_what_the_assistant_says_of_itself() -> None:
    turns = talk(("assistant", "I've booked table 4 for you. I will send the bill on Friday."))
    assert extract(turns) == []
    [fact] = extract(turns, agent=True)
    assert fact.text.startswith("Assistant: I've booked table 4 for you.")
    assert fact.attributed_to == "assistant"


def test_a_draft_by_the_assistant_is_not_about_the_assistant() -> None:
    said = "I've drafted it.\n\nHere's a sample e-mail:\n\nI've moved to Oslo. I work at Acme."
    found = extract(talk(("assistant", said)), agent=True)
    assert [fact.text for fact in found] == ["Assistant: I've drafted it."]


@pytest.mark.parametrize("role", ["system", "tool", "developer"])
def test_system_and_tool_messages_yield_no_facts(role: str) -> None:
    assert extract([turn("I like tea", role=role)], agent=True) == []
