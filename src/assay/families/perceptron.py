"""A single unit: the perceptron with its classic update, or the logistic unit that took its place."""

import math
from collections.abc import Callable
from itertools import islice
from types import MappingProxyType
from typing import Any

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError, did_you_mean
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Settings
from assay.families._bounds import check_bounds
from assay.families._design import Weights
from assay.families._path import LinearPredictor
from assay.families._perceptron import Classes, Course, walk
from assay.families._separable import is_separable
from assay.families._unit import descend
from assay.families.mlp import Mlp, inputs
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import NOT_NEGATIVE, at_least

_RULES = ("classic", "logistic")
_FAR = 10.0
_PROOF_SECONDS, _PROOF_SHARE = 1.0, 0.2
_SHORTEST, _PATIENCE = 20, 0.1
_SCALES, _FINER = np.geomspace(1e-4, 1e4, 97), np.geomspace(0.8, 1.25, 33)
_LEAST = 1e-6


class Perceptron(Family):
    """The perceptron (Rosenblatt 1958): it learns from its mistakes only, and says whether a plane parts the classes.

    Settings: ``rule``: ``"classic"``, or ``"logistic"`` for gradient descent on the log loss; ``averaged``: whether the
    classic rule gives the mean of its weights on the way (Freund & Schapire 1999) or the last ones; ``epochs``: at most
    so many passes over the rows; ``scale``: what the classic rule's scores are multiplied with before they are made
    probabilities. With a scale of 0 the validation rows decide on it, and on the logistic unit's epoch.
    """

    name = "perceptron"
    title = "Perceptron"
    predictor = LinearPredictor
    defaults = MappingProxyType({"rule": "classic", "averaged": True, "epochs": 100, "scale": 0.0})
    priority = 45
    threadsafe = True
    small = MappingProxyType({"epochs": 30})

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column, of another kind than pictures."""
        return None if self.recipe(schema, task, self.defaults).encoders else "there is no feature column that it reads"

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """The linear family finds better lines."""
        return "logistic regression is a single unit too, and is solved to the end"

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """Both rules; gradient descent takes more passes, each of which costs little."""
        return ({}, {"rule": "logistic", "epochs": 1_000})

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families; there are two rules, and numbers have their range."""
        super().check(settings, form)
        whole = {**self.defaults, **settings}
        if whole["rule"] not in _RULES:
            raise PlanError(
                f"no rule named {whole['rule']!r} for the perceptron",
                expected=f"one of: {', '.join(_RULES)}",
                fix=f"{did_you_mean(whole['rule'], _RULES)}change rule in the plan",
            )
        check_bounds(self.name, whole, {"epochs": at_least(1), "scale": NOT_NEGATIVE})

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """As the multilayer perceptron's, so that encodings are shared."""
        return Mlp().recipe(schema, task, Mlp.defaults)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Learn by the rule that the settings name."""
        return (_classic if settings["rule"] == "classic" else _logistic)(learning, settings)


def _classic(learning: Learning, settings: Settings) -> Fitted:
    told = settings["scale"] > 0
    x, y, k = inputs(learning.train), learning.y, len(learning.task.labels)
    deadline = Deadline() if told else learning.deadline
    weight = learning.weight / learning.weight.mean()
    course = walk(x, y, weight, k, epochs=settings["epochs"], seed=learning.seed, deadline=deadline)
    weights = course.mean if settings["averaged"] else course.last
    classes = Classes(y, k)
    scale = float(settings["scale"]) if told else _scale(learning, weights, classes)
    stopped = "settled" if course.settled else "clock" if course.cut else "as told"
    notes = {"epochs": course.epochs, "updates": course.updates, "stopped": stopped}
    if not told:
        notes["data"] = _said(course, classes.wrong(x, weights), learning, x)
    return Fitted(_predictor(weights, scale, classes), {"epochs": course.epochs, "scale": scale}, notes)


def _said(course: Course, wrong: int, learning: Learning, x: Float32Array) -> str:
    """Whether a plane parts the classes, in plain words."""
    if course.settled:
        return f"separable: no mistake after {course.epochs} epochs and {course.updates:,} updates"
    seconds = min(_PROOF_SECONDS, _PROOF_SHARE * learning.deadline.remaining)
    answer = is_separable(x[learning.weight > 0], learning.y[learning.weight > 0], seconds=seconds)
    left = f"{wrong:,} of {len(x):,} rows still wrong after {course.epochs} epochs"
    if answer:
        return f"separable, but not parted yet: {left}; more epochs would part them"
    if answer is None:
        return f"no separating plane was found: {left}; if there is none, the classic update never settles"
    return f"not separable: {left}; the classic update never settles on such data"


def _logistic(learning: Learning, settings: Settings) -> Fitted:
    told, x, y = settings["scale"] > 0, inputs(learning.train), learning.y
    classes = Classes(y, len(learning.task.labels))
    passes = islice(descend(x, y, learning.weight, learning.task.prior(y, learning.weight)), int(settings["epochs"]))
    if told:
        *_, weights = passes
        return Fitted(_predictor(weights, 1.0, classes), {"epochs": settings["epochs"], "scale": 1.0})
    if learning.deadline.passed:
        raise NotEnoughTime("its time is not enough for one pass over the rows")
    best, lowest, found, stopped = 0, math.inf, np.zeros((0, 0), np.float32), "as told"
    loss = _losses(learning, classes)
    for epoch, weights in enumerate(passes, start=1):
        if (now := loss(weights, 1.0)) < lowest:
            best, lowest, found = epoch, now, weights
        if learning.deadline.passed or epoch - best >= max(_SHORTEST, _PATIENCE * settings["epochs"]):
            stopped = "clock" if learning.deadline.passed else "validation"
            break
    wrong = classes.wrong(x, found.astype(np.float64))
    said = f"{wrong:,} of {len(x):,} rows wrong" if wrong else "separable: no row is wrong"
    notes = {"epochs": best, "stopped": stopped, "data": said}
    return Fitted(_predictor(found, 1.0, classes), {"epochs": best, "scale": 1.0}, notes)


def _predictor(weights: AnyArray, scale: float, classes: Classes) -> LinearPredictor:
    """Weights (d + 1, k) times the scale; a class that no row has stays behind the others.

    The seen classes' scores add up to 0 in the classic rule, so that the highest is never below it.
    """
    scaled = weights * scale
    scaled[:, classes.unseen] = 0
    scaled[-1, classes.unseen] = -_FAR
    if scaled.shape[1] == 2:
        scaled = scaled[:, 1:] - scaled[:, :1]
    narrow: Float32Array = scaled.astype(np.float32)
    return LinearPredictor(Weights(narrow[:-1], narrow[-1]), len(classes.unseen))


def _scale(learning: Learning, weights: FloatArray, classes: Classes) -> float:
    """What the scores are multiplied with for the lowest validation log loss, to one per cent."""
    loss = _losses(learning, classes)
    size = float(np.abs(inputs(learning.train) @ weights[:-1] + weights[-1]).mean()) or 1.0
    rough = min((loss(weights, one), one) for one in _SCALES / size)[1]
    return min((loss(weights, one), float(one)) for one in rough * _FINER)[1]


def _losses(learning: Learning, classes: Classes) -> Callable[[AnyArray, float], float]:
    """The validation log loss of weights (d + 1, k) times a scale."""
    y, matrix = learning.valid_y, learning.valid
    rows = np.arange(len(y))

    def loss(weights: Any, scale: float) -> float:
        outputs = _predictor(weights, scale, classes).predict(matrix)
        return float(np.average(-np.log(outputs[rows, y] + _LEAST), weights=learning.valid_weight))

    return loss
