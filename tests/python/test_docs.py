from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_readme_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMFAST_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    text = README.read_text("utf-8")
    blocks = list(BLOCK.finditer(text))
    assert blocks
    namespace: dict[str, Any] = {"__name__": "readme"}
    for block in blocks:
        # Blank lines before the block make a traceback name the README's own lines.
        blank = "\n" * text.count("\n", 0, block.start(1))
        exec(compile(blank + block[1], str(README), "exec"), namespace)
