"""Data and measures of the comparison with other stores."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benches.peers import adapter, data, worker


@pytest.fixture(scope="module")
def made() -> data.Data:
    return data.make(4000, 16, 5, seed=3)


def test_the_same_seed_gives_the_same_data_and_another_seed_does_not(made: data.Data) -> None:
    again, other = data.make(4000, 16, 5, seed=3), data.make(4000, 16, 5, seed=4)
    assert again.rows == made.rows
    assert again.extra == made.extra
    for name in ("vectors", "extra_vectors", "queries"):
        assert np.array_equal(getattr(again, name), getattr(made, name))
        assert not np.array_equal(getattr(other, name), getattr(made, name))


def test_saved_data_is_loaded_unchanged(made: data.Data, tmp_path: Path) -> None:
    data.save(made, tmp_path)
    loaded = data.load(tmp_path)
    assert np.array_equal(loaded.vectors, made.vectors)
    assert (loaded.rows, loaded.extra, loaded.cases) == (made.rows, made.extra, made.cases)
    for name, truth in made.truth.items():
        assert np.array_equal(loaded.truth[name], truth)
        assert np.array_equal(loaded.members[name], made.members[name])


def test_users_have_the_sizes_of_the_table(made: data.Data) -> None:
    sizes = Counter(row["user"] for row in made.rows)
    assert (sizes[data.HEAVY], sizes[data.LIGHT], sizes[data.MIDDLE]) == (480, 64, 800)
    assert len(sizes) > 15
    share = {name: len(rows) / 4000 for name, rows in made.members.items()}
    assert share["one"] == pytest.approx(0.01, abs=0.006)
    assert share["thirty"] == pytest.approx(0.3, abs=0.03)
    assert share["all"] == 1


def test_rows_are_numbered_in_order_and_their_texts_begin_with_the_number(made: data.Data) -> None:
    rows = made.rows + made.extra
    assert [row["row"] for row in rows] == list(range(len(rows)))
    assert all(int(row["text"].split()[0]) == row["row"] for row in rows)


def test_vectors_are_of_unit_length(made: data.Data) -> None:
    assert np.linalg.norm(made.vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("case", data.CASES, ids=lambda case: case.name)
def test_the_exact_answers_are_those_of_a_full_sort(made: data.Data, case: data.Case) -> None:
    members = [row["row"] for row in made.rows if case.holds(row)]
    scores = made.vectors.astype(np.float64) @ made.queries.T.astype(np.float64)
    for index, found in enumerate(made.truth[case.name]):
        ranked = sorted(members, key=lambda row, index=index: -scores[row, index])  # type: ignore[misc]
        assert [row for row in found.tolist() if row >= 0] == ranked[:10]


@pytest.mark.parametrize(
    ("found", "share"),
    [([[1, 2], [3]], 1.0), ([[2, 1], [9]], 2 / 3), ([[8, 9], []], 0.0), ([[1, 1], [3]], 2 / 3)],
)
def test_recall_is_the_share_of_the_exact_answers_that_was_found(
    found: list[list[int]], share: float
) -> None:
    assert data.recall(found, np.array([[1, 2], [3, -1]])) == pytest.approx(share)


def test_a_scope_without_rows_has_full_recall() -> None:
    assert data.recall([[], []], np.full((2, 10), -1)) == 1.0


def test_a_sweep_stops_at_the_first_setting_that_finds_enough() -> None:
    recalls = {16: 0.5, 32: 0.98, 64: 1.0}

    def measure(setting: adapter.Setting) -> dict[str, Any]:
        return {"recall": recalls[setting["ef"]], "p50_ms": setting["ef"], "setting": setting}

    tried = worker.sweep(measure, adapter.swept("ef", tuple(recalls)))
    assert [one["setting"]["ef"] for one in tried] == [16, 32]
    assert worker.best(tried)["setting"] == {"ef": 32}


def test_the_fastest_that_finds_enough_is_best_and_else_the_one_that_finds_most() -> None:
    def one(p50: float, found: float) -> dict[str, float]:
        return {"p50_ms": p50, "recall": found}

    assert worker.best([one(1, 0.5), one(3, 1.0), one(2, 0.97)]) == one(2, 0.97)
    assert worker.best([one(1, 0.5), one(3, 0.8)]) == one(3, 0.8)


def test_every_rival_has_a_file_of_its_own() -> None:
    folder = Path(adapter.__file__).parent / "rivals"
    assert {entry.module for entry in adapter.RIVALS.values()} == {
        path.stem for path in folder.glob("*.py")
    }


def test_cases_have_different_names() -> None:
    names = [asdict(case)["name"] for case in data.CASES]
    assert len(set(names)) == len(names)
