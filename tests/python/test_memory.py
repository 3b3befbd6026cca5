"""`Memory` without a language model."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import memfast
from memfast import ConfigurationError, Memory, MemoryNotFoundError, ValidationError
from memfast.errors import (
    DimensionError,
    EmbedderMismatchError,
    FilterError,
    StoreClosedError,
    StoreForkedError,
    StoreReadOnlyError,
)
from memfast.testing import HashEmbedder, fake_memory

if TYPE_CHECKING:
    from pathlib import Path


def put(memory: Memory, text: str, user: str = "ann", **options: Any) -> str:
    result = memory.add(text, user_id=user, infer=False, **options)
    return result["results"][0]["id"]


def texts(result: Any) -> list[str]:
    return [item["memory"] for item in result["results"]]


def test_calls_written_for_mem0_run_unchanged(memory: Memory) -> None:
    memory.add(
        [
            {"role": "user", "content": "My favorite color is blue"},
            {"role": "assistant", "content": "Noted: blue"},
        ],
        user_id="user_123",
        metadata={"category": "preferences"},
        infer=False,
    )
    memory.add("Pasta", agent_id="recipe_agent", memory_id="mem_123", infer=False)
    memory.search("favorite color", user_id="user_123", threshold=0.7)
    found = memory.search(
        "food preferences", user_id="user_123", filters={"category": "preferences"}, limit=5
    )
    assert len(found["results"]) == 2
    memory.update("mem_123", "My favorite color is green")
    memory.update("mem_123", metadata={"color": "green"})
    memory.delete("mem_123")
    memory.delete_all(agent_id="recipe_agent")
    outcome = [(row["action"], row["event"]) for row in memory.history("mem_123")]
    assert outcome == [
        ("ADD", "ADD"),
        ("UPDATE", "UPDATE"),
        ("UPDATE", "UPDATE"),
        ("DELETE", "DELETE"),
    ]


def test_add_returns_what_it_stored(memory: Memory) -> None:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "be nice"},
        {"role": "user", "content": "I like tea", "name": "Ann"},
        {"role": "user"},
        {"role": "assistant", "content": [{"type": "text", "text": "Good"}]},
    ]
    result = memory.add(messages, user_id="ann", infer=False, timestamp="2026-01-02T03:04:05Z")
    assert [(r["memory"], r["role"], r["actor_id"]) for r in result["results"]] == [
        ("I like tea", "user", "Ann"),
        ("Good", "assistant", None),
    ]
    assert [skipped["index"] for skipped in result["skipped"]] == [2]
    item = memory.get(result["results"][0]["id"])
    assert item is not None
    assert item["actor_id"] == "Ann"
    assert item["said_at"] == "2026-01-02T03:04:05.000000+00:00"
    assert memory.count(user_id="ann") == 2


def test_add_without_a_model_uses_the_rules_and_says_so(memory: Memory) -> None:
    outcome = memory.add("I like tea.", user_id="ann")
    assert outcome["extractor"] == "rules"
    assert [one["memory"] for one in outcome["results"]] == ["I like tea."]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda m: m.add("x", infer=False), "VALIDATION_001"),
        (lambda m: m.add("x", user_id="a", memory_type="odd", infer=False), "VALIDATION_002"),
        (lambda m: m.add(17, user_id="a", infer=False), "VALIDATION_003"),
        (lambda m: m.search("x"), "VALIDATION_001"),
        (lambda m: m.get_all(), "VALIDATION_001"),
        (lambda m: m.iter(), "VALIDATION_001"),
        (lambda m: m.count(filters={"category": "x"}), "VALIDATION_001"),
        (lambda m: m.search("x", filters={"NOT": [{"user_id": "a"}]}), "VALIDATION_001"),
        (lambda m: m.delete_all(), "VALIDATION_001"),
        (lambda m: m.search("x", user_id=" "), None),
        (lambda m: m.search("x", user_id="a\nb"), None),
        (lambda m: m.search("  ", user_id="a"), None),
        (lambda m: m.search(None, user_id="a"), None),
        (lambda m: m.search("x", user_id="a", threshold=1.5), None),
        (lambda m: m.search("x", user_id="a", threshold="high"), None),
        (lambda m: m.search("x", user_id="a", limit=-1), None),
        (lambda m: m.search("x", user_id="a", limit=2, top_k=3), None),
        (lambda m: m.search("x", user_id="a", top_k=True), None),
        (lambda m: m.add("x", user_id="*", infer=False), None),
        (lambda m: m.add("x", user_id="a", infer=False, metadata=[1]), None),
        (lambda m: m.add("x", user_id="a", infer=False, metadata={"a": float("nan")}), None),
        (lambda m: m.add("x", user_id="a", infer=False, metadata={"a": 2**70}), None),
        (lambda m: m.add("x", user_id="a", infer=False, metadata={"a": {1: 2}}), None),
        (lambda m: m.add("x", user_id="a", infer=False, metadata={"a": object()}), None),
        (lambda m: m.add("\ud800", user_id="a", infer=False), None),
        (lambda m: m.add("x", user_id="a", infer=False, timestamp="soon"), None),
        (lambda m: m.add("x", user_id="a", infer=False, expiration_date="2026-13-01"), None),
        (lambda m: m.get(""), None),
        (lambda m: m.update("x"), None),
        (lambda m: m.update("x", 17), None),
        (lambda m: m.search("x", user_id="a", filters={"a": {"like": 1}}), None),
        (lambda m: m.search("x", user_id="a", filters=[]), None),
    ],
)
def test_bad_input_is_a_typed_error_and_changes_nothing(
    memory: Memory, call: Any, code: str | None
) -> None:
    put(memory, "there before", memory_id="x")
    with pytest.raises(ValidationError) as caught:
        call(memory)
    assert code is None or caught.value.error_code == code
    assert isinstance(caught.value, ValueError)
    assert [entry["event"] for entry in memory.history("x")] == ["ADD"]
    assert memory.count(user_id="*") == 1


def test_cyclic_metadata_is_an_error(memory: Memory) -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    with pytest.raises(ValidationError, match="contains itself"):
        put(memory, "x", metadata=loop)


def test_an_unknown_id_is_not_found(memory: Memory) -> None:
    assert memory.get("nope") is None
    assert memory.history("nope") == []
    with pytest.raises(MemoryNotFoundError, match="Memory with id nope not found") as caught:
        memory.delete("nope")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, LookupError)
    with pytest.raises(MemoryNotFoundError, match="Please provide a valid 'memory_id'"):
        memory.update("nope", "x")


def test_an_id_in_use_is_refused_and_free_again_after_delete(memory: Memory) -> None:
    put(memory, "one", memory_id="m")
    with pytest.raises(ValidationError, match="already exists"):
        put(memory, "two", memory_id="m")
    memory.delete("m")
    put(memory, "three", memory_id="m")
    outcome = [(row["event"], row["new_memory"]) for row in memory.history("m")]
    assert outcome == [("ADD", "one"), ("DELETE", None), ("ADD", "three")]


def test_update_merges_metadata_and_embeds_only_new_text() -> None:
    class Counting(HashEmbedder):
        calls = 0

        def embed(self, texts: Any) -> Any:
            self.calls += len(texts)
            return super().embed(texts)

    embedder = Counting()
    memory = fake_memory(embedder=embedder)
    key = put(memory, "I like tea", metadata={"a": 1, "b": {"c": 2}})
    calls = embedder.calls
    memory.update(key, metadata={"a": 2, "user_id": "eve"})
    memory.update(key, "I like tea")
    assert embedder.calls == calls
    item = memory.get(key)
    assert item is not None
    assert item["metadata"] == {"a": 2, "b": {"c": 2}}
    assert item["user_id"] == "ann"
    memory.update(key, text="I like milk")
    assert embedder.calls == calls + 1
    assert texts(memory.search("milk", user_id="ann", limit=1)) == ["I like milk"]


def test_a_deleted_memory_is_never_returned(memory: Memory) -> None:
    keys = [put(memory, f"note {n}") for n in range(50)]
    for key in keys[::2]:
        memory.delete(key)
    left = set(keys[1::2])
    assert {item["id"] for item in memory.search("note", user_id="ann")["results"]} == left
    assert {item["id"] for item in memory.get_all(user_id="ann")["results"]} == left
    assert memory.count(user_id="ann") == len(left)


def test_expired_memories_are_hidden_unless_asked_for(memory: Memory) -> None:
    key = put(memory, "old news", expiration_date="2020-01-01")
    put(memory, "news", expiration_date="2999-01-01")
    assert texts(memory.search("news", user_id="ann")) == ["news"]
    assert texts(memory.get_all(user_id="ann")) == ["news"]
    assert len(memory.search("news", user_id="ann", show_expired=True)["results"]) == 2
    assert memory.get(key) is not None
    memory.update(key, expiration_date=None)
    assert memory.count(user_id="ann") == 2


def test_scope_as_arguments_or_in_filters_means_the_same(memory: Memory) -> None:
    for n in range(5):
        put(memory, f"tea {n}", user="ann")
        put(memory, f"tea {n}", user="bob")
    one = memory.search("tea", user_id="ann", limit=3)
    assert one == memory.search("tea", filters={"user_id": "ann"}, top_k=3)
    assert memory.get_all(user_id="ann") == memory.get_all(filters={"user_id": "ann"})
    assert memory.count(user_id=["ann", "bob"]) == memory.count(user_id="*") == 10
    assert memory.count(filters={"OR": [{"user_id": "ann"}, {"user_id": "bob"}]}) == 10
    assert memory.count(user_id="ann", filters={"user_id": "bob"}) == 0


def test_threshold_cuts_on_the_returned_score(memory: Memory) -> None:
    for n in range(30):
        put(memory, f"tea number {n}" if n % 3 else f"unrelated thing {n}")
    everything = memory.search("tea number", user_id="ann", mode="semantic")["results"]
    scores = [item["score"] for item in everything]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    cut = scores[10]
    found = memory.search("tea number", user_id="ann", threshold=cut, mode="semantic")["results"]
    assert found == [item for item in everything if item["score"] >= cut]
    same = memory.search("tea number 1", user_id="ann", threshold=1.0, mode="semantic")["results"]
    assert [item["memory"] for item in same] == ["tea number 1"]


def test_equal_scores_are_ordered_by_id_also_at_the_limit(memory: Memory) -> None:
    keys = [f"m{n:02}" for n in range(20)]
    for key in reversed(keys):
        put(memory, "the same", memory_id=key)
    found = memory.search("the same", user_id="ann", limit=7, mode="semantic")["results"]
    assert [item["id"] for item in found] == keys[:7]


def test_search_in_a_scope_is_exact() -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(3000, 24)).astype(np.float32)
    memory = Memory(path=":memory:", embedder=None, dim=24)
    messages = [{"role": "user", "content": str(n)} for n in range(3000)]
    memory.add(messages, user_id="ann", vector=vectors, infer=False)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for query in random.normal(size=(20, 24)):
        best = np.argsort(-(unit @ (query / np.linalg.norm(query))))[:10]
        found = memory.search(vector=query, user_id="ann", limit=10)
        assert texts(found) == [str(n) for n in best]


def test_memories_with_the_callers_vectors_are_stored_and_searched() -> None:
    memory = Memory(path=":memory:", embedder=None, dim=3)
    memory.add("north", user_id="map", vector=[0, 1, 0])
    memory.add("east", user_id="map", vector=np.array([1, 0, 0], dtype=np.float64))
    assert texts(
        memory.search(vector=np.array([0.9, 0.1, 0], dtype=np.float32), user_id="map")
    ) == [
        "east",
        "north",
    ]
    with pytest.raises(DimensionError, match="2 dimensions"):
        memory.add("flat", user_id="map", vector=[1, 0])
    for bad in ([0, 0, 0], [float("nan"), 0, 0], [float("inf"), 0, 0], [1e30, 0, 0]):
        with pytest.raises(ValidationError, match="unusable"):
            memory.add("bad", user_id="map", vector=bad)
        with pytest.raises(ValidationError, match="unusable"):
            memory.search(vector=bad, user_id="map")
    with pytest.raises(ConfigurationError, match="embedder=None"):
        memory.search("north", user_id="map", mode="semantic")
    assert memory.count(user_id="map") == 2


@pytest.mark.parametrize("dim", [1, 2, 7, 1536, 65_536])
def test_any_dimension_is_accepted(dim: int) -> None:
    memory = Memory(path=":memory:", embedder=None, dim=dim)
    memory.add("x", user_id="a", vector=[1.0] * dim)
    assert memory.search(vector=[2.0] * dim, user_id="a")["results"][0]["score"] == 1.0


def test_iter_returns_every_memory_once(memory: Memory) -> None:
    messages = [{"role": "user", "content": f"note {n}"} for n in range(2500)]
    memory.add(messages, user_id="ann", infer=False)
    assert [item["memory"] for item in memory.iter(user_id="ann")] == [
        message["content"] for message in messages
    ]


def test_a_reopened_store_holds_everything(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Memory(path=path) as memory:
        keys = [put(memory, f"note {n}", metadata={"n": n}) for n in range(300)]
        memory.delete(keys[0])
        memory.update(keys[1], "changed")
        before = list(memory.iter(user_id="ann"))
        found = memory.search("note", user_id="ann", limit=5, mode="semantic")
        history = memory.history(keys[1])
    with Memory(path=path) as memory:
        assert list(memory.iter(user_id="ann")) == before
        assert memory.search("note", user_id="ann", limit=5, mode="semantic") == found
        assert memory.history(keys[1]) == history


def test_files_of_a_store_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Memory(path=path, embedder=HashEmbedder()) as memory:
        memory.add(
            [{"role": "user", "content": str(n)} for n in range(2000)], user_id="a", infer=False
        )
        memory.sql("select 1").fetchall()
    for entry in [path, *path.rglob("*")]:
        mode = stat.S_IMODE(entry.stat().st_mode)
        assert mode == (0o700 if entry.is_dir() else 0o600), entry


def test_the_lock_error_names_the_process_that_holds_the_store(tmp_path: Path) -> None:
    with Memory(path=tmp_path, embedder=HashEmbedder()):
        code = f"import memfast; memfast.Memory(path={str(tmp_path)!r}, embedder='hash')"
        child = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert "StoreLockedError" in child.stderr
        assert str(os.getpid()) in child.stderr
        assert "read_only=True" in child.stderr


def test_readers_share_a_store_and_change_nothing(tmp_path: Path) -> None:
    with Memory(path=tmp_path, embedder=HashEmbedder()) as memory:
        put(memory, "I like tea")
    before = (tmp_path / "memfast.redb").read_bytes()
    with (
        Memory(path=tmp_path, embedder=HashEmbedder(), read_only=True) as one,
        Memory(path=tmp_path, embedder=HashEmbedder(), read_only=True) as two,
    ):
        assert one.search("tea", user_id="ann") == two.search("tea", user_id="ann")
        assert one.sql("select memory from memories").fetchall() == [("I like tea",)]
        with pytest.raises(StoreReadOnlyError):
            put(one, "I like milk")
    assert (tmp_path / "memfast.redb").read_bytes() == before


def test_calls_on_a_closed_memory_raise_store_closed(tmp_path: Path) -> None:
    memory = Memory(path=tmp_path, embedder=HashEmbedder())
    memory.close()
    memory.close()
    with pytest.raises(StoreClosedError):
        memory.count(user_id="a")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_gets_an_error_and_changes_nothing(tmp_path: Path) -> None:
    code = f"""
