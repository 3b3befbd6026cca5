"""What the binding reads: requests without unknown fields, vectors, values of NumPy."""

from __future__ import annotations

import array
import operator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pytest

from memfast import ConfigurationError, Memory, ValidationError
from memfast._core import Engine, RowReader
from memfast.stores.protocol import (
    EVERYTHING,
    Blend,
    Deferred,
    Delete,
    KeepText,
    Patch,
    Put,
    Query,
    Receipt,
    Revector,
    Rewrite,
    Scope,
    Write,
)

if TYPE_CHECKING:
    from pathlib import Path

ANN = Scope(user_id="ann")
EAST = [1.0, 2.0]
PUT = Put(ANN, "x", EAST)


@pytest.fixture
def engine() -> Engine:
    return Engine(":memory:", ("", 2, ""))


def of_another_version(request: Any) -> Any:
    """A request as another version of the protocol has it: with one field more."""
    kind = type(request)
    # Its fields are known at run time alone.
    made = cast("Any", NamedTuple)(kind.__name__, [(one, Any) for one in (*kind._fields, "mood")])
    return made(*request, None)


NEW_TEXT, OTHER_VECTOR = Rewrite("y", EAST), Revector("x", EAST)
DEFERRED, RECEIPT = Deferred(ANN, "why", "{}"), Receipt(ANN, "k")
WRITES: list[tuple[Any, str]] = [
    (Write([of_another_version(PUT)]), "Put"),
    (Write([Put(of_another_version(ANN), "x", EAST)]), "Scope"),
    (Write([Put(ANN, "x", of_another_version(Blend(EAST, ())))]), "Blend"),
    (Write([of_another_version(Patch("a"))]), "Patch"),
    (Write([Patch("a", rewrite=of_another_version(NEW_TEXT))]), "Rewrite"),
    (Write([Patch("a", rewrite=of_another_version(KeepText("x")))]), "KeepText"),
    (Write([Patch("a", rewrite=of_another_version(OTHER_VECTOR))]), "Revector"),
    (Write([of_another_version(Delete("a"))]), "Delete"),
    (Write(pending=[of_another_version(DEFERRED)]), "Deferred"),
    (Write(receipt=of_another_version(RECEIPT)), "Receipt"),
    (of_another_version(Write()), "Write"),
    (Write(within=of_another_version(EVERYTHING)), "Selection"),
]


@pytest.mark.parametrize(("write", "name"), WRITES, ids=[name for _, name in WRITES])
def test_a_request_with_an_unknown_field_is_refused(engine: Engine, write: Any, name: str) -> None:
    with pytest.raises(ValidationError, match=f'{name} has the unknown field "mood"'):
        engine.write(write)
    (outcome,) = engine.write_each([write])
    assert isinstance(outcome, ValidationError)
    assert engine.last_seq() == 0


def test_a_query_with_an_unknown_field_is_refused(engine: Engine) -> None:
    with pytest.raises(ValidationError, match="Query has the unknown field"):
        engine.search(of_another_version(Query(EVERYTHING, None, [EAST])))


def wrong_put(**given: Any) -> Any:
    return PUT._replace(**given)


# Requests that no type checker lets through.
wrong: Any = SimpleNamespace(Delete=Delete, Patch=Patch, Put=Put, Rewrite=Rewrite, Write=Write)


