"""Texts as a few dense numbers: the main directions of their words; for trees and nets."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, IntArray
from assay.core.packing import in_steps
from assay.core.state import State, take, take_array
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features.words import Words

_BITS = 12  # of the directions: what is left out is a thousandth of a topic's spread


class Topics(Encoder):
    """Truncated SVD of the words' tf-idf (latent semantic analysis, Deerwester et al. 1990), by randomised SVD.

    Args:
        width: Directions per text column.
        max_features: Words that take part, the most frequent ones; bounds the size of the model's file.
    """

    name = "topics"
    kinds = frozenset({Kind.TEXT})
    part = "dense"

    def __init__(self, *, width: int = 64, max_features: int = 5_000) -> None:
        self.width, self.max_features = width, max_features
        self.words: list[Words] = []
        self.directions: list[AnyArray] = []

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Words and directions of the training rows."""
        self.columns = tuple(columns)
        self.words = [Words(max_features=self.max_features).fit(data, [name], rows, target) for name in columns]
        self.directions = [self._directions(words.transform(data, rows)) for words in self.words]
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """(k, directions of all columns) float32."""
        pairs = zip(self.words, self.directions, strict=True)
        return np.hstack([words.transform(data, rows) @ directions for words, directions in pairs]).astype(np.float32)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """``column: topic n``."""
        return tuple(
            f"{column}: topic {number + 1}"
            for column, directions in zip(self.columns, self.directions, strict=True)
            for number in range(directions.shape[1])
        )

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        pairs = zip(self.columns, self.directions, strict=True)
        return tuple(column for column, directions in pairs for _ in range(directions.shape[1]))

    def state(self) -> State:
        """Columns, settings, words, and (words, width) directions."""
        return {
            "columns": list(self.columns),
            "width": self.width,
            "max_features": self.max_features,
            "words": [words.state() for words in self.words],
            "directions": self.directions,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls(width=take(state, "width", int), max_features=take(state, "max_features", int))
        encoder.columns = take_columns(state)
        encoder.words = [Words.from_state(entry) for entry in take(state, "words", list)]
        encoder.directions = [
            take_array({"directions": entry}, "directions", ndim=2) for entry in take(state, "directions", list)
        ]
        return encoder

    def _directions(self, block: Any) -> AnyArray:
        from sklearn.utils.extmath import randomized_svd

        width = min(self.width, *(side - 1 for side in block.shape))
        if width < 1:
            return np.zeros((block.shape[1], 0), np.float32)
        _, _, directions = randomized_svd(block, width, n_iter=3, random_state=0)
        return in_steps(directions.T.astype(np.float32), _BITS)
