"""No call returns a memory of another scope, whatever the ids and the filter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memfast import ValidationError
from memfast.testing import HashEmbedder, fake_memory
from tests.python.campaign import rounds

# Ids that a careless encoding, normalisation or query string would confuse.
ALIKE = [
    "a", "A", "а", "ａ", "á", "a\u0301", "a\u200b", "a&b=c", "a%26b", "a=b&", "a b", "a\u3000b",
    "a/b", "a'--", '") or true or ("', "a;b", "*a", "null", "None", "0", "x" * 5000, "x" * 5001,
]  # fmt: skip

letters = st.characters(exclude_categories=["Cc", "Cs"])
ids = st.one_of(st.sampled_from(ALIKE), st.text(letters, min_size=1, max_size=20)).filter(
    lambda text: text.strip() == text and text != "*"
)
kinds = st.sampled_from(["user_id", "agent_id", "run_id"])
values = st.one_of(st.integers(-3, 3), st.sampled_from(["x", "y"]), st.booleans(), st.none())


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    leaf = st.one_of(
        st.dictionaries(st.sampled_from(["tag", "n"]), values, max_size=2),
        st.fixed_dictionaries(
            {"tag": st.fixed_dictionaries({"ne": values.filter(lambda v: v is not None)})}
        ),
        st.fixed_dictionaries({"user_id": ids}),
        st.just({"user_id": {"ne": "nobody"}}),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"OR": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"NOT": st.lists(inner, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"AND": st.lists(inner, min_size=1, max_size=3)}),
        ),
        max_leaves=5,
    )


@settings(max_examples=rounds(test=300, campaign=5000))
@given(
    mine=ids,
    other=ids,
    kind=kinds,
    filters=conditions(),
    tag=values,
)
def test_no_call_returns_a_memory_of_another_scope(
    mine: str, other: str, kind: str, filters: dict[str, Any], tag: Any
) -> None:
    if mine == other:
        return
    with fake_memory(embedder=HashEmbedder(dim=16)) as memory:
        own: dict[str, Any] = {kind: mine}
        theirs: dict[str, Any] = {kind: other}
        kept = memory.add("the secret", **own, infer=False, metadata={"tag": tag, kind: other})
        foreign = memory.add("the secret", **theirs, infer=False, metadata={"tag": tag})
        hidden = foreign["results"][0]["id"]
        shown: list[Any] = [
            *memory.search("the secret", **own)["results"],
            *memory.search("the secret", **own, filters=filters)["results"],
            *memory.get_all(**own, filters=filters)["results"],
            *memory.iter(**own, filters=filters),
        ]
        assert hidden not in {item["id"] for item in shown}
        assert memory.count(**own) == 1
        assert memory.count(**own, filters=filters) <= 1
        assert memory.count(**own, filters={kind: other}) == 0
        memory.update(kept["results"][0]["id"], metadata={kind: other})
        assert memory.count(**own) == 1
        memory.delete_all(**own)
        assert memory.count(**own) == 0
        assert memory.get(hidden) is not None


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000", "\u2028"])
@pytest.mark.parametrize("kind", ["user_id", "agent_id", "run_id"])
def test_a_blank_id_is_an_error_in_every_call(blank: str, kind: str) -> None:
    with fake_memory() as memory:
        scope: dict[str, Any] = {kind: blank}
        calls: list[Any] = [
            lambda: memory.add("x", infer=False, **scope),
            lambda: memory.search("x", **scope),
            lambda: memory.get_all(**scope),
            lambda: memory.iter(**scope),
            lambda: memory.count(**scope),
            lambda: memory.delete_all(**scope),
        ]
        for call in calls:
            with pytest.raises(ValidationError):
                call()


def test_ids_are_trimmed() -> None:
    with fake_memory() as memory:
        memory.add("x", user_id="  ann ", infer=False)
        assert memory.count(user_id="ann") == 1


@pytest.mark.parametrize("empty", [[], {}, [None], ()])
def test_an_empty_scope_is_an_error(empty: Any) -> None:
    with fake_memory() as memory:
        memory.add("x", user_id="ann", infer=False)
        for call in (memory.count, memory.get_all, memory.delete_all):
            with pytest.raises(ValidationError):
                call(user_id=empty)
        with pytest.raises(ValidationError):
            memory.count(filters={})
