"""From candidates' out-of-fold outputs to one answer: weights, temperature, rule; and what that is honestly worth.

What is chosen on rows is not scored on them: the whole combination is chosen anew for each fold on the rows of the
others (cross-fitting), and only outputs made that way are scored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.fitting.ensemble import mix, select
from assay.tasks._base import Metric, Rule, Task
from assay.tasks._metrics import log_loss


@dataclass(frozen=True)
class Combination:
    """How candidates become one: ``weights`` (m,) sum to one."""

    weights: FloatArray
    temperature: float
    rule: Rule

    def outputs(self, task: Task, blocks: Sequence[FloatArray]) -> FloatArray:
        """Calibrated outputs (n, k) of m blocks."""
        return task.calibrated(mix(blocks, self.weights), self.temperature)


@dataclass(frozen=True)
class Combiner:
    """Chooses combinations on scored rows: blocks (n, k) of each candidate, y, weight and fold number (n,)."""

    task: Task
    metric: Metric
    rounds: int
    blocks: Sequence[FloatArray]
    y: AnyArray
    weight: FloatArray
    fold: AnyArray

    def choose(self, *, calibrate: bool, rows: AnyArray | None = None) -> Combination:
        """The best combination on some rows, or on all."""
        index = np.arange(len(self.y)) if rows is None else rows
        blocks = [block[index] for block in self.blocks]
        y, weight = self.y[index], self.weight[index]
        weights = select(blocks, y, weight, task=self.task, metric=self.metric, rounds=self.rounds)
        mixed = mix(blocks, weights)
        temperature = self.task.temperature(y, mixed, weight) if calibrate else 1.0
        rule = self.task.tune_rule(y, self.task.calibrated(mixed, temperature), weight, self.metric)
        return Combination(weights, temperature, rule)

    def cross_fitted(self, *, calibrate: bool) -> tuple[FloatArray, AnyArray]:
        """Outputs (n, k) and decisions (n,), each row's combination chosen on the other folds."""
        outputs, decided = np.empty_like(self.blocks[0]), np.zeros(len(self.y), np.int64)
        for number in np.unique(self.fold):
            inside, outside = np.flatnonzero(self.fold == number), np.flatnonzero(self.fold != number)
            found = self.choose(calibrate=calibrate, rows=outside if len(outside) else inside)
            outputs[inside] = found.outputs(self.task, [block[inside] for block in self.blocks])
            decided[inside] = self.task.decide(outputs[inside], found.rule)
        return outputs, decided

    def best(self, *, try_calibration: bool) -> tuple[Combination, FloatArray, AnyArray]:
        """The combination for the model, with cross-fitted outputs and decisions.

        A temperature is kept only if it makes the cross-fitted log loss better.
        """
        outputs, decided = self.cross_fitted(calibrate=False)
        if try_calibration:
            warmer, decided_then = self.cross_fitted(calibrate=True)
            plain = log_loss(self.y, outputs, decided, self.weight)
            if log_loss(self.y, warmer, decided_then, self.weight) < plain:
                return self.choose(calibrate=True), warmer, decided_then
        return self.choose(calibrate=False), outputs, decided
