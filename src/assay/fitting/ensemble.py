"""Greedy ensemble selection with replacement (Caruana et al. 2004), on out-of-fold outputs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from assay.tasks._base import Form, Metric, Rule, Task

MOST_ROWS, MOST_CELLS, _FEWEST = 40_000, 200_000, 5_000


@dataclass(frozen=True)
class Looks:
    """At mixtures of m candidates' outputs: how large the loss of some rows is under the metric.

    Attributes:
        task, metric: What is decided, and what is looked for; ties in it go to the task's second metric.
        stack: Of each candidate, outputs (n, k) or what is enough of them for the metric.
        y, weight, part: Of the n rows: what fits the stack, the weight, and the number of the part they belong to.
    """

    task: Task
    metric: Metric
    stack: Sequence[FloatArray]
    y: AnyArray
    weight: FloatArray
    part: IntArray

    @classmethod
    def of(
        cls,
        outputs: Sequence[FloatArray],
        y: AnyArray,
        weight: FloatArray,
        part: IntArray,
        *,
        task: Task,
        metric: Metric,
    ) -> Self:
        """Looks at outputs, each (n, k), none of them missing; with many rows, at an even sample, sequences whole."""
        sample = _sample(y, task.sequence(y))
        stack, y_then = _collapsed([block[sample] for block in outputs], y[sample], task.form, metric)
        return cls(task, metric, stack, y_then, weight[sample], part[sample])

    def of_part(self, number: int) -> Self:
        """Looks at the rows of a part."""
        rows = self.part == number
        stack = [block[rows] for block in self.stack]
        return replace(self, stack=stack, y=self.y[rows], weight=self.weight[rows], part=self.part[rows])

    def loss(self, weights: FloatArray) -> float:
        """The metric's loss of the candidates under weights (m,) that sum to one."""
        return self._under(self.metric, mix(self.stack, weights))

    def losses(self, mixed: FloatArray) -> tuple[float, float]:
        """The metric's loss of one mixture, then the second metric's."""
        first, second = self._under(self.metric, mixed), self.task.metric(self.task.second_metric)
        return (first, 0.0) if self.metric is second else (first, self._under(second, mixed))

    def _under(self, metric: Metric, mixed: FloatArray) -> float:
        decided = self.y
        if metric.uses_decisions:
            rule = self.task.tune_rule(self.y, mixed, self.weight, metric) if metric.tunes_rule else Rule()
            decided = self.task.decide(mixed, rule, self.task.sequence(self.y))
        return metric.loss(metric.score(self.y, mixed, decided, self.weight))


def select(looks: Looks, rounds: int, among: Sequence[int] | None = None) -> FloatArray:
    """Weights (m,) that sum to one, for the m candidates of some looks, or of those ``among`` them.

    Starting from nothing, each round adds the candidate (with replacement) whose inclusion makes the metric of the
    mean outputs best; ties go to the task's second metric, then to the earlier candidate. The prefix of the rounds with
    the best score is kept.
    """
    numbers = range(len(looks.stack)) if among is None else among
    total, chosen, trail = np.zeros_like(looks.stack[0]), [], []
    for size in range(1, rounds + 1):
        scored = {number: looks.losses((total + looks.stack[number]) / size) for number in numbers}
        best = min(numbers, key=lambda candidate: scored[candidate])
        total = total + looks.stack[best]
        chosen.append(best)
        trail.append(scored[best])
    length = min(range(len(trail)), key=lambda position: trail[position]) + 1
    counts = np.bincount(np.array(chosen[:length]), minlength=len(looks.stack))
    weights: FloatArray = counts / counts.sum()
    return weights


def seconds_of_look(looks: Looks) -> float:
    """How long a look at the first candidate takes."""
    took = []
    for _ in range(2):  # the first may load what it needs
        started = time.monotonic()
        looks.losses(looks.stack[0])
        took.append(time.monotonic() - started)
    return min(took)


def mix(outputs: Sequence[FloatArray], weights: FloatArray) -> FloatArray:
    """Weighted mean (n, k) of outputs."""
    mixed: FloatArray = np.sum([w * block for w, block in zip(weights, outputs, strict=True) if w > 0], axis=0)
    return mixed


def _sample(y: AnyArray, sequence: IntArray | None) -> slice | BoolArray:
    most = MOST_ROWS if y.ndim == 1 else max(MOST_CELLS // y.shape[1], _FEWEST)
    every = max(1, -(-len(y) // most))
    return slice(None, None, every) if sequence is None else sequence % every == 0


def _collapsed(
    outputs: Sequence[FloatArray], y: AnyArray, form: Form, metric: Metric
) -> tuple[list[FloatArray], IntArray | AnyArray]:
    """For log loss, the true class against the rest is all that counts: two columns instead of k, the same loss."""
    if metric.name != "log_loss" or form is not Form.CLASSES:
        return list(outputs), y
    true = [block[np.arange(len(y)), y] for block in outputs]
    return [np.stack([p, 1.0 - p], axis=1) for p in true], np.zeros(len(y), np.int64)
