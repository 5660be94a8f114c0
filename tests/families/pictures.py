"""Pictures to learn from, for the tests of the families that see them."""

import math

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, Pixels
from assay.core.clock import Deadline
from assay.families._base import Learning
from assay.features._base import Matrix
from assay.tasks._base import Task
from assay.tasks.multiclass import Multiclass


def digits() -> tuple[Pixels, AnyArray]:
    """1,797 digits of 8 by 8, (n, 8, 8, 1), and which they are."""
    from sklearn.datasets import load_digits

    given = load_digits()
    return (given.images * 15).astype(np.uint8)[..., None], given.target.astype(np.int64)


def hooks(n: int = 600, seed: int = 0) -> tuple[Pixels, AnyArray]:
    """Crooked shapes of four kinds on noise, each shown from either side: which side it is says nothing."""
    draw = np.random.default_rng(seed)
    shapes = np.random.default_rng(1).random((4, 6, 6)) < 0.5
    y = np.arange(n) % 4
    pixels = draw.integers(0, 150, (n, 10, 10))
    for picture, number in zip(pixels, y, strict=True):
        row, column = draw.integers(0, 5, 2)
        shape = shapes[number]
        picture[row : row + 6, column : column + 6] += 90 * (shape[:, ::-1] if draw.random() < 0.5 else shape)
    return pixels.astype(np.uint8)[..., None], y


def matrix(pictures: Pixels, columns: AnyArray | None = None) -> Matrix:
    """Rows of pictures, and of other columns if there are any."""
    n = len(pictures)
    dense = np.zeros((n, 0), np.float32) if columns is None else columns
    return Matrix(dense, np.zeros((n, 0), np.int32), None, pictures=pictures)


def learning(
    pictures: Pixels,
    y: AnyArray,
    *,
    seconds: float = math.inf,
    valid: int = 100,
    seed: int = 3,
    task: Task | None = None,
) -> Learning:
    """All rows but the last ``valid`` to learn from, in a drawn order."""
    order = np.random.default_rng(0).permutation(len(y))
    pictures, y = pictures[order], y[order]
    if task is None:
        task = Multiclass.from_target(pl.Series("label", [f"class {value}" for value in range(int(y.max()) + 1)]))
    deadline = Deadline() if math.isinf(seconds) else Deadline.after(seconds)
    train, rest = np.s_[:-valid], np.s_[-valid:]
    ones = np.ones(len(y))
    return Learning(
        *(task, matrix(pictures[train]), y[train], ones[train], matrix(pictures[rest]), y[rest], ones[rest]),
        seed=seed,
        deadline=deadline,
    )
