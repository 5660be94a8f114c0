"""The part on growth: exponents, bars and what is missing."""

from dataclasses import replace
from pathlib import Path

import pytest
from contest.results import Result, Results
from sizes.entries import ROWS, entries
from sizes.part import exponent, part

RESULT = Result("", "tabular", "lifted", "", 0.0, others=1.0, log_loss=0.5, fit_seconds=10.0, peak_mb=400.0)


def test_exponents() -> None:
    assert exponent([1e3, 1e4, 1e5], [1.0, 10.0, 100.0]) == pytest.approx(1.0)
    assert exponent([10, 100], [3.0, 300.0]) == pytest.approx(2.0)


def test_nothing_measured_yet(tmp_path: Path) -> None:
    text = part(list(entries([], [])), Results(tmp_path))
    assert text.startswith("## Growth\n")
    assert "- made_1000x30, Assay, budget lifted\n" in text
    assert "promise" not in text


@pytest.mark.parametrize(("power", "held"), [(1.0, "yes"), (1.2, "**no**")])
def test_growth_is_held_against_its_bar_once_all_sizes_are_measured(tmp_path: Path, power: float, held: str) -> None:
    results, asked = Results(tmp_path), list(entries([], []))
    for rows in ROWS[:-1]:
        results.keep(replace(RESULT, set=f"made_{rows}x30", fit_seconds=(rows / 1000) ** power))
    assert f"| {power:.2f} from 1,000 to 100,000 rows, {power:.2f} from 10,000 |  |" in part(asked, results)
    results.keep(replace(RESULT, set="made_1000000x30", fit_seconds=1000**power))
    text = part(asked, results)
    assert f"| {power:.2f} from 1,000 to 1,000,000 rows, {power:.2f} from 100,000 | {held} |" in text
    assert "| 1000x30 | 1.0* | 400 | 0.5000 |  |  |  |" in text
    assert "By columns" not in text


def test_a_million_rows_have_their_bars_and_a_failure_is_missing(tmp_path: Path) -> None:
    results, asked = Results(tmp_path), list(entries([], []))
    results.keep(replace(RESULT, set="made_1000000x100", system="assay", fit_seconds=133.0, peak_mb=7900.0))
    results.keep(replace(RESULT, set="made_1000x30", failure="stopped after 7200 s"))
    text = part(asked, results)
    assert "| 1,000,000 rows of 100 columns: fit, budget 120 s | under 132 s | 133 s | **no** |" in text
    assert "| 1,000,000 rows of 100 columns: peak memory | under 8,000 MB | 7,900 MB | yes |" in text
    assert "- made_1000x30, Assay, budget lifted: stopped after 7200 s\n" in text
