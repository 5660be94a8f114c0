"""The path of a linear fit: from strong to weak regularisation, each solve starting where the last one ended.

The validation rows choose the stop. The path that was walked is what a fit fixes: walking it again, with as many
solver steps, needs neither clock nor validation rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import Float32Array, FloatArray
from assay.core.clock import Deadline
from assay.core.errors import PlanError, RunError
from assay.core.state import State, take, take_array
from assay.families._base import Fitted, Learning, Predictor, Settings
from assay.families._design import Design, Weights
from assay.families._labels import Labels
from assay.families._links import Link, Softmax, link_of, read_link
from assay.families._numbers import Numbers
from assay.families._softmax import Problem, solve
from assay.features._base import Matrix
from assay.tasks._base import Form
from assay.tasks.regression import Regression

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
    """Outputs from scores that are linear in the features.

    Args:
        weights: One score for two classes, else one for each output.
        n_outputs: Number of outputs k.
        link: From scores to outputs.
    """

    def __init__(self, weights: Weights, n_outputs: int, link: Link | None = None) -> None:
        self.weights, self.n_outputs, self.link = weights, n_outputs, link or Softmax()

    def predict(self, matrix: Matrix) -> FloatArray:
        """Outputs (n, k)."""
        scores = self.weights.scores(matrix).astype(np.float64)
        # Two classes have one score, that of the second.
        return self.link.outputs(np.hstack([np.zeros_like(scores), scores]) if self._is_binary else scores)

    def state(self) -> State:
        """The weights in float32, and the link."""
        weights = {"columns": self.weights.columns, "intercept": self.weights.intercept}
        return {"n_outputs": self.n_outputs, **weights, "link": self.link.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        columns = take_array(state, "columns", ndim=2, dtype=np.float32)
        intercept = take_array(state, "intercept", ndim=1, dtype=np.float32)
        link = read_link(take(state, "link", dict))
        predictor = cls(Weights(columns, intercept), take(state, "n_outputs", int), link)
        n_outputs = predictor.n_outputs
        n_scores = 1 if predictor._is_binary else n_outputs
        if n_outputs < (link.form is Form.CLASSES) + 1 or columns.shape[1] != n_scores or len(intercept) != n_scores:
            raise RunError(
                f"a linear model with {n_outputs} outputs, weights {columns.shape} and {len(intercept)} intercepts",
                expected="one score for two classes, or one for each of other outputs",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return predictor

    @property
    def _is_binary(self) -> bool:
        return self.n_outputs == 2 and self.link.form is Form.CLASSES


@dataclass(frozen=True)
class _Stop:
    """A place on the path, and the solver steps that led there from the stop before."""

    C: float
    steps: int
    cut: bool


@dataclass(frozen=True)
class Aim:
    """What a walk makes small, from where, and what a solution on the way predicts with.

    Attributes:
        problem: The sum to be made small.
        start: The solution (p, c) to begin with.
        predictor: A solution as a predictor.
        path: Values of C that suit the data, from strong to weak regularisation.
        tolerance: A solve ends when a step promises less than this share of the sum.
    """

    problem: Problem
    start: Float32Array
    predictor: Callable[[Float32Array], Predictor]
    path: tuple[float, ...]
    tolerance: float


def walk(learning: Learning, design: Design, settings: Settings) -> Fitted:
    """Fit a linear model of the features of a design: see `walk_to`."""
    link, k = link_of(learning), len(learning.task.labels)
    problem = _problem(learning, design, link)
    aim = Aim(
        problem,
        problem.start(learning.task.prior(learning.y, learning.weight)),
        lambda solution: LinearPredictor(design.weights(solution), k, link),
        _default_path(design, learning),
        float(np.clip(design.work * k / _LARGE_WORK * _COARSEST, _FINEST, _COARSEST)),
    )
    return walk_to(aim, learning, settings)


def walk_to(aim: Aim, learning: Learning, settings: Settings) -> Fitted:
    """Fit along ``settings["path"]`` (values of C; one that suits the data if empty).

    With ``settings["steps"]`` (a count for each C) the path is walked to its end, without clock or validation rows;
    without it, until the deadline or until the validation loss got no better twice, and the best stop is given.

    Raises:
        PlanError: ``path`` or ``steps`` are not what they should be.
    """
    path, counts = _checked(settings)
    if counts:
        *_, (_, predictor) = _stops(aim, path, counts, Deadline())
        return Fitted(predictor, {"path": list(path), "steps": list(counts)}, {"C": path[-1]})
    return _searched(aim, learning, path or aim.path)


def _searched(aim: Aim, learning: Learning, path: Sequence[float]) -> Fitted:
    stops: list[_Stop] = []
    losses: list[float] = []
    for stop, predictor in _stops(aim, path, [_MOST_STEPS] * len(path), learning.deadline):
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
    aim: Aim, path: Sequence[float], counts: Sequence[int], deadline: Deadline
) -> Iterator[tuple[_Stop, Predictor]]:
    solution = aim.start
    for C, count in zip(path, counts, strict=True):
        solved = solve(aim.problem, C, solution, max_steps=count, tolerance=aim.tolerance, deadline=deadline)
        solution = solved.solution
        yield _Stop(C, solved.steps, solved.cut), aim.predictor(solution)


def _loss(predictor: Predictor, learning: Learning) -> float:
    losses = learning.task.row_loss(learning.valid_y, predictor.predict(learning.valid))
    return float(np.average(losses, weights=learning.valid_weight))


def _problem(learning: Learning, design: Design, link: Link) -> Problem:
    task, y, total = learning.task, link.target(learning.y), float(learning.weight.sum())
    given = (design, y, (learning.weight / total).astype(np.float32), total, len(task.labels))
    if isinstance(task, Regression):
        return Numbers(*given, task.loss, task.levels, link)
    return Labels(*given) if task.form is Form.LABELS else Problem(*given)


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
