"""Change: a statement outdates an earlier one only where it says so of the same thing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memfast import Memory
from memfast.extraction.rules.change.compare import outdates
from memfast.extraction.rules.change.reading import reading_of

JUNE, JULY = "2026-06-10T10:00:00+00:00", "2026-07-10T10:00:00+00:00"


def ends(old: str, new: str) -> bool:
    return outdates(reading_of(new), reading_of(old))


STATES = [
    "I own a kayak.",
    "I live in Leeds.",
    "My rent is 700 euros.",
    "The gala is on 5 May.",
    "I work as a plumber.",
    "We have one goat.",
    "I eat fish.",
    "I weigh 80 kilos.",
]
ENDINGS = [
    "sold the kayak",
    "moved to York",
    "quit the plumber job",
    "stopped eating fish",
    "bought another goat",
    "went down to 70 kilos",
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("who", ["My sister", "Tom", "She", "My boss"])
def test_what_another_did_ends_nothing_of_the_user(state: str, ending: str, who: str) -> None:
    assert not ends(state, f"{who} {ending}.")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("frame", ["I might have {}.", "If it rains I have {}.", "I have {}?"])
def test_what_is_supposed_or_asked_ends_nothing(state: str, ending: str, frame: str) -> None:
    assert not ends(state, frame.format(ending))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I'm 155 cm tall.", "I have gained weight and now I'm 100 kg."),
        ("I'm from the Netherlands.", "I'm used to heavy rain in the Netherlands."),
        ("I sing in a choir.", "I'm going to quit the choir in June."),
        ("I own a kayak.", "I haven't sold the kayak."),
        ("I live in Leeds.", "We moved to Slack."),
        ("I sing in a choir.", 'He shouted "I quit the choir" in the film.'),
        ("My train leaves at 9.", "The train back from Bath leaves at 18:30."),
        ("I own a red kayak.", "I sold the old kayak."),
        ("I swim 40 laps every day.", "I swam 20 laps today."),
        ("I work at the port.", "I no longer work at the port on Saturdays."),
        ("I'm married.", "My parents split up."),
    ],
)
def test_what_looks_like_a_change_and_is_none_ends_nothing(old: str, new: str) -> None:
    assert not ends(old, new)


@settings(max_examples=60)
@given(
    st.sampled_from(STATES),
    st.lists(
        st.sampled_from(
            ["garden", "river", "music", "window", "kayak", "fish", "goat", "gala", "Leeds", "rent"]
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_words_without_cue_and_value_end_nothing(state: str, words: list[str]) -> None:
    assert not ends(state, f"I talked about {' '.join(words)}.")


@settings(max_examples=60)
@given(st.text(max_size=600), st.text(max_size=600))
def test_no_text_raises_and_none_outdates_itself(one: str, other: str) -> None:
    assert ends(one, other) in {True, False}
    assert not ends(one, one)


def stored(*told: tuple[str, str], infer: bool = True) -> list[str]:
    with Memory(":memory:") as memory:
        for text, at in told:
            memory.add(text, user_id="ann", timestamp=at, infer=infer)
        return [item["memory"] for item in memory.get_all(user_id="ann")["results"]]


def test_an_older_statement_that_is_added_later_ends_nothing() -> None:
    new, old = ("I own a kayak.", JULY), ("Sold the kayak.", JUNE)
    assert sorted(stored(new, old)) == sorted([new[0], old[0]])


def test_an_ended_state_keeps_its_id_and_its_history() -> None:
    with Memory(":memory:") as memory:
        [first] = memory.add("I own a kayak.", user_id="ann", timestamp=JUNE)["results"]
        [then] = memory.add("Sold the kayak.", user_id="ann", timestamp=JULY)["results"]
        assert then["id"] == first["id"]
        assert then["event"] == "UPDATE"
        assert then["previous_memory"] == "I own a kayak."


def test_a_statement_of_a_call_ends_an_earlier_one_of_the_call() -> None:
    with Memory(":memory:") as memory:
        said = ["I own a kayak.", "The weather in Malaga was awful that year.", "Sold the kayak."]
        messages = [{"role": "user", "content": text} for text in said]
        memory.add(messages, user_id="ann", timestamp=JUNE)
        held = [item["memory"] for item in memory.get_all(user_id="ann")["results"]]
        assert sorted(held) == sorted(said[1:])


def test_an_elliptic_change_names_what_it_is_about() -> None:
    told = ("The gala is on 5 May.", JUNE), ("It's been moved to 9 May!", JULY)
    [text] = stored(*told)
    assert re.match(r"The gala: It's been moved to 9 May\b", text)


def test_one_speaker_ends_nothing_of_another() -> None:
    with Memory(":memory:") as memory:
        for name, text in (("Ann", "I own a kayak."), ("Bo", "I sold the kayak.")):
            message = {"role": "user", "name": name, "content": text}
            memory.add([message], user_id="both", timestamp=JUNE)
        held = [item["memory"] for item in memory.get_all(user_id="both")["results"]]
        assert "Ann: I own a kayak." in held
