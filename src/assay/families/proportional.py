"""Proportional odds: one score of a row, and thresholds between classes that have an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import Float32Array, FloatArray
from assay.core.errors import RunError
from assay.core.state import State, take_array
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._design import Weights, make_design
from assay.families._further import FurtherDesign
from assay.families._path import DEFAULTS, Aim, walk_to
from assay.families._softmax import Problem
from assay.families.linear import Linear
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Task

_FLOOR = 1e-6
_LEAST = 1e-12
_PATH = (0.01, 0.1, 1.0, 10.0, 100.0)
_TOLERANCE = 1e-4


class ProportionalPredictor(Predictor):
    """A linear score, and thresholds (k - 1,) that rise."""

    def __init__(self, weights: Weights, thresholds: Float32Array) -> None:
        self.weights, self.thresholds = weights, thresholds

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k), none below 1e-6 before they are scaled to sum to one."""
        score = self.weights.scores(matrix).astype(np.float64)[:, 0]
        floored = np.maximum(shares(score, self.thresholds.astype(np.float64)), _FLOOR)
        outputs: FloatArray = floored / floored.sum(axis=1, keepdims=True)
        return outputs

    def state(self) -> State:
        """The weights and thresholds in float32."""
        weights = {"columns": self.weights.columns, "intercept": self.weights.intercept}
        return {**weights, "thresholds": self.thresholds}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        columns = take_array(state, "columns", ndim=2, dtype=np.float32)
        intercept = take_array(state, "intercept", ndim=1, dtype=np.float32)
        thresholds = take_array(state, "thresholds", ndim=1, dtype=np.float32)
        if columns.shape[1] != 1 or len(intercept) != 1 or not len(thresholds) or (np.diff(thresholds) < 0).any():
            raise RunError(
                f"a score with weights {columns.shape} and {len(thresholds)} thresholds",
                expected="one score, and thresholds that rise",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls(Weights(columns, intercept), thresholds)


@dataclass(frozen=True)
class Ordered(Problem):
    """Weighted mean of -ln p(class) with ``p(class <= j) = sigmoid(t_j - score)`` (McCullagh 1980).

    Scores are (n + k - 1, 1): those of the rows, then the first threshold and the logarithms of the steps to the next.
    """

    @property
    def n_scores(self) -> int:
        """One."""
        return 1

    @property
    def bound(self) -> float:
        """Of the second derivative of a row's loss by its score."""
        return 0.5

    def start(self, prior: FloatArray) -> Float32Array:
        """The solution (p, 1) that gives each row the prior (k,)."""
        solution = np.zeros((self.design.width, 1), np.float32)
        below = np.cumsum(prior)[:-1].clip(1e-4, 1 - 1e-4)
        thresholds = np.log(below / (1 - below))
        solution[-self.n_classes + 1 :, 0] = np.r_[thresholds[0], np.log(np.maximum(np.diff(thresholds), 1e-3))]
        return solution

    def loss(self, scores: Float32Array) -> float:
        """Weighted mean of -ln p(class)."""
        chance = self._shares(scores)[np.arange(len(self.y)), self.y]
        return float(self.share @ -np.log(np.maximum(chance, _LEAST)))

    def residual(self, scores: Float32Array) -> Float32Array:
        """Gradient (n + k - 1, 1) of the loss with respect to the scores."""
        n, k = len(self.y), self.n_classes
        own, thresholds = scores[:n, 0].astype(np.float64), thresholds_of(scores[n:, 0])
        chance = np.maximum(self._shares(scores)[np.arange(n), self.y], _LEAST)
        edges = np.r_[-np.inf, thresholds, np.inf]
        high, low = (_bell(edges[self.y + side] - own) for side in (1, 0))
        pull = self.share / chance
        # What a threshold gains at the class below it, it loses at the class above.
        by_threshold = np.bincount(self.y, weights=-pull * high, minlength=k)[:-1]
        by_threshold += np.bincount(self.y, weights=pull * low, minlength=k)[1:]
        steps = np.exp(scores[n + 1 :, 0].astype(np.float64))
        tails = by_threshold[::-1].cumsum()[::-1]
        found = np.r_[pull * (high - low), tails[0], tails[1:] * steps]
        gradient: Float32Array = found.astype(np.float32)[:, None]
        return gradient

    def _shares(self, scores: Float32Array) -> FloatArray:
        n = len(self.y)
        return shares(scores[:n, 0].astype(np.float64), thresholds_of(scores[n:, 0]))


class Proportional(Family):
    """Ordered logistic regression (McCullagh 1980, "Regression models for ordinal data") with an L2 penalty.

    Settings: ``path`` and ``steps`` (see `assay.families._path.walk_to`).
    """

    name = "proportional"
    title = "Proportional odds"
    suits = "one score and thresholds are enough for classes that have an order, and take few weights"
    predictor = ProportionalPredictor
    defaults = MappingProxyType({**DEFAULTS})
    priority = 15

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs an order, and a feature column."""
        if not task.ordered:
            return "the classes have no order"
        return Linear().unfit_for(schema, task, n_rows)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """As the linear model's, so that encodings are shared."""
        return Linear().recipe(schema, task, Linear.defaults)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Walk the path of C on all features."""
        k, total = len(learning.task.labels), float(learning.weight.sum())
        rows = make_design(learning.train, learning.weight, threads=learning.threads)
        design = FurtherDesign.over(rows, k - 1, 1 / k)
        problem = Ordered(design, learning.y, (learning.weight / total).astype(np.float32), total, k)

        def predictor(solution: Float32Array) -> ProportionalPredictor:
            further = thresholds_of(solution[-k + 1 :, 0]).astype(np.float32)
            return ProportionalPredictor(design.weights(solution[: -k + 1]), further)

        start = problem.start(learning.task.prior(learning.y, learning.weight))
        return walk_to(Aim(problem, start, predictor, _PATH, _TOLERANCE), learning, settings)


def thresholds_of(further: Float32Array) -> FloatArray:
    """Thresholds (k - 1,) that rise, from the first one and the logarithms of the steps to the next."""
    steps = np.exp(np.clip(further[1:].astype(np.float64), -30, 30))
    return np.cumsum(np.r_[float(further[0]), steps])


def shares(score: FloatArray, thresholds: FloatArray) -> FloatArray:
    """Probabilities (n, k) of the classes between the thresholds."""
    below = 1 / (1 + np.exp(-np.clip(thresholds - score[:, None], -60, 60)))
    edges = np.column_stack([np.zeros(len(score)), below, np.ones(len(score))])
    found: FloatArray = np.diff(edges, axis=1)
    return found


def _bell(distance: FloatArray) -> FloatArray:
    """Slope of the sigmoid; zero at infinity."""
    below = 1 / (1 + np.exp(-np.clip(distance, -60, 60)))
    slope: FloatArray = np.where(np.isfinite(distance), below * (1 - below), 0.0)
    return slope
