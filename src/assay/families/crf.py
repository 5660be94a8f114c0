"""A linear-chain conditional random field over words, their ends and shapes, and their neighbours."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import Float32Array
from assay.core.errors import RunError
from assay.core.state import State, take_array
from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Settings
from assay.families._chain import Chains
from assay.families._chained import Chained, sequence_of
from assay.families._design import Weights, make_design
from assay.families._further import FurtherDesign
from assay.families._path import DEFAULTS, Aim, walk_to
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.tasks._spans import Steps

# On held-out sentences of two sets a tolerance of 1e-3, or rare features left in, changed the third figure only.
_PATH = (0.3, 1.0, 3.0, 10.0)
_TOLERANCE = 3e-3


class ChainPredictor(Chained):
    """Scores of tags that are linear in the features, and scores of going from tag to tag.

    Args:
        weights: Of the features.
        between: (k + 2, k): from the row's tag to the column's, then of beginning and of ending with a tag.
    """

    def __init__(self, weights: Weights, between: Float32Array) -> None:
        self.weights, self.between = weights, between

    def scores(self, matrix: Matrix) -> Float32Array:
        """Scores (n + k + 2, k), see `assay.families._chain`."""
        return np.vstack([self.weights.scores(matrix), self.between])

    @property
    def tags(self) -> int:
        """How many tags."""
        tags: int = self.between.shape[1]
        return tags

    def state(self) -> State:
        """All scores in float32."""
        return {"columns": self.weights.columns, "intercept": self.weights.intercept, "between": self.between}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        columns = take_array(state, "columns", ndim=2, dtype=np.float32)
        intercept = take_array(state, "intercept", ndim=1, dtype=np.float32)
        between = take_array(state, "between", ndim=2, dtype=np.float32)
        k = len(intercept)
        if k < 2 or columns.shape[1] != k or between.shape != (k + 2, k):
            raise RunError(
                f"a chain of {k} tags with weights {columns.shape} and {between.shape}",
                expected="a score for each tag, and for going from each to each",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls(Weights(columns, intercept), between)


class Crf(Family):
    """Linear-chain CRF (Lafferty, McCallum and Pereira 2001) with an L2 penalty, trained to its optimum by L-BFGS.

    Settings: ``least``: training steps that a feature of words has to stand in; ``path`` and ``steps`` (see
    `assay.families._path.walk_to`). Features: see the encoder ``windows``; numbers are scaled.
    """

    name = "crf"
    title = "Linear-chain CRF"
    suits = "neighbours and endings tell most of a tag, and tags tell of each other"
    predictor = ChainPredictor
    forms = frozenset({Form.TAGS})
    defaults = MappingProxyType({"least": 2, **DEFAULTS})
    priority = 20
    appetite = 2.0
    costly = True
    small = MappingProxyType({"least": 1})

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column."""
        return None if self.recipe(schema, task, self.defaults).encoders else "there is no feature column"

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Windows of words and of categories, scaled numbers, parts of dates."""
        wanted: list[tuple[str, Mapping[str, Any], tuple[Kind, ...]]] = [
            ("windows", {"least": settings["least"]}, (Kind.TEXT, Kind.CATEGORICAL)),
            ("robust", {}, (Kind.NUMERIC, Kind.BOOLEAN)),
            ("calendar", {}, (Kind.DATETIME,)),
        ]
        return Recipe(tuple((name, given) for name, given, kinds in wanted if schema.features(*kinds)))

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Walk the path of C on all features."""
        k, total = len(learning.task.labels), float(learning.weight.sum())
        rows = make_design(learning.train, learning.weight, threads=learning.threads)
        design = FurtherDesign.over(rows, k + 2, 1 / k)
        share, steps = (learning.weight / total).astype(np.float32), Steps.of(sequence_of(learning.train))
        problem = Chains(design, learning.y[:, 0], share, total, k, steps)

        def predictor(solution: Float32Array) -> ChainPredictor:
            return ChainPredictor(design.weights(solution[: -k - 2]), solution[-k - 2 :].copy())

        start = problem.start(learning.task.prior(learning.y, learning.weight))
        return walk_to(Aim(problem, start, predictor, _PATH, _TOLERANCE), learning, settings)
