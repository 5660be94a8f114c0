"""Pictures to learn from, for the tests of nets that see them."""

from typing import Any

import numpy as np
import polars as pl

from assay.families._base import Learning
from assay.features._base import Matrix
from assay.tasks.multiclass import Multiclass


def learning(*, channels: int = 1, side: int = 12, rows: int = 96, classes: int = 3) -> Learning:
    """Pictures with a bright bar in the row that tells the class, a quarter of them for validation."""
    draw = np.random.default_rng(0)
    y = np.arange(rows) % classes
    pixels = draw.integers(0, 80, (rows, side, side, channels))
    for picture, number in zip(pixels, y.tolist(), strict=True):
        picture[3 * number : 3 * number + 2] += 150
    cut = rows * 3 // 4
    train, valid = (_matrix(pixels[part].astype(np.uint8)) for part in (np.s_[:cut], np.s_[cut:]))
    task = Multiclass.from_target(pl.Series("label", [f"class {number}" for number in range(classes)]))
    return Learning(task, train, y[:cut], np.ones(cut), valid, y[cut:], np.ones(rows - cut), seed=1)


def _matrix(pixels: Any) -> Matrix:
    n = len(pixels)
    return Matrix(np.zeros((n, 0), np.float32), np.zeros((n, 0), np.int32), None, pictures=pixels)
