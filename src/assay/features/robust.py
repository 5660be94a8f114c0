"""Numbers centred and scaled by quartiles, far values drawn in smoothly; for linear models and nets."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, IntArray
from assay.core.state import State, take_array
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._columnwise import gap_names, gap_sources, stacked, with_gaps


class Robust(Encoder):
    """``z / sqrt(1 + (z / 3)^2)`` with ``z = (x - median) / (q75 - q25)`` (RealMLP, Holzmueller et al. 2024).

    Where the quartiles are equal, twice the inverse range takes their place, and 0 where that is 0 too. Missing
    values become 0, and columns that had any in training get an indicator.
    """

    name = "robust"
    kinds = frozenset({Kind.NUMERIC, Kind.BOOLEAN})
    part = "dense"

    def __init__(self) -> None:
        self.centre: AnyArray = np.zeros(0)
        self.scale: AnyArray = np.zeros(0)
        self.gappy: IntArray = np.zeros(0, np.int64)

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Quartiles and gaps of the training rows."""
        self.columns = tuple(columns)
        values = stacked(data, columns, rows)
        missing = np.isnan(values)
        empty = missing.all(axis=0)
        low, q25, middle, q75, high = np.nanquantile(np.where(empty, 0.0, values), [0, 0.25, 0.5, 0.75, 1], axis=0)
        with np.errstate(divide="ignore"):
            scale = np.where(q75 > q25, 1 / (q75 - q25), np.where(high > low, 2 / (high - low), 0.0))
        self.centre, self.scale = middle, scale
        self.gappy = np.flatnonzero(missing.any(axis=0) & ~empty)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """(k, columns + indicators) float32."""
        values = stacked(data, self.columns, rows)
        missing = np.isnan(values)
        z = (np.where(missing, self.centre, values) - self.centre) * self.scale
        return with_gaps(z / np.sqrt(1 + (z / 3) ** 2), missing, self.gappy)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Columns, then indicators."""
        return gap_names(self.columns, self.gappy)

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        return gap_sources(self.columns, self.gappy)

    def state(self) -> State:
        """Columns, centre, scale, and which columns had gaps."""
        return {"columns": list(self.columns), "centre": self.centre, "scale": self.scale, "gappy": self.gappy}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls()
        encoder.columns = take_columns(state)
        encoder.centre = take_array(state, "centre", ndim=1)
        encoder.scale = take_array(state, "scale", ndim=1)
        encoder.gappy = take_array(state, "gappy", ndim=1)
        return encoder
