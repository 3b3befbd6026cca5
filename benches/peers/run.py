"""Compare memfast with other stores and indexes: makes their environment, then runs `compare`.

    python benches/peers/run.py --rows 100000 --dim 384 --rivals memfast,qdrant --out peers.json

`PEERS_VENV` names another place for the environment; `--help` lists the other options.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REQUIREMENTS = HERE / "requirements.txt"


def environment(place: Path) -> Path:
    """The Python of a virtual environment that has what `requirements.txt` names."""
    python = place / "bin" / "python"
    stamp = place / ".peers"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing the rivals into {place}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
        stamp.write_text(wanted)
    return python


def main() -> None:
    """Go on as `compare` in the environment of the rivals."""
    python = environment(Path(os.environ.get("PEERS_VENV", ROOT / ".venv" / "peers")))
    paths = [str(ROOT), str(ROOT / "python"), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    os.execv(python, [str(python), "-m", "benches.peers.compare", *sys.argv[1:]])


if __name__ == "__main__":
    main()
