"""Replacements for functions of the C library, which fail as on a system in trouble."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

needs_preload = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None,
    reason="functions of the C library are replaced through LD_PRELOAD",
)


def library(folder: Path, source: str) -> Path:
    """Compile functions that replace those of the C library."""
    code, built = folder / "functions.c", folder / "functions.so"
    code.write_text("#define _GNU_SOURCE\n" + source)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", built, code], check=True)
    return built


def run(built: Path, script: str, **environment: str) -> list[str]:
    """Run a script with the replaced functions; return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        env={**os.environ, "LD_PRELOAD": str(built), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
