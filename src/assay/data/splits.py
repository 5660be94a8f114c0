"""Rows into folds: stratified, grouped or by time. Every index refers to rows of the dataset."""

import warnings
from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.errors import DataError


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to test on, each a sorted index (int64), with none in common."""

    train: IntArray
    valid: IntArray


def make_folds(
    rows: IntArray,
    *,
    k: int,
    seed: int,
    strata: AnyArray | None = None,
    groups: AnyArray | None = None,
    time: FloatArray | None = None,
) -> tuple[Fold, ...]:
    """Split ``rows`` into ``k`` folds, or fewer where there are too few rows, groups or moments.

    Args:
        rows: (m,) rows of the dataset to split; the others are in no fold.
        k: How many folds are wanted.
        seed: For the shuffle.
        strata: (n,) for all rows: values that each fold should hold in equal shares.
        groups: (n,) for all rows: rows of one value stay together.
        time: (n,) for all rows: each fold is tested on rows later than all that it learned from; equal moments stay
            together. Groups and strata are not looked at then.

    Raises:
        DataError: Too few rows, groups or moments for two folds.
    """
    if time is not None:
        return _by_time(rows, time[rows], k)
    if groups is not None:
        return _by_group(rows, groups[rows], None if strata is None else strata[rows], k, seed)
    return _stratified(rows, None if strata is None else strata[rows], k, seed)


def _stratified(rows: IntArray, strata: AnyArray | None, k: int, seed: int) -> tuple[Fold, ...]:
    if len(rows) < 2:
        raise _too_few(len(rows), "labelled rows")
    k = min(k, len(rows))
    order = np.random.default_rng(seed).permutation(len(rows))
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    # Dealing the sorted rows out like cards spreads each stratum as evenly as can be, however rare it is.
    number = np.empty(len(rows), np.int64)
    number[order] = np.arange(len(rows)) % k
    return tuple(Fold(np.sort(rows[number != f]), np.sort(rows[number == f])) for f in range(k))


def _by_group(rows: IntArray, groups: AnyArray, strata: AnyArray | None, k: int, seed: int) -> tuple[Fold, ...]:
    from sklearn.model_selection import StratifiedGroupKFold

    distinct = len(np.unique(groups))
    if distinct < 2:
        raise _too_few(distinct, "groups")
    splitter = StratifiedGroupKFold(min(k, distinct), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class rarer than the folds is no fault here
        parts = splitter.split(rows, np.zeros(len(rows)) if strata is None else strata, groups)
        return tuple(Fold(np.sort(rows[train]), np.sort(rows[valid])) for train, valid in parts if len(valid))


def _by_time(rows: IntArray, time: FloatArray, k: int) -> tuple[Fold, ...]:
    known = np.isfinite(time)
    rows, time = rows[known], time[known]
    moments, number = np.unique(time, return_inverse=True)
    if len(moments) < 2:
        raise _too_few(len(moments), "different moments")
    counts = np.cumsum(np.bincount(number))
    goals = np.arange(1, k + 1) * len(rows) / (k + 1)
    ends = np.unique(np.searchsorted(counts, goals - 0.5, side="left").clip(0, len(moments) - 2))
    stops = np.r_[ends[1:], len(moments) - 1]
    return tuple(
        Fold(np.sort(rows[number <= end]), np.sort(rows[(number > end) & (number <= stop)]))
        for end, stop in zip(ends, stops, strict=True)
    )


def _too_few(found: int, what: str) -> DataError:
    return DataError(f"{found} {what}", expected="two or more, to learn from some and test on others", fix="add rows")
