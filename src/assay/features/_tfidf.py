"""Tf-idf over counted terms; what the word and the character encoders share."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array, hstack

from assay.core.arrays import AnyArray, IntArray
from assay.core.errors import RunError
from assay.core.state import State, take, take_array
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Part, Target, take_columns
from assay.features._terms import Keys, Terms

# Of 64 bits: half as large a file, and an unknown term passes for one of 262,144 with a probability of 2e-7.
_KEPT = np.uint64(0xFFFF_FFFF_FF00_0000)


class Tfidf(Encoder):
    """Sublinear tf times smooth idf, rows of unit length (Salton and Buckley 1988), for each text column.

    Args:
        binary: Presence (1 or 0) instead of tf-idf, and no scaling of rows.
        min_count: Terms in fewer training rows are left out.
        max_features: At most so many terms per column, the most frequent ones.
    """

    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.TEXT})
    part: ClassVar[Part] = "sparse"

    def __init__(self, *, binary: bool = False, min_count: int = 2, max_features: int = 2**18) -> None:
        self.binary, self.min_count, self.max_features = binary, min_count, max_features
        self.vocabularies: list[Keys] = []
        self.weights: list[AnyArray] = []

    @abstractmethod
    def terms(self, data: Dataset, column: str) -> Terms:
        """The counted terms of a column."""

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Choose terms and weigh them by the training rows alone."""
        self.columns = tuple(columns)
        self.vocabularies, self.weights = [], []
        for column in self.columns:
            self._fit_column(data, column, rows)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> csr_array:
        """(k, all terms) CSR float32."""
        blocks = [
            self._block(self.terms(data, column), rows, number, len(rows) == len(data))
            for number, column in enumerate(self.columns)
        ]
        return blocks[0] if len(blocks) == 1 else csr_array(hstack(blocks, format="csr"))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """``column: key`` for each term; the first ten digits of its key say which it is, see `_terms`."""
        return tuple(
            f"{column}: {self.name} {key:016x}"
            for column, keys in zip(self.columns, self.vocabularies, strict=True)
            for key in keys.tolist()
        )

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The text column of each term."""
        return tuple(
            column for column, keys in zip(self.columns, self.vocabularies, strict=True) for _ in range(len(keys))
        )

    def state(self) -> State:
        """Settings, columns, and for each column the keys of its terms, their weights, and which of these each has."""
        return {
            "columns": list(self.columns),
            "binary": self.binary,
            "min_count": self.min_count,
            "max_features": self.max_features,
            "vocabularies": [
                {"keys": keys, **_told(weights)} for keys, weights in zip(self.vocabularies, self.weights, strict=True)
            ],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls(
            binary=take(state, "binary", bool),
            min_count=take(state, "min_count", int),
            max_features=take(state, "max_features", int),
        )
        encoder.columns = take_columns(state)
        for entry in take(state, "vocabularies", list):
            encoder.vocabularies.append(take_array(entry, "keys", ndim=1, dtype=np.uint64))
            encoder.weights.append(_read(entry))
        encoder._check()
        return encoder

    def _check(self) -> None:
        keys, weights = list(map(len, self.vocabularies)), list(map(len, self.weights))
        if len(self.columns) != len(keys) or keys != weights:
            raise RunError(
                f"vocabularies of {keys} keys and {weights} weights for {len(self.columns)} columns",
                expected="as many of each, for each column",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )

    def _fit_column(self, data: Dataset, column: str, rows: IntArray) -> None:
        terms = self.terms(data, column)
        counts = np.bincount(terms.counts[rows].indices, minlength=len(terms.keys))
        chosen = np.flatnonzero(counts >= self.min_count)
        if len(chosen) > self.max_features:
            chosen = np.sort(chosen[np.argsort(-counts[chosen], kind="stable")[: self.max_features]])
        idf = np.log((1 + len(rows)) / (1 + counts[chosen])) + 1
        self.vocabularies.append(terms.keys[chosen] & _KEPT)
        self.weights.append((np.ones(len(chosen)) if self.binary else idf).astype(np.float32))

    def _block(self, terms: Terms, rows: IntArray, number: int, everything: bool) -> csr_array:
        vocabulary, weights = self.vocabularies[number], self.weights[number]
        counts = terms.counts if everything else terms.counts[rows]
        if not len(vocabulary):
            return csr_array(np.zeros((counts.shape[0], 0), np.float32))
        keys = terms.keys & _KEPT
        place = np.searchsorted(vocabulary, keys).clip(0, len(vocabulary) - 1)
        known = (vocabulary[place] == keys)[counts.indices]
        columns = place[counts.indices[known]]
        starts = np.r_[0, np.cumsum(known)][counts.indptr]
        data = np.ones(len(columns), np.float32) if self.binary else 1 + np.log(counts.data[known])
        block = csr_array((data * weights[columns], columns, starts), shape=(counts.shape[0], len(vocabulary)))
        return block if self.binary else _unit_rows(block)


def _told(weights: AnyArray) -> State:
    """Weights by their number, since there are as few as there are counts."""
    different, which = np.unique(weights, return_inverse=True)
    return {"weights": different, "which": which.astype(np.uint32)}


def _read(state: Mapping[str, Any]) -> AnyArray:
    """What `_told` was told.

    Raises:
        RunError: The state is damaged.
    """
    different = take_array(state, "weights", ndim=1, dtype=np.float32)
    which = take_array(state, "which", ndim=1, dtype=np.uint32)
    if len(which) and int(which.max()) >= len(different):
        raise RunError(
            f"a term with weight {which.max()} of {len(different)}",
            expected="one of the weights",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    weights: AnyArray = different[which]
    return weights


def _unit_rows(block: csr_array) -> csr_array:
    lengths = np.diff(block.indptr)
    squares = np.bincount(np.repeat(np.arange(len(lengths)), lengths), block.data**2, minlength=len(lengths))
    block.data /= np.repeat(np.sqrt(np.maximum(squares, 1e-30)), lengths).astype(np.float32)
    return block
