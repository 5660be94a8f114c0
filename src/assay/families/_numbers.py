"""Linear predictions of numbers: the losses of regression, and quantiles for the ends of an interval, as one sum."""

from dataclasses import dataclass

import numpy as np

from assay.core.arrays import Float32Array, FloatArray
from assay.families._links import Link
from assay.families._softmax import Problem
from assay.tasks.regression import HUBER_DELTA

# The corner of absolute errors is rounded over this many spreads of the target (Fernandes, Guerre and Horta 2021).
_ROUNDED = 0.05


@dataclass(frozen=True)
class Numbers(Problem):
    """Scores (n, 1 + q) of targets in units of their spread: the prediction by its loss, then q quantiles.

    Attributes:
        losses: Name of the prediction's loss.
        levels: The quantiles.
        link: Between numbers and scores.
    """

    losses: str
    levels: tuple[float, ...]
    link: Link

    @property
    def n_scores(self) -> int:
        """Number of scores of a row."""
        return 1 + len(self.levels)

    @property
    def bound(self) -> float:
        """Of the second derivative of a row's loss by a score."""
        return 1.0 if not self.levels and self.losses in ("mse", "huber", "log_cosh") else 0.25 / _ROUNDED

    def start(self, prior: FloatArray) -> Float32Array:
        """The solution (p, 1 + q) that gives each row the prior (1 + q,)."""
        solution = np.zeros((self.design.width, self.n_scores), np.float32)
        solution[0] = self.link.scores(prior)
        return solution

    def loss(self, scores: Float32Array) -> float:
        """Weighted mean over the rows of the sum of all losses."""
        errors = (self.y[:, None] - scores).astype(np.float64)
        rows = _point_loss(self.losses, errors[:, 0])
        for number, level in enumerate(self.levels, 1):
            rows = rows + _rounded(errors[:, number], level)
        return float(self.share @ rows)

    def residual(self, scores: Float32Array) -> Float32Array:
        """Gradient (n, 1 + q) of the loss with respect to the scores."""
        errors = self.y[:, None] - scores
        found = np.empty_like(scores)
        found[:, 0] = _point_slope(self.losses, errors[:, 0])
        for number, level in enumerate(self.levels, 1):
            found[:, number] = _rounded_slope(errors[:, number], level)
        found *= self.share[:, None]
        return found


def _point_loss(loss: str, error: FloatArray) -> FloatArray:
    size = np.abs(error)
    if loss == "mse":
        return error**2 / 2
    if loss == "huber":
        near = np.minimum(size, HUBER_DELTA)
        huber: FloatArray = near * (size - near / 2)
        return huber
    if loss == "log_cosh":
        log_cosh: FloatArray = size + np.log1p(np.exp(-2 * size))
        return log_cosh
    return (2 if loss == "mae" else 1) * _rounded(error, 0.5)


def _point_slope(loss: str, error: Float32Array) -> Float32Array:
    """Derivative by the score, which is minus that by the error."""
    if loss == "mse":
        return -error
    if loss == "huber":
        return -np.clip(error, -HUBER_DELTA, HUBER_DELTA)
    if loss == "log_cosh":
        return -np.tanh(error)
    return (2 if loss == "mae" else 1) * _rounded_slope(error, 0.5)


def _rounded(error: FloatArray, level: float) -> FloatArray:
    """Pinball loss with a round corner: ``a e + h ln(1 + exp(-e / h))``."""
    rounded: FloatArray = level * error + _ROUNDED * np.logaddexp(0, -error / _ROUNDED)
    return rounded


def _rounded_slope(error: Float32Array, level: float) -> Float32Array:
    slope: Float32Array = 1 / (1 + np.exp(np.clip(error / _ROUNDED, -30, 30))) - level
    return slope
