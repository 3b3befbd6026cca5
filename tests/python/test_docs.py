"""README, docs/ and the other pages: their programs run, and what they refer to exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
PROGRAMS = [page for page in PAGES if "```python\n" in page.read_text("utf-8")]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MADE = re.compile(r"(?:`|^    )make ([a-z-]+)", re.MULTILINE)
BENCH = re.compile(r"`cargo bench -p ([\w-]+)(?: --bench (\w+))?")
NAMED_FILE = re.compile(r"`((?:tests|benches|examples|python|rust)/[\w/.-]+\.\w+)`")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("page", PROGRAMS, ids=name)
def test_a_page_runs_from_top_to_bottom_and_prints_what_it_shows(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MEMFAST_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    text = page.read_text("utf-8")
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in BLOCK.finditer(text):
        # Blank lines before the block make a traceback name the page's own lines.
        blank = "\n" * text.count("\n", 0, block.start(1))
        exec(compile(blank + block[1], str(page), "exec"), namespace)
    shown = [output[1] for output in OUTPUT.finditer(text)]
    if shown:
        assert capsys.readouterr().out == "".join(shown)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_files_and_commands_of_a_page_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    for target, section in LINK.findall(text):
        file = page.parent / target if target else page
        assert file.exists(), target
        if section:
            headings = HEADING.findall(file.read_text("utf-8"))
            assert section in {anchor(heading) for heading in headings}, section
    if page.name != "CHANGELOG.md":  # It names files of older versions.
        for file_name in NAMED_FILE.findall(text):
            assert (ROOT / file_name).exists(), file_name
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(MADE.findall(text)) <= targets
    manifest = (ROOT / "benches/core/Cargo.toml").read_text("utf-8")
    for package, bench in BENCH.findall(text):
        assert f'name = "{package}"' in manifest
        assert not bench or f'name = "{bench}"' in manifest


def test_the_readme_is_short_links_every_page_and_names_both_commands() -> None:
    text = README.read_text("utf-8")
    assert len(text.splitlines()) <= 90
    assert {"demo", "test"} <= set(MADE.findall(text))
    linked = {target for target, _ in LINK.findall(text)}
    assert linked >= {f"docs/{page.name}" for page in ROOT.glob("docs/*.md")}
