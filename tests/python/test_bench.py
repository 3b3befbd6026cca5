"""`memfast bench` runs end to end, its data are as stated, and its files are checked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from typer.testing import CliRunner

from memfast.bench.compare import compare, line_of
from memfast.bench.data import LIGHT, STEADY, Matrix, Row, Synthetic
from memfast.bench.result import Machine, Report, Result, Settings, Tier, load
from memfast.bench.run import NAMES, chosen
from memfast.bench.sampling import summary
from memfast.cli import app
from memfast.errors import ValidationError

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = CliRunner()


def rows_of(data: Synthetic) -> list[Row]:
    return [row for chunk in data.chunks() for row in chunk.rows]


def vectors_of(data: Synthetic) -> Matrix:
    return np.concatenate([chunk.vectors for chunk in data.chunks()])


def result(
    p50: float,
    *,
    spread: float = 0.0,
    better: Literal["lower", "higher"] = "lower",
    unit: str = "ms",
) -> Result:
    tier = Tier(1_000, 256)
    samples = [p50 - spread, p50, p50 + spread]
    return summary("search.heavy", samples, tier, unit=unit, better=better)


def test_bench_measures_every_case_and_writes_it_to_its_files(tmp_path: Path) -> None:
    out, page = tmp_path / "one.json", tmp_path / "one.html"
    command = ["bench", "--rows", "600", "--dim", "256", "--quick", "--path", str(tmp_path)]
    done = RUNNER.invoke(app, [*command, "--out", str(out), "--html", str(page)])
    assert done.exit_code == 0, done.output
    report = load(out)
    limits = {"limit.memory", "limit.flush", "limit.write"}
    assert {one.name for one in report.results} == {*NAMES, *limits}
    assert all(one.p50 > 0 and one.n > 0 for one in report.results)
    assert next(one.p50 for one in report.results if one.name == "recall.all") == 1
    html = page.read_text("utf-8")
    assert "<svg" in html
    assert "<script" not in html
    assert "http" not in html.replace("http://www.w3.org", "")
    for name in NAMES:
        assert name in html
        assert name in done.output
    # The measured stores are removed.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.html", "one.json"]


def test_bench_measures_a_part_and_compares_it_with_itself(tmp_path: Path) -> None:
    out = tmp_path / "one.json"
    command = ["bench", "--rows", "300", "--dim", "256", "--quick", "--only", "add.single,disk"]
    assert RUNNER.invoke(app, [*command, "--out", str(out)]).exit_code == 0
    names = {one.name for one in load(out).results if not one.name.startswith("limit.")}
    assert names == {"add.single", "disk"}
    same = RUNNER.invoke(app, ["bench", "--compare", str(out), str(out)])
    assert same.exit_code == 0
    assert "same within noise" in same.output
    assert "slower" not in same.output


def test_equal_seeds_give_equal_data_and_different_seeds_do_not() -> None:
    one, same, other = Synthetic(2_000, 256, 7), Synthetic(2_000, 256, 7), Synthetic(2_000, 256, 8)
    assert rows_of(one) == rows_of(same)
    assert np.array_equal(vectors_of(one), vectors_of(same))
    assert rows_of(one) != rows_of(other)


@pytest.mark.parametrize("rows", [100, 1_000, 25_000])
def test_users_have_the_number_of_rows_that_the_tier_states(rows: int) -> None:
    data = Synthetic(rows, 256)
    users = [row["user_id"] for row in rows_of(data)]
    assert len(users) == rows
    assert users.count(STEADY) == min(1_000, rows // 8)
    assert users.count(LIGHT) == min(64, rows // 16)
    assert np.allclose(np.linalg.norm(vectors_of(data), axis=1), 1, atol=1e-5)


def test_the_steady_user_has_the_same_rows_in_every_tier() -> None:
    def steady(rows: int) -> list[Row]:
        return [row for row in rows_of(Synthetic(rows, 256)) if row["user_id"] == STEADY]

    assert steady(8_000) == steady(20_000)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (result(1.0), result(1.01), "same"),
        (result(1.0, spread=0.3), result(1.2, spread=0.3), "same"),
        (result(1.0), result(1.2), "slower"),
        (result(1.2), result(1.0), "faster"),
        (
            result(1.0, better="higher", unit="rows/s"),
            result(1.2, better="higher", unit="rows/s"),
            "faster",
        ),
        (result(10, unit="MB"), result(20, unit="MB"), "worse"),
    ],
)
def test_compare_reports_a_difference_only_beyond_the_noise(
    before: Result, after: Result, verdict: str
) -> None:
    assert line_of(before, after).verdict == verdict


def test_compare_reports_cases_of_only_one_run_and_different_settings() -> None:
    settings = Settings(seed=0, quick=False)
    machine = Machine(cpu="a", cores=2, system="s", python="3", numpy="2", memfast="1")
    before = Report(machine, settings, [result(1.0)])
    after = Report(replace(machine, cpu="b"), settings, [])
    compared = compare(before, after)
    assert compared.lines == []
    assert compared.only_before == ["search.heavy (1,000 x 256)"]
    assert compared.differing == ["cpu: a / b"]


@pytest.mark.parametrize(
    "arguments",
    [["--tiers", "1x"], ["--tiers", "10"], ["--dim", "100"], ["--only", "serach"]],
)
def test_bench_names_a_wrong_argument(arguments: list[str]) -> None:
    done = RUNNER.invoke(app, ["bench", *arguments])
    assert isinstance(done.exception, ValidationError)
    assert repr(arguments[1]) in str(done.exception)


def test_only_selects_all_cases_below_a_name() -> None:
    assert chosen(["add"]) == {name for name in NAMES if name.startswith("add.")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 1}',
        '{"format": 9, "machine": {}, "settings": {}, "results": []}',
        json.dumps(
            {
                "format": 1,
                "machine": {},
                "settings": {},
                "results": [{"name": "disk", "rows": 1, "dim": 1, "unit": "MB", "better": "lower"}],
            }
        ),
    ],
)
def test_compare_refuses_a_file_that_is_not_a_run(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ValidationError, match=r"bad\.json"):
        load(path)
    with pytest.raises(ValidationError, match="cannot be read"):
        load(tmp_path / "missing.json")
