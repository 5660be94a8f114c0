"""Rows into folds: stratified, grouped or by time. Every index refers to rows of the dataset."""

from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
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
        strata: (n,) for all rows: values that each fold should hold in equal shares; or (n, labels) of 0 and 1.
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
    number = np.empty(len(rows), np.int64)
    if strata is not None and strata.ndim == 2:
        number[order] = _dealt_by_labels(strata[order] == 1, k)
    else:
        if strata is not None:
            order = order[np.argsort(strata[order], kind="stable")]
        # Dealing the sorted rows out like cards spreads each stratum as evenly as can be, however rare it is.
        number[order] = np.arange(len(rows)) % k
    return tuple(Fold(np.sort(rows[number != f]), np.sort(rows[number == f])) for f in range(k))


def _dealt_by_labels(labels: BoolArray, k: int) -> IntArray:
    """The fold (n,) of rows with labels (n, l): iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011).

    The rarest label left is dealt first, each of its rows to the fold that wants it most, and then to the fold that
    wants rows most: rare labels leave no choice later on.
    """
    number = np.full(len(labels), -1, np.int64)
    wanted = np.tile(labels.sum(axis=0) / k, (k, 1))
    room = np.full(k, len(labels) / k)
    left = labels.sum(axis=0)
    while left.any():
        rarest = int(np.argmin(np.where(left > 0, left, np.iinfo(np.int64).max)))
        for row in np.flatnonzero(labels[:, rarest] & (number < 0)):
            fold = int(np.lexsort((-room, -wanted[:, rarest]))[0])
            number[row] = fold
            wanted[fold] -= labels[row]
            room[fold] -= 1
            left = left - labels[row]
    for row in np.flatnonzero(number < 0):
        fold = int(room.argmax())
        number[row] = fold
        room[fold] -= 1
    return number


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
    if strata.ndim == 2:
        parts = strata.astype(np.float64)
    else:
        _, stratum = np.unique(strata, return_inverse=True)
        parts = np.eye(stratum.max() + 1)[stratum]
    counts = np.zeros((group.max() + 1, parts.shape[1] + 1))
    np.add.at(counts, group, np.column_stack([parts, np.ones(len(group))]))
    shares: FloatArray = counts / np.maximum(counts.sum(0), 1)
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
