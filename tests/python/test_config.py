"""Settings: the ways to give them, what they may hold, and what a dump of them shows."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from memfast import AsyncMemory, ConfigurationError, Memory, MemoryConfig, from_mem0
from memfast._foreign import directory_name
from memfast.config import default_path, load_config
from memfast.testing import HashEmbedder

KEY = "sk-very-secret-0123456789"


def texts(memory: Memory) -> list[str]:
    return [item["memory"] for item in memory.get_all(user_id="ann")["results"]]


def test_the_first_argument_is_a_path_or_a_dict(tmp_path: Path) -> None:
    settings = {"path": tmp_path / "b", "embedder": "hash"}
    for given in (str(tmp_path / "a"), tmp_path / "a"):
        with Memory(given, embedder="hash") as memory:
            memory.add("I swim", user_id="ann", infer=False)
    with Memory(settings) as memory:
        memory.add("I run", user_id="ann", infer=False)
    with Memory(config=settings) as memory:
        assert texts(memory) == ["I run"]
    with Memory(MemoryConfig(path=tmp_path / "a", embedder="hash")) as memory:
        assert texts(memory) == ["I swim", "I swim"]


def test_async_memory_takes_the_same_first_argument(tmp_path: Path) -> None:
    async def main() -> None:
        async with AsyncMemory(str(tmp_path / "a"), embedder="hash") as memory:
            await memory.add("I swim", user_id="ann", infer=False)
        async with AsyncMemory({"path": tmp_path / "a", "embedder": "hash"}) as memory:
            assert await memory.count(user_id="ann") == 1

    asyncio.run(main())


def test_an_argument_beside_a_config_that_does_not_name_it_is_taken(tmp_path: Path) -> None:
    for config in ({"dim": 2, "embedder": None}, MemoryConfig(dim=2, embedder=None)):
        with Memory(tmp_path, config=config, durability="none", dim=2) as memory:
            assert memory.config.durability == "none"
            assert memory.config.path == tmp_path
            assert memory.config.dim == 2
    for place in ({"path": ":memory:"}, MemoryConfig(path=":memory:")):
        with Memory(place, durability="none") as memory:
            assert repr(memory).startswith("Memory(':memory:'")


def test_a_place_of_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"milvus://localhost.*no store") as raised:
        Memory("milvus://localhost:19530")
    assert "directory" in str(raised.value.suggestion)


def test_an_argument_that_contradicts_a_config_is_refused(tmp_path: Path) -> None:
    for durability in ("none", "commit"):
        settings: dict[str, Any] = {"path": ":memory:", "durability": durability}
        for config in (settings, MemoryConfig(**settings)):
            with pytest.raises(ConfigurationError, match="durability contradicts the config"):
                Memory(config=config, durability="batch")
    with pytest.raises(ConfigurationError, match="path contradicts the config"):
        Memory(tmp_path, config={"path": ":memory:"})
    with pytest.raises(ConfigurationError, match="given twice"):
        Memory({"path": ":memory:"}, config={"path": ":memory:"})
    secret = {"provider": "openai", "config": {"api_key": "sk-secret", "model": "m"}}
    with pytest.raises(ConfigurationError, match="llm contradicts the config") as raised:
        Memory(config={"path": ":memory:", "llm": secret}, llm="ollama:other")
    assert "sk-secret" not in str(raised.value)
    with pytest.raises(ConfigurationError, match="path is given twice"):
        Memory(tmp_path, path=tmp_path)
    with pytest.raises(ConfigurationError, match="must be a dict, not int"):
        Memory(config=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", " ", "\t\n", "a\0b", "a\ud800b", b"bytes", 3])
def test_an_empty_path_never_opens_the_default_store(path: Any) -> None:
    with pytest.raises(ConfigurationError, match="path"):
        Memory(path=path)
    with pytest.raises(ConfigurationError, match="history_db_path"):
        Memory.from_config({"path": ":memory:", "history_db_path": path})


def test_an_empty_home_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMFAST_HOME", "  ")
    with pytest.raises(ConfigurationError, match="MEMFAST_HOME"):
        Memory()


@pytest.mark.skipif(sys.platform != "linux", reason="XDG names directories of Linux")
def test_the_default_store_is_in_the_directory_for_a_users_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MEMFAST_HOME", raising=False)
    for given, place in ((None, ".local/share"), ("", ".local/share"), ("~/data", "data")):
        if given is None:
            monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        else:
            monkeypatch.setenv("XDG_DATA_HOME", given)
        assert default_path() == tmp_path / place / "memfast"


def test_the_tilde_is_the_home_directory_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("MEMFAST_HOME", "~/default")
    monkeypatch.chdir(tmp_path)
    (home / "rows.jsonl").write_text('{"memory": "I sail", "user_id": "ann"}\n{"memory": 1}\n')
    with Memory("~/mem", embedder="hash") as memory:
        memory.import_("~/rows.jsonl", rejects="~/rejects.jsonl")
        memory.export("~/all.jsonl")
        memory.export(Path("~/more.jsonl"))
        assert memory.sql("select count(*) from memories").fetchall() == [(1,)]
    with Memory.from_config(
        {"path": "~/other", "history_db_path": "~/h/history.duckdb", "embedder": "hash"}
    ) as memory:
        memory.sql("select 1").fetchall()
    with Memory(embedder="hash"):
        pass
    assert list(tmp_path.iterdir()) == [home]
    made = {entry.name for entry in home.iterdir()}
    assert {"mem", "all.jsonl", "more.jsonl", "rejects.jsonl", "other", "h", "default"} <= made


def test_an_unknown_home_is_named_in_the_error() -> None:
    with pytest.raises(ConfigurationError, match="no home directory for '~no-such-user-here'"):
        Memory("~no-such-user-here/mem")


def test_a_relative_path_stays_valid_after_a_change_of_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with Memory("store", embedder="hash") as memory:
        memory.add("I swim", user_id="ann", infer=False)
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert memory.sql("select memory from memories").fetchall() == [("I swim",)]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth):
        inner = {"a": inner}
    return inner


def looped() -> dict[str, Any]:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    return loop


def doubled() -> list[Any]:
    row: list[Any] = []
    for _ in range(30):
        row = [row, row]
    return row


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cache_bytes", 2**64),
        ("cache_bytes", 2**63),
        ("cache_bytes", -1),
        ("cache_bytes", True),
        ("cache_bytes", 1.5),
        ("dim", 0),
        ("dim", 10**30),
        ("read_only", "no"),
        ("read_only", 1),
        ("keep_messages", "yes"),
        ("keep_messages", math.nan),
        ("vector_weight", -0.1),
        ("vector_weight", 1000.5),
        ("vector_weight", math.nan),
        ("vector_weight", True),
        ("vector_weight", "3"),
        ("durability", "\ud800"),
        ("custom_instructions", "\ud800"),
        ("llm", "\ud800"),
        ("embedder", {"provider": "openai", "config": {"model": "\udfff"}}),
        ("llm", {"provider": "openai", "config": looped()}),
        ("llm", {"provider": "openai", "config": nested(5_000)}),
        ("embedder", {"provider": "openai", "config": {"extra": doubled()}}),
        ("durability", looped()),
        ("version", "v" * 10_000),
    ],
)
def test_an_odd_setting_is_a_configuration_error_with_a_short_message(key: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=key) as caught:
        Memory.from_config({"path": ":memory:", key: value})
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("block", ["vector_store", "graph_store", "reranker", "llm", "durability"])
def test_a_setting_of_none_is_a_setting_not_given(block: str) -> None:
    with Memory.from_config({"path": ":memory:", "embedder": "hash", block: None}) as memory:
        assert memory.config.durability == "commit"
        assert memory.config.llm is None


def test_an_embedder_of_none_expects_vectors_from_the_caller() -> None:
    with Memory.from_config({"path": ":memory:", "embedder": None, "dim": 2}) as memory:
        memory.add("north", user_id="ann", vector=[0.0, 1.0])
        assert texts(memory) == ["north"]


@pytest.mark.parametrize(
    "config",
    [
        {"api_key": KEY},
        {"azure_kwargs": {"api_key": KEY}},
        {"headers": {"x-gate": KEY}},
        {"default_headers": {"Authorization": f"Bearer {KEY}"}},
        {"aws_secret_access_key": KEY},
        {"vertex_credentials_json": {"private": [KEY]}},
        {"http_client_proxies": f"http://ann:{KEY}@proxy"},
        {"extra_body": {"session": {"token": KEY}}},
    ],
)
@pytest.mark.parametrize("name", ["llm", "embedder"])
def test_no_dump_of_the_settings_shows_a_key(name: str, config: dict[str, Any]) -> None:
    settings = load_config({name: {"provider": "openai", "config": {"model": "m", **config}}})
    shown = settings.model_dump_json()
    assert KEY not in f"{shown} {settings!r} {settings} {settings.model_dump()}"
    assert json.loads(shown)[name]["config"]["model"] == "m"
    assert "**********" in shown


def test_a_hidden_key_is_the_one_that_is_sent() -> None:
    block = {"provider": "openai", "config": {"api_key": KEY, "headers": {"x-gate": "gate"}}}
    with Memory.from_config({"path": ":memory:", "embedder": "hash", "llm": block}) as memory:
        assert KEY not in memory.config.model_dump_json()
        for config in (memory.config, MemoryConfig(**memory.config.model_dump())):
            with Memory(config) as same:
                llm: Any = same._context.understanding.llm
                assert llm.inner._endpoint.settings.api_key == KEY
                assert llm.inner._endpoint.settings.headers == {"x-gate": "gate"}


def test_objects_are_dumped_as_their_class() -> None:
    with Memory(path=":memory:", embedder=HashEmbedder()) as memory:
        assert "memfast.testing.HashEmbedder" in memory.config.model_dump_json()


def test_from_config_of_async_memory_may_be_awaited() -> None:
    config = {"path": ":memory:", "embedder": "hash"}

    async def main() -> None:
        awaited = await AsyncMemory.from_config(config)
        assert isinstance(awaited, AsyncMemory)
        assert await awaited is awaited
        await awaited.add("I swim", user_id="ann", infer=False)
        assert await awaited.count(user_id="ann") == 1
        await awaited.aclose()
        plain = AsyncMemory.from_config(config)
        assert await plain.count(user_id="ann") == 0
        await plain.aclose()
        async with await AsyncMemory.from_config(config) as memory:
            assert await memory.count(user_id="ann") == 0

    asyncio.run(main())


def mem0_config(path: object = None, collection: str | None = None) -> dict[str, Any]:
    inner = {"path": path, "collection_name": collection, "on_disk": True, "api_key": KEY}
    return {
        "vector_store": {"provider": "qdrant", "config": inner},
        "graph_store": {"provider": "neo4j", "config": {"password": KEY}},
        "reranker": {"provider": "cohere", "config": {"api_key": KEY}},
        "embedder": {"provider": "hash", "config": {}},
        "history_db_path": "history.db",
        "unheard_of": True,
    }


def test_from_config_refuses_foreign_settings_and_names_from_mem0() -> None:
    for block in ("vector_store", "graph_store"):
        with pytest.raises(ConfigurationError) as caught:
            Memory.from_config({block: mem0_config()[block]})
        assert "from_mem0" in str(caught.value.suggestion)
    with pytest.raises(ConfigurationError, match='"refuse" or "warn"'):
        Memory.from_config({}, foreign="ignore")  # type: ignore[arg-type]


def test_settings_without_effect_are_named_in_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING, "memfast"),
        from_mem0(mem0_config(tmp_path / "q", "notes")) as memory,
    ):
        memory.add("I swim", user_id="ann", infer=False)
    [record] = caplog.records
    for name in ("vector_store (qdrant)", "graph_store", "history_db_path", "unheard"):
        assert name in record.getMessage()
    assert "reranker" not in record.getMessage()
    assert str(tmp_path / "q/memfast/notes") in record.getMessage()
    assert KEY not in record.getMessage()


def test_each_collection_is_a_store_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMFAST_HOME", str(tmp_path / "home"))
    places: list[tuple[object, str | None]] = [
        (tmp_path / "q", "a"),
        (tmp_path / "q", "b"),
        (tmp_path / "q", "A"),
        (tmp_path / "q", "../a"),
        (tmp_path / "q", None),
        (None, "a"),
        (None, None),
    ]
    for again in range(2):
        for at, (path, collection) in enumerate(places):
            with Memory.from_config(mem0_config(path, collection), foreign="warn") as memory:
                assert texts(memory) == [f"number {at}"] * again
                memory.add(f"number {at}", user_id="ann", infer=False)
    with Memory(embedder="hash") as default:
        assert texts(default) == ["number 6"] * 2
    assert {entry.name for entry in tmp_path.iterdir()} == {"q", "home"}


def test_a_path_in_the_settings_of_a_server_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMFAST_HOME", str(tmp_path / "home"))
    for place in ({"host": "localhost", "port": 6333}, {"url": "https://qdrant.example"}):
        config = mem0_config(tmp_path / "q", "a")
        config["vector_store"]["config"].update(place)
        with from_mem0(config) as memory:
            assert memory.config.path == tmp_path / "home/collections/a"
    assert not (tmp_path / "q").exists()


def test_collection_names_stay_inside_the_path_and_do_not_collide() -> None:
    names = ["a", "A", "..", ".", "", "a/b", "a\\b", "~a", "a" * 300, "é", "e\u0301", "a~b", "a b"]
    directories = [directory_name(name) for name in names]
    assert len({one.lower() for one in directories}) == len(names)
    for one in directories:
        assert one not in {"", ".", ".."}
        assert "/" not in one
        assert len(one) < 80


@pytest.mark.parametrize("path", ["~no-such-user-here/q", "a\0b", {"a": 1}, "\ud800"])
def test_an_empty_path_of_mem0_is_refused(
    path: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="path"):
        from_mem0(mem0_config(path, "c"))


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "milvus.db"
    database.write_bytes(b"theirs")
    with from_mem0(mem0_config(database, "notes")) as memory:
        memory.add("I swim", user_id="ann", infer=False)
    assert database.read_bytes() == b"theirs"
    assert (tmp_path / "milvus.db.memfast/notes").is_dir()


def test_a_history_of_mem0_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "history.db"
    database.write_bytes(b"SQLite format 3\0 theirs")
    config = {**mem0_config(tmp_path / "q"), "history_db_path": str(database)}
    with from_mem0(config) as memory:
        memory.add("I swim", user_id="ann", infer=False)
        assert memory.sql("select memory from memories").fetchall() == [("I swim",)]
    assert database.read_bytes() == b"SQLite format 3\0 theirs"
    assert {entry.name for entry in tmp_path.iterdir()} == {"q", "history.db"}


@pytest.mark.parametrize("config", [None, {}])
def test_from_mem0_without_configuration_opens_the_default_store(
    config: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMFAST_HOME", str(tmp_path / "home"))
    with from_mem0(config) as memory:
        memory.add("I swim", user_id="ann", infer=False)
    with Memory() as same:
        assert texts(same) == ["I swim"]


def test_from_mem0_does_not_warn_of_what_it_uses(caplog: pytest.LogCaptureFixture) -> None:
    config = {
        "path": ":memory:",
        "vector_store": None,
        "embedder": {"provider": "hash", "config": {"dim": 16}},
        "version": "v1.1",
        "custom_fact_extraction_prompt": "be brief",
    }
    with caplog.at_level(logging.WARNING, "memfast"), from_mem0(config) as memory:
        assert memory.config.custom_fact_extraction_prompt == "be brief"
    assert caplog.records == []


def test_from_mem0_refuses_what_is_not_a_configuration() -> None:
    with pytest.raises(ConfigurationError, match="not int"):
        from_mem0(3)
    with pytest.raises(ConfigurationError, match="no embedder named"):
        from_mem0({"embedder": {"provider": "opnai"}})


def test_import_on_windows_raises_one_sentence() -> None:
    code = "import sys; sys.platform = 'win32'; import memfast"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: memfast runs on Linux and macOS (x86-64 and arm64)")


def test_an_empty_path_on_the_command_line_opens_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from memfast.cli import app

    monkeypatch.chdir(tmp_path)
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"memory": "I sail", "user_id": "ann"}\n')
    for arguments in (["import", str(rows)], ["export", "all.jsonl"]):
        done = CliRunner().invoke(app, [*arguments, "--path", ""])
        assert isinstance(done.exception, ConfigurationError)
    assert list(tmp_path.iterdir()) == [rows]
