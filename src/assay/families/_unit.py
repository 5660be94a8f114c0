"""One logistic unit, or a softmax of one for each class, by gradient descent."""

from collections.abc import Iterator

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.families._softmax import probabilities

_POWER_STEPS, _MARGIN = 30, 1.1


def descend(x: Float32Array, y: AnyArray, weight: FloatArray, prior: FloatArray) -> Iterator[Float32Array]:
    """Weights (d + 1, k) after each pass over the rows (n, d), the intercept below, without end.

    Gradient descent on the weighted mean log loss with Nesterov's momentum, which is dropped where it leads uphill
    (O'Donoghue & Candes 2015). The step is the inverse of the largest curvature, half the largest eigenvalue of the
    weighted mean of x x^T (Boehning 1992), so that there is no rate to choose.

    Args:
        x: Rows (n, d).
        y: Class numbers (n,).
        weight: Of each row (n,).
        prior: Shares of the classes (k,), to begin with.
    """
    x = np.hstack([x, np.ones((len(x), 1), np.float32)])
    share = (weight / weight.sum()).astype(np.float32)[:, None]
    right = np.zeros((len(x), len(prior)), np.float32)
    right[np.arange(len(x)), y] = 1
    rate = np.float32(2 / (_MARGIN * _largest(x, share)))
    weights = np.zeros((x.shape[1], len(prior)), np.float32)
    weights[-1] = np.log(prior)
    ahead, pace = weights, 1.0
    while True:
        gradient = x.T @ (share * (probabilities(x @ ahead) - right))
        new = ahead - rate * gradient
        next_pace = (1 + (1 + 4 * pace**2) ** 0.5) / 2
        if float(np.vdot(gradient, new - weights)) > 0:
            ahead, pace = new, 1.0
        else:
            ahead, pace = new + np.float32((pace - 1) / next_pace) * (new - weights), next_pace
        weights = new
        yield weights


def _largest(x: Float32Array, share: Float32Array) -> float:
    """The largest eigenvalue of the weighted mean of x x^T, by the power method."""
    direction = np.ones((x.shape[1], 1), np.float32)
    size = 1.0
    for _ in range(_POWER_STEPS):
        direction = x.T @ (share * (x @ direction))
        size = float(np.linalg.norm(direction))
        direction /= np.float32(size)
    return size
