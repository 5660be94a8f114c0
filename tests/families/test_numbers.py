"""Linear predictions of numbers: gradients, known solutions, quantiles."""

import numpy as np
import pytest
from sklearn.linear_model import HuberRegressor, Ridge

from assay.families._design import make_design
from assay.families._links import Standardised
from assay.families._numbers import Numbers
from assay.families._softmax import solve
from assay.features._base import Matrix
from assay.tasks.regression import HUBER_DELTA, LOSSES

LEVELS = (0.1, 0.9)


def made(
    loss: str, levels: tuple[float, ...] = (), *, n: int = 40, seed: int = 0
) -> tuple[Numbers, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 3)).astype(np.float32)
    y = (x @ [1.0, -0.5, 0.2] + random.standard_t(4, n) * 0.3).astype(np.float32)
    matrix = Matrix(x, np.zeros((n, 0), np.int32), None)
    design = make_design(matrix, np.ones(n))
    share = np.full(n, 1 / n, np.float32)
    return Numbers(design, y, share, float(n), 1 + len(levels), loss, levels, Standardised(0.0, 1.0)), x, y


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("levels", [(), LEVELS])
def test_the_gradient_is_the_slope_of_the_loss(loss: str, levels: tuple[float, ...]) -> None:
    problem, _, _ = made(loss, levels, n=6)
    scores = np.random.default_rng(1).normal(size=(6, problem.n_scores)).astype(np.float32)
    gradient = problem.residual(scores)
    for place in np.ndindex(*scores.shape):
        up, down = scores.copy(), scores.copy()
        up[place] += 0.005
        down[place] -= 0.005
        assert gradient[place] == pytest.approx((problem.loss(up) - problem.loss(down)) / 0.01, abs=2e-3)


def test_squares_are_a_ridge_regression() -> None:
    problem, x, y = made("mse")
    solution = solve(problem, 0.5, problem.start(np.zeros(1)), tolerance=1e-9).solution
    weights = problem.design.weights(solution)
    wanted = Ridge(alpha=2.0).fit(x, y)
    assert weights.columns[:, 0] == pytest.approx(wanted.coef_, abs=1e-3)
    assert weights.intercept[0] == pytest.approx(wanted.intercept_, abs=1e-3)


def test_huber_is_hubers() -> None:
    problem, x, y = made("huber", n=400)
    solution = solve(problem, 1e6, problem.start(np.zeros(1)), tolerance=1e-9).solution
    found = problem.design.weights(solution).columns[:, 0]
    assert HUBER_DELTA == 1.345
    assert found == pytest.approx(HuberRegressor(epsilon=1.35, alpha=0).fit(x, y).coef_, abs=0.05)


def test_ends_are_quantiles() -> None:
    problem, x, y = made("mae", LEVELS, n=3000)
    solution = solve(problem, 1e6, problem.start(np.zeros(3)), tolerance=1e-7).solution
    scores = problem.design.weights(solution).scores(Matrix(x, np.zeros((len(x), 0), np.int32), None))
    shares = (y[:, None] < scores).mean(axis=0)
    assert shares == pytest.approx([0.5, 0.1, 0.9], abs=0.03)
