"""What an additive model makes small, as a solver by Newton's steps sees it: slope and bend of each row's loss."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.families._base import Learning
from assay.families._links import Link, link_of
from assay.tasks.regression import HUBER_DELTA, Regression

_LEAST_BEND = 1e-6
_CORNER = 0.02  # absolute errors below this many spreads of the target count as squares


@dataclass(frozen=True)
class Aim(ABC):
    """The loss of scores (n, c).

    Attributes:
        y: (n,) the target, as the loss compares scores with it.
        weight: (n,) of the rows.
        link: From scores to outputs.
        n_scores: Number c of scores of a row.
    """

    y: AnyArray
    weight: FloatArray
    link: Link
    n_scores: int

    @abstractmethod
    def start(self, prior: FloatArray) -> FloatArray:
        """Scores (c,) of every row before anything is learned."""

    @abstractmethod
    def loss(self, scores: FloatArray) -> float:
        """Weighted sum over the rows."""

    @abstractmethod
    def bends(self, scores: FloatArray, column: int) -> tuple[FloatArray, FloatArray]:
        """Slope and bend (n,) of each row's loss by its score of one column; a bend is never zero."""

    def noise(self, slope: FloatArray, bend: FloatArray, spent: float) -> float:
        """How much a row's loss varies around what can be learned, ``spent`` degrees of freedom learned already."""
        return 1.0


class Classes(Aim):
    """Minus the logarithm of the true class's probability; two classes have one score."""

    def start(self, prior: FloatArray) -> FloatArray:
        """Log odds or centred logarithms."""
        logs = self.link.scores(prior)
        return logs[1:] - logs[:1] if self.n_scores == 1 else logs - logs.mean()

    def loss(self, scores: FloatArray) -> float:
        """Cross-entropy."""
        if self.n_scores == 1:
            ahead = np.where(self.y == 1, scores[:, 0], -scores[:, 0])
            return float(self.weight @ np.logaddexp(0, -ahead))
        highest = scores.max(axis=1)
        total = np.log(np.exp(scores - highest[:, None]).sum(axis=1)) + highest
        return float(self.weight @ (total - scores[np.arange(len(scores)), self.y]))

    def bends(self, scores: FloatArray, column: int) -> tuple[FloatArray, FloatArray]:
        """``p - 1`` or ``p``, and ``p (1 - p)``."""
        own = scores[:, column]
        if self.n_scores > 1:
            others = np.delete(scores, column, axis=1)
            highest = others.max(axis=1)
            own = own - highest - np.log(np.exp(others - highest[:, None]).sum(axis=1))
        share = 1 / (1 + np.exp(-np.clip(own, -30, 30)))
        wanted = self.y == (1 if self.n_scores == 1 else column)
        return self.weight * (share - wanted), self.weight * np.maximum(share * (1 - share), _LEAST_BEND)


@dataclass(frozen=True)
class Numbers(Aim):
    """A loss of regression for the prediction and quantiles for the ends of an interval, in spreads of the target.

    Bends are those of a parabola that lies above the loss and touches it (Hunter and Lange 2000, "Quantile regression
    via an MM algorithm"), so a step never overshoots.
    """

    losses: str = "mse"
    levels: tuple[float, ...] = ()

    def start(self, prior: FloatArray) -> FloatArray:
        """The prior in spreads."""
        return self.link.scores(prior)

    def loss(self, scores: FloatArray) -> float:
        """Sum over the prediction and the ends."""
        errors = self.y[:, None] - scores
        rows = _loss(self.losses, errors[:, 0])
        for number, level in enumerate(self.levels, 1):
            rows = rows + _pinball(errors[:, number], level)
        return float(self.weight @ rows)

    def bends(self, scores: FloatArray, column: int) -> tuple[FloatArray, FloatArray]:
        """Of one of them."""
        error = self.y - scores[:, column]
        slope, bend = _pinball_bend(error, self.levels[column - 1]) if column else _bend(self.losses, error)
        return self.weight * slope, self.weight * bend

    def noise(self, slope: FloatArray, bend: FloatArray, spent: float) -> float:
        """Pearson's estimate: the mean of ``slope^2 / bend``."""
        return float((slope**2 / bend).sum() / max(self.weight.sum() - spent, 1.0))


def aim_of(learning: Learning) -> Aim:
    """What is to be made small for some training rows."""
    task, link = learning.task, link_of(learning)
    y, weight = link.target(learning.y), learning.weight * (len(learning.weight) / learning.weight.sum())
    if isinstance(task, Regression):
        return Numbers(y.astype(np.float64), weight, link, len(task.labels), task.loss, task.levels)
    k = len(task.labels)
    return Classes(y, weight, link, 1 if k == 2 else k)


def _loss(name: str, error: FloatArray) -> FloatArray:
    size = np.abs(error)
    if name == "mse":
        return error**2 / 2
    if name == "huber":
        near = np.minimum(size, HUBER_DELTA)
        huber: FloatArray = near * (size - near / 2)
        return huber
    if name == "log_cosh":
        log_cosh: FloatArray = size + np.log1p(np.exp(-2 * size))
        return log_cosh
    return _pinball(error, 0.5)


def _bend(name: str, error: FloatArray) -> tuple[FloatArray, FloatArray]:
    size = np.maximum(np.abs(error), 1e-9)
    if name == "mse":
        return -error, np.ones_like(error)
    if name == "huber":
        bend = np.minimum(1.0, HUBER_DELTA / size)
    elif name == "log_cosh":
        bend = np.maximum(np.tanh(size) / size, _LEAST_BEND)
    else:
        return _pinball_bend(error, 0.5)
    return -bend * error, bend


def _pinball(error: FloatArray, level: float) -> FloatArray:
    pinball: FloatArray = np.maximum(level * error, (level - 1) * error)
    return pinball


def _pinball_bend(error: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    bend = 1 / (2 * (_CORNER + np.abs(error)))
    return -(bend * error + level - 0.5), bend
