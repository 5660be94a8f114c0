"""How a fit stands: what is whole, what is not, and what was given up."""

import numpy as np
import pytest

from assay.core.clock import Budget, Deadline
from assay.core.progress import Silence
from assay.fitting._standing import Standing
from assay.fitting.checkpoint import Checkpoint
from tests.fitting.conftest import made_table, made_work


@pytest.fixture
def standing(tmp_path):
    work = made_work(made_table(rows=60), ("linear",), folds=3)
    return Standing(work, Budget(), Silence(), Checkpoint(tmp_path / "checkpoint"))


def _fit(standing: Standing, number: int, folds: int) -> None:
    candidature = standing.candidature(number)
    standing.units[number] = [candidature.unit(fold, Deadline()) for fold in range(folds)]


def test_what_was_fitted_on_some_folds_only_is_not_done(standing):
    _fit(standing, 1, 2)
    assert standing.done == {}
    _fit(standing, 1, 3)
    assert list(standing.done) == [1]
    assert standing.has_more_than_baselines


def test_baselines_alone_are_nothing_to_use(standing):
    _fit(standing, 0, 3)
    assert not standing.has_more_than_baselines


def test_outputs_of_folds_that_are_not_there_are_not_known(standing):
    _fit(standing, 1, 2)
    known = np.isfinite(standing.out_of_fold(1)).all(axis=1)
    assert (known == (standing.fold_numbers() < 2)).all()


def test_what_was_given_up_is_gone_and_a_fit_that_goes_on_knows(standing, tmp_path):
    _fit(standing, 1, 2)
    standing.give_up(1, "it was late")
    assert standing.units == {}
    assert standing.given_up == {1: "it was late"}
    assert Checkpoint(tmp_path / "checkpoint").given_up("linear") == "it was late"
