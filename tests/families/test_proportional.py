"""Proportional odds: the gradient, what it finds, and for whom it is."""

import numpy as np
import polars as pl
import pytest

import assay
from assay.core.errors import RunError
from assay.families._design import make_design
from assay.families._further import FurtherDesign
from assay.families.proportional import Ordered, Proportional, ProportionalPredictor, shares, thresholds_of
from assay.features._base import Matrix
from assay.tasks.multiclass import Multiclass
from assay.tasks.ordinal import Ordinal
from assay.testing._examples import example


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    random = np.random.default_rng(0)
    matrix = Matrix(random.normal(size=(12, 2)).astype(np.float32), np.zeros((12, 0), np.int32), None)
    design = FurtherDesign.over(make_design(matrix, np.ones(12)), 3, 0.25)
    share = random.uniform(1, 2, 12).astype(np.float32)
    problem = Ordered(design, random.integers(0, 4, 12), share / share.sum(), 12.0, 4)
    scores = random.normal(0, 0.7, (15, 1)).astype(np.float32)
    gradient = problem.residual(scores)
    for place in range(15):
        up, down = scores.copy(), scores.copy()
        up[place] += 0.01
        down[place] -= 0.01
        assert gradient[place, 0] == pytest.approx((problem.loss(up) - problem.loss(down)) / 0.02, abs=1e-3)


def test_the_start_gives_the_prior() -> None:
    matrix = Matrix(np.zeros((6, 1), np.float32), np.zeros((6, 0), np.int32), None)
    design = FurtherDesign.over(make_design(matrix, np.ones(6)), 2, 0.3)
    problem = Ordered(design, np.array([0, 1, 2, 0, 1, 2]), np.full(6, 1 / 6, np.float32), 6.0, 3)
    start = problem.start(np.array([0.2, 0.5, 0.3]))
    assert shares(np.zeros(1), thresholds_of(start[-2:, 0]))[0] == pytest.approx([0.2, 0.5, 0.3], abs=1e-4)


def test_it_finds_the_score_and_the_thresholds() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(3000, 2))
    hidden = 2.0 * x[:, 0] - x[:, 1] + random.logistic(size=3000)
    grade = np.digitize(hidden, [-2.0, 0.0, 3.0])
    table = pl.DataFrame({"x": x[:, 0], "z": x[:, 1], "grade": grade})
    run = assay.fit(table, "grade", task="ordinal", families=["proportional", "linear"], folds=3, time=0)
    scores = {trial.name: trial.score for trial in run.evidence.trials}
    assert scores["proportional"] < scores["linear"]
    predictor = next(p for m in run.model.members for _, p in m.parts if isinstance(p, ProportionalPredictor))
    assert np.diff(predictor.thresholds) == pytest.approx([2.0, 3.0], abs=0.4)
    found = run.evaluate(table)
    assert {"rank_mae", "quadratic_kappa"} <= set(found.metrics)


def test_it_is_for_an_order() -> None:
    schema = example(4).data.schema
    assert Proportional().refusal(schema, Multiclass(("a", "b", "c"), "text"), 100) == "the classes have no order"
    assert Proportional().refusal(schema, Ordinal(("a", "b", "c"), "text"), 100) is None


def test_thresholds_that_fall_are_refused() -> None:
    state = {"columns": np.zeros((1, 1), np.float32), "intercept": np.zeros(1, np.float32)}
    with pytest.raises(RunError, match="thresholds that rise"):
        ProportionalPredictor.from_state({**state, "thresholds": np.array([1.0, 0.0], np.float32)})
