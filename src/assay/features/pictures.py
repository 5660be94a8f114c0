"""Pictures as pixels: nothing is learned; nets read them, and scale them themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.core.arrays import IntArray, Pixels
from assay.core.state import State
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns


class Pictures(Encoder):
    """(n, height, width, channels) uint8, 0 to 255; several columns of one size lie behind each other as channels."""

    name = "pictures"
    kinds = frozenset({Kind.PICTURE})
    part = "pictures"

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> "Pictures":
        """Take note of the columns."""
        self.columns = tuple(columns)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Pixels:
        """Pixels (k, height, width, channels)."""
        return np.concatenate([data.pictures(name)[rows] for name in self.columns], axis=3)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns: pixels have no names."""
        return self.columns

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def state(self) -> State:
        """The columns."""
        return {"columns": list(self.columns)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Pictures":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls()
        encoder.columns = take_columns(state)
        return encoder
