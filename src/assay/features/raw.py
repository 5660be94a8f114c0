"""Numbers, booleans and dates as they are, gaps kept as NaN; for trees."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from assay.core.arrays import Float32Array, IntArray
from assay.core.state import State
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._columnwise import stacked


class Raw(Encoder):
    """The values as float32, NaN where missing; dates as seconds since 1970."""

    name = "raw"
    kinds = frozenset({Kind.NUMERIC, Kind.BOOLEAN, Kind.DATETIME})
    part = "dense"

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Nothing to learn."""
        self.columns = tuple(columns)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """(k, columns) float32."""
        return stacked(data, self.columns, rows).astype("float32")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

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
