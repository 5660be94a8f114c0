"""Logistic regression with a ridge penalty: the simplest model that is often enough, and the one to beat on text."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Settings
from assay.families._design import make_design
from assay.families._path import DEFAULTS, LinearPredictor, walk
from assay.features._encoding import Recipe
from assay.features.splines import Splines
from assay.tasks._base import Form, Task


class Linear(Family):
    """L2-regularised logistic regression (multinomial for three classes or more); for numbers linear in the features.

    Each label has a logistic regression of its own; they are solved together, with one penalty for all. The prediction
    of numbers is by the task's loss (ridge regression for squares), the ends of an interval by quantile regression;
    absolute errors have a rounded corner (see `assay.families._numbers`).

    Settings: ``numeric`` (``"robust"`` or ``"quantile"``); ``splines``, a basis of `assay.features.splines` to have
    curves of numbers instead of lines (empty for lines), with so many ``knots`` (0 to choose by cross-validation) and a
    ``degree``; ``text`` (names of text encoders), ``path`` and ``steps`` (see `assay.families._path.walk`).
    """

    name = "linear"
    title = "Linear model"
    suits = "quick, and hard to beat where each column or word adds its part"
    predictor = LinearPredictor
    forms = frozenset({Form.CLASSES, Form.LABELS, Form.NUMBERS})
    defaults = MappingProxyType(
        {"numeric": "robust", "splines": "", "knots": 6, "degree": 3, "text": ("words", "chars"), **DEFAULTS}
    )
    priority = 10
    threadsafe = True

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

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """Refuse settings out of range.

        Raises:
            PlanError: Of the wrong type, or splines that there are not.
        """
        super().check(settings, form)
        if (given := {**self.defaults, **settings})["splines"]:
            Splines(basis=given["splines"], knots=given["knots"], degree=given["degree"])

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Scaled numbers, one-hot categories, parts of dates, tf-idf of texts; only what the columns need."""
        wanted = [
            (*_numbers(settings), (Kind.NUMERIC, Kind.BOOLEAN)),
            ("onehot", {}, (Kind.CATEGORICAL,)),
            ("calendar", {}, (Kind.DATETIME,)),
            *((name, {}, (Kind.TEXT,)) for name in settings["text"]),
        ]
        return Recipe(tuple((name, given) for name, given, kinds in wanted if schema.features(*kinds)))

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Walk the path of C on all features."""
        return walk(learning, make_design(learning.train, learning.weight, threads=learning.threads), settings)


def _numbers(settings: Settings) -> tuple[str, Mapping[str, Any]]:
    """The encoder of numbers, and its settings."""
    if not settings["splines"]:
        return settings["numeric"], {}
    return "splines", {"basis": settings["splines"], "knots": settings["knots"], "degree": settings["degree"]}
