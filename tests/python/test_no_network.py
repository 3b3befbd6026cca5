"""No connection is opened to a host that the user did not name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHIM = Path(__file__).with_name("network_watch.c")
COMPILER = shutil.which("cc") or shutil.which("c++")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the watch is loaded by ld.so")

BEGIN = """
import os, sqlite3, sys, warnings
from memfast import ConfigurationError, Memory
path = sys.argv[1]
memory = Memory(path=path)
memory.add("I live in Oslo", user_id="ann")
memory.search("Where does she live?", user_id="ann")
"""
CALLS = {
    "sql": 'assert memory.sql("select count(*) from memories").fetchall() == [(1,)]',
    "sql that fails": """
from memfast import ValidationError
for query in (
    "select * from 'https://example.com/a.parquet'",
    "select * from sqlite_scan('a', 'b')",
    "select * from read_xlsx('a.xlsx')",
    "select st_point(1, 2)",
):
    try:
        memory.sql(query)
    except ValidationError:
        pass
    else:
        sys.exit("not refused")
""",
    "close": "memory.close()",
    "reset": "memory.sql('select 1'); memory.reset()",
    "export and import": """
for name in ("a.jsonl", "a.csv", "a.parquet"):
    memory.export(path + name, history=True)
    memory.import_(path + name)
""",
    "a foreign history": """
memory.close()
with sqlite3.connect(path + ".db") as theirs:
    theirs.execute("create table history (id text)")
theirs.close()
try:
    Memory.from_config({"path": path, "history_db_path": path + ".db"})
except ConfigurationError:
    pass
else:
    sys.exit("not refused")
""",
}
# Calls that the watch must report, in Python and in C code of other packages.
REACHES = {
    "python": (
        "import socket\ntry: socket.create_connection(('example.com', 80))\nexcept OSError: pass",
        "getaddrinfo example.com",
    ),
    "address": (
        "import socket\ntry: socket.create_connection(('127.0.0.1', 9))\nexcept OSError: pass",
        "getaddrinfo 127.0.0.1",
    ),
    "socket": ("import socket\nsocket.socket().connect_ex(('127.0.0.1', 9))", "connect "),
    "duckdb": (
        "import duckdb\ntry: duckdb.connect().execute('install httpfs')\nexcept duckdb.Error: pass",
        "getaddrinfo extensions.duckdb.org",
    ),
}


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert COMPILER, "a C compiler is needed, as for the build"
    library = tmp_path_factory.mktemp("watch") / "watch.so"
    command = [COMPILER, "-x", "c", "-shared", "-fPIC", "-o", str(library), str(SHIM), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


def reached(watch: Path, folder: Path, code: str) -> list[str]:
    """Run code under the watch, in an empty home; return the connections it tried."""
    noted = folder / "noted"
    environment = {
        **os.environ,
        "LD_PRELOAD": str(watch),
        "NETWORK_WATCH": str(noted),
        "HOME": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder / "store")],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return noted.read_text().splitlines() if noted.exists() else []


@pytest.mark.parametrize("call", CALLS)
def test_programs_without_a_named_host_open_no_connection(
    watch: Path, tmp_path: Path, call: str
) -> None:
    assert reached(watch, tmp_path, BEGIN + CALLS[call] + "\nmemory.close()\n") == []


@pytest.mark.parametrize("what", REACHES)
def test_the_network_watch_reports_a_connection(watch: Path, tmp_path: Path, what: str) -> None:
    code, expected = REACHES[what]
    assert expected in "\n".join(reached(watch, tmp_path, code)) + " "
