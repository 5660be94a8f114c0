"""Oblivious trees (Kohavi 1994): all nodes of a level ask the same, so that a tree is a table of two to its depth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.errors import RunError
from assay.core.state import State, take, take_array

_CELLS = 4_000_000  # rows times trees that are looked up at once
_DEEPEST = 16


@dataclass(frozen=True)
class Oblivious:
    """Trees in the order of their depth.

    Attributes:
        n_features: Columns that they read.
        depth: (t,) uint8 levels of each tree, none less than those of the tree before it.
        feature: Column that each level asks, tree by tree, int32.
        border: (levels,) float32: a row's bit is set where its number is above it, and not set where there is none.
        leaves: (l, c) float32 scores of each leaf, tree by tree; level b is bit b of its number.
        bias: (c,) float64 scores to begin with.
    """

    n_features: int
    depth: AnyArray
    feature: AnyArray
    border: Float32Array
    leaves: Float32Array
    bias: FloatArray

    @classmethod
    def of(cls, model: Mapping[str, Any], n_features: int) -> Self:
        """CatBoost's JSON of a model of numbers alone."""
        columns = np.array(
            [entry["flat_feature_index"] for entry in model["features_info"]["float_features"]], np.int32
        )
        trees = sorted(model["oblivious_trees"], key=lambda tree: len(tree["splits"] or ()))
        levels = [level for tree in trees for level in tree["splits"] or ()]
        scale, bias = model["scale_and_bias"]
        values = [np.array(tree["leaf_values"]).reshape(2 ** len(tree["splits"] or ()), -1) for tree in trees]
        return cls(
            n_features,
            np.array([len(tree["splits"] or ()) for tree in trees], np.uint8),
            columns[np.array([level["float_feature_index"] for level in levels], np.int64)],
            np.array([level["border"] for level in levels], np.float32),
            (scale * np.concatenate([np.zeros((0, len(bias))), *values])).astype(np.float32),
            np.array(bias, np.float64),
        )

    def scores(self, table: Float32Array) -> FloatArray:
        """Scores (n, c) of rows (n, d): the bias and a leaf of each tree."""
        step = max(1, _CELLS // max(1, len(self.depth)))
        parts = [self._scores(table[start : start + step]) for start in range(0, max(1, len(table)), step)]
        return np.concatenate(parts)

    def _scores(self, table: Float32Array) -> FloatArray:
        total = np.tile(self.bias, (len(table), 1))
        level, leaf = 0, 0
        for depth in np.unique(self.depth):
            trees, levels = int((self.depth == depth).sum()), int(depth)
            asked = slice(level, level + trees * levels)
            feature, border = (part[asked].reshape(trees, levels) for part in (self.feature, self.border))
            reached = np.tile(leaf + (np.arange(trees, dtype=np.int32) << levels), (len(table), 1))
            for bit in range(levels):
                reached += (table[:, feature[:, bit]] > border[:, bit]).astype(np.int32) << bit
            for score in range(total.shape[1]):
                total[:, score] += self.leaves[reached, score].sum(axis=1, dtype=np.float64)
            level, leaf = level + trees * levels, leaf + (trees << levels)
        return total

    def state(self) -> State:
        """Arrays."""
        return {
            "n_features": self.n_features,
            "depth": self.depth,
            "feature": self.feature,
            "border": self.border,
            "leaves": self.leaves,
            "bias": self.bias,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        trees = cls(
            take(state, "n_features", int),
            take_array(state, "depth", ndim=1, dtype=np.uint8),
            take_array(state, "feature", ndim=1, dtype=np.int32),
            take_array(state, "border", ndim=1, dtype=np.float32),
            take_array(state, "leaves", ndim=2, dtype=np.float32),
            take_array(state, "bias", ndim=1, dtype=np.float64),
        )
        depth = trees.depth.astype(np.int64)
        _need(bool((depth <= _DEEPEST).all()) and bool((np.diff(depth) >= 0).all()), "trees out of order")
        _need(int(depth.sum()) == len(trees.feature) == len(trees.border), "levels are missing")
        _need(trees.leaves.shape == (int((1 << depth).sum()), len(trees.bias)), "leaves are missing")
        _need(bool(((trees.feature >= 0) & (trees.feature < trees.n_features)).all()), "a column that is not there")
        numbers: Sequence[FloatArray | Float32Array] = (trees.border, trees.leaves, trees.bias)
        _need(all(bool(np.isfinite(part).all()) for part in numbers), "something that is no number")
        return trees


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RunError(
            f"damaged trees ({otherwise})",
            expected="the trees as they were saved",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
