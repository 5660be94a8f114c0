"""Categories as a column per level, for linear models and nets."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array

from assay.core.arrays import IntArray
from assay.core.state import State, take
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._levels import MISSING, Vocabulary, fit_all


class Onehot(Encoder):
    """One column per level seen ``min_count`` times in training, then one for rare and unseen levels, one for gaps.

    Args:
        min_count: Rarer levels share a column.
        max_levels: At most so many levels get a column of their own.
    """

    name = "onehot"
    kinds = frozenset({Kind.CATEGORICAL})
    part = "sparse"

    def __init__(self, *, min_count: int = 3, max_levels: int = 1_000) -> None:
        self.min_count, self.max_levels = min_count, max_levels
        self.vocabularies: list[Vocabulary] = []

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Levels of the training rows."""
        self.columns = tuple(columns)
        self.vocabularies = fit_all(data, columns, rows)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> csr_array:
        """(k, all levels) CSR float32, one 1 per column and row."""
        places, start = [], 0
        for column, known in zip(self.columns, self.vocabularies, strict=True):
            numbers, width = known.numbers_of(data, column, rows), self._own(known)
            own = (numbers >= 0) & (numbers < width)
            places.append(start + np.where(own, numbers, np.where(numbers == MISSING, width + 1, width)))
            start += width + 2
        flat = np.stack(places, axis=1).ravel().astype(np.int32)
        starts = np.arange(len(rows) + 1) * len(self.columns)
        return csr_array((np.ones(len(flat), np.float32), flat, starts), shape=(len(rows), start))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """``column = level``."""
        return tuple(
            f"{column} {rest}"
            for column, known in zip(self.columns, self.vocabularies, strict=True)
            for rest in (*(f"= {name}" for name in known.names[: self._own(known)]), "is rare", "is missing")
        )

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        return tuple(
            column
            for column, known in zip(self.columns, self.vocabularies, strict=True)
            for _ in range(self._own(known) + 2)
        )

    def state(self) -> State:
        """Columns, settings and levels."""
        return {
            "columns": list(self.columns),
            "min_count": self.min_count,
            "max_levels": self.max_levels,
            "vocabularies": [known.state() for known in self.vocabularies],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls(min_count=take(state, "min_count", int), max_levels=take(state, "max_levels", int))
        encoder.columns = take_columns(state)
        encoder.vocabularies = [Vocabulary.from_state(entry) for entry in take(state, "vocabularies", list)]
        return encoder

    def _own(self, known: Vocabulary) -> int:
        """How many levels have a column of their own: names stand by falling count."""
        return min(self.max_levels, int((known.counts >= self.min_count).sum()))
