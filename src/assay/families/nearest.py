"""The nearest rows vote: where few rows lie in clusters that no line and no tree parts well."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.core.errors import NotEnoughTime, RunError
from assay.core.state import State, take, take_array
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._bounds import check_bounds
from assay.families.mlp import Mlp
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import at_least

_MOST_ROWS = 20_000
_AT_ONCE = 10_000_000  # distances
_COUNTS = (5, 10, 20, 40)
_LEAST_DISTANCE = 1e-3  # of rows that are alike
_FLOOR = 1e-6
_BOUNDS = {"neighbours": at_least(0)}


class NearestPredictor(Predictor):
    """Rows (n, d) with their classes (n,) and weights (n,), of which so many are asked.

    Each of the nearest votes with its weight over its distance; the prior (k,) has the mean of their votes.
    """

    def __init__(self, rows: Float32Array, y: IntArray, weight: FloatArray, prior: FloatArray, neighbours: int) -> None:
        self.rows, self.y, self.weight, self.prior, self.neighbours = rows, y, weight, prior, neighbours

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k)."""
        return self.voted(matrix, (self.neighbours,))[0]

    def voted(self, matrix: Matrix, counts: Sequence[int]) -> list[FloatArray]:
        """Probabilities (n, k) by the votes of so many neighbours, for each count."""
        asked, step = _columns(matrix), max(1, _AT_ONCE // len(self.rows))
        parts = [self._votes(asked[start : start + step], counts) for start in range(0, max(1, len(asked)), step)]
        return [np.concatenate(blocks) for blocks in zip(*parts, strict=True)]

    def _votes(self, asked: Float32Array, counts: Sequence[int]) -> list[FloatArray]:
        most = min(max(counts), len(self.rows))
        about = self._squares - 2 * (asked @ self.rows.T)  # less the square of the row itself, which orders nothing
        near = np.argpartition(about, most - 1, axis=1)[:, :most]
        away = np.linalg.norm(asked[:, None] - self.rows[near], axis=2).astype(np.float64)
        order = np.argsort(away, axis=1, kind="stable")
        near, away = np.take_along_axis(near, order, axis=1), np.take_along_axis(away, order, axis=1)
        return [self._shares(near[:, :count], away[:, :count]) for count in counts]

    def _shares(self, near: IntArray, away: FloatArray) -> FloatArray:
        votes = self.weight[near] / (away + _LEAST_DISTANCE)
        total = votes.mean(axis=1, keepdims=True) * self.prior
        np.add.at(total, (np.arange(len(near))[:, None], self.y[near]), votes)
        shares = np.maximum(total / total.sum(axis=1, keepdims=True), _FLOOR)
        floored: FloatArray = shares / shares.sum(axis=1, keepdims=True)
        return floored

    @cached_property
    def _squares(self) -> FloatArray:
        squares: FloatArray = np.einsum("ij,ij->i", self.rows, self.rows, dtype=np.float64)
        return squares

    def state(self) -> State:
        """Rows, classes, weights, prior, and how many vote."""
        return {
            "rows": self.rows,
            "y": self.y.astype(np.int32),
            "weight": self.weight,
            "prior": self.prior,
            "neighbours": self.neighbours,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        rows, y = take_array(state, "rows", ndim=2, dtype=np.float32), take_array(state, "y", ndim=1, dtype=np.int32)
        weight, prior = (take_array(state, key, ndim=1, dtype=np.float64) for key in ("weight", "prior"))
        neighbours = take(state, "neighbours", int)
        known = len(rows) == len(y) == len(weight) and bool(((y >= 0) & (y < len(prior))).all())
        if not known or not 1 <= neighbours <= len(rows):
            raise RunError(
                f"{len(y)} classes of {len(rows)} rows, of which {neighbours} are to vote",
                expected="a class that there is for each row, and no more votes than rows",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls(rows, y.astype(np.int64), weight, prior, neighbours)


class Nearest(Family):
    """k nearest neighbours (Cover and Hart 1967), whose votes count by their distance (Dudani 1976).

    Settings: how many ``neighbours`` vote, 0 to try some numbers on the validation rows.
    """

    name = "nearest"
    title = "Nearest neighbours"
    suits = "on few rows it errs elsewhere than all that learn a rule"
    predictor = NearestPredictor
    defaults = MappingProxyType({"neighbours": 0})
    priority = 30
    appetite = 0.5
    refits = True

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It keeps the rows, and measures the distance to each."""
        if not self.recipe(schema, task, self.defaults).encoders:
            return "there is no feature column that it reads"
        return "the distance to so many rows takes too long" if n_rows > _MOST_ROWS else None

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families; and by the bounds of its settings."""
        super().check(settings, form)
        check_bounds(self.name, {**self.defaults, **settings}, _BOUNDS)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """As the multilayer perceptron's, so that encodings are shared."""
        return Mlp().recipe(schema, task, Mlp.defaults)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Keep the rows, and see how many of them should vote."""
        if learning.deadline.passed:
            raise NotEnoughTime("there was no time to look for neighbours")
        prior = learning.task.prior(learning.y, learning.weight)
        rows = NearestPredictor(_columns(learning.train), learning.y, learning.weight, prior, 1)
        rows.neighbours = min(settings["neighbours"] or _best_count(rows, learning), len(learning.y))
        return Fitted(rows, {"neighbours": rows.neighbours}, {"neighbours": rows.neighbours})


def _best_count(rows: NearestPredictor, learning: Learning) -> int:
    """How many neighbours have the least loss on the validation rows."""
    outputs = rows.voted(learning.valid, _COUNTS)
    losses = [learning.task.row_loss(learning.valid_y, block) for block in outputs]
    return _COUNTS[int(np.argmin([np.average(loss, weights=learning.valid_weight) for loss in losses]))]


def _columns(matrix: Matrix) -> Float32Array:
    """Dense columns, then one-hot ones, (n, d) float32."""
    parts = [matrix.dense] if matrix.sparse is None else [matrix.dense, matrix.sparse.toarray()]
    return np.hstack(parts)
