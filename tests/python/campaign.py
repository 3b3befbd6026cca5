"""How long the long tests run: briefly in `make test`, at full length in `make campaign`.

Both runs use fixed seeds, so a failure in either is a failure every time.
"""

from __future__ import annotations

import os

CAMPAIGN = os.environ.get("MEMFAST_CAMPAIGN") == "1"


def rounds(*, test: int, campaign: int) -> int:
    """Return how often a test repeats its law: examples of a property, or kills of a process."""
    return campaign if CAMPAIGN else test
