"""Each verb is signed once, and every surface shows that signature."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import pytest

import memfast
from memfast import AsyncMemory, Memory, verbs
from memfast._scoped import Scoped
from memfast._transaction import Transaction
from memfast.async_memory import AsyncScoped
from memfast.errors import StoreReadOnlyError
from memfast.testing import HashEmbedder, fake_memory
from memfast.verbs import VERBS

if TYPE_CHECKING:
    from pathlib import Path

SURFACES = (Memory, AsyncMemory, Scoped, AsyncScoped, Transaction)
# The verb of a method, where their names differ.
OTHER: dict[tuple[type, str], Any] = {(Transaction, "add"): verbs.add_verbatim}


def methods(surface: type) -> dict[str, Any]:
    return {name: getattr(surface, name) for name in VERBS if hasattr(surface, name)}


@pytest.mark.parametrize("surface", SURFACES)
def test_a_method_has_the_signature_and_the_documentation_of_its_verb(surface: type) -> None:
    assert methods(surface)
    for name, method in methods(surface).items():
        verb = OTHER.get((surface, name), VERBS[name].function)
        own = list(inspect.signature(method).parameters.values())
        given = list(inspect.signature(verb).parameters.values())
        assert own[0].name == "self"
        assert own[1:] == given[1:], name
        assert method.__doc__ == verb.__doc__, name
        assert method.__doc__, name
        assert method.__name__ == verb.__name__


@pytest.mark.parametrize("surface", [Memory, AsyncMemory])
def test_a_memory_has_every_verb_and_each_public_method_is_a_verb_or_named(surface: type) -> None:
    named = {"from_config", "close", "scoped", "transaction", "config", "aclose"}
    public = {name for name in dir(surface) if not name.startswith("_")}
    assert public - named == set(VERBS)


def test_the_result_of_a_verb_is_annotated_as_it_is_returned() -> None:
    assert inspect.signature(Memory.search).return_annotation == "SearchResult"
    assert inspect.signature(AsyncMemory.get).return_annotation == "MemoryItem | None"
    assert inspect.signature(Memory.iter).return_annotation == "Iterator[MemoryItem]"
    assert inspect.signature(Memory.export).return_annotation == "ExportReport | Export"


def test_async_methods_are_coroutine_functions() -> None:
    for name in VERBS:
        method = getattr(AsyncMemory, name)
        if name == "iter":
            assert inspect.isasyncgenfunction(method)
        else:
            assert inspect.iscoroutinefunction(method), name


def test_help_names_the_method_and_its_arguments() -> None:
    bound = fake_memory().search
    assert list(inspect.signature(bound).parameters)[:2] == ["query", "user_id"]
    assert bound.__module__ == "memfast.verbs.searches"


def test_a_read_only_memory_answers_the_verbs_that_read_and_refuses_the_others(
    tmp_path: Path,
) -> None:
    with Memory(tmp_path / "store", embedder=HashEmbedder()) as memory:
        key = memory.add("x", user_id="ann", infer=False)["results"][0]["id"]
    ann: dict[str, Any] = {"user_id": "ann"}
    calls: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
        "add": (("y",), {**ann, "infer": False}),
        "add_many": (([{"messages": "y", **ann, "infer": False}],), {}),
        "batch_add": ((["y"],), ann),
        "batch_delete": (([key],), {}),
        "batch_update": (([{"memory_id": key, "text": "y"}],), {}),
        "delete": ((key,), {}),
        "delete_all": ((), ann),
        "export": ((tmp_path / "out.jsonl",), {}),
        "get": ((key,), {}),
        "history": ((key,), {}),
        "import_": (([{"memory": "y", **ann}],), {}),
        "pending": ((), {}),
        "reembed": ((HashEmbedder(8),), {}),
        "context": (("x",), ann),
        "search": (("x",), ann),
        "search_many": ((["x"],), ann),
        "sources": ((key,), {}),
        "sql": (("select * from memories",), {}),
        "stats": ((), {}),
        "update": ((key, "y"), {}),
        **dict.fromkeys(("count", "get_all", "iter"), ((), ann)),
    }
    # They find nothing to do here.
    idle = {"flush", "optimize", "retry", "reset"}
    assert calls.keys() | idle == set(VERBS)
    with Memory(tmp_path / "store", embedder=HashEmbedder(), read_only=True) as memory:
        for name, (args, named) in calls.items():
            call = getattr(memory, name)
            if VERBS[name].access == "read" or name == "add_many":
                failed = [one for one in [call(*args, **named)] if "failed" in str(one)]
                assert bool(failed) is (name == "add_many"), name
            else:
                with pytest.raises(StoreReadOnlyError):
                    call(*args, **named)
        assert memory.count(**ann) == 1


def test_an_unknown_argument_is_a_type_error_that_names_the_verb(memory: Memory) -> None:
    with pytest.raises(TypeError, match=r"search\(\) got an unexpected keyword argument 'colour'"):
        memory.search("x", user_id="ann", colour=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"get\(\) missing 1 required positional argument"):
        memory.get()  # type: ignore[call-arg]

    async def main() -> None:
        async with AsyncMemory(":memory:", embedder=None, dim=2) as other:
            with pytest.raises(TypeError, match=r"got an unexpected keyword argument 'colour'"):
                await other.search("x", colour=1)  # type: ignore[call-arg]

    asyncio.run(main())


def test_a_memory_shows_its_place_its_embedder_and_its_rows(memory: Memory) -> None:
    memory.add("x", user_id="ann", infer=False)
    assert repr(memory) == "Memory(':memory:', embedder='hash', rows=1)"
    memory.close()
    assert repr(memory) == "Memory(':memory:', closed)"


def test_the_package_says_its_version() -> None:
    from importlib.metadata import version

    assert memfast.__version__ == version("memfast")
