"""Imports of the package go to lower layers only."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "memfast"
ROOT = "__init__"

# Top to bottom; a part may import its own layer and those below it. A new part is named here first.
LAYERS = (
    {ROOT, "__main__", "names"},
    {"cli", "server", "mcp"},
    {"testing", "bench", "evaluation"},
    {"async_memory"},
    {"memory"},
    {"_scoped"},
    {"_transaction"},
    {"_later"},
    {"verbs"},
    {"_handles"},
    {"transfer"},
    {"_flows", "providers"},
    {"_verb", "_loop"},
    {"_methods"},
    {"_steps"},
    {"_context"},
    {"stores"},
    {"extraction", "history", "_turns"},
    {"_core"},
    {"protocol"},
    {"types", "errors", "config", "_foreign", "_hidden", "_workers", "_unset", "_lexicon"},
)
DEPTH = {part: depth for depth, layer in enumerate(LAYERS) for part in layer}
# Modules that only re-export names under those of mem0; no other module imports them.
NAMES = {
    "memory/main.py",
    "exceptions.py",
    "configs",
    "client",
    "llms",
    "embeddings",
    "vector_stores",
}
PROTOCOL = "stores/protocol.py"
SURFACES = {"cli", "server", "mcp"}
APART = {("_flows", "providers"), ("providers", "_flows")}
APART |= {(one, other) for one in SURFACES for other in SURFACES if one != other}
# A name that is looked up later, for mem0's sake.
LATER = {("memory", "async_memory")}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


class Import(NamedTuple):
    part: str
    local: bool
    line: int


def part_of(path: Path) -> str:
    """`config.py` and everything in `providers/` are one part each."""
    inner = path.relative_to(PACKAGE)
    if NAMES & {inner.as_posix(), inner.parts[0]}:
        return "names"
    # What passes between flows and stores is below both.
    if inner.as_posix() == PROTOCOL:
        return "protocol"
    return inner.parts[0].partition(".")[0]


def targets(node: ast.AST, package: list[str]) -> Iterator[list[str]]:
    """The dotted names that an import statement in `package` names, as lists."""
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = package[: len(package) + 1 - node.level] if node.level else []
        base = base + node.module.split(".") if node.module else base
        yield from ([*base, alias.name] for alias in node.names)


def walk(node: ast.AST, *, local: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node below, and whether importing the module skips it."""
    for child in ast.iter_child_nodes(node):
        yield child, local
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or (
            isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        )
        yield from walk(child, local=local or inside)


def imports(tree: ast.Module, package: list[str]) -> Iterator[Import]:
    for node, local in walk(tree):
        for name in targets(node, package):
            if name[0] == "memfast":
                part = name[1] if len(name) > 1 and name[1] in DEPTH else ROOT
                part = "protocol" if name[1:3] == ["stores", "protocol"] else part
                yield Import(part, local, getattr(node, "lineno", 0))


def violations(path: Path, source: str) -> Iterator[str]:
    part, tree = part_of(path), ast.parse(source)
    package = ["memfast", *path.relative_to(PACKAGE).parent.parts]
    if part not in DEPTH:
        yield f"{path}: the part {part!r} has no layer"
        return
    for found in imports(tree, package):
        where = f"{path}:{found.line}: {part} imports {found.part}"
        if found.local and (part, found.part) in LATER:
            continue
        if DEPTH[found.part] < DEPTH[part]:
            yield f"{where}, which lies above it"
        if (part, found.part) in APART:
            yield f"{where}; they are kept apart"
        if (part, found.part) == ("testing", "memory") and not found.local:
            yield f"{where} at import time"
    for node, _ in walk(tree):
        used = {
            *([node.attr] if isinstance(node, ast.Attribute) else []),
            *(name[-1] for name in targets(node, package) if name[0] == "os"),
        }
        if part != "config" and used & ENVIRONMENT:
            yield f"{path}:{getattr(node, 'lineno', 0)}: only config reads the environment"


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py*") if path.suffix in {".py", ".pyi"})


def test_modules_import_lower_layers_only() -> None:
    assert sources()
    assert [line for path in sources() for line in violations(path, path.read_text("utf-8"))] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in sources():
        package = ["memfast", *path.relative_to(PACKAGE).parent.parts]
        tree = ast.parse(path.read_text("utf-8"))
        part = part_of(path)
        below = {found.part for found in imports(tree, package)} - {part}
        below -= {name for name in below if (part, name) in LATER}
        graph.setdefault(part_of(path), set()).update(below)
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("errors.py", "import memfast.memory"),
        ("errors.py", "from . import memory"),
        ("errors.py", "from memfast import Memory"),
        ("history.py", "def f():\n    from ._flows import add"),
        ("providers/openai.py", "from .._flows.add import add"),
        ("providers/openai.py", "from .. import _flows"),
        ("_flows/add.py", "from memfast.providers import registry"),
        ("_core.pyi", "from memfast.stores.local import LocalStore"),
        ("stores/local.py", "from memfast._flows import add"),
        ("verbs/adds.py", "from memfast.memory import Memory"),
        ("cli.py", "from . import mcp"),
        ("memory.py", "from memfast.testing import fake_memory"),
        ("testing.py", "from memfast.memory import Memory"),
        ("memory.py", "import os\nos.environ['X']"),
        ("memory.py", "from os import getenv"),
        ("memory.py", "import os as o\no.getenv('X')"),
        ("misc.py", "pass"),
    ],
)
def test_the_walker_reports_a_forbidden_import(file: str, source: str) -> None:
    assert len(list(violations(PACKAGE / file, source))) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("memory.py", "from .verbs import add\nfrom .providers import registry"),
        ("_flows/add.py", "from . import checks\nfrom .._steps import Embed"),
        ("_core.pyi", "from memfast.stores.protocol import Write"),
        ("providers/openai.py", "import openai\nfrom memfast.config import Config"),
        ("testing.py", "def f():\n    from memfast.memory import Memory"),
        ("config.py", "import os\nos.environ['X']"),
        ("__init__.py", "from memfast.memory import Memory"),
    ],
)
def test_the_walker_accepts_allowed_imports(file: str, source: str) -> None:
    assert list(violations(PACKAGE / file, source)) == []
