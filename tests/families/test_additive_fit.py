"""Penalised steps: the optimum that SciPy finds, smoothing that fits the noise, memories."""

import numpy as np
import pytest
from scipy.optimize import minimize

from assay.families._additive_fit import Sum
from assay.families._additive_losses import aim_of
from assay.families._additive_terms import Cells, single
from tests.families.additive_cases import learning, matrix, odds

N = 800


def sum_of(y, *columns, seed=0):
    asked = learning(matrix(*columns), y)
    aim = aim_of(asked)
    found = Sum(aim, aim.start(asked.task.prior(asked.y, asked.weight)))
    cells = Cells.of(asked.train, aim.weight)
    terms = [single(cells, column, 10, 40) for column in range(len(columns))]
    found.add([(term, term.located(cells.rows)) for term in terms], 10.0)
    return found


def column(seed):
    return np.random.default_rng(seed).normal(size=N)


@pytest.mark.parametrize("k", [2, 3])
def test_with_penalties_held_it_comes_to_the_optimum(k, monkeypatch):
    monkeypatch.setattr(Sum, "_smooth", lambda *_: None)
    x = column(1)
    y = odds(2 * np.sin(2 * x)) if k == 2 else np.digitize(x + 0.5 * column(2), [-0.5, 0.7])
    found = sum_of(y, x)
    term, rows = found.terms[0]
    block = np.column_stack([np.ones(len(rows)), term.basis[rows]])
    ridge = np.r_[0.0, np.full(block.shape[1] - 1, 10.0)][:, None]

    def loss(flat):
        weights = flat.reshape(block.shape[1], -1)
        return found.aim.loss(block @ weights) + (ridge * weights**2).sum() / 2

    best = minimize(loss, np.zeros(block.shape[1] * found.aim.n_scores), method="L-BFGS-B", options={"maxiter": 5_000})
    for _ in range(60):
        found.round()
    ours = loss(np.vstack([found.intercept[None], found.weights[0]]).ravel())
    assert ours == pytest.approx(best.fun, rel=1e-5)


def test_a_column_that_tells_nothing_is_shrunk_away_and_one_that_does_is_not():
    x, noise = column(3), column(4)
    found = sum_of(odds(2 * np.sin(2 * x)), x, noise)
    for _ in range(12):
        found.round()
    spread = [
        (term.basis @ weights)[rows].std() for (term, rows), weights in zip(found.terms, found.weights, strict=True)
    ]
    assert spread[0] > 1.0
    assert spread[1] < 0.2


def test_a_wild_curve_is_smoothed_less_than_a_tame_one():
    x = column(5)
    penalties = []
    for shape in (5 * x, 5 * np.sin(4 * x)):
        found = sum_of(shape + column(6), x)
        for _ in range(8):
            found.round()
        penalties.append(found.penalties[0][1])
    assert penalties[0] > 5 * penalties[1]


def test_the_loss_falls_with_every_round_until_it_rests():
    x = column(7)
    found = sum_of(odds(3 * x), x, column(8))
    falls = [found.round() for _ in range(15)]
    assert falls[0] > 0.05
    assert abs(falls[-1]) < 1e-2


def test_restoring_goes_back_and_drops_what_was_added():
    x = column(9)
    found = sum_of(odds(x), x)
    found.round()
    memory, before = found.memory(), found.scores()
    found.add([found.terms[0]], 10.0)
    found.round()
    assert not np.array_equal(found.scores(), before)
    found.restore(memory)
    assert np.array_equal(found.scores(), before)
    assert (len(found.terms), found.width) == (1, 1 + len(found.weights[0]))
