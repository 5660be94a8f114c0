"""The majority baseline: what one knows without looking at a row. Any model has to beat it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import FloatArray
from assay.core.state import State, take_array
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task


class PriorPredictor(Predictor):
    """The same outputs (k,) for every row."""

    def __init__(self, outputs: FloatArray) -> None:
        self.outputs = outputs

    def predict(self, matrix: Matrix) -> FloatArray:
        """The outputs (n, k)."""
        return np.tile(self.outputs, (len(matrix), 1))

    def state(self) -> State:
        """The outputs."""
        return {"outputs": self.outputs}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        return cls(take_array(state, "outputs", ndim=1, dtype=np.float64))


class Prior(Family):
    """The class frequencies of the training rows, whatever the row."""

    name = "prior"
    title = "Majority baseline"
    suits = "what everything else has to beat"
    predictor = PriorPredictor
    defaults = MappingProxyType({})
    priority = 0
    appetite = 0.01
    baseline = True
    forms = frozenset(Form)

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It serves any data."""
        return None

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """No features."""
        return Recipe(())

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """The task's prior on the training rows."""
        return Fitted(PriorPredictor(learning.task.prior(learning.y, learning.weight)), {})