import os
from memfast import Memory
from memfast.errors import StoreForkedError
memory = Memory(path={str(tmp_path)!r}, embedder="hash")
memory.add("x", user_id="a", infer=False)
child = os.fork()
if child == 0:
    try:
        memory.add("y", user_id="a", infer=False)
    except StoreForkedError:
        os._exit(7)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
memory.add("z", user_id="a", infer=False)
assert memory.count(user_id="a") == 2
memory.close()
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
    assert StoreForkedError.default_code == "DB_FORKED"


def test_a_different_embedder_is_refused_until_reembed(tmp_path: Path) -> None:
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=64)) as memory:
        memory.add(
            [{"role": "user", "content": f"tea {n}"} for n in range(1500)],
            user_id="ann",
            infer=False,
        )
    with pytest.raises(EmbedderMismatchError, match="reembed"):
        Memory(path=tmp_path, embedder=HashEmbedder(dim=32))
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=64)) as memory:
        memory.reembed(HashEmbedder(dim=32))
        assert (
            memory.search("tea 7", user_id="ann", mode="semantic")["results"][0]["memory"]
            == "tea 7"
        )
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=32)) as memory:
        assert (
            memory.search("tea 7", user_id="ann", mode="semantic")["results"][0]["memory"]
            == "tea 7"
        )


