"""Matrices and learnings for the tests of linear families."""

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from assay.core.clock import Deadline
from assay.data.schema import Column, Kind, Role, Schema
from assay.families._base import Learning
from assay.features._base import Matrix
from assay.tasks._base import Task
from assay.tasks._choose import choose_task


def matrix(dense=None, sparse=None) -> Matrix:
    n = len(dense) if dense is not None else sparse.shape[0]
    block = np.zeros((n, 0), np.float32) if dense is None else np.asarray(dense, np.float32)
    wide = None if sparse is None else csr_array(sparse).astype(np.float32)
    return Matrix(block, np.zeros((n, 0), np.int32), wide)


def task(k: int) -> Task:
    return choose_task(pl.Series("label", [str(number).zfill(3) for number in range(k)] * 4))


def schema(*kinds: Kind) -> Schema:
    return Schema(tuple(Column(f"{kind}{n}", kind, Role.FEATURE, "said so") for n, kind in enumerate(kinds)))


def rows(n=400, d=6, k=3, seed=0):
    """Dense features (n, d) of unlike scales and correlated, and classes that a linear model can partly tell."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d)) @ random.normal(size=(d, d))
    scores = X @ random.normal(size=(d, k)) + 2 * random.gumbel(size=(n, k))
    return X.astype(np.float32), scores.argmax(axis=1)


def words(n=300, s=800, k=3, seed=0):
    """Sparse rows (n, s) of unit length, some words of which speak for a class."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % k
    common = random.random((n, s)) < 0.02
    telling = (random.random((n, s)) < 0.08) & (np.arange(s) % (10 * k) == y[:, None])
    block = (common | telling).astype(np.float32)
    return csr_array(block / np.maximum(np.linalg.norm(block, axis=1, keepdims=True), 1)), y


def learning(train, y, k, *, weight=None, valid=None, valid_y=None, seconds=None, threads=1) -> Learning:
    return Learning(
        task=task(k),
        train=train,
        y=y,
        weight=np.ones(len(y)) if weight is None else weight,
        valid=train if valid is None else valid,
        valid_y=y if valid_y is None else valid_y,
        valid_weight=np.ones(len(y if valid_y is None else valid_y)),
        threads=threads,
        deadline=Deadline() if seconds is None else Deadline.after(seconds),
    )
