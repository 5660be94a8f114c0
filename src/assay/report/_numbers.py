"""The numbers behind the pictures: curves, reliability, thresholds and confusions, as pure functions of arrays.

Everywhere ``weight`` is (n,) row weights; with weights of one, sums of them are counts of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from assay.tasks._metrics import cumulative_counts

_TINY = 1e-300
_GRID = 101


@dataclass(frozen=True)
class ClassScores:
    """Precision, recall, F1 and support of each class, each (k,); 0 where not defined, as in scikit-learn."""

    precision: FloatArray
    recall: FloatArray
    f1: FloatArray
    support: FloatArray


@dataclass(frozen=True)
class Curve:
    """Points of a curve, (m,) each."""

    x: FloatArray
    y: FloatArray


@dataclass(frozen=True)
class Bin:
    """Rows of similar probability: its mean, how often it came true with a 95% interval, and their number."""

    said: float
    came: float
    low: float
    high: float
    rows: float


@dataclass(frozen=True)
class Thresholds:
    """Weighted counts (m,) of the four outcomes for m rising thresholds."""

    at: FloatArray
    tp: FloatArray
    fp: FloatArray
    fn: FloatArray
    tn: FloatArray


def class_scores(counts: FloatArray) -> ClassScores:
    """Scores per class from counts (k, k), row the true class, column the decided one."""
    hit, true, found = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    return ClassScores(
        precision=hit / np.maximum(found, _TINY),
        recall=hit / np.maximum(true, _TINY),
        f1=2 * hit / np.maximum(true + found, _TINY),
        support=true,
    )


def roc_curve(positive: BoolArray, score: FloatArray, weight: FloatArray) -> Curve:
    """False positive rate against true positive rate, from (0, 0) to (1, 1)."""
    _, hit, false = cumulative_counts(positive, score, weight)
    return Curve(np.r_[0.0, false / max(false[-1], _TINY)], np.r_[0.0, hit / max(hit[-1], _TINY)])


def precision_recall_curve(positive: BoolArray, score: FloatArray, weight: FloatArray) -> Curve:
    """Recall against precision, recall rising from 0 (where precision is that of the top rows) to 1."""
    _, hit, false = cumulative_counts(positive, score, weight)
    precision = hit / np.maximum(hit + false, _TINY)
    return Curve(np.r_[0.0, hit / max(hit[-1], _TINY)], np.r_[precision[:1], precision])


def thinned(curve: Curve, most: int = 200) -> Curve:
    """At most ``most`` of the curve's own points, evenly along its length, both ends among them."""
    if len(curve.x) <= most:
        return curve
    length = np.r_[0.0, np.cumsum(np.abs(np.diff(curve.x)) + np.abs(np.diff(curve.y)))]
    wanted = np.linspace(0.0, length[-1], most)
    kept = np.unique(np.searchsorted(length, wanted).clip(0, len(length) - 1))
    kept[0], kept[-1] = 0, len(length) - 1
    return Curve(curve.x[kept], curve.y[kept])


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """The mean of curves' heights on a common grid of x: the macro average of one-vs-rest curves."""
    grid = np.linspace(0.0, 1.0, _GRID)
    heights = np.mean([np.interp(grid, curve.x, curve.y) for curve in curves], axis=0)
    if all(curve.y[0] == 0.0 for curve in curves):  # a ROC curve starts in the corner, however steep it is
        return Curve(np.r_[0.0, grid], np.r_[0.0, heights])
    return Curve(grid, heights)


def wilson(rate: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """95% interval of a share observed on ``rows`` rows (Wilson 1927), as (low, high), each (m,)."""
    z = 1.959964
    centre = (rate + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * np.sqrt(rate * (1 - rate) / rows + z**2 / (4 * rows**2))
    low, high = np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)
    return np.where(rate == 0.0, 0.0, low), np.where(rate == 1.0, 1.0, high)


def reliability(came: BoolArray, said: FloatArray, weight: FloatArray, bins: int = 10) -> tuple[Bin, ...]:
    """Rows in ``bins`` groups of rising probability, equal in number as far as ties allow (quantile bins)."""
    edges = np.unique(np.quantile(said, np.linspace(0, 1, bins + 1)[1:-1]))
    group = np.searchsorted(edges, said, side="right")
    total = np.bincount(group, weights=weight, minlength=len(edges) + 1)
    rows = np.bincount(group, minlength=len(edges) + 1)
    there = np.flatnonzero(total > 0)
    mean_said = np.bincount(group, weights=weight * said, minlength=len(total))[there] / total[there]
    mean_came = np.bincount(group, weights=weight * came, minlength=len(total))[there] / total[there]
    low, high = wilson(mean_came, rows[there].astype(np.float64))
    columns = (mean_said, mean_came, low, high, total[there])
    return tuple(Bin(*map(float, entry)) for entry in zip(*columns, strict=True))


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (Naeini et al. 2015): the mean gap of the bins, weighted by their rows."""
    gaps, rows = [abs(entry.said - entry.came) for entry in bins], [entry.rows for entry in bins]
    return float(np.average(gaps, weights=rows))


def threshold_table(
    positive: BoolArray, score: FloatArray, weight: FloatArray, *, keep: Sequence[float] = (), most: int = 200
) -> Thresholds:
    """The four counts at about ``most`` thresholds, half of them even in 0 to 1 and half where the scores are.

    Those in ``keep`` are among them, exactly. A row is flagged when its score reaches the threshold.
    """
    even = np.linspace(0.0, 1.0, most // 2 + 1)
    dense = np.quantile(score, np.linspace(0, 1, most // 2))
    at = np.unique(np.r_[np.round(np.r_[even, dense], 4), np.asarray(keep, np.float64)])
    order = np.argsort(score, kind="stable")
    first = np.searchsorted(score[order], at, side="left")
    below = np.r_[0.0, np.cumsum((weight * positive)[order])][first]
    below_all = np.r_[0.0, np.cumsum(weight[order])][first]
    positives, everything = float(weight[positive].sum()), float(weight.sum())
    tp, tn = positives - below, below_all - below
    return Thresholds(at=at, tp=tp, fp=everything - positives - tn, fn=below, tn=tn)


def confused_pairs(counts: FloatArray, most: int = 10) -> list[tuple[int, int, float, float]]:
    """The commonest mistakes as (true class, decided class, count, share of the true class), commonest first."""
    wrong = counts - np.diag(counts.diagonal())
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    places = zip(*np.unravel_index(order, counts.shape), strict=True)
    true = counts.sum(axis=1)
    return [(int(i), int(j), float(wrong[i, j]), float(wrong[i, j] / true[i])) for i, j in places if wrong[i, j] > 0]


def most_confused(counts: FloatArray, most: int) -> IntArray:
    """Numbers of the ``most`` classes with the most mistakes to or from them, in the order of the classes."""
    wrong = counts - np.diag(counts.diagonal())
    mistakes: AnyArray = wrong.sum(axis=0) + wrong.sum(axis=1)
    return np.sort(np.argsort(-mistakes, kind="stable")[:most])
