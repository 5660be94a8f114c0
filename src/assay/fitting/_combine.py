"""From candidates' out-of-fold outputs to one answer: weights, calibration, rule; and what that is honestly worth.

What is chosen on rows is not scored on them: the whole combination is chosen anew for each fold on the rows of the
others (cross-fitting), and only outputs made that way are scored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.fitting.ensemble import Looks, mix, select
from assay.fitting.pruning import needed
from assay.tasks._base import Metric, Rule, Task

_FEW, _DEALT = 3, 5


@dataclass(frozen=True)
class Combination:
    """How candidates become one: ``weights`` (m,) sum to one."""

    weights: FloatArray
    calibration: tuple[float, ...]
    rule: Rule

    def outputs(self, task: Task, blocks: Sequence[FloatArray]) -> FloatArray:
        """Calibrated outputs (n, k) of m blocks."""
        return task.calibrated(mix(blocks, self.weights), self.calibration)


@dataclass(frozen=True)
class Combiner:
    """Chooses combinations on scored rows: blocks (n, k) of each candidate; y, weight and fold number of n rows.

    ``errors`` is how much worse an ensemble of fewer members may be, see `fitting.pruning`.
    """

    task: Task
    metric: Metric
    rounds: int
    blocks: Sequence[FloatArray]
    y: AnyArray
    weight: FloatArray
    fold: AnyArray
    errors: float = 0.0
    _weights: dict[int | None, FloatArray] = field(default_factory=dict, repr=False)

    def choose(self, *, calibrate: bool, without: int | None = None) -> Combination:
        """The best combination on all rows, or on those of other folds than one; on that itself if there are none."""
        outside = np.flatnonzero(self.fold != without)
        index = outside if len(outside) else np.arange(len(self.y))
        blocks = [block[index] for block in self.blocks]
        y, weight = self.y[index], self.weight[index]
        if without not in self._weights:  # they are the same with calibration and without it
            self._weights[without] = self._chosen(blocks, y, weight, self._parts(index))
        weights = self._weights[without]
        mixed = mix(blocks, weights)
        calibration = self.task.calibration(y, mixed, weight) if calibrate else ()
        rule = self.task.tune_rule(y, self.task.calibrated(mixed, calibration), weight, self.metric)
        return Combination(weights, calibration, rule)

    def _chosen(self, blocks: Sequence[FloatArray], y: AnyArray, weight: FloatArray, part: IntArray) -> FloatArray:
        looks = Looks.of(blocks, y, weight, part, task=self.task, metric=self.metric)
        whole = select(looks, self.rounds)
        kept = needed(whole, looks, errors=self.errors)
        return whole if len(kept) == np.count_nonzero(whole) else select(looks, self.rounds, kept)

    def _parts(self, index: IntArray) -> IntArray:
        """Parts of rows on which noise can be seen: their folds, or if these are few, rows or sequences dealt out."""
        fold: IntArray = self.fold[index]
        if len(np.unique(fold)) >= _FEW:
            return fold
        sequence = self.task.sequence(self.y[index])
        return (np.arange(len(index)) if sequence is None else sequence) % _DEALT

    def cross_fitted(self, *, calibrate: bool) -> tuple[FloatArray, AnyArray]:
        """Outputs (n, k) and decisions for n rows, each row's combination chosen on the other folds."""
        outputs, sequence = np.zeros_like(self.blocks[0]), self.task.sequence(self.y)
        decided = self.task.decide(outputs, Rule(), sequence)
        for number in np.unique(self.fold):
            inside = np.flatnonzero(self.fold == number)
            found = self.choose(calibrate=calibrate, without=int(number))
            outputs[inside] = found.outputs(self.task, [block[inside] for block in self.blocks])
            together = None if sequence is None else sequence[inside]
            decided[inside] = self.task.decide(outputs[inside], found.rule, together)
        return outputs, decided

    def best(self, *, try_calibration: bool) -> tuple[Combination, FloatArray, AnyArray]:
        """The combination for the model, with cross-fitted outputs and decisions.

        Calibration is kept only if it makes the task's second metric better on cross-fitted outputs, or always where
        the task says so.
        """
        outputs, decided = self.cross_fitted(calibrate=False)
        if try_calibration:
            honest, decided_then = self.cross_fitted(calibrate=True)
            if self.task.always_calibrated or self._loss(honest, decided_then) < self._loss(outputs, decided):
                return self.choose(calibrate=True), honest, decided_then
        return self.choose(calibrate=False), outputs, decided

    def _loss(self, outputs: FloatArray, decided: AnyArray) -> float:
        second = self.task.metric(self.task.second_metric)
        return second.loss(second.score(self.y, outputs, decided, self.weight))
