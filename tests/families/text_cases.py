"""Texts to learn from, for the tests of nets that read them."""

from typing import Any

import numpy as np
import polars as pl

from assay.families._base import Family, Learning
from assay.features._base import Matrix, Tokens
from assay.tasks.binary import Binary

WORDS = ("", "<unknown>", "<next column>", "good", "bad", "film", "plot")
TASK = Binary.from_target(pl.Series("label", ["no", "yes"]))


def matrix(rows: Any, *, words: tuple[str, ...] = WORDS, size: int = 0, columns: Any = None) -> Matrix:
    """Rows of numbers of words, lists of any length."""
    ids = np.zeros((len(rows), max([1, *map(len, rows)])), np.int32)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
    dense = np.zeros((len(rows), 0), np.float32) if columns is None else columns
    return Matrix(dense, np.zeros((len(rows), 0), np.int32), None, tokens=Tokens(ids, words, size or len(words)))


def learning(rows: int = 80, *, words: tuple[str, ...] = WORDS) -> Learning:
    """Films that are good or bad; with no words, rows of unknown ones only."""
    draw = np.random.default_rng(0)
    y = np.arange(rows) % 2
    known = len(words) > 3
    texts = [[*draw.integers(5, 7, 1 + i % 4), 3 + y[i]] if known else [1] * (1 + i % 3) for i in range(rows)]
    cut = rows * 3 // 4
    train, valid = matrix(texts[:cut], words=words), matrix(texts[cut:], words=words)
    return Learning(TASK, train, y[:cut], np.ones(cut), valid, y[cut:], np.ones(rows - cut), seed=1)


def small(kind: type[Family], **settings: Any) -> dict[str, Any]:
    return {**kind.defaults, **kind.small, **settings}