@pytest.mark.parametrize(
    ("write", "problem"),
    [
        (wrong.Write([{"op": "put"}]), "a Put, a Patch or a Delete, not {'op': 'put'}"),
        (wrong.Write([wrong.Put(ANN, "x", None)]), "`vector` is missing"),
        (wrong.Write([wrong.Put(ANN, "x", [])]), "`vector` is empty"),
        (wrong.Write([wrong.Put(ANN, None, EAST)]), "`text` is missing"),
        (wrong.Write([wrong.Put({"user_id": "ann"}, "x", EAST)]), "a Scope is needed"),
        (wrong.Write([wrong_put(kind="note")]), 'unknown kind "note"'),
        (wrong.Write([wrong_put(existing="merge")]), '`existing` is "merge"'),
        (wrong.Write([wrong_put(created_at="soon")]), "`created_at` cannot be 'soon'"),
        (wrong.Write([wrong_put(metadata=[1])]), "`metadata` must be a dict"),
        (wrong.Write([wrong_put(role="\ud800")]), "`role` holds a lone surrogate"),
        (wrong.Write([wrong.Delete(5)]), "`id` must be text, not 5"),
        (
            wrong.Write([wrong.Patch("a", rewrite="y")]),
            "a KeepText or a Revector, not 'y'",
        ),
        (wrong.Write([wrong.Patch("a", rewrite=wrong.Rewrite("y", None))]), "`vector` is missing"),
        (wrong.Write([wrong.Patch("a", expects="no hash")]), "not an MD5"),
        ([PUT], "a Write is needed"),
    ],
)
def test_a_request_that_cannot_be_is_refused(engine: Engine, write: Any, problem: str) -> None:
    with pytest.raises(ValidationError) as raised:
        engine.write(write)
    assert problem in str(raised.value)
    assert engine.last_seq() == 0


def test_a_wrong_operation_of_several_is_named(engine: Engine) -> None:
    with pytest.raises(ValidationError, match="item 1 of the batch: `vector` is empty"):
        engine.write(Write([PUT, Put(ANN, "y", [])]))
    assert engine.last_seq() == 0


def test_a_part_of_an_import_that_memories_do_not_have_is_refused() -> None:
    with pytest.raises(ValidationError, match='"memroy" is not a part of a memory'):
        RowReader(
            columns={"memroy": "text"},
            keys=None,
            scope=("ann", None, None),
            dim=2,
            embeds="nothing",
            on_conflict="id",
            max_row_bytes=1 << 20,
        )


def test_a_value_in_an_error_is_cut(engine: Engine) -> None:
    role: Any = ["x" * 10_000]
    with pytest.raises(ValidationError) as raised:
        engine.write(Write([PUT._replace(role=role)]))
    assert len(str(raised.value)) < 200


EMPTY: list[Any] = [[[]], [[], [], []], np.zeros((3, 0), np.float32), np.zeros((3, 0), np.float64)]


@pytest.mark.parametrize("vectors", EMPTY)
def test_empty_vectors_are_an_error(memory: Memory, vectors: Any) -> None:
    with pytest.raises(ValidationError, match="vector 0 is empty"):
        memory.search_many(vectors=vectors, user_id="ann")
    with pytest.raises(ValidationError):
        memory.search(vector=vectors[0], user_id="ann")
    with pytest.raises(ValidationError, match="`vector` is empty"):
        memory.batch_add(["x"] * len(vectors), user_id="ann", vectors=vectors)
    with pytest.raises(ValidationError, match="empty"):
        memory.add(["x"] * len(vectors), user_id="ann", infer=False, vector=vectors)
    assert memory.count(user_id="ann") == 0


def test_no_vectors_find_nothing(memory: Memory) -> None:
    memory.add("x", user_id="ann", infer=False)
    none: list[Any] = [[], np.zeros((0, 256), np.float32)]
    for vectors in none:
        assert memory.search_many(vectors=vectors, user_id="ann") == []


