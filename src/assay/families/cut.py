"""Regress, then cut: a model of numbers gives each row a place in the order, and thresholds part the classes."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.core.errors import PlanError, RunError
from assay.core.members import member_names
from assay.core.seeds import derive_seed
from assay.core.state import State, take
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._design import make_design
from assay.families._further import FurtherDesign
from assay.families._of_binaries import PACKAGE, based, family_named
from assay.families._softmax import solve
from assay.families.proportional import Ordered, ProportionalPredictor, thresholds_of
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.tasks.regression import Regression

_HELD = 5
_WEAK = 1e3


class CutPredictor(Predictor):
    """A predictor of numbers, and proportional odds of the classes on its number."""

    def __init__(self, base: str, numbers: Predictor, cut: ProportionalPredictor) -> None:
        self.base, self.numbers, self.cut = base, numbers, cut

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k)."""
        return self.cut.predict(_as_column(self.numbers.predict(matrix)))

    def state(self) -> State:
        """The base's name, and both predictors."""
        return {"base": self.base, "numbers": self.numbers.state(), "cut": self.cut.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave; which class reads the numbers is decided by the names of Assay's own members.

        Raises:
            RunError: The state is damaged.
        """
        base = take(state, "base", str)
        if base not in member_names(PACKAGE) or not _learns_numbers(kind := family_named(base)):
            raise RunError(
                f"numbers of the family {base!r}",
                expected="a family that learns numbers",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        numbers = kind.predictor.from_state(take(state, "numbers", dict))
        return cls(base, numbers, ProportionalPredictor.from_state(take(state, "cut", dict)))


class Cut(Family):
    """Ranks as numbers, learned by another family; then thresholds, found on a fifth of the rows that it did not see.

    Settings: ``base``: a family that learns numbers; ``settings``: laid over its defaults; ``part``: what its fit has
    fixed, empty to find it.

    Attributes:
        bases: Families that are tried as the base, best first.
    """

    name = "cut"
    title = "Regression, cut into classes"
    suits = "a number and thresholds are enough for classes that have an order"
    predictor = CutPredictor
    defaults = MappingProxyType({"base": "boosted", "settings": {}, "part": {}})
    priority = 25
    appetite = 2.0
    loading = 0.5
    bases: ClassVar[tuple[str, ...]] = ("boosted", "linear")

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs an order, and what its base needs."""
        if not task.ordered:
            return "the classes have no order"
        if any(_can_serve(name, schema, n_rows) for name in self.bases):
            return None
        return f"none of the families that it stands on ({', '.join(self.bases)}) can serve such data"

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """What the first base that can serve would try first."""
        base = next((name for name in self.bases if _can_serve(name, schema, n_rows)), self.bases[0])
        (first, *_) = family_named(base)().variants(schema, Regression(), _learned(n_rows))
        return ({"base": base, "settings": dict(first)},)

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families; the base learns numbers, and accepts its settings."""
        super().check(settings, form)
        whole = {**self.defaults, **settings}
        if not _learns_numbers(family_named(whole["base"])):
            raise PlanError(
                f"base = {whole['base']!r} among the settings of {self.name}",
                expected="a family that learns numbers",
                fix="change base in the plan, e.g. to linear or boosted",
            )
        family_named(whole["base"])().check({**whole["settings"], **whole["part"]}, Form.NUMBERS)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """The base's."""
        base, inner = based(settings)
        return base.recipe(schema, Regression(), inner)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Learn ranks on four fifths of the rows, and cut on the others."""
        base, inner = based(settings)
        base.load()
        learned, held = _parted(len(learning.y), learning.seed)
        ranks, valid_ranks = learning.y.astype(np.float64), learning.valid_y.astype(np.float64)
        task = Regression(centre=float(ranks.mean()), spread=float(ranks.std()) or 1.0)
        given = replace(
            learning,
            task=task,
            train=learning.train.rows(learned),
            y=ranks[learned],
            weight=learning.weight[learned],
            valid_y=valid_ranks,
        )
        fitted = base.fit(given, {**inner, **settings["part"]})
        column = _as_column(fitted.predictor.predict(learning.train.rows(held)))
        cut = _cut(column, learning.y[held], learning.weight[held], learning)
        predictor = CutPredictor(base.name, fitted.predictor, cut)
        return Fitted(predictor, {"part": dict(fitted.fixed)}, fitted.notes, fitted.training)


def _learns_numbers(kind: type[Family]) -> bool:
    return Form.NUMBERS in kind.forms and not kind.baseline


def _can_serve(name: str, schema: Schema, n_rows: int) -> bool:
    return family_named(name)().refusal(schema, Regression(), _learned(n_rows)) is None


def _learned(n_rows: int) -> int:
    """How many rows are learned from."""
    return n_rows * (_HELD - 1) // _HELD


def _parted(n: int, seed: int) -> tuple[IntArray, IntArray]:
    """Rows to learn numbers from, and the others."""
    order = np.random.default_rng(derive_seed(seed, "cut")).permutation(n)
    return np.sort(order[n // _HELD :]), np.sort(order[: n // _HELD])


def _cut(column: Matrix, y: IntArray, weight: FloatArray, learning: Learning) -> ProportionalPredictor:
    k, total = len(learning.task.labels), float(weight.sum())
    design = FurtherDesign.over(make_design(column, weight), k - 1, 1 / k)
    problem = Ordered(design, y, (weight / total).astype(np.float32), total, k)
    start = problem.start(learning.task.prior(learning.y, learning.weight))
    solution: Float32Array = solve(problem, _WEAK, start, max_steps=200).solution
    thresholds = thresholds_of(solution[-k + 1 :, 0]).astype(np.float32)
    return ProportionalPredictor(design.weights(solution[: -k + 1]), thresholds)


def _as_column(outputs: FloatArray) -> Matrix:
    return Matrix(outputs[:, :1].astype(np.float32), np.zeros((len(outputs), 0), np.int32), None)
