"""Thresholds for several labels: each its own, but those of rare labels drawn towards the common one."""

import numpy as np

from assay.core.arrays import AnyArray, FloatArray

# As many positives of a label as weigh as much as all others together.
_SHRINKAGE = 20.0
_ODDS = 6.0
_STEPS = 481


def tuned_thresholds(y: AnyArray, outputs: FloatArray, weight: FloatArray, *, each: bool) -> tuple[float, ...]:
    """Thresholds (k,) for outputs (n, k) of labels y (n, k), NaN where not known.

    The common threshold has the best F1 over all labels together. With ``each`` a label has that of its own best F1,
    ``t = (n_l t_l + m t_common) / (n_l + m)`` in log odds, n_l being the weight of the rows that have it and m = 20:
    the best threshold of few rows is mostly their luck (Fan and Lin 2007 tell of it for F1).
    """
    odds = np.linspace(-_ODDS, _ODDS, _STEPS)
    hits, said = _at_or_above(y, outputs, weight, odds)
    true = (weight[:, None] * (y == 1)).sum(axis=0)
    common = float(_best(odds, _f1(hits.sum(axis=0), said.sum(axis=0), true.sum())[None])[0])
    chosen = np.full(y.shape[1], common)
    if each:
        own = _best(odds, _f1(hits, said, true[:, None]))
        chosen = (true * own + _SHRINKAGE * common) / (true + _SHRINKAGE)
    return tuple((1 / (1 + np.exp(-chosen))).tolist())


def _at_or_above(
    y: AnyArray, outputs: FloatArray, weight: FloatArray, odds: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weight of present labels, and of all known ones, with an output at or above each threshold: both (k, steps)."""
    k = y.shape[1]
    inside = np.clip(outputs, 1e-9, 1 - 1e-9)
    # The steps are even in log odds, so that a logarithm finds a cell's place in half the time of a search.
    bins = (np.log(inside / (1 - inside)) - odds[0]) / (odds[1] - odds[0]) + 1
    cells = np.clip(bins, 0, len(odds)).astype(np.int64) + np.arange(k) * (len(odds) + 1)
    known = weight[:, None] * np.isfinite(y)

    def above(amount: FloatArray) -> FloatArray:
        total = np.bincount(cells.ravel(), weights=amount.ravel(), minlength=k * (len(odds) + 1))
        rising = total.reshape(k, -1)[:, ::-1].cumsum(axis=1)[:, ::-1]
        found: FloatArray = rising[:, 1:]
        return found

    return above(known * (y == 1)), above(known)


def _f1(hits: FloatArray, said: FloatArray, true: FloatArray) -> FloatArray:
    scores: FloatArray = 2 * hits / np.maximum(said + true, 1e-300)
    return scores


def _best(odds: FloatArray, scores: FloatArray) -> FloatArray:
    """The odds with the highest of the scores (k, steps) of each row; the middle where many are level."""
    first = scores.argmax(axis=1)
    last = scores.shape[1] - 1 - scores[:, ::-1].argmax(axis=1)
    rows, middle = np.arange(len(scores)), (first + last) // 2
    found: FloatArray = odds[np.where(scores[rows, middle] == scores[rows, first], middle, first)]
    return found
