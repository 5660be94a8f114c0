"""Rows into folds: stratified, grouped or by time. Every index refers to rows of the dataset."""

from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.errors import DataError

_HOLDOUT = 10


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
        k: How many folds are wanted; 1 for a single split with a tenth of the rows to test on.
        seed: For the shuffle.
        strata: (n,) for all rows: values that each fold should hold in equal shares.
        groups: (n,) for all rows: rows of one value stay together.
        time: (n,) for all rows: each fold is tested on rows later than all that it learned from; equal moments stay
            together. Groups and strata are not looked at then.

    Raises:
        DataError: Too few rows, groups or moments for two folds.
    """
    if k == 1:
        return make_folds(rows, k=_HOLDOUT, seed=seed, strata=strata, groups=groups, time=time)[-1:]
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
    _, group = np.unique(groups, return_inverse=True)
    if group.max(initial=0) < 1:
        raise _too_few(len(set(group)), "groups")
    shares = _shares(group, np.zeros(len(rows)) if strata is None else strata)
    k = min(k, len(shares))
    size = (shares**2).sum(1)
    order = np.random.default_rng(seed).permutation(len(shares))
    number, held = np.empty(len(shares), np.int64), np.zeros((k, shares.shape[1]))
    # The largest first, each to the fold that holds least of what it brings: that adds least to the sum of squares,
    # which is smallest where all folds hold the same.
    for one in order[np.argsort(-size[order], kind="stable")]:
        number[one] = (held @ shares[one]).argmin()
        held[number[one]] += shares[one]
    return tuple(Fold(np.sort(rows[number[group] != f]), np.sort(rows[number[group] == f])) for f in range(k))


def _shares(group: IntArray, strata: AnyArray) -> FloatArray:
    """What part of each stratum, and of all rows, each group holds: (groups, strata + 1)."""
    _, stratum = np.unique(strata, return_inverse=True)
    counts = np.zeros((group.max() + 1, stratum.max() + 2))
    np.add.at(counts, (group, stratum), 1)
    counts[:, -1] = counts.sum(1)
    shares: FloatArray = counts / counts.sum(0)
    return shares


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
