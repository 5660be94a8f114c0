"""The path of a linear fit: from strong to weak regularisation, each solve starting where the last one ended.

The validation rows choose the stop. The path that was walked is what a fit fixes: walking it again, with as many
solver steps, needs neither clock nor validation rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.core.clock import Deadline
from assay.core.errors import PlanError, RunError
from assay.core.state import State, take, take_array
from assay.families._base import Fitted, Learning, Predictor, Settings
from assay.families._design import Design, Weights
from assay.families._softmax import Problem, probabilities, solve
from assay.features._base import Matrix

DEFAULTS: Settings = MappingProxyType({"path": (), "steps": ()})

_TABLE_PATH = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_TEXT_PATH = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
_LARGE_PATH = (3.0, 30.0, 300.0, 1000.0)
_LARGE_WORK = 1e8
_FINEST, _COARSEST = 3e-5, 4e-3
_MOST_STEPS = 300
_PATIENCE = 2
_LEAST = 1e-6


class LinearPredictor(Predictor):
    """Probabilities from scores that are linear in the features; none is below one in a million.

    Args:
        weights: One score for two classes, else one each.
        n_classes: Number of classes k.
    """

    def __init__(self, weights: Weights, n_classes: int) -> None:
        self.weights, self.n_classes = weights, n_classes

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k)."""
        found: FloatArray = probabilities(self.weights.scores(matrix).astype(np.float64))
        return found * (1 - self.n_classes * _LEAST) + _LEAST

    def state(self) -> State:
        """The weights in float32."""
        return {"classes": self.n_classes, "columns": self.weights.columns, "intercept": self.weights.intercept}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        n_classes = take(state, "classes", int)
        columns = take_array(state, "columns", ndim=2, dtype=np.float32)
        intercept = take_array(state, "intercept", ndim=1, dtype=np.float32)
        n_scores = 1 if n_classes == 2 else n_classes
        if n_classes < 2 or columns.shape[1] != n_scores or len(intercept) != n_scores:
            raise RunError(
                f"a linear model with {n_classes} classes, weights {columns.shape} and {len(intercept)} intercepts",
                expected="one score for two classes, or one for each of more",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls(Weights(columns, intercept), n_classes)


@dataclass(frozen=True)
class _Stop:
    """A place on the path, and the solver steps that led there from the stop before."""

    C: float
    steps: int
    cut: bool


def walk(learning: Learning, design: Design, settings: Settings) -> Fitted:
    """Fit along ``settings["path"]`` (values of C; one that suits the data if empty).

    With ``settings["steps"]`` (a count for each C) the path is walked to its end, without clock or validation rows;
    without it, until the deadline or until the validation loss got no better twice, and the best stop is given.

    Raises:
        PlanError: ``path`` or ``steps`` are not what they should be.
    """
    path, counts = _checked(settings)
    if counts:
        *_, (_, predictor) = _stops(learning, design, path, counts, Deadline())
        return Fitted(predictor, {"path": list(path), "steps": list(counts)}, {"C": path[-1]})
    return _searched(learning, design, path or _default_path(design, learning))


def _searched(learning: Learning, design: Design, path: Sequence[float]) -> Fitted:
    stops: list[_Stop] = []
    losses: list[float] = []
    for stop, predictor in _stops(learning, design, path, [_MOST_STEPS] * len(path), learning.deadline):
        stops.append(stop)
        losses.append(_loss(predictor, learning))
        best = int(np.argmin(losses))
        if best == len(stops) - 1:
            found = predictor
        if stop.cut or len(stops) > best + _PATIENCE:
            break
    walked = stops[: best + 1]
    fixed = {"path": [at.C for at in walked], "steps": [at.steps for at in walked]}
    return Fitted(found, fixed, {"C": walked[-1].C, "stopped": "clock" if stops[-1].cut else "validation"})


def _stops(
    learning: Learning, design: Design, path: Sequence[float], counts: Sequence[int], deadline: Deadline
) -> Iterator[tuple[_Stop, LinearPredictor]]:
    k = len(learning.task.labels)
    total = float(learning.weight.sum())
    problem = Problem(design, learning.y, (learning.weight / total).astype(np.float32), total, k)
    solution = problem.start(learning.task.prior(learning.y, learning.weight))
    tolerance = float(np.clip(design.work * k / _LARGE_WORK * _COARSEST, _FINEST, _COARSEST))
    for C, count in zip(path, counts, strict=True):
        solved = solve(problem, C, solution, max_steps=count, tolerance=tolerance, deadline=deadline)
        solution = solved.solution
        yield _Stop(C, solved.steps, solved.cut), LinearPredictor(design.weights(solution), k)


def _loss(predictor: LinearPredictor, learning: Learning) -> float:
    y: AnyArray = learning.valid_y
    outputs = predictor.predict(learning.valid)
    return float(np.average(-np.log(outputs[np.arange(len(y)), y]), weights=learning.valid_weight))


def _is_large(design: Design, n_classes: int) -> bool:
    return design.work * n_classes > _LARGE_WORK


def _default_path(design: Design, learning: Learning) -> tuple[float, ...]:
    if _is_large(design, len(learning.task.labels)):
        return _LARGE_PATH
    return _TABLE_PATH if design.sparse is None else _TEXT_PATH


def _checked(settings: Settings) -> tuple[tuple[float, ...], tuple[int, ...]]:
    path, steps = settings["path"], settings["steps"]
    right = all(isinstance(C, int | float) and 0 < C < float("inf") for C in path)
    if not right or not all(isinstance(count, int) and count >= 0 for count in steps):
        raise _refused(path, steps)
    if steps and len(steps) != len(path):
        raise _refused(path, steps)
    return tuple(map(float, path)), tuple(steps)


def _refused(path: Sequence[object], steps: Sequence[object]) -> PlanError:
    return PlanError(
        f"path = {list(path)!r} with steps = {list(steps)!r} in a linear candidate",
        expected="path: values of C above zero; steps: none, or a count for each of them",
        fix="correct them in the plan, or leave both out",
    )
