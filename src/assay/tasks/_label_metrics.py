"""Weighted scores of decisions and probabilities of several labels, in NumPy alone.

The definitions are scikit-learn's (`sklearn.metrics`, "multilabel ranking metrics" and F1 with `average`) and are
tested against it. Everywhere ``y`` is (n, k) of 0 and 1, NaN where a label is not known, which then counts for
nothing; ``outputs`` (n, k) probabilities, ``decided`` (n, k) of 0 and 1, ``weight`` (n,).
"""

from collections.abc import Callable

import numpy as np

from assay.core.arrays import AnyArray, BoolArray, FloatArray
from assay.tasks._base import Metric, Score
from assay.tasks._metrics import SMALLEST, binary_average_precision, binary_roc_auc

_AT_ONCE = 2_000_000


def counts(y: AnyArray, decided: AnyArray, weight: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weight of true positives, of what was decided and of what is true, each (k,), over known cells."""
    known = weight[:, None] * np.isfinite(y)
    true, said = y == 1, decided == 1
    return (known * (true & said)).sum(axis=0), (known * said).sum(axis=0), (known * true).sum(axis=0)


def micro_f1(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """F1 over all cells together."""
    hit, said, true = (part.sum() for part in counts(y, decided, weight))
    return float(2 * hit / (said + true)) if said + true > 0 else 0.0


def macro_f1(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean over the labels of their F1; 0 for a label that is neither there nor decided."""
    hit, said, true = counts(y, decided, weight)
    return float(np.mean(2 * hit / np.maximum(said + true, 1e-300)))


def samples_f1(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean over the rows of the F1 of their labels; 0 for a row without any, there or decided, as scikit-learn says."""
    known = np.isfinite(y)
    true, said = (y == 1), (decided == 1) & known
    each = 2 * (true & said).sum(axis=1) / np.maximum(true.sum(axis=1) + said.sum(axis=1), 1)
    return float(np.average(each, weights=weight))


def hamming_loss(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Share of known cells that are decided wrong."""
    known = weight[:, None] * np.isfinite(y)
    return float((known * ((y == 1) != (decided == 1))).sum() / known.sum())


def subset_accuracy(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Share of rows in which every known label is decided right."""
    wrong = np.isfinite(y) & ((y == 1) != (decided == 1))
    return float(np.average(~wrong.any(axis=1), weights=weight))


def ranking_loss(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean over the rows of the share of pairs in which an absent label is ranked above, or level with, a present one.

    Zero for rows whose labels are all there or all absent (Tsoumakas, Katakis and Vlahavas 2010).
    """

    def rows(true: BoolArray, absent: BoolArray, scores: FloatArray) -> FloatArray:
        above = scores[:, :, None] <= scores[:, None, :]
        wrong = (above & true[:, :, None] & absent[:, None, :]).sum(axis=(1, 2))
        pairs = true.sum(axis=1) * absent.sum(axis=1)
        return np.where(pairs > 0, wrong / np.maximum(pairs, 1), 0.0)

    return float(np.average(_by_rows(rows, y, outputs), weights=weight))


def lrap(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Label ranking average precision: for each present label, the share of present ones among those ranked as high.

    One for rows whose labels are all there or all absent (Schapire and Singer 2000).
    """

    def rows(true: BoolArray, absent: BoolArray, scores: FloatArray) -> FloatArray:
        above = scores[:, :, None] <= scores[:, None, :]
        rank = (above & (true | absent)[:, None, :]).sum(axis=2)
        hits = (above & true[:, None, :]).sum(axis=2)
        each = np.where(true, hits / np.maximum(rank, 1), 0.0).sum(axis=1)
        present = true.sum(axis=1)
        plain = (present == 0) | (absent.sum(axis=1) == 0)
        return np.where(plain, 1.0, each / np.maximum(present, 1))

    return float(np.average(_by_rows(rows, y, outputs), weights=weight))


def coverage_error(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean over the rows of how many labels from the top hold all that are there; zero for rows without any."""

    def rows(true: BoolArray, absent: BoolArray, scores: FloatArray) -> FloatArray:
        least = np.where(true, scores, np.inf).min(axis=1)
        found: FloatArray = ((scores >= least[:, None]) & (true | absent)).sum(axis=1).astype(np.float64)
        return found

    return float(np.average(_by_rows(rows, y, outputs), weights=weight))


def log_loss(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean over the rows of the mean over their known labels of -ln(probability of what is the case)."""
    return float(np.average(row_log_loss(y, outputs), weights=weight))


def row_log_loss(y: AnyArray, outputs: FloatArray) -> FloatArray:
    """Mean over the known labels of each row (n,); zero where none is known."""
    known = np.isfinite(y)
    true = np.where(y == 1, outputs, 1 - outputs)
    losses = np.where(known, -np.log(np.clip(true, SMALLEST, 1.0)), 0.0)
    rows: FloatArray = losses.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return rows


def label_scores(
    score: Callable[[AnyArray, FloatArray, FloatArray], float], y: AnyArray, outputs: FloatArray, weight: FloatArray
) -> FloatArray:
    """A score of each label (k,) on the rows where it is known; not a number where it is not defined."""
    found = np.full(y.shape[1], np.nan)
    for label in range(y.shape[1]):
        known = np.isfinite(y[:, label])
        if known.any():
            found[label] = score(y[known, label] == 1, outputs[known, label], weight[known])
    return found


def roc_auc(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean over the labels for which it is defined."""
    return _mean_of_defined(label_scores(binary_roc_auc, y, outputs, weight))


def average_precision(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean over the labels for which it is defined."""
    return _mean_of_defined(label_scores(binary_average_precision, y, outputs, weight))


def _mean_of_defined(each: FloatArray) -> float:
    defined = each[np.isfinite(each)]
    return float(defined.mean()) if len(defined) else float("nan")


def _by_rows(
    rows: Callable[[BoolArray, BoolArray, FloatArray], FloatArray], y: AnyArray, outputs: FloatArray
) -> FloatArray:
    """A number for each row (n,), some rows at a time, since pairs of labels take k times the room."""
    size = max(1, _AT_ONCE // y.shape[1] ** 2)
    parts = [slice(start, start + size) for start in range(0, len(y), size)]
    return np.concatenate([rows(y[part] == 1, y[part] == 0, outputs[part]) for part in parts] or [np.zeros(0)])


def _metric(name: str, score: Score, *, higher: bool, decisions: bool, tuned: bool = False) -> Metric:
    return Metric(name, score, greater_is_better=higher, uses_decisions=decisions, tunes_rule=tuned)


MICRO_F1 = _metric("micro_f1", micro_f1, higher=True, decisions=True, tuned=True)
MACRO_F1 = _metric("macro_f1", macro_f1, higher=True, decisions=True, tuned=True)
SAMPLES_F1 = _metric("samples_f1", samples_f1, higher=True, decisions=True, tuned=True)
HAMMING_LOSS = _metric("hamming_loss", hamming_loss, higher=False, decisions=True)
SUBSET_ACCURACY = _metric("subset_accuracy", subset_accuracy, higher=True, decisions=True)
RANKING_LOSS = _metric("ranking_loss", ranking_loss, higher=False, decisions=False)
LRAP = _metric("lrap", lrap, higher=True, decisions=False)
COVERAGE_ERROR = _metric("coverage_error", coverage_error, higher=False, decisions=False)
LOG_LOSS = _metric("log_loss", log_loss, higher=False, decisions=False)
ROC_AUC = _metric("roc_auc", roc_auc, higher=True, decisions=False)
AVERAGE_PRECISION = _metric("average_precision", average_precision, higher=True, decisions=False)
