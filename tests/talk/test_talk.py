"""Rules make of talk what people would remember of it: shares of cases that stand in `cases/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.talk.judge import judge, read

CASES = Path(__file__).parent / "cases"
# Least shares of the demands that are met, by file; the judge's documentation says what they are.
# 1 where none is named.
LEAST = {
    "changes_and_none": {"recall": 0.97, "gone": 0.88, "precision": 0.97, "outdated": 0.93},
    "changes": {"gone": 0.92, "precision": 0.98},
}


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.json")))
def test_shares_of_met_demands_do_not_fall(name: str) -> None:
    verdict = judge(read([CASES / f"{name}.json"]))
    least = LEAST.get(name, {})
    low = {one for one in verdict.of if verdict.share(one) < least.get(one, 1.0)}
    assert not low, "\n".join([*verdict.misses, str(verdict)])
