"""Categories as numbers, for models that handle categories themselves (trees, embeddings)."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, IntArray
from assay.core.state import State, take
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._levels import Vocabulary, fit_all


class Ordinal(Encoder):
    """1 for the most frequent level in training, 2 for the next, ...; 0 for missing, unseen, and levels beyond.

    Args:
        max_levels: Levels that get a number of their own.
    """

    name = "ordinal"
    kinds = frozenset({Kind.CATEGORICAL})
    part = "codes"

    def __init__(self, *, max_levels: int = 254) -> None:
        self.max_levels = max_levels
        self.vocabularies: list[Vocabulary] = []

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Levels of the training rows by frequency."""
        self.columns = tuple(columns)
        self.vocabularies = fit_all(data, columns, rows)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> AnyArray:
        """(k, columns) int32."""
        pairs = zip(self.columns, self.vocabularies, strict=True)
        numbers = np.stack([known.numbers_of(data, column, rows) for column, known in pairs], axis=1)
        return np.where((numbers < 0) | (numbers >= self.max_levels), 0, numbers + 1).astype(np.int32)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of codes of each column, 0 included."""
        return tuple(min(self.max_levels, len(known.names)) + 1 for known in self.vocabularies)

    @property
    def code_names(self) -> tuple[tuple[str, ...], ...]:
        """The levels, after what code 0 is."""
        return tuple(("missing or unseen", *known.names[: self.max_levels]) for known in self.vocabularies)

    def state(self) -> State:
        """Columns, setting and levels."""
        return {
            "columns": list(self.columns),
            "max_levels": self.max_levels,
            "vocabularies": [known.state() for known in self.vocabularies],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls(max_levels=take(state, "max_levels", int))
        encoder.columns = take_columns(state)
        encoder.vocabularies = [Vocabulary.from_state(entry) for entry in take(state, "vocabularies", list)]
        return encoder
