"""The perceptron's update: weights change on a mistake only, until an epoch passes without one."""

from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime
from assay.core.seeds import derive_seed

_BLOCK = 128


@dataclass(frozen=True)
class Course:
    """How the update went.

    Attributes:
        last: Weights (d + 1, k) after the last row, the intercept below.
        mean: Their mean over all rows that were visited.
        epochs: Whole passes over the rows.
        updates: Mistakes on the way.
        settled: Whether the last pass was without a mistake.
        cut: Whether the clock ended it.
    """

    last: FloatArray
    mean: FloatArray
    epochs: int
    updates: int
    settled: bool
    cut: bool


class Classes:
    """Which class each row has, and which classes any row has.

    Args:
        y: (n,) class numbers.
        k: How many classes there are.
    """

    def __init__(self, y: AnyArray, k: int) -> None:
        self.y = y
        self.unseen = np.bincount(y, minlength=k) == 0

    def rivals(self, scores: FloatArray, rows: IntArray) -> FloatArray:
        """Scores (k, b) with minus infinity at each row's own class and at those that no row has."""
        found = scores.copy()
        found[self.unseen] = -np.inf
        found[self.y[rows], np.arange(len(rows))] = -np.inf
        return found

    def wrong(self, x: Float32Array, weights: FloatArray) -> int:
        """Rows (n, d) whose own class does not score above all others."""
        scores = (x @ weights[:-1] + weights[-1]).T
        rows = np.arange(len(x))
        return int((scores[self.y, rows] <= self.rivals(scores, rows).max(axis=0)).sum())


def walk(
    x: Float32Array, y: AnyArray, weight: FloatArray, k: int, *, epochs: int, seed: int, deadline: Deadline
) -> Course:
    """Visit the rows (n, d) in an order of chance until an epoch is without mistake, or for so many epochs.

    Rosenblatt 1958; where a plane parts the classes it ends after finitely many updates (Novikoff 1962). For k classes
    each has its weights, and a mistake moves those of the right class towards the row and those of its strongest rival
    away: Kesler's construction. An update counts by the row's weight. The mean of all weights on the way is the
    averaged perceptron (Freund & Schapire 1999).

    Raises:
        NotEnoughTime: The clock ends the first epoch.
    """
    state = _State(np.hstack([x, np.ones((len(x), 1), np.float32)]), Classes(y, k), weight, k)
    last, done, settled, cut = state.kept(), 0, False, False
    while done < epochs and not settled and not cut:
        before, cut = state.updates, not state.epoch(derive_seed(seed, "order", done), deadline)
        if not cut:
            last, done, settled = state.kept(), done + 1, state.updates == before
    if not done:
        raise NotEnoughTime("its time is not enough for one pass over the rows")
    weights, mean, updates = last
    return Course(weights, mean, done, updates, settled, cut)


class _State:
    """Weights on their way. Rows are taken in blocks, in which each update reaches the scores of the rows behind it."""

    def __init__(self, x: Float32Array, classes: Classes, weight: FloatArray, k: int) -> None:
        self.x, self.classes, self.weight = x, classes, weight
        self.rows = np.flatnonzero(weight > 0)
        self.weights = np.zeros((x.shape[1], k))
        self.delayed = np.zeros_like(self.weights)  # each update times the number of rows before it
        self.visited, self.updates = 0, 0

    def kept(self) -> tuple[FloatArray, FloatArray, int]:
        """Copies of the weights and of their mean, and the number of updates."""
        mean: FloatArray = self.weights - self.delayed / max(1, self.visited)
        return self.weights.copy(), mean, self.updates

    def epoch(self, seed: int, deadline: Deadline) -> bool:
        """Visit all rows once; False if the clock came before the end."""
        order = np.random.default_rng(seed).permutation(self.rows)
        for start in range(0, len(order), _BLOCK):
            if deadline.passed:
                return False
            self.visit(order[start : start + _BLOCK])
        return True

    def visit(self, rows: IntArray) -> None:
        """Visit some rows in their order."""
        x = self.x[rows].astype(np.float64)
        steps = self._steps((x @ self.weights).T, x @ x.T, rows)
        self.weights += x.T @ steps.T
        self.delayed += x.T @ (steps * (self.visited + np.arange(len(rows)))).T
        self.visited += len(rows)

    def _steps(self, scores: FloatArray, gram: FloatArray, rows: IntArray) -> FloatArray:
        """How often each row (k, b) is added to the weights of each class, by its weight."""
        steps, places, at = np.zeros_like(scores), np.arange(len(rows)), 0
        y, weight = self.classes.y[rows], self.weight[rows]
        while at < len(rows):
            rivals = self.classes.rivals(scores[:, at:], rows[at:])
            wrong = scores[y[at:], places[at:]] <= rivals.max(axis=0)
            first = int(wrong.argmax())
            if not wrong[first]:
                break
            at, rival = at + first, int(rivals[:, first].argmax())
            for label, step in ((y[at], weight[at]), (rival, -weight[at])):
                steps[label, at] += step
                scores[label] += step * gram[at]
            self.updates += 1
            at += 1
        return steps
