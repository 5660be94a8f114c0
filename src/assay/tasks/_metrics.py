"""Weighted scores of class decisions and class probabilities, in NumPy alone so that predicting needs no scikit-learn.

The definitions are scikit-learn's (Pedregosa et al. 2011, `sklearn.metrics`) and are tested against it. Everywhere
``y`` is (n,) class numbers, ``outputs`` (n, k) probabilities, ``decided`` (n,) class numbers, ``weight`` (n,).
"""

from collections.abc import Callable

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.tasks._base import Metric, Score

SMALLEST = 1e-15


def confusion(y: AnyArray, decided: AnyArray, weight: FloatArray, k: int) -> FloatArray:
    """Weighted counts (k, k): row the true class, column the decided one."""
    counts = np.bincount(y * k + decided, weights=weight, minlength=k * k)
    return counts.astype(np.float64).reshape(k, k)


def accuracy(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Share of the weight that is decided right."""
    return float(np.average(y == decided, weights=weight))


def log_loss(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean of -ln(probability of the true class)."""
    return float(np.average(row_log_loss(y, outputs), weights=weight))


def row_log_loss(y: AnyArray, outputs: FloatArray) -> FloatArray:
    """-ln(probability of the true class) for each row (n,)."""
    true = outputs[np.arange(len(y)), y] / outputs.sum(axis=1)
    losses: FloatArray = -np.log(np.clip(true, SMALLEST, 1.0))
    return losses


def roc_auc(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Area under the ROC curve; over three or more classes the mean of one-vs-rest over classes present."""
    return _one_vs_rest(y, outputs, weight, binary_roc_auc)


def average_precision(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Area under the precision-recall curve by steps; over three or more classes the mean of one-vs-rest."""
    return _one_vs_rest(y, outputs, weight, binary_average_precision)


def balanced_accuracy(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean recall over the classes present."""
    counts = confusion(y, decided, weight, outputs.shape[1])
    rows = counts.sum(axis=1)
    present = rows > 0
    return float(np.mean(counts.diagonal()[present] / rows[present]))


def macro_f1(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean F1 over the classes that occur in truth or decisions."""
    counts = confusion(y, decided, weight, outputs.shape[1])
    both = counts.sum(axis=0) + counts.sum(axis=1)
    present = both > 0
    return float(np.mean(2 * counts.diagonal()[present] / both[present]))


def f1(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """F1 of the positive class (number 1); 0 where it is neither there nor decided."""
    counts = confusion(y, decided, weight, 2)
    return float(f1_of(counts[1, 1], counts[0, 1], counts[1, 0], counts[0, 0]))


def mcc(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Matthews correlation for any number of classes (Gorodkin 2004); 0 where it is not defined."""
    counts = confusion(y, decided, weight, outputs.shape[1])
    true, found, total = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    covariance = counts.trace() * total - true @ found
    spread = np.sqrt((total**2 - true @ true) * (total**2 - found @ found))
    return float(covariance / spread) if spread > 0 else 0.0


def f1_of(tp: AnyArray, fp: AnyArray, fn: AnyArray, tn: AnyArray) -> AnyArray:
    """F1 from weighted counts, elementwise."""
    shares: AnyArray = 2 * tp / np.maximum(2 * tp + fp + fn, 1e-300)
    return shares


def macro_f1_of(tp: AnyArray, fp: AnyArray, fn: AnyArray, tn: AnyArray) -> AnyArray:
    """Mean F1 of the two classes from weighted counts, elementwise."""
    return (f1_of(tp, fp, fn, tn) + f1_of(tn, fn, fp, tp)) / 2


def balanced_accuracy_of(tp: AnyArray, fp: AnyArray, fn: AnyArray, tn: AnyArray) -> AnyArray:
    """Mean recall of the two classes from weighted counts, elementwise."""
    means: AnyArray = (tp / np.maximum(tp + fn, 1e-300) + tn / np.maximum(tn + fp, 1e-300)) / 2
    return means


def mcc_of(tp: AnyArray, fp: AnyArray, fn: AnyArray, tn: AnyArray) -> AnyArray:
    """Matthews correlation from weighted counts, elementwise."""
    spread = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return np.where(spread > 0, (tp * tn - fp * fn) / np.maximum(spread, 1e-300), 0.0)


def cumulative_counts(positive: AnyArray, score: FloatArray, weight: FloatArray) -> tuple[FloatArray, ...]:
    """Thresholds (m,) falling, and the weight of true and of false positives (m,) when score >= threshold."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last = np.r_[np.flatnonzero(np.diff(ranked)), len(ranked) - 1]
    hit = np.cumsum(weight[order] * positive[order])[last]
    false = np.cumsum(weight[order] * ~positive[order])[last]
    return ranked[last], hit, false


def binary_roc_auc(positive: AnyArray, score: FloatArray, weight: FloatArray) -> float:
    """Area under the ROC curve of ``positive`` (n,) bool; not a number when one side has no weight."""
    _, hit, false = cumulative_counts(positive, score, weight)
    if hit[-1] <= 0 or false[-1] <= 0:
        return float("nan")
    return float(np.trapezoid(np.r_[0.0, hit], np.r_[0.0, false]) / (hit[-1] * false[-1]))


def binary_average_precision(positive: AnyArray, score: FloatArray, weight: FloatArray) -> float:
    """Sum of precision times the step in recall; not a number when there are no positives."""
    _, hit, false = cumulative_counts(positive, score, weight)
    if hit[-1] <= 0:
        return float("nan")
    precision = hit / np.maximum(hit + false, 1e-300)
    return float(np.sum(np.diff(np.r_[0.0, hit]) * precision) / hit[-1])


def _one_vs_rest(
    y: AnyArray, outputs: FloatArray, weight: FloatArray, score: Callable[[AnyArray, FloatArray, FloatArray], float]
) -> float:
    k = outputs.shape[1]
    if k == 2:
        return score(y == 1, outputs[:, 1], weight)
    each = np.array([score(y == c, outputs[:, c], weight) for c in range(k)])
    defined = each[np.isfinite(each)]
    return float(defined.mean()) if len(defined) else float("nan")


def _higher(name: str, score: Score, *, decisions: bool, tuned: bool = False) -> Metric:
    return Metric(name, score, greater_is_better=True, uses_decisions=decisions, tunes_rule=tuned)


ACCURACY = _higher("accuracy", accuracy, decisions=True)
LOG_LOSS = Metric("log_loss", log_loss, greater_is_better=False, uses_decisions=False)
ROC_AUC = _higher("roc_auc", roc_auc, decisions=False)
AVERAGE_PRECISION = _higher("average_precision", average_precision, decisions=False)
F1 = _higher("f1", f1, decisions=True, tuned=True)
MACRO_F1 = _higher("macro_f1", macro_f1, decisions=True, tuned=True)
BALANCED_ACCURACY = _higher("balanced_accuracy", balanced_accuracy, decisions=True, tuned=True)
MCC = _higher("mcc", mcc, decisions=True, tuned=True)
