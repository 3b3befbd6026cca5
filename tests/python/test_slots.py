"""Slots: a sentence fills one only when its value holds now."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memfast.extraction.rules import extract, slot_of
from memfast.extraction.rules.slot_patterns import (
    OF_CHANGES,
    OF_FAVOURITES,
    OF_MINE,
    OF_SELF,
    OPINION,
)
from memfast.extraction.rules.slot_triggers import OF_SLOTS, OPENERS
from memfast.extraction.rules.slot_words import LEAD
from memfast.extraction.rules.words import sentence_of
from tests.python.talks import facts, turn


def slots(content: str) -> list[str]:
    return [fact.slot for fact in facts(content) if fact.slot]


# All of `OF_CHANGES` begin alike, with the words that count.
SLOT_PATTERNS = (OPINION, *OF_SELF, *OF_CHANGES[:1], *OF_MINE, *OF_FAVOURITES)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("My name is Ann.", "user name"),
        ("Call me Sam.", "user nickname"),
        ("I go by Sam now.", "user nickname"),
        ("I live in Oslo", "user home"),
        ("We live in Lima now.", "user home"),
        ("I moved to Oslo", "user home"),
        ("I've just moved to New York!", "user home"),
        ("i moved to oslo last month", "user home"),
        ("I\u2019m based in Berlin.", "user home"),
        ("I live in the Netherlands with my two cats", "user home country"),
        ("I live in Texas", "user home region"),
        ("We just moved to Portland, Oregon.", "user home"),
        ("we moved to leeds", "user home"),
        ("Just moved to Denver!", "user home"),
        ("I've been living in Oslo since March", "user home"),
        ("i live in new york", "user home"),
        ("I moved to Lower Millford", "user home"),
        ("I live in Oslo, not Bergen", "user home"),
        ("I live in Oslo, do you know it?", "user home"),
        ("I weigh 80 kg", "user weight"),
        ("I've got two kids", "user number of children"),
        ("I changed my email to ann@example.org", "user email"),
        ("Please update my email to ann@example.org", "user email"),
        ("my fav color is red", "user favourite colour"),
        ("I've changed my mind, my favourite food is rice", "user favourite food"),
        ("I moved to Rio de Janeiro, Brazil, for work", "user home"),
        ("i live in lima now", "user home"),
        ("I work at Acme", "user employer"),
        ("I work for Acme now", "user employer"),
        ("I joined Acme as an accountant last week", "user employer"),
        ("I work at Acme in Lima, as an accountant", "user employer"),
        ("I work as a nurse", "user job"),
        ("I just started as a nurse", "user job"),
        ("We got married in Vegas", "user relationship status"),
        ("I work as a night nurse at a hospital", "user job"),
        ("I'm 34 years old", "user age"),
        ("I'm 6 years old", "user age"),
        ("I am 34.", "user age"),
        ("I just turned forty-one!", "user age"),
        ("My favourite colour is green", "user favourite colour"),
        ("My favorite color is blue now.", "user favourite colour"),
        ("My favourite colour is red", "user favourite colour"),
        ("My favourite dish is fried rice", "user favourite dish"),
        ("My favourite band is The Cure!", "user favourite band"),
        ("Green is my favorite color.", "user favourite colour"),
        ("My least favourite food is liver", "user least favourite food"),
        ("My phone number is +47 555 0123", "user phone number"),
        ("My email is ann@example.org", "user email"),
        ("My work email is ann@acme.example", "user work email"),
        ("My address is 5 Elm Street", "user address"),
        ("My birthday is on 4 July", "user birthday"),
        ("I'm married.", "user relationship status"),
        ("We have two kids", "user number of children"),
        ("My wife's name is Eva", "user wife name"),
        ("My pronouns are they/them", "user pronouns"),
        ("I'm vegan.", "user diet"),
        ("I love coffee", "user opinion of coffee"),
        ("I don't like coffee any more.", "user opinion of coffee"),
    ],
)
def test_a_value_that_holds_now_fills_its_slot(text: str, slot: str) -> None:
    assert slots(text) == [slot]
    # Slots of stored memories are computed again from their text, resolved dates included.
    assert [slot_of(fact.text) for fact in facts(text)] == [slot]


@pytest.mark.parametrize(
    "text",
    [
        "I no longer live in Oslo",
        "I used to live in Oslo",
        "I lived in Oslo",
        "I don't live in Oslo",
        "I would live in Oslo",
        "I want to move to Oslo",
        "If I lived in Oslo I would ski",
        "I moved to Oslo when I was six",
        "I moved to Oslo in 1999",
        "I moved to Oslo ten years ago",
        "I live in a small house",
        "I moved to Linux",
        "My sister lives in Oslo",
        "I don't work at Acme",
        "I used to work at Acme",
        "I work at night",
        "I worked as a nurse",
        "I'm not 34",
        "I am 5 minutes away",
        "My favourite colour was green",
        "One of my favourite films is Alien",
        "My favourite part is the ending",
        "My phone is broken",
        "My address is changing",
        "I'm allergic to nuts",
        "I am single-minded",
        "I might be married",
        "He said my name is Ann",
        "I loved coffee",
    ],
)
def test_past_wished_or_temporary_values_fill_no_slot(text: str) -> None:
    assert facts(text)
    assert slots(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "I live in Oslo half of the year",
        "I live in Oslo on weekdays",
        "I live in Oslo from June",
        "I live in Postbox 12",
        "I live in uncertainty",
        "I moved to Oslo for a year",
        "I moved to Oslo, then to Bergen",
        "I moved to Seat 4B",
        "I've moved to PostgreSQL",
        "We moved to Slack",
        "I work at Acme on weekends",
        "I work for fun",
        "I'm working for Anna today",
        "I joined Acme",
        "I work as a volunteer",
        "I work as a guide in summer",
        "I'm 5",
        "I'm 60 points behind",
        "I have two cat toys",
        "I have two black cats and a white one",
        "I have two kids coming over tonight",
        "I'm vegan on Mondays",
        "I'm a vegan chef",
        "I'm married to my job",
        "I'm engaged in politics",
        "My wife is called to the office often",
        "My name is spelled with a C",
        "My birthday is in 3 days",
        "My weight is 3 kg up",
        "My salary is 5% too low",
        "My occupation is stressful",
        "My favourite restaurant is closed today",
        "My favourite team is losing",
        "My favourite show is on tonight",
        "I like option two",
        "I hate everything today",
        "Call me Monday",
        "I moved to Elm Street",
        "Moved to Notion",
        "They moved to Denver",
        "Moved to Denver in 2010",
        "I've been living in Oslo for a month",
        "I moved to Notion",
        "I moved to Gate B12",
        "We moved to Notion, Evernote is slow",
        "i moved to tears",
        "i live in pyjamas",
        "I live in Building C",
        "I moved to Paris and hated it, so I came home",
        "I'm called Mum by my children",
        "I started as an intern and worked hard",
        "I got married at 25",
        "I got married in my twenties",
        "I work as a tutor too",
        "I work at Acme as well",
        "Also, I work as a tutor",
        "I live in Oslo, not permanently",
    ],
)
def test_partial_values_and_non_values_fill_no_slot(text: str) -> None:
    assert facts(text)
    assert slots(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "I wish I were rich and I live in Rome",
        "If it works out and I live in Rome, come and see me",
        'He said "I quit" and I work at Acme',
        "Let's role-play a job interview. My name is Zed. I'm 50.",
        "In my novel it always rains. I live in Rome.",
        "My brother is happy. Just moved to Rome!",
        "Tom called. Just moved to Rome!",
        "I live in Rome. Just kidding!",
        "Can you proofread my text? I live in Rome.",
        "Write me a short story. I live in Rome.",
    ],
)
def test_supposed_quoted_or_role_played_statements_fill_no_slot(text: str) -> None:
    assert slots(text) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I live in Berlin", "I live in Germany"),
        ("I live in Austin", "I live in Texas"),
        ("I live in Texas", "I live in the USA"),
        ("My name is Robert", "Call me Bob"),
    ],
)
def test_compatible_statements_do_not_share_a_slot(one: str, other: str) -> None:
    [first, second] = facts(one, other)
    assert first.slot != second.slot


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I live in Oslo", "I moved to Bergen yesterday."),
        ("My favourite colour is green", "Actually, blue is my favorite color."),
        ("I work at Acme", "I started working at Initech."),
        ("I like olives", "I can't stand olives."),
        ("I'm single", "We got married last week!"),
        ("I have two children", "We now have three kids."),
        ("I am 30", "I turned 31 today."),
        ("Call me Sam", "Please call me Alex."),
        ("I live in Norway", "I live in Spain now."),
        ("I live in Texas", "We live in Ohio now"),
    ],
)
def test_contradicting_statements_share_a_slot(old: str, new: str) -> None:
    [first, second] = facts(old, new)
    assert first.slot == second.slot is not None


def test_a_text_requested_by_the_assistant_fills_no_slot() -> None:
    ask = turn("Sure. Paste the text to translate here.", 0, role="assistant")
    assert [fact.slot for fact in extract([ask, turn("I live in Rome", 1)])] == [None]


def test_a_slot_belongs_to_its_speaker() -> None:
    turns = [turn("I live in Oslo", 0, name="Ann"), turn("I live in Rome", 1, name="Bo")]
    assert [fact.slot for fact in extract(turns)] == ["ann home", "bo home"]


def test_a_clause_that_fills_a_slot_stands_alone() -> None:
    found = facts("My name is Ann and I live in Oslo, and I have a red bike.")
    assert [fact.slot for fact in found] == ["user name", "user home", None]


@pytest.mark.parametrize(
    "text",
    [
        "actually i've gone off pizza, my favorite food is sushi now",
        "I'm tired of pizza, my favourite food is sushi.",
    ],
)
def test_a_statement_after_a_comma_fills_its_slot(text: str) -> None:
    assert [fact.slot for fact in facts(text)] == [None, "user favourite food"]


@pytest.mark.parametrize(
    "text",
    [
        "In my dreams, I live in Rome",
        "If I could, I would say my favourite food is sushi",
        "Back in school, my favourite food is what kept me alive",
    ],
)
def test_a_clause_after_a_qualifying_phrase_fills_no_slot(text: str) -> None:
    assert [fact.slot for fact in facts(text)] == [None]


@pytest.mark.parametrize(
    "begin",
    [
        "I work as a ",
        "My favourite book is A",
        "I live in A",
        "I moved to A",
        "I moved to San A",
        "I moved from A",
        "I changed my email to a",
        "I live in Oslo, not a",
        "My job title is ",
        "Call me A",
    ],
)
@pytest.mark.parametrize("part", ["a", "A", "!", "-", "'", "1", "\u00e9", "(", "a,"])
def test_matching_a_very_long_value_terminates(begin: str, part: str) -> None:
    assert all(fact.sources == (0,) for fact in facts(begin + part * 20_000 + "\n" + begin + "x"))


def begins(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    """Texts that a pattern matches from their first letter on."""
    return st.from_regex(pattern).filter(lambda text: pattern.match(text) is not None)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(st.one_of([begins(pattern) for pattern, _ in SLOT_PATTERNS]))
def test_every_text_that_a_slot_pattern_matches_has_one_of_its_words(text: str) -> None:
    assert not OF_SLOTS.isdisjoint(sentence_of(text).parts)


@settings(max_examples=40)
@given(begins(LEAD))
def test_every_lead_begins_with_one_of_its_words(text: str) -> None:
    lead = LEAD.match(text)
    assert lead is not None
    assert not lead.end() or sentence_of(text).parts[0] in OPENERS
