from itertools import islice

import numpy as np
import pytest

from assay.core.arrays import AnyArray, Float32Array
from assay.families._unit import descend


def table(n: int = 300, k: int = 3) -> tuple[Float32Array, AnyArray, AnyArray]:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(n, 4)).astype(np.float32) * np.array([1, 3, 0.2, 1], np.float32)
    scores = x @ draw.normal(size=(4, k)) + draw.gumbel(size=(n, k))
    return x, scores.argmax(axis=1), draw.integers(1, 4, n).astype(float)


def test_it_comes_to_what_scikit_learn_finds() -> None:
    from sklearn.linear_model import LogisticRegression

    x, y, weight = table()
    *_, found = islice(descend(x, y, weight, np.full(3, 1 / 3)), 3_000)
    peer = LogisticRegression(C=1e6, tol=1e-8, max_iter=2_000).fit(x, y, weight)
    wanted = np.vstack([peer.coef_.T, peer.intercept_])
    centred = found - found.mean(axis=1, keepdims=True)
    assert centred == pytest.approx(wanted - wanted.mean(axis=1, keepdims=True), abs=0.02)


def test_its_first_step_is_down_the_gradient_from_the_prior() -> None:
    x, y, weight = table()
    prior = np.array([0.5, 0.3, 0.2])
    first = next(descend(x, y, weight, prior))
    wide = np.hstack([x, np.ones((len(x), 1))])
    share = weight / weight.sum()
    gradient = wide.T @ (share[:, None] * (prior - np.eye(3)[y]))
    start = np.zeros((5, 3))
    start[-1] = np.log(prior)
    largest = np.linalg.eigvalsh(wide.T @ (share[:, None] * wide))[-1]
    assert first == pytest.approx(start - gradient * 2 / (1.1 * largest), rel=1e-3, abs=1e-5)


def test_the_loss_falls_far_within_a_hundred_passes() -> None:
    x, y, weight = table(k=2)
    losses = []
    for weights in islice(descend(x, y, weight, np.full(2, 0.5)), 100):
        scores = x @ weights[:-1] + weights[-1]
        chance = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        losses.append(float(np.average(-np.log(chance[np.arange(len(y)), y]), weights=weight)))
    assert losses[-1] < losses[0] - 0.1
    assert losses[-1] - min(losses) < 1e-4
