import math
from itertools import pairwise

import numpy as np
import pytest

from assay.core.clock import Deadline
from assay.families._design import make_design
from assay.families._softmax import Problem, probabilities, solve
from tests.families.linear_cases import matrix, rows, words


def problem(block, y, k, weight=None):
    weight = np.ones(len(y)) if weight is None else weight
    share = (weight / weight.sum()).astype(np.float32)
    return Problem(make_design(block, weight), y, share, float(weight.sum()), k)


def fitted(block, y, k, *, C=1.0, weight=None, **options):
    asked = problem(block, y, k, weight)
    solved = solve(asked, C, asked.start(np.full(k, 1 / k)), tolerance=1e-9, **options)
    return asked.design.weights(solved.solution), solved


def objective(scores, W, y, C, weight):
    """scikit-learn's objective in float64."""
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    top = scores.max(axis=1, keepdims=True)
    nll = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0] - scores[np.arange(len(y)), y]
    return C * weight @ nll + 0.5 * (W**2).sum()


def sklearn_fit(X, y, C, weight):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=C, tol=1e-8, max_iter=5_000).fit(X, y, sample_weight=weight)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("weighted", [False, True])
def test_agrees_with_scikit_learn(k, form, weighted):
    X, y = rows(k=k) if form == "dense" else words(k=k)
    block = matrix(dense=X) if form == "dense" else matrix(sparse=X)
    weight = np.random.default_rng(1).uniform(0, 3, len(y)) if weighted else np.ones(len(y))
    C = 0.5 if form == "dense" else 20.0
    ours, _ = fitted(block, y, k, C=C, weight=weight)
    theirs = sklearn_fit(X, y, C, weight)
    W, b = theirs.coef_.T, theirs.intercept_
    found = objective(ours.scores(block).astype(float), ours.columns.astype(float), y, C, weight)
    best = objective(np.asarray(X @ W + b), W, y, C, weight)
    assert found <= best * (1 + 1e-4)
    np.testing.assert_allclose(ours.columns, W, atol=5e-3 * np.abs(W).max())


def test_a_mixed_matrix_is_the_same_as_a_stacked_one():
    wide, y = words()
    dense, _ = rows(n=len(y))
    mixed, _ = fitted(matrix(dense=dense, sparse=wide), y, 3)
    stacked, _ = fitted(matrix(dense=np.hstack([dense, wide.toarray()])), y, 3)
    np.testing.assert_allclose(mixed.columns, stacked.columns, atol=3e-3)


def test_linear_dependence_and_constants_do_no_harm():
    X, y = rows()
    ours, solved = fitted(matrix(dense=np.hstack([X, X, np.ones((len(X), 1), np.float32)])), y, 3)
    assert solved.steps < 100
    np.testing.assert_allclose(ours.columns[:6], ours.columns[6:12], atol=1e-4)
    np.testing.assert_allclose(ours.columns[12], 0, atol=1e-6)


def test_a_count_of_steps_repeats_what_the_clock_stopped():
    X, y = words()
    asked = problem(matrix(sparse=X), y, 3)
    start = asked.start(np.full(3, 1 / 3))
    cut = solve(asked, 100.0, start, tolerance=0.0, max_steps=7)
    again = solve(asked, 100.0, start, tolerance=0.0, max_steps=7, deadline=Deadline())
    assert cut.steps == again.steps == 7
    np.testing.assert_array_equal(cut.solution, again.solution)


def test_a_passed_deadline_gives_the_start():
    X, y = rows()
    asked = problem(matrix(dense=X), y, 3)
    prior = np.array([0.2, 0.5, 0.3])
    solved = solve(asked, 1.0, asked.start(prior), deadline=Deadline.after(0))
    assert (solved.steps, solved.cut) == (0, True)
    scores = asked.design.weights(solved.solution).scores(matrix(dense=X[:1]))
    np.testing.assert_allclose(probabilities(scores)[0], prior, rtol=1e-5)


def test_each_step_lowers_the_loss():
    X, y = rows(k=4)
    asked = problem(matrix(dense=X), y, 4)
    start = asked.start(np.full(4, 0.25))
    ends = [solve(asked, 10.0, start, max_steps=steps, tolerance=0.0).solution for steps in range(12)]
    losses = [asked.loss(asked.design.forward(end)) for end in ends]
    assert losses[0] == pytest.approx(math.log(4), rel=1e-5)
    assert all(after < before + 1e-6 for before, after in pairwise(losses))


@pytest.mark.parametrize("n_scores", [1, 3])
def test_huge_scores_are_safe(n_scores):
    scores = np.array([[1e30] * n_scores, [-1e30] * n_scores, [0.0] * n_scores], np.float32)
    scores[0, 0] = 3e38
    found = probabilities(scores)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    assert np.isfinite(found).all()


def test_loss_of_huge_scores_is_finite():
    X, y = rows(k=2)
    asked = problem(matrix(dense=X), y, 2)
    scores = np.where(y == 1, 1e20, -1e20).astype(np.float32)[:, None]
    assert asked.loss(scores) == 0.0
    assert np.isfinite(asked.loss(-scores))
    assert np.isfinite(asked.residual(scores)).all()
