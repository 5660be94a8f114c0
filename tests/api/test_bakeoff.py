"""`assay.compare`."""

from pathlib import Path

import pytest

import assay
from assay.core.errors import PlanError, RunError
from tests.fitting.conftest import made_table


def test_a_run_can_be_given_by_its_folder_or_as_it_is(tmp_path: Path) -> None:
    run = assay.fit(made_table(rows=80), target="kind", families=["linear"], time=0, folds=2, out=tmp_path / "run")
    assert assay.compare(run) == assay.compare(tmp_path / "run") == assay.compare(str(tmp_path / "run"))


def test_nothing_to_compare() -> None:
    with pytest.raises(PlanError, match=r"no run to compare[\s\S]*assay compare RUN RUN"):
        assay.compare()


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no plan\.toml"):
        assay.compare(tmp_path)