def test_an_interrupted_reembed_continues_and_searches_use_the_old_vectors_meanwhile(
    tmp_path: Path,
) -> None:
    class Failing(HashEmbedder):
        left = 3

        def embed(self, texts: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise RuntimeError("out of credit")
            return super().embed(texts)

    with Memory(path=tmp_path, embedder=HashEmbedder(dim=64)) as memory:
        memory.add(
            [{"role": "user", "content": f"tea {n}"} for n in range(5000)],
            user_id="ann",
            infer=False,
        )
        with pytest.raises(memfast.EmbeddingError, match="out of credit"):
            memory.reembed(Failing(dim=32))
        put(memory, "added meanwhile", memory_id="new")
        memory.update(
            memory.get_all(user_id="ann", limit=1)["results"][0]["id"], "changed meanwhile"
        )
        assert texts(memory.search("tea 4999", user_id="ann", limit=1)) == ["tea 4999"]
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=64)) as memory:
        rest = memory.reembed(HashEmbedder(dim=32))
        assert rest < 5000, "committed work was done again"
    with Memory(path=tmp_path, embedder=HashEmbedder(dim=32)) as memory:
        for text in ("tea 4999", "added meanwhile", "changed meanwhile"):
            assert texts(
                memory.search(text, user_id="ann", limit=1, threshold=1.0, mode="semantic")
            ) == [text]
        assert memory.count(user_id="ann") == 5001


