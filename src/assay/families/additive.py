"""Additive models: the outputs come from an intercept and what each column adds, which can be drawn and read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import FloatArray
from assay.core.errors import PlanError
from assay.core.state import State, take, take_array
from assay.data.schema import Kind, Schema
from assay.families._additive_search import searched, walked
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._links import Link, read_link
from assay.families._shapes import Grid, Shape, unreadable
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task

_MOST_COLUMNS = 750
_FIXED = ("rounds", "pairs", "steps", "crossed")


class AdditivePredictor(Predictor):
    """Scores are ``intercept`` (c,) and the sum of ``shapes``; two classes have one score, that of the second."""

    def __init__(
        self, grid: Grid, intercept: FloatArray, shapes: tuple[Shape, ...], n_outputs: int, link: Link
    ) -> None:
        self.grid, self.intercept, self.shapes, self.n_outputs, self.link = grid, intercept, shapes, n_outputs, link

    def predict(self, matrix: Matrix) -> FloatArray:
        """Outputs (n, k) by looking up what each column adds."""
        cells = self.grid.located(matrix)
        scores = np.tile(self.intercept, (len(matrix), 1))
        for shape in self.shapes:
            scores += shape.added(cells)
        return self.link.outputs(np.hstack([np.zeros_like(scores), scores]) if self._is_binary else scores)

    def state(self) -> State:
        """Cuts, tables and link."""
        return {
            "n_outputs": self.n_outputs,
            "cuts": list(self.grid.cuts),
            "sizes": list(self.grid.sizes),
            "intercept": self.intercept,
            "shapes": [shape.state() for shape in self.shapes],
            "link": self.link.state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        cuts = tuple(take_array({"cuts": own}, "cuts", ndim=1, dtype=np.float64) for own in take(state, "cuts", list))
        sizes = tuple(take({"size": size}, "size", int) for size in take(state, "sizes", list))
        intercept = take_array(state, "intercept", ndim=1, dtype=np.float64)
        grid, n_outputs, link = Grid(cuts, sizes), take(state, "n_outputs", int), read_link(take(state, "link", dict))
        shapes = tuple(Shape.from_state(entry, grid, len(intercept)) for entry in take(state, "shapes", list))
        predictor = cls(grid, intercept, shapes, n_outputs, link)
        if len(intercept) != (1 if predictor._is_binary else n_outputs):
            raise unreadable(f"{len(intercept)} intercepts for {n_outputs} outputs")
        return predictor

    @property
    def _is_binary(self) -> bool:
        return self.n_outputs == 2 and self.link.form is Form.CLASSES


class Additive(Family):
    """Generalised additive model (Hastie and Tibshirani 1990): curves, effects of levels, and a few pairs of columns.

    Logistic for two classes, multinomial for more, by the task's loss for numbers. Curves are penalised splines (Eilers
    and Marx 1996), each with a smoothness of its own (see `assay.families._additive_fit`); pairs are kept where
    validation rows say so. Small boosted trees take what is too sharp for splines (`assay.families._additive_steps`).

    Settings: ``knots`` of a curve, ``interactions`` (most pairs to try); ``rounds`` of splines before and with pairs
    (empty to stop by validation rows), and these ``pairs``; ``steps``: rounds of trees over columns and over pairs,
    and the pairs ``crossed`` by them.
    """

    name = "additive"
    title = "Additive model (splines)"
    suits = "what each column adds can be drawn and read"
    predictor = AdditivePredictor
    forms = frozenset({Form.CLASSES, Form.NUMBERS})
    defaults = MappingProxyType(
        {"knots": 32, "interactions": 24, "rounds": (), "pairs": (), "steps": (), "crossed": ()}
    )
    priority = 25
    threadsafe = True

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs columns that it reads, and not more than a person could look at."""
        if not self.recipe(schema, task, self.defaults).encoders:
            return "there is no feature column that it reads"
        if len(schema.features(*Kind)) > _MOST_COLUMNS:
            return f"a sum of more than {_MOST_COLUMNS} shapes cannot be read"
        return None

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It is for those who want to read a model; beside trees it adds little to an ensemble."""
        return "an additive model is for reading, and adds little to trees; name it to have it"

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """Refuse settings out of range.

        Raises:
            PlanError: Of the wrong type, too few knots, or pairs and rounds that do not fit each other.
        """
        super().check(settings, form)
        given = {**self.defaults, **settings}
        right = given["knots"] >= 4 and given["interactions"] >= 0 and len(given["rounds"]) in (0, 2)
        right = right and len(given["steps"]) in (0, 2) and (given["rounds"] or not given["steps"])
        if not right or ((given["pairs"] or given["crossed"]) and not given["rounds"]):
            raise PlanError(
                f"knots = {given['knots']}, interactions = {given['interactions']}, rounds = {list(given['rounds'])}, "
                f"pairs = {list(given['pairs'])}, steps = {list(given['steps'])} in an additive candidate",
                expected="4 knots or more, 0 interactions or more; rounds: none or two; with them the others",
                fix="correct them in the plan, or leave rounds, pairs, steps and crossed out",
            )

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Numbers and dates as they are, parts of dates, categories by number, lengths of texts."""
        wanted = [
            ("raw", (Kind.NUMERIC, Kind.BOOLEAN, Kind.DATETIME)),
            ("calendar", (Kind.DATETIME,)),
            ("length", (Kind.TEXT,)),
            ("ordinal", (Kind.CATEGORICAL,)),
        ]
        return Recipe(tuple((name, {}) for name, kinds in wanted if schema.features(*kinds)))

    def load(self) -> None:
        """Import LightGBM."""
        import lightgbm  # noqa: F401

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Splines until validation rows see no gain, then with pairs of columns; then trees over columns and pairs.

        Raises:
            NotEnoughTime: Not even one step can be done.
        """
        fixed: Settings = {key: settings[key] for key in _FIXED}
        if settings["rounds"]:
            fit, stopped = walked(learning, settings), "as told"
        else:
            fit, fixed, stopped = searched(learning, settings)
        intercept, shapes = fit.shapes()
        predictor = AdditivePredictor(fit.cells.grid, intercept, shapes, len(learning.task.labels), fit.sum.aim.link)
        return Fitted(predictor, fixed, {"pairs": sum(len(shape.columns) == 2 for shape in shapes), "stopped": stopped})
