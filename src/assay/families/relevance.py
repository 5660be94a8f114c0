"""Binary relevance: for each label a model of its own that knows nothing of the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import FloatArray
from assay.core.state import State
from assay.data.schema import Schema
from assay.families import _of_binaries as of
from assay.families._base import Fitted, Learning, Predictor, Settings
from assay.features._base import Matrix
from assay.tasks._base import Form, Task

FLOOR = 1e-6


@dataclass(frozen=True)
class RelevancePredictor(Predictor):
    """A binary predictor for each label."""

    parts: of.Parts

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k), none nearer than 1e-6 to 0 or 1."""
        return np.clip(self.parts.outputs(matrix), FLOOR, 1 - FLOOR)

    def state(self) -> State:
        """The parts."""
        return self.parts.state()

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        return cls(of.Parts.from_state(state))


class Relevance(of.OfBinaries):
    """Any family that learns two classes, fitted on each label by itself; rows in which it is not known are left out.

    Settings: those of `OfBinaries`.
    """

    name = "relevance"
    title = "Binary relevance"
    suits = "any model of two classes can learn each label by itself"
    predictor = RelevancePredictor
    forms = frozenset({Form.LABELS})
    defaults = MappingProxyType(of.DEFAULTS)
    priority = 60
    bases = ("nbsvm", "linear")

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """The first base that can serve: linear models and trees learn all labels of a row themselves."""
        return super().variants(schema, task, n_rows)[:1]

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Linear models and trees learn each label by itself too."""
        return "linear models and trees learn each label by itself too, and read the rows once for all of them"

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Fit the base on each label."""
        fits = of.fit_all(learning, of.label_problems(learning), settings)
        predictor = RelevancePredictor(of.Parts(settings["base"], tuple(fit.predictor for fit in fits)))
        notes = {"models": len(fits), "base": settings["base"]}
        return Fitted(predictor, {"parts": [dict(fit.fixed) for fit in fits]}, notes)
