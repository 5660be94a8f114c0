"""Learnings and fits for the tests of additive models."""

import numpy as np
import polars as pl

from assay.families._base import Fitted, Learning
from assay.families.additive import Additive
from assay.features._base import Matrix
from assay.tasks._base import Asked
from assay.tasks._choose import choose_task

FAMILY = Additive()


def matrix(*numbers, codes=()) -> Matrix:
    """Columns of numbers, then columns of codes."""
    n = len(numbers[0] if numbers else codes[0])
    dense = np.column_stack(numbers).astype(np.float32) if numbers else np.zeros((n, 0), np.float32)
    wide = np.column_stack(codes).astype(np.int32) if codes else np.zeros((n, 0), np.int32)
    return Matrix(dense, wide, None, tuple(int(own.max()) + 1 for own in codes))


def learning(given: Matrix, y, *, asked: Asked | None = None, weight=None) -> Learning:
    """All rows but every fourth to learn from; classes if y are whole numbers."""
    y = np.asarray(y)
    classes = y.dtype.kind == "i"
    target = pl.Series("label", [f"{value:03}" for value in y.tolist()] if classes else y)
    task = choose_task(target, None if classes else "regression", asked or Asked())
    held = np.arange(len(y)) % 4 == 0
    weight = np.ones(len(y)) if weight is None else weight
    return Learning(
        task=task,
        train=given.rows(np.flatnonzero(~held)),
        y=y[~held],
        weight=weight[~held],
        valid=given.rows(np.flatnonzero(held)),
        valid_y=y[held],
        valid_weight=weight[held],
    )


def fitted(given: Matrix, y, *, asked: Asked | None = None, weight=None, **settings) -> tuple[Learning, Fitted]:
    asked_for = learning(given, y, asked=asked, weight=weight)
    return asked_for, FAMILY.fit(asked_for, {**FAMILY.defaults, **settings})


def odds(shape, seed=99):
    """Classes 0 and 1 drawn from log odds (n,)."""
    return (np.random.default_rng(seed).random(len(shape)) < 1 / (1 + np.exp(-shape))).astype(np.int64)
