"""Calibration of labels one by one: a line through log odds, drawn towards leaving them as they are."""

import numpy as np

from assay.core.arrays import AnyArray, FloatArray

# As if so many rows of each label had said that the outputs are right.
_SHRINKAGE = 20.0
_NEWTON_STEPS = 25
_FARTHEST = 15.0


def platt(y: AnyArray, outputs: FloatArray, weight: FloatArray) -> tuple[float, ...]:
    """Slopes and offsets (2 k,) for log odds of outputs (n, k), by Newton's method on the log loss of y (n, k).

    Platt 1999 ("Probabilistic outputs for support vector machines") on log odds instead of scores, with a quadratic
    penalty on the distance from slope 1 and offset 0, so that rare labels stay as they are. Cells that are NaN count
    for nothing.
    """
    odds, known = _odds(outputs), weight[:, None] * np.isfinite(y)
    target = np.nan_to_num(y)
    slope, offset = np.ones(y.shape[1]), np.zeros(y.shape[1])
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(slope * odds + offset, -30, 30)))
        error, bend = known * (chance - target), known * chance * (1 - chance)
        first = (error * odds).sum(axis=0) + _SHRINKAGE * (slope - 1)
        second = error.sum(axis=0) + _SHRINKAGE * offset
        a, b = (bend * odds**2).sum(axis=0) + _SHRINKAGE, (bend * odds).sum(axis=0)
        c = bend.sum(axis=0) + _SHRINKAGE
        determinant = a * c - b**2
        step_slope, step_offset = (c * first - b * second) / determinant, (a * second - b * first) / determinant
        # Where a label is parted cleanly, a full step would leave the curve behind.
        slope, offset = slope - np.clip(step_slope, -1, 1), offset - np.clip(step_offset, -2, 2)
        if max(np.abs(step_slope).max(), np.abs(step_offset).max()) < 1e-8:
            break
    return (*np.clip(slope, 0.05, 20.0).tolist(), *np.clip(offset, -_FARTHEST, _FARTHEST).tolist())


def plattened(outputs: FloatArray, calibration: tuple[float, ...]) -> FloatArray:
    """Outputs (n, k) with slopes and offsets applied to their log odds."""
    slope, offset = np.split(np.array(calibration), 2)
    chance: FloatArray = 1 / (1 + np.exp(-np.clip(slope * _odds(outputs) + offset, -30, 30)))
    return chance


def _odds(outputs: FloatArray) -> FloatArray:
    inside = np.clip(outputs, 1e-9, 1 - 1e-9)
    odds: FloatArray = np.log(inside / (1 - inside))
    return odds
