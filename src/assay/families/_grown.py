"""Classification trees of a forest as plain arrays, and the answers that they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, vstack

from assay.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, IntArray
from assay.core.errors import RunError
from assay.core.state import State, take, take_array

_ROWS = 8_000  # that are looked up at once


@dataclass(frozen=True)
class Grown:
    """Trees, one after the other, each with its nodes in preorder: the left child stands behind its parent.

    Attributes:
        n_features: Columns that they read.
        sizes: (t,) nodes of each tree.
        feature: (nodes,) column that a node asks, -1 for a leaf.
        threshold: (splits,) float32: a row goes left whose number is not above it.
        right: (splits,) how far behind its parent the right child stands.
        gaps_left: (splits,) whether rows without a number go left.
        shares: (leaves, k) shares of the classes of the training rows in a leaf.
    """

    n_features: int
    sizes: AnyArray
    feature: AnyArray
    threshold: Float32Array
    right: AnyArray
    gaps_left: BoolArray
    shares: csr_array

    @classmethod
    def of(cls, trees: Sequence[Any], n_features: int, classes: IntArray, n_classes: int) -> Self:
        """What scikit-learn has grown of ``n_classes`` those that it saw, each a `sklearn.tree._tree.Tree`."""
        nodes = [tree.__getstate__()["nodes"] for tree in trees]
        every, sizes = np.concatenate(nodes), np.array([len(own) for own in nodes])
        split = every["left_child"] >= 0
        here = np.concatenate([np.arange(size) for size in sizes])
        values = np.concatenate([tree.value[:, 0] for tree in trees])[~split]
        seen = csr_array((values / values.sum(axis=1, keepdims=True)).astype(np.float32))
        return cls(
            n_features,
            _narrow(sizes),
            _narrow(np.where(split, every["feature"], -1)),
            _below(every["threshold"][split]),
            _narrow((every["right_child"] - here)[split]),
            every["missing_go_to_left"][split].astype(bool),
            csr_array((seen.data, classes[seen.indices], seen.indptr), shape=(len(values), n_classes)),
        )

    @classmethod
    def joined(cls, parts: "Sequence[Self]") -> Self:
        """The trees of all parts, which read the same columns."""
        names = ("sizes", "feature", "threshold", "right", "gaps_left")
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return cls(parts[0].n_features, **arrays, shares=vstack([part.shares for part in parts], format="csr"))

    def votes(self, table: Float32Array) -> FloatArray:
        """Mean shares (n, k) of the leaves that rows (n, d) reach, one leaf in each tree."""
        return np.concatenate(
            [self._votes(table[start : start + _ROWS]) for start in range(0, max(1, len(table)), _ROWS)]
        )

    def _votes(self, table: Float32Array) -> FloatArray:
        trees = self._trees
        reached = np.empty((len(table), len(trees)), np.int64)
        for number, (tree, leaf) in enumerate(trees):
            reached[:, number] = leaf[tree.apply(table)]
        starts = np.arange(0, reached.size + 1, len(trees))
        ones = np.ones(reached.size, np.float32)
        counted = csr_array((ones, reached.ravel(), starts), shape=(len(table), self.shares.shape[0]))
        votes: FloatArray = (counted @ self.shares).toarray().astype(np.float64) / len(trees)
        return votes

    @cached_property
    def _trees(self) -> list[tuple[Any, AnyArray]]:
        """Each tree as scikit-learn walks it, with the place of each node's leaf among all leaves."""
        from sklearn.tree._tree import NODE_DTYPE, Tree

        split = self.feature >= 0
        nodes = np.zeros(len(split), NODE_DTYPE)
        sizes = self.sizes.astype(np.int64)
        here = np.arange(len(split)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        nodes["left_child"], nodes["right_child"] = -1, -1
        nodes["feature"], nodes["threshold"] = -2, -2.0
        nodes["left_child"][split] = here[split] + 1
        nodes["right_child"][split] = here[split] + self.right
        nodes["feature"][split] = self.feature[split]
        nodes["threshold"][split] = self.threshold
        nodes["missing_go_to_left"][split] = self.gaps_left
        leaf = np.cumsum(~split) - 1
        found = []
        for own, places in zip(*(np.split(part, np.cumsum(sizes)[:-1]) for part in (nodes, leaf)), strict=True):
            tree = Tree(self.n_features, np.ones(1, np.intp), 1)
            values = np.zeros((len(own), 1, 1))  # not asked for: only where a row ends is
            tree.__setstate__({"max_depth": 0, "node_count": len(own), "nodes": own.copy(), "values": values})
            found.append((tree, places))
        return found

    def state(self) -> State:
        """Arrays."""
        return {
            "n_features": self.n_features,
            "sizes": self.sizes,
            "feature": self.feature,
            "threshold": self.threshold,
            "right": self.right,
            "gaps_left": np.packbits(self.gaps_left),
            "shares": {
                "classes": self.shares.shape[1],
                "counts": _narrow(np.diff(self.shares.indptr)),
                "class": _narrow(self.shares.indices),
                "share": self.shares.data,
            },
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged, or a walk down a tree could leave it.
        """
        sizes, feature, right = (_whole(state, key) for key in ("sizes", "feature", "right"))
        n_features, shares = take(state, "n_features", int), _read_shares(take(state, "shares", dict))
        threshold = take_array(state, "threshold", ndim=1, dtype=np.float32)
        gaps_left = np.unpackbits(take_array(state, "gaps_left", ndim=1, dtype=np.uint8)).astype(bool)
        gaps = gaps_left[: len(threshold)]
        grown = cls(n_features, sizes, feature, threshold, right, gaps, shares)
        _need(len(gaps_left) - len(threshold) in range(8), "splits are missing")
        grown._check()
        return grown

    def _check(self) -> None:
        """Every walk down a tree stays inside it and ends in a leaf, since it only ever goes forward."""
        split, sizes = self.feature >= 0, self.sizes.astype(np.int64)
        _need(len(sizes) > 0 and bool((sizes > 0).all()) and int(sizes.sum()) == len(split), "nodes are missing")
        _need(int(split.sum()) == len(self.threshold) == len(self.right), "splits are missing")
        _need(int((~split).sum()) == self.shares.shape[0], "leaves are missing")
        _need(bool((self.feature < self.n_features).all()), "a column that is not there")
        _need(bool(np.isfinite(self.threshold).all()), "a threshold that is no number")
        left = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(split))  # nodes from each to the end of its tree
        _need(bool(((self.right > 1) & (self.right < left[split])).all()), "a child out of place")


def _read_shares(state: Mapping[str, Any]) -> csr_array:
    counts, classes = _whole(state, "counts").astype(np.int64), take(state, "classes", int)
    numbers, share = _whole(state, "class").astype(np.int64), take_array(state, "share", ndim=1, dtype=np.float32)
    _need(bool((counts > 0).all()) and int(counts.sum()) == len(numbers) == len(share), "shares are missing")
    _need(bool(((numbers >= 0) & (numbers < classes)).all()), "a class that is not there")
    _need(bool(((share > 0) & (share <= 1)).all()), "a share that is none")
    return csr_array((share, numbers, np.concatenate([[0], np.cumsum(counts)])), shape=(len(counts), classes))


def _whole(state: Mapping[str, Any], key: str) -> AnyArray:
    numbers = take_array(state, key, ndim=1)
    _need(numbers.dtype.kind == "i", f"{key} are not whole numbers")
    return numbers


def _narrow(numbers: AnyArray) -> AnyArray:
    """The same whole numbers in the smallest type that holds them."""
    largest = max(int(numbers.max(initial=0)), -int(numbers.min(initial=0)))
    return numbers.astype(next(kind for kind in (np.int8, np.int16, np.int32) if largest <= np.iinfo(kind).max))


def _below(thresholds: FloatArray) -> Float32Array:
    """The largest float32 not above each: what is a float32 itself is above one if and only if above the other."""
    near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RunError(
            f"a damaged forest ({otherwise})",
            expected="the trees as they were saved",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
