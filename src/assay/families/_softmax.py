"""L2-regularised logistic regression, binary or multinomial, by L-BFGS on scores: two passes over the data per step.

A step along a direction changes the scores linearly, so the line search costs no pass over the data. Steps are
counted, and a solve that is cut off after a count of steps gives the same solution, bit for bit, as one that the clock
stopped there.

Objective (scikit-learn's, divided by ``C * sum(weight)``): weighted mean of -ln p(class) + |W|^2 / (2 C sum(weight)),
the intercept not penalised. Source: Nocedal & Wright, Numerical Optimization (2006), algorithm 7.4; diagonal
curvature bound after Boehning, Multinomial logistic regression algorithm (1992).
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.clock import Deadline
from assay.families._design import Design

Pair = tuple[Float32Array, Float32Array, float]

_HISTORY_BYTES = 150_000_000
_ARMIJO = 1e-4
_NOISE = 1e-7


@dataclass(frozen=True)
class Problem:
    """What is minimised.

    Attributes:
        design: The rows.
        y: (n,) class numbers.
        share: (n,) float32 row weights that sum to one.
        total: What the weights summed to.
        n_classes: Two classes have one score (n, 1), more have one each (n, k).
    """

    design: Design
    y: AnyArray
    share: Float32Array
    total: float
    n_classes: int
    curvature: Float32Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "curvature", self.design.curvature(self.share))

    @property
    def n_scores(self) -> int:
        """Number of scores c of a row."""
        return 1 if self.n_classes == 2 else self.n_classes

    @property
    def bound(self) -> float:
        """Of the second derivative of a row's loss by a score."""
        return 0.25 if self.n_scores == 1 else 0.5 * (1 - 1 / self.n_classes) * 2 / self.n_classes

    def start(self, prior: FloatArray) -> Float32Array:
        """The solution (p, c) that gives each row the prior (k,)."""
        solution = np.zeros((self.design.width, self.n_scores), np.float32)
        logits = np.log(prior)
        solution[0] = logits[1] - logits[0] if self.n_scores == 1 else logits - logits.mean()
        return solution

    def loss(self, scores: Float32Array) -> float:
        """Weighted mean of -ln p(class)."""
        if self.n_scores == 1:
            signed = np.where(self.y == 1, -scores[:, 0], scores[:, 0])
            return float(self.share @ np.logaddexp(np.float32(0), signed).astype(np.float64))
        top = scores.max(axis=1)
        spread = np.log(np.exp(scores - top[:, None]).sum(axis=1))
        return float(self.share @ (spread + top - scores[np.arange(len(scores)), self.y]).astype(np.float64))

    def residual(self, scores: Float32Array) -> Float32Array:
        """Gradient (n, c) of the loss with respect to the scores."""
        found = probabilities(scores)
        if self.n_scores == 1:
            found = found[:, 1:]
            found[:, 0] -= self.y == 1
        else:
            found[np.arange(len(found)), self.y] -= 1.0
        found *= self.share[:, None]
        return found


@dataclass(frozen=True)
class Solved:
    """A solution (p, c), how many steps were taken from the start, and whether the clock cut it short."""

    solution: Float32Array
    steps: int
    cut: bool


