"""Evidence is whole, and comes back from disk as it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.core.errors import RunError
from assay.fitting.assembly import Outcome
from assay.fitting.evidence import Evidence


def test_round_trip(outcome: Outcome, tmp_path: Path) -> None:
    """Outputs are rounded, once."""
    outcome.evidence.save(tmp_path / "evidence")
    found = Evidence.load(tmp_path / "evidence")
    assert found.scores == outcome.evidence.scores
    assert found.interval == outcome.evidence.interval
    np.testing.assert_allclose(found.outputs, outcome.evidence.outputs, rtol=4e-3)
    found.save(tmp_path / "again")
    assert np.array_equal(Evidence.load(tmp_path / "again").outputs, found.outputs, equal_nan=True)
    for mine, theirs in zip(found.trials, outcome.evidence.trials, strict=True):
        assert (mine.name, mine.status, mine.score, mine.weight) == (
            theirs.name,
            theirs.status,
            theirs.score,
            theirs.weight,
        )
        np.testing.assert_allclose(mine.out_of_fold, theirs.out_of_fold, rtol=1e-3, atol=1e-4)  # type: ignore[arg-type]


def test_a_candidate_that_was_not_fitted_has_no_outputs(outcome: Outcome, tmp_path: Path) -> None:
    trial = replace(
        outcome.evidence.trials[0], status="no time was left", out_of_fold=None, train_side=None, score=None
    )
    replace(outcome.evidence, trials=(trial,)).save(tmp_path / "evidence")
    found = Evidence.load(tmp_path / "evidence").trials[0]
    assert (found.out_of_fold, found.score, found.status) == (None, None, "no time was left")


def test_every_labelled_row_has_outputs_of_every_candidate(outcome: Outcome) -> None:
    for trial in outcome.evidence.trials:
        assert trial.out_of_fold is not None
        assert np.isfinite(trial.out_of_fold).all()


def test_train_side_outputs_are_nearer_to_the_truth(outcome: Outcome) -> None:
    boosted = next(trial for trial in outcome.evidence.trials if trial.name == "boosted")
    y, rows = outcome.evidence.y, np.arange(240)
    assert boosted.train_side is not None and boosted.out_of_fold is not None
    assert boosted.train_side[rows, y].mean() > boosted.out_of_fold[rows, y].mean()


def test_a_state_without_its_arrays_is_refused(outcome: Outcome) -> None:
    state = outcome.evidence.state()
    with pytest.raises(RunError, match=r"'fold' is NoneType[\s\S]*fit again"):
        Evidence.from_state({**state, "fold": None})
