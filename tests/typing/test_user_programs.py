"""What type checkers say about programs of users: right ones pass, wrong ones do not.

`accepted/`, the demo and the programs of README and docs/ must pass basedpyright (standard mode)
and mypy --strict. Each line of `refused/` that ends in `# error: ...` must be refused by both, for
the named reasons alone; the codes of basedpyright begin with `report`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
ACCEPTED = [*sorted(HERE.glob("accepted/*.py")), ROOT / "examples/demo.py"]
REFUSED = sorted(HERE.glob("refused/*.py"))
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r"# error: (.+)$")
MYPY_LINE = re.compile(r"^(.+?):(\d+): error: .*\[([\w-]+)\]$")

# File, line and the code of the problem.
Problem = tuple[str, int, str]


def programs_of_pages(folder: Path) -> list[Path]:
    """Write the Python blocks of each page into a file with the page's own line numbers."""
    files = []
    for page in PAGES:
        lines = [""] * len(page.read_text("utf-8").splitlines())
        text = page.read_text("utf-8")
        for block in BLOCK.finditer(text):
            at = text.count("\n", 0, block.start(1))
            code = block[1].splitlines()
            lines[at : at + len(code)] = code
        if any(lines):
            files.append(folder / f"page_{page.stem.lower()}.py")
            files[-1].write_text("\n".join(lines) + "\n", "utf-8")
    return files


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, "MYPYPATH": str(ROOT / "python")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    # 1 stands for "there are problems"; above are failures of the checker itself.
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout


def of_basedpyright(files: list[Path], folder: Path) -> set[Problem]:
    settings = {
        "typeCheckingMode": "standard",
        "include": [str(file) for file in files],
        "extraPaths": [str(ROOT / "python")],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = ["basedpyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    report = json.loads(run(command, folder))
    assert report["summary"]["filesAnalyzed"] == len(files)
    return {
        (one["file"], one["range"]["start"]["line"] + 1, one["rule"])
        for one in report["generalDiagnostics"]
        if one["severity"] == "error"
    }


def of_mypy(files: list[Path], folder: Path) -> set[Problem]:
    settings = ["--strict", "--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary"]
    cache = ["--cache-dir", str(ROOT / ".mypy_cache" / "programs")]
    out = run(["mypy", *settings, *cache, *map(str, files)], folder)
    found = [MYPY_LINE.match(line) for line in out.splitlines() if ": error: " in line]
    assert all(found), out
    return {(str((folder / m[1]).resolve()), int(m[2]), m[3]) for m in found if m}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="module")
def pages(folder: Path) -> list[Path]:
    return programs_of_pages(folder)


@pytest.fixture(scope="module")
def found(folder: Path, pages: list[Path]) -> dict[str, set[Problem]]:
    """Run each checker once, over all programs."""
    files = [*ACCEPTED, *REFUSED, *pages]
    return {"basedpyright": of_basedpyright(files, folder), "mypy": of_mypy(files, folder)}


@pytest.mark.parametrize("checker", ["basedpyright", "mypy"])
def test_checkers_accept_right_programs_and_those_of_the_pages(
    checker: str, found: dict[str, set[Problem]], pages: list[Path]
) -> None:
    assert len(pages) > 5
    right = {str(file) for file in [*ACCEPTED, *pages]}
    assert [problem for problem in sorted(found[checker]) if problem[0] in right] == []


@pytest.mark.parametrize("checker", ["basedpyright", "mypy"])
@pytest.mark.parametrize("file", REFUSED, ids=lambda file: file.stem)
def test_checkers_refuse_each_wrong_line_for_its_reason(
    checker: str, file: Path, found: dict[str, set[Problem]]
) -> None:
    expected = {
        (line, code)
        for line, text in enumerate(file.read_text("utf-8").splitlines(), 1)
        if (marked := EXPECTED.search(text))
        for code in marked[1].split()
        if code.startswith("report") == (checker == "basedpyright")
    }
    assert expected
    assert {(line, code) for name, line, code in found[checker] if name == str(file)} == expected


@pytest.mark.parametrize("program", sorted(HERE.glob("accepted/*.py")), ids=lambda file: file.stem)
def test_right_programs_run(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        env={**os.environ, "MEMFAST_HOME": str(tmp_path / "home")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
