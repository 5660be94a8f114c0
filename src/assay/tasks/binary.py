"""Two classes; the second is the positive one, and the threshold between them is tuned where the metric needs it."""

from types import MappingProxyType
from typing import Self

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.errors import PlanError, did_you_mean, listed
from assay.tasks import _metrics as m
from assay.tasks._base import NOTHING_ASKED, Asked, Metric, Rule
from assay.tasks._classes import ClassTask, as_text, classes_of, refuse_numbers

_FROM_COUNTS = {
    "f1": m.f1_of,
    "macro_f1": m.macro_f1_of,
    "balanced_accuracy": m.balanced_accuracy_of,
    "mcc": m.mcc_of,
}
_ALL = (m.LOG_LOSS, m.ACCURACY, m.ROC_AUC, m.F1, m.MACRO_F1, m.BALANCED_ACCURACY, m.MCC, m.AVERAGE_PRECISION)


class Binary(ClassTask):
    """Two classes: outputs (n, 2), the positive class in the second column."""

    name = "binary"
    metrics = MappingProxyType({metric.name: metric for metric in _ALL})

    @classmethod
    def suits(cls, target: pl.Series) -> bool:
        """Two different labels or fewer."""
        return not target.dtype.is_nested() and as_text(target).drop_nulls().n_unique() <= 2

    @classmethod
    def from_target(cls, target: pl.Series, asked: Asked = NOTHING_ASKED) -> Self:
        """The task for a target with two classes; the positive one is as asked or the last in sorted order."""
        refuse_numbers(asked, cls.name)
        labels, values = classes_of(target)
        positive = asked.positive
        if len(labels) > 2:
            raise PlanError(
                f"{len(labels)} classes in the target column {target.name!r}: {listed(labels, 6)}",
                expected="two classes for a binary task",
                fix="leave --task out, or say --task multiclass",
            )
        if positive is None:
            return cls(labels, values)
        if positive not in labels:
            raise PlanError(
                f"no class {positive!r} in the target column {target.name!r}",
                expected=f"one of: {listed(labels)}",
                fix=f"{did_you_mean(positive, labels)}change --positive",
            )
        return cls(tuple(sorted(labels, key=lambda label: label == positive)), values)

    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        """1 where the positive class reaches the threshold (0.5 if the rule has none)."""
        threshold = 0.5 if rule.threshold is None else rule.threshold
        return (outputs[:, 1] >= threshold).astype(np.int64)

    def tune_rule(self, y: AnyArray, outputs: FloatArray, weight: FloatArray, metric: Metric) -> Rule:
        """The threshold with the best score, midway between neighbouring outputs; the plain rule if none is better."""
        if not metric.tunes_rule:
            return Rule()
        cuts, hit, false = m.cumulative_counts(y == 1, outputs[:, 1], weight)
        missed, right = hit[-1] - hit, false[-1] - false
        scores = _FROM_COUNTS[metric.name](hit, false, missed, right)
        best = int(np.argmax(scores))
        plain = metric.score(y, outputs, self.decide(outputs, Rule()), weight)
        if scores[best] <= plain:
            return Rule()
        below = cuts[best + 1] if best + 1 < len(cuts) else cuts[best]
        middle = (cuts[best] + below) / 2
        # Between neighbours that differ in the last bit there is no middle.
        return Rule((float(middle if middle > below else cuts[best]),))
