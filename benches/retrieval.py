"""Retrieval quality: `python -m benches.retrieval FILE [OPTIONS]` is `memfast eval`."""

from __future__ import annotations

import sys

from memfast.__main__ import main

if __name__ == "__main__":
    sys.argv.insert(1, "eval")
    main()
