"""Classes with an order: to be wrong by two is worse than by one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.errors import PlanError, listed
from assay.tasks import _metrics as m
from assay.tasks._base import NOTHING_ASKED, Asked, Metric, Rule
from assay.tasks._classes import ClassTask, as_text, classes_of, refuse_numbers


def rank_mae(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean distance in ranks between the decided class and the true one."""
    return float(np.average(np.abs(decided - y), weights=weight))


def quadratic_kappa(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Agreement beyond chance, mistakes weighted by the square of their distance (Cohen 1968); 0 where undefined."""
    k = outputs.shape[1]
    counts = m.confusion(y, decided, weight, k)
    distance = (np.arange(k)[:, None] - np.arange(k)) ** 2
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    chance = float((distance * expected).sum())
    return 1 - float((distance * counts).sum()) / chance if chance > 0 else 0.0


RANK_MAE = Metric("rank_mae", rank_mae, greater_is_better=False, uses_decisions=True, tunes_rule=True)
QUADRATIC_KAPPA = Metric("quadratic_kappa", quadratic_kappa, greater_is_better=True, uses_decisions=True)
_ALL = (m.LOG_LOSS, m.ACCURACY, RANK_MAE, QUADRATIC_KAPPA, m.MACRO_F1, m.BALANCED_ACCURACY)


class Ordinal(ClassTask):
    """Three classes or more in an order: that of numbers, or the one that a person gives.

    Outputs (n, k) are probabilities as for other classes, so that every family of these serves here too.
    """

    name = "ordinal"
    ordered = True
    metrics: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})

    @classmethod
    def suits(cls, target: pl.Series) -> bool:
        """Never: a person says that classes have an order."""
        return False

    @classmethod
    def from_target(cls, target: pl.Series, asked: Asked = NOTHING_ASKED) -> Self:
        """The task for numbers, or for texts whose order is given.

        Raises:
            DataError: One class only, or too many.
            PlanError: Texts without an order, an order that is not of the classes, or two classes.
        """
        refuse_numbers(asked, cls.name, ordered=True)
        labels, values = classes_of(target)
        if asked.positive is not None or len(labels) < 3:
            what = f"--positive {asked.positive!r}" if asked.positive is not None else "two classes"
            raise PlanError(
                f"{what} for an ordinal task in the target column {target.name!r}",
                expected="three classes or more, in an order",
                fix="say --task binary, or leave --task out",
            )
        if asked.order:
            return cls(_ordered(target, labels, asked.order), values)
        if values not in ("integer", "number"):
            raise PlanError(
                f"classes without an order in the target column {target.name!r}: {listed(labels, 6)}",
                expected="numbers, or an order",
                fix=f"give it from low to high, e.g. --order {','.join(labels[:3])}",
            )
        return cls(labels, values)

    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        """The most probable class (n,); with a threshold the first class at which that share of the chance is reached.

        At one half this is the median, which makes the mean distance in ranks smallest.
        """
        if rule.threshold is None:
            return super().decide(outputs, rule)
        reached: AnyArray = (outputs.cumsum(axis=1) >= rule.threshold - 1e-12).argmax(axis=1)
        return reached

    def tune_rule(self, y: AnyArray, outputs: FloatArray, weight: FloatArray, metric: Metric) -> Rule:
        """The median for the mean distance in ranks, else the plain rule."""
        return Rule((0.5,)) if metric.name == RANK_MAE.name else Rule()


def _ordered(target: pl.Series, labels: tuple[str, ...], order: tuple[str, ...]) -> tuple[str, ...]:
    given = tuple(as_text(pl.Series(order)).to_list())
    if set(given) != set(labels) or len(given) != len(labels):
        differ = sorted(set(given) ^ set(labels)) or ["a class twice"]
        raise PlanError(
            f"an order of {listed(given)} for the target column {target.name!r} ({listed(differ)} differ)",
            expected=f"each of its classes once, from low to high: {listed(labels)}",
            fix="change --order",
        )
    return given
