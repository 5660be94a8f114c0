"""Runs side by side: on real runs of a made table."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import xlogy

from assay.api._fit import fit
from assay.core.errors import PlanError
from assay.fitting.bakeoff import TOGETHER, bake_off
from assay.fitting.run import RunFolder
from tests.fitting.conftest import made_table


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, RunFolder]:
    place = tmp_path_factory.mktemp("runs")
    table = made_table(rows=160)
    return tuple(  # type: ignore[return-value]
        fit(table, target="kind", families=[name], time=0, folds=3, threads=1, out=place / name)
        for name in ("linear", "boosted")
    )


def log_loss(run: RunFolder, name: str) -> float:
    """By hand: minus the weighted mean log probability of the true class."""
    evidence = run.evidence
    (trial,) = (trial for trial in evidence.trials if trial.name == name)
    rows = evidence.fold >= 0
    truth = np.eye(2)[evidence.y[rows]]
    losses = -xlogy(truth, trial.out_of_fold[rows].astype(float)).sum(1)  # type: ignore[index]
    return float(np.average(losses, weights=evidence.weight[rows]))


def test_models_of_all_runs_stand_by_score(runs: tuple[RunFolder, RunFolder]) -> None:
    found = bake_off(runs)
    assert (found.metric, found.rows, found.folds) == ("log_loss", 160, 3)
    scores = [one.score for one in found.contenders]
    assert scores == sorted(scores)
    assert {(one.run, one.name) for one in found.contenders} >= {("linear", "linear"), ("boosted", "boosted")}
    assert {one.run for one in found.contenders if one.name == TOGETHER} == {"linear", "boosted"}
    for one in found.contenders:
        low, high = one.interval
        assert low <= one.score <= high
        if one.name == one.run:
            assert one.score == pytest.approx(log_loss(runs[one.run == "boosted"], one.name), abs=1e-4)  # as kept


def test_what_is_far_behind_is_not_tied_with_the_best(runs: tuple[RunFolder, RunFolder]) -> None:
    best, *others = bake_off(runs).contenders
    assert best.behind is None
    assert best.is_tied
    priors = [one for one in others if one.family == "prior"]
    assert len(priors) == 2
    for one in priors:
        low, high = one.behind or (0.0, 0.0)
        assert low <= one.score - best.score <= high
        assert not one.is_tied


def test_sizes_are_those_of_the_models(runs: tuple[RunFolder, RunFolder]) -> None:
    by_name = {(one.run, one.name): one for one in bake_off(runs).contenders}
    prior, boosted = by_name["linear", "prior"], by_name["boosted", "boosted"]
    assert (prior.parameters, prior.size) == (2, 3 * 2 * 8)
    assert boosted.parameters > 0  # thresholds and leaves
    assert boosted.size > 1_000


def test_other_folds_are_refused(runs: tuple[RunFolder, RunFolder], tmp_path: Path) -> None:
    table = made_table(rows=160)
    other = fit(table, target="kind", families=["prior"], time=0, folds=4, out=tmp_path / "other")
    with pytest.raises(PlanError, match=r"other folds in .*other than in .*linear[\s\S]*same --folds, --seed"):
        bake_off([runs[0], other])


def test_other_data_are_refused(runs: tuple[RunFolder, RunFolder], tmp_path: Path) -> None:
    other = fit(made_table(rows=90), target="kind", families=["prior"], time=0, folds=3, out=tmp_path / "other")
    with pytest.raises(PlanError, match=r"other data, folds in"):
        bake_off([runs[0], other])
