"""Slopes and bends of every loss: against differences of the loss itself; parabolas that lie above it."""

import numpy as np
import pytest

from assay.families._additive_losses import aim_of
from assay.tasks._base import Asked
from tests.families.additive_cases import learning, matrix

N = 60
X = np.random.default_rng(0).normal(size=N)
LOSSES = ["mse", "mae", "huber", "log_cosh", "quantile"]


def aim_for(y, **asked):
    return aim_of(learning(matrix(X), y, asked=Asked(**asked)))


def scores(aim, seed=1):
    return np.random.default_rng(seed).normal(0, 1.5, (len(aim.y), aim.n_scores))


def moved(aim, found, column, by):
    changed = found.copy()
    changed[:, column] += by
    return aim.loss(changed)


@pytest.mark.parametrize("k", [2, 4])
def test_slopes_and_bends_of_classes_are_derivatives_of_the_loss(k):
    aim = aim_for(np.arange(N) % k)
    found, step = scores(aim), 1e-4
    for column in range(aim.n_scores):
        slope, bend = aim.bends(found, column)
        up, down = moved(aim, found, column, step), moved(aim, found, column, -step)
        assert slope.sum() == pytest.approx((up - down) / (2 * step), abs=1e-5)
        assert bend.sum() == pytest.approx((up - 2 * aim.loss(found) + down) / step**2, rel=1e-3)


@pytest.mark.parametrize("loss", LOSSES)
def test_slopes_of_numbers_are_derivatives_and_parabolas_lie_above(loss):
    aim = aim_for(10 * X + 3, loss=loss, interval=0.8)
    found, step = scores(aim), 1e-6
    for column in range(aim.n_scores):
        slope, bend = aim.bends(found, column)
        difference = (moved(aim, found, column, step) - moved(aim, found, column, -step)) / (2 * step)
        assert slope.sum() == pytest.approx(difference, abs=1.0 if column or loss in ("mae", "quantile") else 1e-4)
        assert (bend > 0).all()
        for by in (-0.7, 0.3, 1.5):
            parabola = aim.loss(found) + slope.sum() * by + bend.sum() * by**2 / 2
            assert moved(aim, found, column, by) <= parabola + 0.05 * N * abs(by)


def test_weights_multiply_the_rows():
    y = np.arange(N) % 2
    weight = np.where(y == 1, 3.0, 1.0)
    aim = aim_of(learning(matrix(X), y, weight=weight))
    assert aim.weight.sum() == pytest.approx(len(aim.y))
    slope, _ = aim.bends(np.zeros((len(aim.y), 1)), 0)
    assert -slope[aim.y == 1].mean() == pytest.approx(3 * slope[aim.y == 0].mean())


def test_a_start_gives_each_row_the_prior():
    for y in (np.arange(N) % 2, np.arange(N) % 3):
        asked = learning(matrix(X), y)
        aim, prior = aim_of(asked), asked.task.prior(asked.y, asked.weight)
        start = aim.start(prior)
        wide = np.r_[0.0, start] if aim.n_scores == 1 else start
        np.testing.assert_allclose(aim.link.outputs(wide[None])[0], prior, atol=1e-9)


def test_noise_of_numbers_is_their_variance_around_the_scores():
    aim = aim_for(10 * X + 3)
    slope, bend = aim.bends(np.zeros((len(aim.y), 1)), 0)
    assert aim.noise(slope, bend, 1.0) == pytest.approx((aim.y**2).sum() / (len(aim.y) - 1))
