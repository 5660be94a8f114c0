"""The whole page out of its parts."""

from pathlib import Path

import pages
import pytest
from contest.results import Result, Results
from contest.sets import DataSet
from engine.kept import Kept

SETS = [DataSet("titanic", "tabular", Path("unused")), DataSet("news", "text", Path("unused"))]


@pytest.fixture(autouse=True)
def no_exceptions(tmp_path: Path) -> None:
    (tmp_path / "sets.toml").write_text("")


def test_an_empty_page_names_what_is_missing_of_all_parts(tmp_path: Path) -> None:
    text = pages.write_page(tmp_path, SETS).read_text()
    assert text.startswith("# Results\n")
    assert "- Assay: every set" in text
    assert "- the family mlp against MLPClassifier" in text
    for part in ("Assay and its peers, side by side", "Growth", "Training engine", "Kinds of networks"):
        assert f"\n## {part}\n" in text
        assert f"(#{part.lower().replace(' ', '-').replace(',', '')})" in text


def test_measurements_of_both_benchmarks_lie_side_by_side(tmp_path: Path) -> None:
    result = Result(set="titanic", kind="tabular", system="assay", measured="", seconds=60.0, log_loss=0.45)
    Results(tmp_path / "work").keep(result)
    Kept(tmp_path / "work").keep("optimizers", {"failure": "no clock"})
    text = pages.write_page(tmp_path, SETS).read_text()
    assert "| titanic | 0 + 0 | 0 | Assay |" in text
    assert (tmp_path / "critical-difference.svg").read_text().startswith("<svg")
    assert "- seconds per step of each optimizer: no clock" in text