def test_reset_removes_everything(tmp_path: Path) -> None:
    with Memory(path=tmp_path, embedder=HashEmbedder()) as memory:
        key = put(memory, "secret")
        assert memory.sql("select count(*) from history").fetchall() == [(1,)]
        memory.reset()
        assert memory.history(key) == []
        assert memory.count(user_id="*") == 0
        put(memory, "new")
        assert texts(memory.search("secret", user_id="ann")) == ["new"]
        assert memory.sql("select memory from memories").fetchall() == [("new",)]
    assert sorted(path.name for path in tmp_path.iterdir() if "damaged" in path.name) == []


def test_threads_can_read_while_one_writes(memory: Memory) -> None:
    wrong: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                items = memory.search("note", user_id="ann", limit=1000)["results"]
                # Each batch holds four memories: a reader sees whole batches.
                assert len(items) % 4 == 0
        except BaseException as error:  # noqa: BLE001 - reported to the main thread
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(100):
        memory.add(
            [{"role": "user", "content": f"note {n}.{k}"} for k in range(4)],
            user_id="ann",
            infer=False,
        )
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_error_of_a_malformed_filter_names_its_path(memory: Memory) -> None:
    with pytest.raises(FilterError, match=r"AND\[1\]\.price") as caught:
        memory.search("x", user_id="a", filters={"AND": [{"a": 1}, {"price": {"gte": [1]}}]})
    assert caught.value.details["path"].startswith("AND[1].price")


