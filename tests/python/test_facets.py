"""Facts found by rules say whom and what they are about."""

from __future__ import annotations

import pytest

from memfast import Memory
from memfast.extraction.facts import Facets
from memfast.extraction.rules.facets import facets_of


@pytest.mark.parametrize(
    ("statement", "slot", "facets"),
    [
        ("I live in Lisbon.", "user home", Facets("user", "home", "Lisbon", ("Lisbon",))),
        (
            "My favourite colour is blue.",
            "user favourite colour",
            Facets("user", "favourite colour", "blue"),
        ),
        ("We met Ana Ruiz in May.", None, Facets("user", "", "", ("Ana Ruiz",))),
        ("The choir sings Bach's masses on Friday", None, Facets("", "", "", ("Bach",))),
        ("it rains", None, Facets()),
    ],
)
def test_a_statement_names_its_subject_attribute_value_and_entities(
    statement: str, slot: str | None, facets: Facets
) -> None:
    assert facets_of(statement, "user", slot) == facets


def test_filters_find_facts_by_what_they_are_about() -> None:
    with Memory(":memory:") as memory:
        memory.add("I live in Lisbon. My sister met Ana Ruiz at the fair.", user_id="ann")
        [home] = memory.get_all(user_id="ann", filters={"attribute": "home"})["results"]
        assert (home["subject"], home["value"], home["entities"]) == ("user", "Lisbon", ["Lisbon"])
        [met] = memory.get_all(user_id="ann", filters={"entities": "Ana Ruiz"})["results"]
        assert "fair" in met["memory"]