@pytest.mark.parametrize("kind", [list, tuple, np.array, iter])
@pytest.mark.parametrize("given", [1, 3])
def test_a_number_of_vectors_other_than_that_of_the_texts_is_an_error(
    memory: Memory, kind: Any, given: int
) -> None:
    ids = [one["id"] for one in memory.batch_add(["a", "b"], user_id="ann")["results"]]

    def vectors() -> Any:
        return kind([[1.0] * 256] * given)

    problem = rf"{given} vectors were given for 2"
    with pytest.raises(ValidationError, match=problem):
        memory.batch_add(["x", "y"], user_id="ann", vectors=vectors())
    with pytest.raises(ValidationError, match=problem):
        memory.add(["x", "y"], user_id="ann", infer=False, vector=vectors())
    changes = [{"memory_id": one, "text": "z"} for one in ids]
    with pytest.raises(ValidationError, match=problem):
        memory.batch_update(changes, vectors=vectors())
    with memory.transaction() as tx, pytest.raises(ValidationError, match=problem):
        tx.batch_add(["x", "y"], user_id="ann", vectors=vectors())
    found = memory.get_all(user_id="ann")["results"]
    assert [item["memory"] for item in found] == ["a", "b"]


@pytest.mark.parametrize("vectors", [5, object(), "ab", {0: 1.0}, np.float32(1)])
def test_vectors_that_are_not_numbers_are_an_error(memory: Memory, vectors: Any) -> None:
    for texts in (["x"], ["x", "y"]):
        with pytest.raises(ValidationError):
            memory.batch_add(texts, user_id="ann", vectors=vectors)
    assert memory.count(user_id="ann") == 0


def test_one_vector_is_accepted_flat_and_as_a_row(memory: Memory) -> None:
    flat = [1.0] * 256
    for vectors in (flat, [flat], np.array(flat), np.array([flat]), array.array("f", flat)):
        memory.add("x", user_id="ann", infer=False, vector=vectors)
        memory.batch_add(["x"], user_id="ann", vectors=vectors)
    hits = memory.search(vector=flat, user_id="ann", limit=100)["results"]
    assert [hit["score"] for hit in hits] == pytest.approx([1.0] * 10)


def test_items_of_a_batch_accept_their_own_vectors(memory: Memory) -> None:
    tea = [0.0] * 255 + [1.0]
    items: list[Any] = [
        {"memory": "likes tea", "vector": tea},
        "lives in Oslo",
        {"memory": "likes fish", "vector": np.array(tea[::-1], np.float32)},
        {"memory": "swims", "vector": None},
    ]
    ids = [one["id"] for one in memory.batch_add(items, user_id="ann")["results"]]
    best = operator.itemgetter("memory", "score")

    def find(**query: Any) -> Any:
        hits = memory.search(**query, user_id="ann", limit=1, mode="semantic")
        return best(hits["results"][0])

    assert find(vector=tea) == ("likes tea", 1)
    assert find(vector=tea[::-1]) == ("likes fish", 1)
    assert find(query="swims") == ("swims", 1)
    memory.batch_update([{"memory_id": ids[1], "text": "lives in Rome", "vector": tea[::-1]}])
    memory.batch_update([{"memory_id": ids[2], "vector": [1.0] * 256}])
    assert find(vector=tea[::-1]) == ("lives in Rome", 1)
    assert find(vector=[1.0] * 256) == ("likes fish", 1)
    with memory.transaction() as tx:
        tx.batch_add([{"memory": "reads", "vector": [-1.0] * 256}, "sings"], user_id="ann")
    assert find(vector=[-1.0] * 256) == ("reads", 1)
    assert find(query="sings") == ("sings", 1)


def test_a_vector_in_an_item_and_one_beside_it_are_an_error(memory: Memory) -> None:
    with pytest.raises(ValidationError, match="item 1 of the batch has a vector"):
        memory.batch_add(
            ["x", {"memory": "y", "vector": [1.0] * 256}], user_id="ann", vectors=[[1.0] * 256] * 2
        )
    assert memory.count(user_id="ann") == 0


def test_a_store_without_embedder_refuses_items_without_vectors(tmp_path: Path) -> None:
    memory = Memory(path=tmp_path / "store", embedder=None, dim=2)
    with pytest.raises(ConfigurationError, match="embedder=None"):
        memory.batch_add([{"memory": "x", "vector": [1.0, 2.0]}, "y"], user_id="ann")
    assert memory.count(user_id="ann") == 0
    memory.batch_add([{"memory": "x", "vector": [1.0, 2.0]}], user_id="ann")
    assert memory.search(vector=[1.0, 2.0], user_id="ann")["results"][0]["score"] == 1


