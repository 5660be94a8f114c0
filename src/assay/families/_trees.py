"""Boosted trees as plain arrays: a bit for each node, a number for each split, a value for each leaf."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, BoolArray, Float32Array, IntArray
from assay.core.errors import RunError
from assay.core.state import State, take, take_array

OF_CATEGORIES = 1  # a bit of LightGBM's decision types; 2 sends gaps left, 4 takes zeros for gaps, 8 NaN
_MOST_COLUMNS = 2**24
_KINDS = np.array([kind for kind in range(16) if kind >> 2 != 3])


@dataclass(frozen=True)
class Questions:
    """What splits ask: first whether a column's number is not above a threshold, then whether its category is in a set.

    Attributes:
        column: (q,) column of each.
        kind: (q,) LightGBM's decision type of each.
        threshold: (t,) float32, of the first t.
        widths: (q - t,) words of each set.
        words: (sum of widths,) uint32: category c is in a set if bit c % 32 of its word c // 32 is set.
    """

    column: AnyArray
    kind: AnyArray
    threshold: Float32Array
    widths: AnyArray
    words: AnyArray

    @cached_property
    def sets(self) -> list[AnyArray]:
        """The words of each set."""
        return np.split(self.words, np.cumsum(self.widths.astype(np.int64))[:-1])

    def state(self) -> State:
        """Arrays, whole numbers as small as they are."""
        arrays = {"column": narrow(self.column), "kind": narrow(self.kind), "threshold": self.threshold}
        return {**arrays, "widths": narrow(self.widths), "words": self.words}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], n_features: int) -> Self:
        """Read what ``state`` gave, of questions to ``n_features`` columns.

        Raises:
            RunError: The state is damaged.
        """
        threshold = take_array(state, "threshold", ndim=1, dtype=np.float32)
        column, kind, widths = (_whole(state, key) for key in ("column", "kind", "widths"))
        words = take_array(state, "words", ndim=1, dtype=np.uint32)
        _need(len(column) == len(kind) == len(threshold) + len(widths), "questions are missing")
        _need(bool((column < n_features).all()), "a column that is not there")
        _need(bool(np.isin(kind, _KINDS).all()), "a kind of split that there is not")
        of_sets = np.arange(len(kind)) >= len(threshold)
        _need(np.array_equal(kind & OF_CATEGORIES, of_sets), "numbers and sets of categories in the wrong places")
        _need(not np.isnan(threshold).any(), "a threshold that is no number")
        _need(int(widths.sum(dtype=np.uint64)) == len(words), "sets of categories cut off")
        return cls(column, kind, threshold, widths, words)


@dataclass(frozen=True)
class Trees:
    """Trees behind each other, each with its nodes in preorder: a split's left child stands right behind it.

    That says all about their shape: the right child is where the next tree would begin if the left one were alone.

    Attributes:
        n_features: Columns that they read.
        n_scores: Scores of a row: tree i adds to score i % n_scores.
        splits: (nodes,) whether a node is a split, else a leaf.
        asks: (splits,) the number of its question.
        values: (leaves,) float32.
        questions: Those that are asked.
    """

    n_features: int
    n_scores: int
    splits: BoolArray
    asks: AnyArray
    values: Float32Array
    questions: Questions

    @classmethod
    def planted(
        cls, places: IntArray, asks: IntArray, values: AnyArray, questions: Questions, *, n_features: int, n_scores: int
    ) -> Self:
        """Trees of nodes in any order: first all splits, with what they ask, then all leaves, with their values.

        Args:
            places: (nodes,) of each in preorder, see `preorder`.
            asks: (splits,) number of the question of each.
            values: (leaves,) score of each.
            questions: Those that are asked.
            n_features: Columns that the trees read.
            n_scores: Scores of a row.
        """
        at_splits, at_leaves = np.split(places, [len(asks)])
        splits, asked, scores = np.zeros(len(places), bool), np.empty(len(places), np.int64), np.empty(len(places))
        splits[at_splits], asked[at_splits], scores[at_leaves] = True, asks, values
        return cls(n_features, n_scores, splits, asked[splits], scores[~splits].astype(np.float32), questions)

    @cached_property
    def tree(self) -> IntArray:
        """(nodes,) number of the tree of each node."""
        lowest = np.minimum.accumulate(np.concatenate([[0], self._open]))
        return -lowest[:-1]

    @property
    def n_trees(self) -> int:
        """How many there are."""
        return -int(self._open[-1])

    @property
    def right(self) -> IntArray:
        """(splits,) place of the right child of each: the next node before which as many subtrees are still to come."""
        level = narrow(self._open - np.where(self.splits, 1, -1) + self.tree)
        order, following = np.argsort(level, kind="stable"), np.empty(len(level), np.int64)
        following[order[:-1]] = order[1:]
        right: IntArray = following[self.splits]
        return right

    @cached_property
    def _open(self) -> IntArray:
        """(nodes,) subtrees that are begun and not ended behind each node, less one for each tree that is."""
        return np.cumsum(np.where(self.splits, 1, -1))

    def state(self) -> State:
        """Arrays, the splits as bits."""
        arrays = {"splits": np.packbits(self.splits), "asks": narrow(self.asks), "values": self.values}
        return {**arrays, "questions": self.questions.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], *, n_features: int, n_scores: int) -> Self:
        """Read what ``state`` gave.

        Args:
            state: Of trees.
            n_features: Columns that they read.
            n_scores: Scores that they give for a row.

        Raises:
            RunError: The state is damaged, or these are not whole trees of that many columns and scores.
        """
        bits, asks = take_array(state, "splits", ndim=1, dtype=np.uint8), _whole(state, "asks")
        values = take_array(state, "values", ndim=1, dtype=np.float32)
        questions = Questions.from_state(take(state, "questions", dict), n_features)
        _need(0 < n_features <= _MOST_COLUMNS and n_scores > 0, f"{n_features} columns and {n_scores} scores")
        nodes = len(asks) + len(values)
        splits = np.unpackbits(bits).astype(bool)
        _need(len(bits) == -(-nodes // 8) and not splits[nodes:].any(), "nodes are missing")
        trees = cls(n_features, n_scores, splits[:nodes], asks, values, questions)
        trees._check()
        return trees

    def _check(self) -> None:
        _need(int(self.splits.sum()) == len(self.asks), "splits are missing")
        _need(len(self.values) > 0 and bool(np.isfinite(self.values).all()), "a leaf that is no number")
        _need(int(self._open[-1]) < int(self._open[:-1].min(initial=0)), "the last tree is not whole")
        _need(self.n_trees % self.n_scores == 0, "a round is not whole")
        _need(bool((self.asks < len(self.questions.kind)).all()), "a question that there is not")


def narrow(numbers: AnyArray) -> AnyArray:
    """Whole numbers from 0 on in the smallest type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def unreadable(why: str) -> RunError:
    """The error for what are no sound trees."""
    return RunError(
        f"a damaged boosted model ({why})",
        expected="the trees as they were saved",
        fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
    )


def _whole(state: Mapping[str, Any], key: str) -> AnyArray:
    numbers = take_array(state, key, ndim=1)
    _need(numbers.dtype.kind == "u", f"{key} are not whole numbers from 0 on")
    return numbers


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise unreadable(otherwise)
