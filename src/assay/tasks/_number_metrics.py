"""Weighted scores of predicted numbers and of the intervals around them, in NumPy alone.

Everywhere ``y`` is (n,), ``outputs`` (n, 1) or (n, 3): the prediction, then the low and the high end of its interval,
all in the target's unit; ``decided`` (n,) is the prediction, ``weight`` (n,).
"""

from functools import partial

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.tasks._base import Metric


def rmse(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.average((decided - y) ** 2, weights=weight)))


def mae(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean absolute error."""
    return float(np.average(np.abs(decided - y), weights=weight))


def r2(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Share of the variance that is explained; not a number where there is none."""
    spread = np.average((y - np.average(y, weights=weight)) ** 2, weights=weight)
    return float(1 - np.average((decided - y) ** 2, weights=weight) / spread) if spread > 0 else float("nan")


def pinball(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Pinball loss of the prediction as the median: half the mean absolute error."""
    return mae(y, outputs, decided, weight) / 2


def interval_coverage(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Share of the truths that lie in their interval, its ends included."""
    return float(np.average((outputs[:, 1] <= y) & (y <= outputs[:, 2]), weights=weight))


def interval_width(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean width of the intervals."""
    return float(np.average(outputs[:, 2] - outputs[:, 1], weights=weight))


def row_pinball(y: AnyArray, quantile: FloatArray, level: float) -> FloatArray:
    """``max(a e, (a - 1) e)`` with ``e = y - quantile`` for each row (n,) (Koenker and Bassett 1978)."""
    error = y - quantile
    return np.maximum(level * error, (level - 1) * error)


def interval_score(share: float) -> Metric:
    """Width, and a fine of ``2 / (1 - share)`` times how far a truth lies outside (Gneiting and Raftery 2007)."""
    return Metric("interval_score", partial(_fined_width, share), greater_is_better=False, uses_decisions=False)


def _fined_width(share: float, y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    low, high = outputs[:, 1], outputs[:, 2]
    outside = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    return float(np.average(high - low + 2 / (1 - share) * outside, weights=weight))


RMSE = Metric("rmse", rmse, greater_is_better=False, uses_decisions=True)
MAE = Metric("mae", mae, greater_is_better=False, uses_decisions=True)
R2 = Metric("r2", r2, greater_is_better=True, uses_decisions=True)
PINBALL = Metric("pinball", pinball, greater_is_better=False, uses_decisions=True)
INTERVAL_COVERAGE = Metric("interval_coverage", interval_coverage, greater_is_better=True, uses_decisions=False)
INTERVAL_WIDTH = Metric("interval_width", interval_width, greater_is_better=False, uses_decisions=False)
