"""Forests: the mean of many deep trees, each grown by chance, is smooth, and hard to overfit."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.errors import NotEnoughTime
from assay.core.seeds import derive_seed
from assay.core.state import State, take, take_array
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._bounds import check_bounds
from assay.families._grown import Grown
from assay.families.boosted import Boosted
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import Limit, at_least

_FIRST, _AT_ONCE, _FEWEST = 4, 16, 20
_MOST_NODES = 1_000_000  # of all trees; each takes 4 to 8 bytes in the model and ten times that while it answers
_MANY = 20_000
_LARGEST = float(np.finfo(np.float32).max)
_FLOOR = 1e-6
_BOUNDS: Mapping[str, Limit | list[str]] = {
    "trees": at_least(_FEWEST),
    "min_rows": at_least(1),
    "columns": Limit("a share from 0 to 1", lambda value: 0 <= value <= 1),
    "impurity": ["gini", "entropy"],
}


class ForestPredictor(Predictor):
    """Trees that vote with the shares of the classes in their leaves, and one vote for the prior (k,)."""

    def __init__(self, grown: Grown, prior: FloatArray) -> None:
        self.grown, self.prior = grown, prior

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k); with the prior's vote none is zero only because no tree has seen the class there."""
        trees = len(self.grown.sizes)
        outputs = (trees * self.grown.votes(matrix.table()) + self.prior) / (trees + 1)
        outputs = np.maximum(outputs, _FLOOR)
        floored: FloatArray = outputs / outputs.sum(axis=1, keepdims=True)
        return floored

    def state(self) -> State:
        """Trees and prior."""
        return {"grown": self.grown.state(), "prior": self.prior}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        prior = take_array(state, "prior", ndim=1, dtype=np.float64)
        return cls(Grown.from_state(take(state, "grown", dict)), prior)


class Forest(Family):
    """Extremely randomised trees (Geurts, Ernst and Wehenkel 2006), or a random forest (Breiman 2001).

    Settings: how many ``trees``; ``extra`` for thresholds drawn by chance on all rows, else the best of a bootstrap
    sample; the share of ``columns`` that a split may choose from (0 for the square root of their number); ``min_rows``
    of a leaf; the ``impurity`` that splits reduce, ``gini`` or ``entropy``.
    """

    name = "forest"
    title = "Forest of random trees (scikit-learn)"
    suits = "where boosting overfits, the mean of many trees grown by chance does not"
    predictor = ForestPredictor
    defaults = MappingProxyType({"trees": 300, "extra": True, "columns": 0.0, "min_rows": 1, "impurity": "gini"})
    priority = 22
    appetite = 2.0
    loading = 0.5
    refits = True
    small = MappingProxyType({"trees": 40})

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column, and some rows."""
        if not self.recipe(schema, task, self.defaults).encoders:
            return "there is no feature column that it reads"
        return "trees need 20 rows or more" if n_rows < 20 else None

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """Thresholds by chance, then the best; leaves of more rows where rows are many and trees would be large."""
        if n_rows < _MANY:
            return ({"impurity": "entropy", "columns": 0.5}, {"extra": False, "min_rows": 3, "columns": 0.3})
        return ({"min_rows": 5}, {"extra": False, "min_rows": 5})

    def kin(self, settings: Settings) -> str:
        """The best threshold is looked for some times as long."""
        return f"{self.name} {'by chance' if settings['extra'] else 'of the best'}"

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families; and by the bounds of its settings."""
        super().check(settings, form)
        check_bounds(self.name, {**self.defaults, **settings}, _BOUNDS)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """As boosted trees', so that encodings are shared."""
        return Boosted().recipe(schema, task, Boosted.defaults)

    def load(self) -> None:
        """Import scikit-learn's forests."""
        import sklearn.ensemble  # noqa: F401

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Grow trees some at a time, until there are as many as wanted, as they may hold, or as the clock allows."""
        rows, parts = _Rows.of(learning), list[Grown]()
        most, trees, stopped = settings["trees"], 0, "as told"
        while trees < most:
            size = min(most - trees, _FIRST if not parts else _AT_ONCE)
            if learning.deadline.passed or learning.deadline.remaining < rows.seconds_per_tree * size:
                stopped = "clock"
                break
            parts.append(rows.grown(size, settings, derive_seed(learning.seed, len(parts)), learning.threads))
            trees += size
            if sum(len(part.feature) for part in parts) > _MOST_NODES and trees >= _FEWEST:
                most, stopped = trees, "large enough"
        if trees < min(_FEWEST, settings["trees"]):
            raise NotEnoughTime(f"there was time for {trees} trees, which are too few to vote")
        prior = learning.task.prior(learning.y, learning.weight)
        return Fitted(
            ForestPredictor(Grown.joined(parts), prior), {"trees": trees}, {"trees": trees, "stopped": stopped}
        )


@dataclass
class _Rows:
    """Training rows as scikit-learn takes them, and how long a tree of them takes."""

    table: Float32Array
    y: AnyArray
    weight: FloatArray | None
    n_classes: int
    seconds_per_tree: float = 0.0

    @classmethod
    def of(cls, learning: Learning) -> Self:
        """Those of a fold; weights that are all alike say nothing."""
        table = np.clip(learning.train.table(), -_LARGEST, _LARGEST)
        alike = bool((learning.weight == learning.weight[0]).all())
        return cls(table, learning.y, None if alike else learning.weight, len(learning.task.labels))

    def grown(self, trees: int, settings: Settings, seed: int, threads: int) -> Grown:
        """So many trees."""
        from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

        started = time.monotonic()
        model = (ExtraTreesClassifier if settings["extra"] else RandomForestClassifier)(
            trees,
            criterion=settings["impurity"],
            min_samples_leaf=settings["min_rows"],
            max_features=settings["columns"] or "sqrt",
            # Rows that weigh more are drawn more often: a leaf of one row says the same whatever that weighs.
            bootstrap=not settings["extra"] or self.weight is not None,
            n_jobs=threads,
            random_state=seed,
        ).fit(self.table, self.y, self.weight)
        classes = model.classes_.astype(np.int64)
        grown = Grown.of([one.tree_ for one in model.estimators_], self.table.shape[1], classes, self.n_classes)
        self.seconds_per_tree = (time.monotonic() - started) / trees
        return grown
