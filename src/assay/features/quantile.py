"""Numbers by their rank in training, spread like a normal distribution; for linear models and nets."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from scipy.special import ndtri

from assay.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from assay.core.state import State, take_array
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._columnwise import gap_names, gap_sources, stacked, with_gaps

_KNOTS = 1_000
_FARTHEST = 1e-4
_FEW = 16


class Quantile(Encoder):
    """The normal quantile of a value's rank among up to 1,000 training quantiles, equal values at their middle rank.

    Missing values become 0, and columns that had any in training get an indicator.
    """

    name = "quantile"
    kinds = frozenset({Kind.NUMERIC, Kind.BOOLEAN})
    part = "dense"

    def __init__(self) -> None:
        self.knots: AnyArray = np.zeros((0, 0))
        self.gappy: IntArray = np.zeros(0, np.int64)

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Quantiles and gaps of the training rows."""
        self.columns = tuple(columns)
        values = stacked(data, columns, rows)
        missing = np.isnan(values)
        empty = missing.all(axis=0)
        ranks = np.linspace(0, 1, min(_KNOTS, max(2, len(rows))))
        self.knots = np.nanquantile(np.where(empty, 0.0, values), ranks, axis=0).T
        self.gappy = np.flatnonzero(missing.any(axis=0) & ~empty)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """(k, columns + indicators) float32."""
        values = stacked(data, self.columns, rows)
        missing = np.isnan(values)
        ranks = _ranks(np.where(missing, self.knots[:, 0], values), self.knots)
        return with_gaps(ndtri(ranks.clip(_FARTHEST, 1 - _FARTHEST)), missing, self.gappy)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Columns, then indicators."""
        return gap_names(self.columns, self.gappy)

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        return gap_sources(self.columns, self.gappy)

    def state(self) -> State:
        """Columns, (columns, knots) quantiles, and which columns had gaps."""
        return {"columns": list(self.columns), "knots": self.knots, "gappy": self.gappy}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls()
        encoder.columns = take_columns(state)
        encoder.knots = take_array(state, "knots", ndim=2)
        encoder.gappy = take_array(state, "gappy", ndim=1)
        return encoder


def _ranks(values: FloatArray, knots: AnyArray) -> FloatArray:
    """Rank (k, d) from 0 to 1 of values (k, d) among knots (d, m): linear between knots, the middle of equal ones."""
    most = knots.shape[1] - 1
    below, not_above = _counts(values, knots)
    low, high = (not_above - 1).clip(0, most), below.clip(0, most)
    columns = np.arange(len(knots))
    start, end = knots[columns, low], knots[columns, high]
    between = np.divide(values - start, end - start, out=np.zeros_like(values), where=end > start)
    ranks: FloatArray = np.where(below < not_above, (low + high) / 2, low + between) / most
    return ranks


def _counts(values: FloatArray, knots: AnyArray) -> tuple[IntArray, IntArray]:
    """How many knots are below each value, and how many are not above it, (k, d) each."""
    if len(values) <= _FEW:  # comparing with all takes less time than a search for each column
        wide = values[:, :, None]
        return (knots < wide).sum(axis=2), (knots <= wide).sum(axis=2)
    pairs = list(zip(knots, values.T, strict=True))
    sides: tuple[Literal["left"], Literal["right"]] = ("left", "right")
    left, right = (np.stack([np.searchsorted(own, x, side) for own, x in pairs], axis=1) for side in sides)
    return left, right