def test_unknown_settings_are_never_ignored() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"pathh": "x"}, "path"),
        ({"vector_store": {"provider": "qdrant"}}, "path"),
        ({"graph_store": {}}, "remove"),
        ({"embedder": "opnai"}, "static"),
        ({"dim": "wide"}, "dim"),
    ]
    for config, hint in wrong:
        with pytest.raises(ConfigurationError) as caught:
            Memory.from_config(config)
        assert hint in f"{caught.value} {caught.value.suggestion}"


@pytest.mark.parametrize(
    "config",
    [
        {"graph_store": {"provider": "neo4j", "config": {"password": "hunter2secret"}}},
        {"vector_store": {"provider": "qdrant", "config": {"api_key": "hunter2secret"}}},
        {"vector_store": {"provider": "memfast", "config": {"api_key": "hunter2secret"}}},
        {"durability": {"token": "hunter2secret"}},
        {"llm_provider": {"api_key": "hunter2secret"}},
    ],
)
def test_configuration_errors_show_no_secret(config: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Memory.from_config(config)
    error = caught.value
    outcome = "".join(traceback.format_exception(error))
    assert "hunter2secret" not in f"{error!r} {error.details} {error.suggestion} {outcome}"


def test_a_configuration_of_mem0_is_accepted() -> None:
    memory = Memory.from_config(
        {
            "path": ":memory:",
            "embedder": {"provider": "hash", "config": {"dim": 64}},
            "llm": {"provider": "openai", "config": {"model": "gpt-5-mini", "api_key": "none"}},
            "custom_instructions": "be brief",
            "version": "v1.1",
        }
    )
    assert put(memory, "x")
