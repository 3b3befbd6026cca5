"""Values that are endless when written out, and objects that state a false length."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from memfast import Memory, ValidationError
from memfast.errors import shown
from memfast.transfer.rejects import VALUES

if TYPE_CHECKING:
    from pathlib import Path


def shared_lists() -> Any:
    value: Any = "x"
    for _ in range(30):
        value = [value, value]
    return value


def shared_dicts() -> Any:
    value: Any = "x"
    for _ in range(30):
        value = {"a": value, "b": value}
    return value


def shared_text() -> Any:
    return ["x" * (1 << 20)] * 10_000


def endless_array() -> Any:
    return np.broadcast_to(np.float32(0), (1 << 40,))


VALUES_MADE = [shared_lists, shared_dicts, shared_text, endless_array]
CALLS: dict[str, Callable[[Memory, Any], object]] = {
    "add": lambda memory, x: memory.add("t", user_id="u", metadata={"m": x}, infer=False),
    "add, inferred": lambda memory, x: memory.add("t", user_id="u", metadata={"m": x}),
    "update": lambda memory, x: memory.update("a", metadata={"m": x}),
    "batch_add": lambda memory, x: memory.batch_add(
        [{"memory": "t", "user_id": "u", "metadata": {"m": x}}]
    ),
    "batch_update": lambda memory, x: memory.batch_update(
        [{"memory_id": "a", "metadata": {"m": x}}]
    ),
    "search": lambda memory, x: memory.search("t", user_id="u", filters={"m": {"in": x}}),
    "get_all": lambda memory, x: memory.get_all(user_id="u", filters={"m": x}),
    "export": lambda memory, x: memory.export(user_id="u", filters={"m": x}),
}


@pytest.mark.parametrize(
    ("call", "value"),
    [(call, shared_lists) for call in CALLS] + [("update", value) for value in VALUES_MADE[1:]],
)
def test_a_value_that_is_endless_when_written_out_is_refused(
    memory: Memory, call: str, value: Callable[[], Any]
) -> None:
    memory.import_([{"id": "a", "memory": "old", "user_id": "u"}])
    with pytest.raises(ValidationError, match="hold more than 1048576 values or 64 MiB of text"):
        CALLS[call](memory, value())
    assert memory.count(user_id="u") == 1
    (found,) = memory.get_all(user_id="u")["results"]
    assert (found["memory"], found["metadata"]) == ("old", {})


@pytest.mark.parametrize("value", VALUES_MADE)
def test_a_row_that_is_endless_when_written_out_is_rejected(
    memory: Memory, tmp_path: Path, value: Callable[[], Any]
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    rows = [
        {"memory": "bad", "user_id": "u", "m": value()},
        {"memory": "good", "user_id": "u", "m": [1, "x"]},
    ]
    report = memory.import_(rows, rejects=rejects)
    assert (report.added, report.rejected) == (1, 1)
    (entry,) = map(json.loads, rejects.read_text().splitlines())
    assert "hold more than" in entry["reason"]
    assert entry["raw"]["memory"] == "bad"
    assert json.dumps(entry["raw"]).count('"x"') <= VALUES


WRONG: dict[str, Callable[[Memory, Any], object]] = {
    "metadata": lambda memory, x: memory.add("t", user_id="u", metadata=x),
    "user_id": lambda memory, x: memory.add("t", user_id=x),
    "limit": lambda memory, x: memory.get_all(user_id="u", limit=x),
    "memory_id": lambda memory, x: memory.get(x),
    "columns": lambda memory, x: memory.import_([], columns={"memory": x}),
    "filters": lambda memory, x: memory.search("t", user_id="u", filters={"m": {"between": x}}),
}


@pytest.mark.parametrize("argument", WRONG)
def test_an_endless_value_in_the_wrong_place_is_cut_in_the_error(
    memory: Memory, argument: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        WRONG[argument](memory, shared_lists())
    assert len(str(caught.value)) < 500
    assert len(repr(caught.value.details)) < 100_000


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        (),
        {},
        (1,),
        [1, "a", (2.5, None), {"k": [True]}],
        {"a": {"b": b"c"}, 3: "it's"},
        "quote ' and \" both",
        {1, 2},
        range(3),
        list(range(100)),
        {n: str(n) for n in range(100)},
        "x" * 200,
    ],
)
def test_a_value_is_shown_as_the_start_of_its_representation(value: object) -> None:
    whole = repr(value)
    assert shown(value) == (whole if len(whole) <= 80 else f"{whole[:77]}...")


class Stated(Sequence[Any]):
    """Items that state an arbitrary length."""

    def __init__(self, items: list[Any], length: Callable[[], int]) -> None:
        self.items = items
        self.length = length

    def __len__(self) -> int:
        return self.length()

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)


class StatedList(list[Any]):
    """A list that states a false length."""

    length: Callable[[], int]

    def __len__(self) -> int:
        return self.length()


def fails() -> int:
    raise RuntimeError("no length today")


LENGTHS: dict[str, Callable[[], Any]] = {
    "negative": lambda: -1,
    "huge": lambda: (1 << 62) + 1,
    "beyond": lambda: 1 << 80,
    "no number": lambda: "three",
    "fails": fails,
}


@pytest.fixture(params=LENGTHS)
def length(request: pytest.FixtureRequest) -> Callable[[], int]:
    return LENGTHS[request.param]


@pytest.mark.parametrize("kind", [Stated, StatedList])
def test_rows_are_imported_whatever_length_their_object_states(
    memory: Memory, length: Callable[[], int], kind: Any
) -> None:
    rows = [{"memory": f"text {n}", "user_id": "u"} for n in range(3)]
    source = kind(rows, length) if kind is Stated else kind(rows)
    source.length = length
    assert memory.import_(source).added == 3


def test_a_vector_is_read_whatever_length_it_states(length: Callable[[], int]) -> None:
    given = StatedList([1.0, 2.0])
    given.length = length
    rows = [{"memory": "t", "user_id": "u", "vector": given}]
    rows += [{"memory": "v", "user_id": "u", "vector": Stated([1.0, 2.0], length)}]
    with Memory(path=":memory:", embedder=None, dim=2) as memory:
        assert memory.import_(rows).added == 2
        assert memory.search(vector=Stated([1.0, 2.0], length), user_id="u")["results"]


@pytest.mark.parametrize("argument", ["memories", "vectors", "one vector"])
def test_a_batch_is_stored_whatever_length_its_objects_state(
    length: Callable[[], int], argument: str
) -> None:
    memories: Any = [{"memory": "t", "user_id": "u"}]
    vectors: Any = [[1.0, 2.0]]
    if argument == "memories":
        memories = Stated(memories, length)
    elif argument == "vectors":
        vectors = Stated(vectors, length)
    else:
        vectors = [Stated([1.0, 2.0], length)]
    with Memory(path=":memory:", embedder=None, dim=2) as memory:
        assert len(memory.batch_add(memories, vectors=vectors)["results"]) == 1
        assert memory.count(user_id="u") == 1


def test_a_vector_without_end_is_refused() -> None:
    class Endless:
        def __getitem__(self, index: int) -> float:
            return 1.0

    with (
        Memory(path=":memory:", embedder=None, dim=2) as memory,
        pytest.raises(ValidationError, match="of at most 1048576"),
    ):
        memory.search(vector=Endless(), user_id="u")  # type: ignore[arg-type]
