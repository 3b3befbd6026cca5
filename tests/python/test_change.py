"""Change: a statement outdates an earlier one only where it says so of the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memfast import Memory
from memfast.extraction.rules.change.compare import compare
from memfast.extraction.rules.change.readings import LONGEST, reading_of
from memfast.extraction.rules.change.values import differ, values_in
from memfast.extraction.rules.change.verdicts import Outcome

JUNE, JULY = "2026-06-10T10:00:00+00:00", "2026-07-10T10:00:00+00:00"


def outcome(old: str, new: str) -> Outcome:
    before, after = reading_of(old), reading_of(new)
    assert before is not None
    assert after is not None
    return compare(after, before).outcome


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
    "no longer eat fish",
    "bought another goat",
    "went down to 70 kilos",
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("who", ["My sister", "Tom", "She", "My boss"])
def test_what_another_did_ends_nothing_of_the_user(state: str, ending: str, who: str) -> None:
    assert outcome(state, f"{who} {ending}.") is not Outcome.ENDS


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("frame", ["I might have {}.", "If it rains I have {}.", "I have {}?"])
def test_what_is_supposed_or_asked_ends_nothing(state: str, ending: str, frame: str) -> None:
    assert outcome(state, frame.format(ending)) is not Outcome.ENDS


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
    assert outcome(state, f"I talked about {' '.join(words)}.") is Outcome.NOTHING


@settings(max_examples=60)
@given(st.text(max_size=LONGEST), st.text(max_size=LONGEST))
def test_no_text_raises_and_none_outdates_itself(one: str, other: str) -> None:
    before, after = reading_of(one), reading_of(other)
    assert before is not None
    assert after is not None
    assert compare(after, before).outcome in Outcome
    assert compare(after, after).outcome is Outcome.NOTHING


def test_a_long_text_is_not_read() -> None:
    assert reading_of("a" * (LONGEST + 1)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("5 June", "June 5"), ("the 5th", "5th of June"), ("three", "3"), ("$1,200", "1200 dollars")],
)
def test_one_value_in_two_spellings_does_not_differ(one: str, other: str) -> None:
    [first], [second] = values_in(one.lower()), values_in(other.lower())
    assert not differ(first, second)


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
    assert text.startswith("About the gala: It's been moved to 9 May")


def test_one_speaker_ends_nothing_of_another() -> None:
    with Memory(":memory:") as memory:
        for name, text in (("Ann", "I own a kayak."), ("Bo", "I sold the kayak.")):
            message = {"role": "user", "name": name, "content": text}
            memory.add([message], user_id="both", timestamp=JUNE)
        held = [item["memory"] for item in memory.get_all(user_id="both")["results"]]
        assert "Ann: I own a kayak." in held
