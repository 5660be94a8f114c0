"""How texts look from afar: length, capitals, digits, punctuation; for trees and nets beside other columns."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.core.state import State
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns

_PARTS = ("log characters", "log words", "share of capitals", "share of digits", "share of punctuation")


class Length(Encoder):
    """``log(1 + characters)``, ``log(1 + words)``, and shares of capitals, digits and punctuation, per text column."""

    name = "length"
    kinds = frozenset({Kind.TEXT})
    part = "dense"

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Nothing to learn."""
        self.columns = tuple(columns)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """(k, columns * 5) float32."""
        return np.hstack([_measured(data, column)[rows] for column in self.columns]).astype(np.float32)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """``column: part``."""
        return tuple(f"{column}: {part}" for column in self.columns for part in _PARTS)

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        return tuple(column for column in self.columns for _ in _PARTS)

    def state(self) -> State:
        """The columns."""
        return {"columns": list(self.columns)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls()
        encoder.columns = take_columns(state)
        return encoder


def _measured(data: Dataset, column: str) -> FloatArray:
    return data.kept(("length", column), lambda: np.array([_of(text) for text in data.texts(column)]).reshape(-1, 5))


def _of(text: str) -> tuple[float, ...]:
    size = max(1, len(text))
    capitals = sum(map(str.isupper, text)) / size
    digits = sum(map(str.isdigit, text)) / size
    signs = sum(not (letter.isalnum() or letter.isspace()) for letter in text) / size
    return float(np.log1p(len(text))), float(np.log1p(len(text.split()))), capitals, digits, signs