def probabilities(scores: AnyArray) -> AnyArray:
    """Scores (n, c) to probabilities (n, k), safe for scores of any size."""
    if scores.shape[1] == 1:
        ahead = np.exp(-np.abs(scores))
        small, large = ahead / (1 + ahead), 1 / (1 + ahead)
        positive = scores >= 0
        return np.hstack([np.where(positive, small, large), np.where(positive, large, small)])
    powers: AnyArray = np.exp(scores - scores.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def solve(
    problem: Problem,
    C: float,
    start: Float32Array,
    *,
    max_steps: int = 1_000,
    tolerance: float = 1e-5,
    deadline: Deadline | None = None,
) -> Solved:
    """Minimise from ``start`` (p, c) until a step promises less than the share ``tolerance`` of the objective."""
    search = _Search(problem, 1.0 / (C * problem.total), start.copy())
    clock, steps, longest = deadline or Deadline(), 0, 0.0
    while steps < max_steps:
        began = time.monotonic()
        if clock.passed or clock.remaining < longest:
            return Solved(search.solution, steps, cut=True)
        if not search.step(tolerance):
            break
        steps += 1
        longest = max(longest, time.monotonic() - began)
    return Solved(search.solution, steps, cut=False)


class _Search:
    """L-BFGS at work."""

    def __init__(self, problem: Problem, ridge: float, solution: Float32Array) -> None:
        self.problem, self.solution = problem, solution
        self.ridge = np.full((len(solution), 1), ridge, np.float32)
        self.ridge[0] = 0.0
        self.metric = 1 / (problem.bound * problem.curvature + np.maximum(self.ridge, 1e-12))
        self.scores = problem.design.forward(solution)
        self.history: deque[Pair] = deque(maxlen=_history_length(solution.nbytes))
        self.gradient = self._gradient()
        self.value = self._value(self.scores, self.solution)

    def step(self, tolerance: float) -> bool:
        """Take one step; False if none is worth it."""
        direction = self._direction()
        slope = _dot(self.gradient, direction)
        if -slope <= tolerance * self.value:
            return False
        along = self.problem.design.forward(direction)
        length, value = self._line(direction, along, slope)
        if length == 0.0:
            return False
        direction *= np.float32(length)
        self.solution += direction
        self.scores += np.float32(length) * along
        old, self.gradient, self.value = self.gradient, self._gradient(), value
        np.subtract(self.gradient, old, out=old)
        curvature = _dot(direction, old)
        if curvature > 0:
            self.history.append((direction, old, curvature))
        return True

    def _gradient(self) -> Float32Array:
        gradient = self.problem.design.backward(self.problem.residual(self.scores))
        gradient += self.ridge * self.solution
        return gradient

    def _value(self, scores: Float32Array, solution: Float32Array) -> float:
        return self.problem.loss(scores) + 0.5 * _dot(solution, self.ridge * solution)

    def _direction(self) -> Float32Array:
        """The two-loop recursion, the diagonal metric in the middle."""
        found, spare, shares = -self.gradient, np.empty_like(self.gradient), []
        for step, change, curvature in reversed(self.history):
            share = _dot(step, found) / curvature
            found -= np.multiply(change, np.float32(share), out=spare)
            shares.append(share)
        found *= self.metric
        if self.history:
            _, change, curvature = self.history[-1]
            found *= np.float32(curvature / _dot(change, np.multiply(self.metric, change, out=spare)))
        for (step, change, curvature), share in zip(self.history, reversed(shares), strict=True):
            found += np.multiply(step, np.float32(share - _dot(change, found) / curvature), out=spare)
        return found

    def _line(self, direction: Float32Array, along: Float32Array, slope: float) -> tuple[float, float]:
        """A step length with enough decrease, by quadratic interpolation from both sides of one; 0.0 if none."""
        value = self._along(direction, along)
        length, reached = 1.0, value(1.0)
        enough = _NOISE * abs(self.value)
        while not reached <= self.value + _ARMIJO * length * slope + enough:
            bend = reached - self.value - length * slope
            best = -slope * length**2 / (2 * bend) if math.isfinite(bend) else 0.0
            length = min(max(best, 0.1 * length), 0.5 * length)
            if length < 1e-10:
                return 0.0, self.value
            reached = value(length)
        return length, reached

    def _along(self, direction: Float32Array, along: Float32Array) -> Callable[[float], float]:
        penalised = self.ridge * direction
        flat = 0.5 * _dot(self.solution, self.ridge * self.solution)
        linear, square = _dot(self.solution, penalised), 0.5 * _dot(direction, penalised)

        def value(length: float) -> float:
            loss = self.problem.loss(self.scores + np.float32(length) * along)
            return loss + flat + length * linear + length**2 * square

        return value


def _history_length(solution_bytes: int) -> int:
    return int(np.clip(_HISTORY_BYTES // (2 * max(solution_bytes, 1)), 3, 10))


def _dot(left: Float32Array, right: Float32Array) -> float:
    return float(np.vdot(left, right))
