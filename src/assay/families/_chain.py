"""A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): sums over all sequences of tags.

Scores of n steps are (n + k + 2, k): those of each step's tags, then of going from the row's tag to the column's, then
of beginning and of ending with a tag. All are linear in a solution, so the solver of linear models serves here too.
"""

from dataclasses import dataclass, field

import numpy as np

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.families._softmax import Problem
from assay.tasks._spans import Steps

_LEAST = 1e-120


@dataclass(frozen=True)
class Sums:
    """What forward and backward passes give (Rabiner 1989).

    Attributes:
        log_total: (s,) logarithm of the sum over all sequences of tags, for s sequences in the order of `Steps`.
        marginals: (n, k) probability of each tag of each step.
        pairs: (k, k) expected number of steps from one tag to another, weighted by sequence; None if not wanted.
    """

    log_total: FloatArray
    marginals: FloatArray
    pairs: FloatArray | None


def sums(scores: Float32Array, steps: Steps, weight: Float32Array | None = None) -> Sums:
    """Sums over all sequences of tags for scores (n + k + 2, k); ``weight`` (s,) of sequences if pairs are wanted."""
    k = scores.shape[1]
    own, pair, begin, end = scores[: -k - 2], scores[-k - 2 : -2], scores[-2], scores[-1]
    # Everything is scaled to at most one before it is raised to a power, and each step to a sum of one.
    top, pair_top, begin_top, end_top = own.max(axis=1), pair.max(), begin.max(), end.max()
    power, move, first, last = map(_power, (own - top[:, None], pair - pair_top, begin - begin_top, end - end_top))
    forward, scale = np.empty_like(power), np.empty(len(own))
    before = np.empty(0)
    for t, rows in enumerate(steps.rows):
        now = power[rows] * (before[: len(rows)] @ move if t else first)
        scale[rows] = now.sum(axis=1)
        before = now / scale[rows][:, None]
        forward[rows] = before
    ends = _last_rows(steps)
    closing = forward[ends] @ last
    log_total = _per_sequence(np.log(scale) + top, steps) + np.log(closing)
    log_total += (steps.lengths - 1) * float(pair_top) + float(begin_top) + float(end_top)
    marginals, pairs = _backward(forward, scale, power, move, last / closing[:, None], steps=steps, weight=weight)
    return Sums(log_total, marginals, pairs)


def _power(scores: Float32Array) -> FloatArray:
    """Powers that do not vanish, so that no step is left without a way."""
    return np.maximum(np.exp(scores, dtype=np.float64), _LEAST)


def _backward(
    forward: FloatArray,
    scale: FloatArray,
    power: FloatArray,
    move: FloatArray,
    closing: FloatArray,
    *,
    steps: Steps,
    weight: Float32Array | None,
) -> tuple[FloatArray, FloatArray | None]:
    marginals = np.empty_like(forward)
    pairs = None if weight is None else np.zeros_like(move)
    after = np.empty((0, forward.shape[1]))
    for t in range(len(steps.rows) - 1, -1, -1):
        rows = steps.rows[t]
        now, going_on = closing[: len(rows)].copy(), len(after)
        if going_on:
            now[:going_on] = after @ move.T
            if pairs is not None and weight is not None:
                pairs += (forward[rows[:going_on]] * weight[:going_on, None]).T @ after
        marginals[rows] = forward[rows] * now
        after = power[rows] * now / scale[rows][:, None]
    return marginals, None if pairs is None else pairs * move


def _last_rows(steps: Steps) -> IntArray:
    first = steps.rows[0] if steps.rows else np.zeros(0, np.int64)
    return first + steps.lengths - 1


def _per_sequence(values: FloatArray, steps: Steps) -> FloatArray:
    total = np.zeros(len(steps.lengths))
    for rows in steps.rows:
        total[: len(rows)] += values[rows]
    return total


@dataclass(frozen=True)
class Chains(Problem):
    """Weighted mean over the steps of -ln p(the tags of a sequence), which are decided together.

    Attributes:
        steps: Which rows are steps of which sequence.
        weight: (s,) of each sequence, the mean of what its steps weigh.
    """

    steps: Steps
    weight: Float32Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        means = _per_sequence(self.share.astype(np.float64), self.steps) / self.steps.lengths
        object.__setattr__(self, "weight", means.astype(np.float32))

    @property
    def n_scores(self) -> int:
        """One for each tag."""
        return self.n_classes

    @property
    def bound(self) -> float:
        """Of the second derivative by a score, about."""
        return 0.25

    def start(self, prior: FloatArray) -> Float32Array:
        """The solution (p, k) that gives each step the prior (k,)."""
        solution = np.zeros((self.design.width, self.n_scores), np.float32)
        logs = np.log(prior)
        solution[0] = logs - logs.mean()
        return solution

    def loss(self, scores: Float32Array) -> float:
        """Weighted sum over the sequences of how much less their own score is than the logarithm of the total."""
        found = sums(scores, self.steps)
        return float(self.weight.astype(np.float64) @ (found.log_total - self._own(scores)))

    def residual(self, scores: Float32Array) -> Float32Array:
        """Gradient (n + k + 2, k) of the loss with respect to the scores."""
        k, found = self.n_scores, sums(scores, self.steps, self.weight)
        gradient = np.zeros_like(scores)
        rows = np.arange(len(self.y))
        row_weight = np.empty(len(self.y), np.float32)
        for step in self.steps.rows:
            row_weight[step] = self.weight[: len(step)]
        gradient[: len(self.y)] = found.marginals * row_weight[:, None]
        gradient[rows, self.y] -= row_weight
        gradient[-k - 2 : -2] = found.pairs
        for before, after in zip(self.steps.rows, self.steps.rows[1:], strict=False):
            np.subtract.at(
                gradient, (len(self.y) + self.y[before[: len(after)]], self.y[after]), self.weight[: len(after)]
            )
        for place, ends in ((-2, self.steps.rows[0]), (-1, _last_rows(self.steps))):
            gradient[place] = self.weight @ found.marginals[ends]
            np.subtract.at(gradient[place], self.y[ends], self.weight)
        return gradient

    def _own(self, scores: Float32Array) -> FloatArray:
        """Scores (s,) of the true tags."""
        n, rows = len(self.y), np.arange(len(self.y))
        total = _per_sequence(scores[rows, self.y].astype(np.float64), self.steps)
        for before, after in zip(self.steps.rows, self.steps.rows[1:], strict=False):
            total[: len(after)] += scores[n + self.y[before[: len(after)]], self.y[after]]
        total += scores[-2, self.y[self.steps.rows[0]]] + scores[-1, self.y[_last_rows(self.steps)]]
        return total
