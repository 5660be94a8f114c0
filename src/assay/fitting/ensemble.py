"""Greedy ensemble selection with replacement (Caruana et al. 2004), on out-of-fold outputs."""

import time
from collections.abc import Sequence

import numpy as np

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from assay.tasks._base import Form, Metric, Rule, Task

MOST_ROWS, MOST_CELLS, _FEWEST = 40_000, 200_000, 5_000


def select(
    outputs: Sequence[FloatArray], y: AnyArray, weight: FloatArray, *, task: Task, metric: Metric, rounds: int
) -> FloatArray:
    """Weights (m,) that sum to one, for m candidates' outputs, each (n, k), none of them missing.

    Starting from nothing, each round adds the candidate (with replacement) whose inclusion makes the metric of the
    mean outputs best; ties go to the task's second metric, then to the earlier candidate. The prefix of the rounds with
    the best score is kept. With many rows, an even sample of them decides; sequences stay whole.
    """
    sample = _sample(y, task.sequence(y))
    y, weight = y[sample], weight[sample]
    stack, y_then = _collapsed([block[sample] for block in outputs], y, task.form, metric)
    losses = _Loss(task, metric, task.metric(task.second_metric), y_then, weight)
    total, chosen, trail = np.zeros_like(stack[0]), [], []
    for size in range(1, rounds + 1):
        scored = [losses((total + block) / size) for block in stack]
        best = min(range(len(stack)), key=lambda candidate: scored[candidate])
        total = total + stack[best]
        chosen.append(best)
        trail.append(scored[best])
    length = min(range(len(trail)), key=lambda position: trail[position]) + 1
    counts = np.bincount(np.array(chosen[:length]), minlength=len(stack))
    weights: FloatArray = counts / counts.sum()
    return weights


def seconds_of_score(outputs: FloatArray, y: AnyArray, weight: FloatArray, *, task: Task, metric: Metric) -> float:
    """How long `select` takes for one candidate in one round, on a candidate's outputs (n, k)."""
    sample = _sample(y, task.sequence(y))
    stack, y_then = _collapsed([outputs[sample]], y[sample], task.form, metric)
    score = _Loss(task, metric, task.metric(task.second_metric), y_then, weight[sample])
    took = []
    for _ in range(2):  # the first may load what it needs
        started = time.monotonic()
        score(stack[0])
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


class _Loss:
    """Losses of mixed outputs: the metric's (under its best rule), then the second one's."""

    def __init__(self, task: Task, metric: Metric, second: Metric, y: AnyArray, weight: FloatArray) -> None:
        self.task, self.metric, self.second, self.y, self.weight = task, metric, second, y, weight

    def __call__(self, outputs: FloatArray) -> tuple[float, float]:
        first = self.score(self.metric, outputs)
        return (first, 0.0) if self.metric is self.second else (first, self.score(self.second, outputs))

    def score(self, metric: Metric, outputs: FloatArray) -> float:
        decided = self.y
        if metric.uses_decisions:
            rule = self.task.tune_rule(self.y, outputs, self.weight, metric) if metric.tunes_rule else Rule()
            decided = self.task.decide(outputs, rule, self.task.sequence(self.y))
        return metric.loss(metric.score(self.y, outputs, decided, self.weight))
