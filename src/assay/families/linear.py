"""Logistic regression with a ridge penalty: the simplest model that is often enough, and the one to beat on text."""

from types import MappingProxyType

from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Settings
from assay.families._design import make_design
from assay.families._path import DEFAULTS, LinearPredictor, walk
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task


class Linear(Family):
    """L2-regularised logistic regression (multinomial for three classes or more); for numbers linear in the features.

    Each label has a logistic regression of its own; they are solved together, with one penalty for all. The prediction
    of numbers is by the task's loss (ridge regression for squares), the ends of an interval by quantile regression;
    absolute errors have a rounded corner (see `assay.families._numbers`).

    Settings: ``numeric`` (``"robust"`` or ``"quantile"``), ``text`` (names of text encoders), ``path`` and ``steps``
    (see `assay.families._path.walk`).
    """

    name = "linear"
    title = "Linear model"
    suits = "quick, and hard to beat where each column or word adds its part"
    predictor = LinearPredictor
    forms = frozenset({Form.CLASSES, Form.LABELS, Form.NUMBERS})
    defaults = MappingProxyType({"numeric": "robust", "text": ("words", "chars"), **DEFAULTS})
    priority = 10

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column."""
        return None if self.recipe(schema, task, self.defaults).encoders else "there is no feature column"

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """As it is; with numbers by their ranks; with words alone."""
        found: list[Settings] = [{}]
        if schema.features(Kind.NUMERIC):
            found.append({"numeric": "quantile"})
        if schema.features(Kind.TEXT):
            found.append({"text": ("words",)})
        return tuple(found)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Scaled numbers, one-hot categories, parts of dates, tf-idf of texts; only what the columns need."""
        wanted = [
            (settings["numeric"], (Kind.NUMERIC, Kind.BOOLEAN)),
            ("onehot", (Kind.CATEGORICAL,)),
            ("calendar", (Kind.DATETIME,)),
            *((name, (Kind.TEXT,)) for name in settings["text"]),
        ]
        return Recipe(tuple((name, {}) for name, kinds in wanted if schema.features(*kinds)))

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Walk the path of C on all features."""
        return walk(learning, make_design(learning.train, learning.weight, threads=learning.threads), settings)
