"""Logistic regressions of several labels as one problem."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from assay.families._design import make_design
from assay.families._labels import Labels
from assay.families._softmax import solve
from assay.features._base import Matrix


def made(n: int = 60, *, gaps: bool = False) -> tuple[Labels, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(n, 2)).astype(np.float32)
    y = (random.random((n, 3)) < 1 / (1 + np.exp(-x @ random.normal(0, 2, (2, 3))))).astype(np.float64)
    if gaps:
        y[random.random(y.shape) < 0.2] = np.nan
    design = make_design(Matrix(x, np.zeros((n, 0), np.int32), None), np.ones(n))
    return Labels(design, y, np.full(n, 1 / n, np.float32), float(n), 3), x, y


@pytest.mark.parametrize("gaps", [False, True])
def test_the_gradient_is_the_slope_of_the_loss(gaps: bool) -> None:
    problem, _, _ = made(8, gaps=gaps)
    scores = np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32)
    gradient = problem.residual(scores)
    for place in np.ndindex(*scores.shape):
        up, down = scores.copy(), scores.copy()
        up[place] += 0.01
        down[place] -= 0.01
        assert gradient[place] == pytest.approx((problem.loss(up) - problem.loss(down)) / 0.02, abs=1e-3)


@pytest.mark.parametrize("gaps", [False, True])
def test_each_label_is_as_it_would_be_alone(gaps: bool) -> None:
    problem, x, y = made(gaps=gaps)
    solution = solve(problem, 2.0, problem.start(np.full(3, 0.5)), tolerance=1e-9).solution
    weights = problem.design.weights(solution)
    for label in range(3):
        known = np.isfinite(y[:, label])
        alone = LogisticRegression(C=2.0, tol=1e-8).fit(x[known], y[known, label])
        assert weights.columns[:, label] == pytest.approx(alone.coef_[0], abs=2e-2)


def test_the_start_gives_the_prior() -> None:
    problem, _, _ = made()
    scores = problem.design.forward(problem.start(np.array([0.2, 0.5, 0.9])))
    assert 1 / (1 + np.exp(-scores[0])) == pytest.approx([0.2, 0.5, 0.9], abs=1e-5)
