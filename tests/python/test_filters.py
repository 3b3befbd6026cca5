"""The engine's filters against an evaluator written from the grammar, through the public calls."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from memfast.testing import HashEmbedder, fake_memory
from tests.python.campaign import rounds

MISSING = object()

scalars = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.5, 1.0, -2.0, 2**53 + 1, float(2**53), 1e300]),
    st.booleans(),
    st.sampled_from(["", "a", "A", "ab", "Straße", "ß", "é", "e\u0301", "x y", "%", "1"]),
)
values = st.one_of(scalars, st.lists(scalars, max_size=3), st.none())
records = st.dictionaries(
    st.sampled_from(["a", "b", "c.d", "c"]),
    st.one_of(values, st.dictionaries(st.sampled_from(["d", "e"]), values, max_size=2)),
    max_size=3,
)
keys = st.sampled_from(["a", "b", "c.d", "c.e", "c", "zz"])
numbers = scalars.filter(lambda v: not isinstance(v, (bool, str)))
texts = scalars.filter(lambda v: isinstance(v, str))
operators = st.one_of(
    st.tuples(st.sampled_from(["eq", "ne"]), scalars),
    st.tuples(st.sampled_from(["gt", "gte", "lt", "lte"]), st.one_of(numbers, texts)),
    st.tuples(st.sampled_from(["in", "nin"]), st.lists(scalars, max_size=3)),
    st.tuples(st.just("contains"), scalars),
    st.tuples(st.just("icontains"), texts),
)
conditions = st.one_of(
    scalars,
    st.lists(scalars, max_size=3),
    st.just("*"),
    st.none(),
    st.lists(operators, min_size=1, max_size=2).map(dict),
)
filters = st.recursive(
    st.dictionaries(keys, conditions, max_size=2),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"AND": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"OR": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"NOT": st.lists(inner, min_size=1, max_size=2)}),
        st.tuples(inner, inner).map(lambda two: {**two[0], **two[1]}),
    ),
    max_leaves=6,
)


def look_up(record: dict[str, Any], key: str) -> Any:
    if record.get(key) is not None:
        return record[key]
    head, _, rest = key.partition(".")
    inner = record.get(head)
    if rest and isinstance(inner, dict) and inner.get(rest) is not None:
        return inner[rest]
    return MISSING


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(left: Any, right: Any) -> bool:
    if is_number(left) and is_number(right):
        return Fraction(left) == Fraction(right)
    return type(left) is type(right) and left == right


def operator_holds(value: Any, name: str, operand: Any) -> bool:  # noqa: C901, PLR0911 - a table of cases
    match name:
        case "ne":
            return not operator_holds(value, "eq", operand)
        case "nin":
            return not operator_holds(value, "in", operand)
        case _ if value is MISSING:
            return False
        case "eq":
            items = value if isinstance(value, list) else []
            return same(value, operand) or any(same(item, operand) for item in items)
        case "in":
            return any(operator_holds(value, "eq", item) for item in operand)
        case "contains":
            if isinstance(value, list):
                return any(same(item, operand) for item in value)
            return isinstance(value, str) and isinstance(operand, str) and operand in value
        case "icontains":
            if isinstance(value, list):
                folded = [item.lower() for item in value if isinstance(item, str)]
                return operand.lower() in folded
            return isinstance(value, str) and operand.lower() in value.lower()
    comparable = (is_number(value) and is_number(operand)) or (
        isinstance(value, str) and isinstance(operand, str)
    )
    if not comparable:
        return False
    left: Any = value if isinstance(value, str) else Fraction(value)
    right: Any = operand if isinstance(operand, str) else Fraction(operand)
    order = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
    return bool(order[name](left, right))


def holds(record: dict[str, Any], condition: dict[str, Any]) -> bool:
    return all(part_holds(record, key, wanted) for key, wanted in condition.items())


def part_holds(record: dict[str, Any], key: str, wanted: Any) -> bool:  # noqa: PLR0911 - as above
    match key:
        case "AND":
            return all(holds(record, part) for part in wanted)
        case "OR":
            return any(holds(record, part) for part in wanted)
        case "NOT":
            return not any(holds(record, part) for part in wanted)
    value = look_up(record, key)
    if wanted is None:
        return value is MISSING
    if wanted == "*":
        return value is not MISSING
    if isinstance(wanted, list):
        return operator_holds(value, "in", wanted)
    if isinstance(wanted, dict):
        return all(operator_holds(value, name, operand) for name, operand in wanted.items())
    return operator_holds(value, "eq", wanted)


@settings(max_examples=rounds(test=300, campaign=5000))
@given(kept=st.lists(records, min_size=1, max_size=6), condition=filters)
def test_every_call_filters_as_the_grammar_says(
    kept: list[dict[str, Any]], condition: dict[str, Any]
) -> None:
    with fake_memory(embedder=HashEmbedder(dim=4)) as memory:
        for n, metadata in enumerate(kept):
            memory.add("x", user_id="u", metadata=metadata, memory_id=str(n), infer=False)
        right = [str(n) for n, metadata in enumerate(kept) if holds(metadata, condition)]
        found = memory.search("x", user_id="u", filters=condition)["results"]
        assert sorted(item["id"] for item in found) == right
        assert [item["id"] for item in memory.iter(user_id="u", filters=condition)] == right
        assert memory.count(user_id="u", filters=condition) == len(right)