PLAIN: list[tuple[Any, Any]] = [
    (np.int64(5), 5),
    (np.uint8(5), 5),
    (np.float32(0.5), 0.5),
    (np.float64(0.5), 0.5),
    (np.bool_(True), True),
    (np.str_("tea"), "tea"),
    (np.array([1, 2]), [1, 2]),
    (np.array([[0.5], [1.5]], np.float32), [[0.5], [1.5]]),
    (np.array(7), 7),
    (np.array(["a", "b"]), ["a", "b"]),
    (np.array([np.int64(1), "a"], object), [1, "a"]),
    (np.datetime64("2024-05-06"), "2024-05-06"),
    (np.datetime64("2024-05-06T07:08:09", "ns"), "2024-05-06T07:08:09.000000000"),
]


@pytest.mark.parametrize(("given", "stored"), PLAIN, ids=[repr(given) for given, _ in PLAIN])
def test_numpy_values_are_accepted(memory: Memory, given: Any, stored: Any) -> None:
    added = memory.add("x", user_id="ann", infer=False, metadata={"v": given, "in": {"v": [given]}})
    found = memory.get(added["results"][0]["id"])
    assert found is not None
    assert found["metadata"] == {"v": stored, "in": {"v": [stored]}}
    assert type(found["metadata"]["v"]) is type(stored)
    if not isinstance(stored, list):
        memory.add("y", user_id="ann", infer=False, metadata={"v": stored})
        assert memory.count(user_id="ann", filters={"v": given}) == 2
        assert memory.count(user_id="ann", filters={"v": {"in": np.array([stored])}}) == 2


def test_integers_of_other_types_are_accepted(memory: Memory) -> None:
    class Count:
        def __index__(self) -> int:
            return 3

    added = memory.add("x", user_id="ann", infer=False, metadata={"n": Count()})
    assert memory.get(added["results"][0]["id"])["metadata"] == {"n": 3}  # type: ignore[index]
    assert memory.count(user_id="ann", filters={"n": {"gte": Count()}}) == 1


@pytest.mark.parametrize(
    "value",
    [
        np.float32("nan"),
        np.array([1.0, np.inf]),
        np.complex64(1),
        np.timedelta64(5, "s"),
        np.datetime64("NaT"),
        np.array(["2024-05-06", "NaT"], "datetime64[D]"),
        np.bytes_(b"x"),
        np.uint64(2**64 - 1),
        np.array([print], object),
        np.int64,
        int,
    ],
    ids=repr,
)
def test_values_that_json_cannot_hold_are_refused(memory: Memory, value: Any) -> None:
    with pytest.raises(ValidationError, match=r"metadata\.v"):
        memory.add("x", user_id="ann", infer=False, metadata={"v": value})
    with pytest.raises(ValidationError, match=r"filters\.v"):
        memory.count(user_id="ann", filters={"v": value})
    assert memory.count(user_id="ann") == 0


def test_times_are_stored_as_text_and_invalid_times_are_refused(memory: Memory) -> None:
    class NaT:
        """Like pandas' value for a missing time."""

        def isoformat(self) -> str:
            return "NaT"

    added = memory.add(
        "x",
        user_id="ann",
        infer=False,
        metadata={"at": datetime(2024, 5, 6, tzinfo=UTC), "day": date(2024, 5, 6)},
    )
    assert memory.get(added["results"][0]["id"])["metadata"] == {  # type: ignore[index]
        "at": "2024-05-06T00:00:00+00:00",
        "day": "2024-05-06",
    }
    with pytest.raises(ValidationError, match="NaT"):
        memory.add("x", user_id="ann", infer=False, metadata={"at": NaT()})
