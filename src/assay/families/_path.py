"""The path of a linear fit: from strong to weak regularisation, each solve starting where the last one ended.

The validation rows choose the stop. The path that was walked is what a fit fixes: walking it again, with as many
solver steps, needs neither clock nor validation rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.clock import Deadline
from assay.core.errors import PlanError, RunError
from assay.core.state import State, take, take_array
from assay.families._base import Fitted, Learning, Predictor, Settings
from assay.families._design import Design, Weights
from assay.families._labels import Labels, label_losses
from assay.families._links import Link, Softmax, link_of, read_link
from assay.families._numbers import Numbers
from assay.families._softmax import Problem, solve
from assay.features._base import Matrix
from assay.tasks._base import Form
from assay.tasks.regression import Regression

DEFAULTS: Settings = MappingProxyType({"path": (), "steps": (), "stops": ()})

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
        apart: Whether each of the c scores is taken from the stop on the path that is best for it.
    """

    problem: Problem
    start: Float32Array
    predictor: Callable[[Float32Array], Predictor]
    path: tuple[float, ...]
    tolerance: float
    apart: bool = False


def walk(learning: Learning, design: Design, settings: Settings) -> Fitted:
    """Fit a linear model of the features of a design: see `walk_to`."""
    link, k = link_of(learning), len(learning.task.labels)
    problem, apart = _problem(learning, design, link), link.form is Form.LABELS
    # A rare label adds little to the sum over labels: as exact as if it were alone, however many there are.
    work = design.work if apart else design.work * k
    aim = Aim(
        problem,
        problem.start(learning.task.prior(learning.y, learning.weight)),
        lambda solution: LinearPredictor(design.weights(solution), k, link),
        _LARGE_PATH if work > _LARGE_WORK else _TABLE_PATH if design.sparse is None else _TEXT_PATH,
        float(np.clip(work / _LARGE_WORK * _COARSEST, _FINEST, _COARSEST)),
        apart,
    )
    return walk_to(aim, learning, settings)


def walk_to(aim: Aim, learning: Learning, settings: Settings) -> Fitted:
    """Fit along ``settings["path"]`` (values of C; one that suits the data if empty).

    With ``settings["steps"]`` (a count for each C) the path is walked to its end, without clock or validation rows;
    without it, until the deadline or until the validation loss got no better twice, and the best stop is given. Labels
    are taken each from the stop that is best for it: ``settings["stops"]`` are their numbers.

    Raises:
        PlanError: ``path`` or ``steps`` are not what they should be.
    """
    path, counts = _checked(settings)
    if not counts:
        return _searched(aim, learning, path or aim.path)
    chosen, found = np.array(settings["stops"] or [len(path) - 1]), aim.start
    if len(chosen) not in (1, found.shape[1]):
        raise _refused(settings)
    for number, (_, solution) in enumerate(_stops(aim, path, counts, Deadline())):
        found = np.where(chosen == number, solution, found)
    fixed = {"path": list(path), "steps": list(counts), **_numbered(aim, chosen)}
    return Fitted(aim.predictor(found), fixed, {"C": path[int(chosen.max())]})


def _searched(aim: Aim, learning: Learning, path: Sequence[float]) -> Fitted:
    stops: list[_Stop] = []
    losses: list[FloatArray] = []
    found = aim.start
    for stop, solution in _stops(aim, path, [_MOST_STEPS] * len(path), learning.deadline):
        losses.append(_losses(aim, solution, learning))
        best = np.argmin(losses, axis=0)
        found = np.where(best == len(stops), solution, found)
        stops.append(stop)
        if stop.cut or len(stops) > best.max() + _PATIENCE:
            break
    walked = stops[: int(best.max()) + 1]
    fixed = {"path": [at.C for at in walked], "steps": [at.steps for at in walked], **_numbered(aim, best)}
    notes = {"C": walked[-1].C, "stopped": "clock" if stops[-1].cut else "validation"}
    return Fitted(aim.predictor(found), fixed, notes)


def _numbered(aim: Aim, stops: AnyArray) -> Settings:
    return {"stops": stops.tolist()} if aim.apart else {}


def _stops(
    aim: Aim, path: Sequence[float], counts: Sequence[int], deadline: Deadline
) -> Iterator[tuple[_Stop, Float32Array]]:
    solution = aim.start
    for C, count in zip(path, counts, strict=True):
        solved = solve(aim.problem, C, solution, max_steps=count, tolerance=aim.tolerance, deadline=deadline)
        solution = solved.solution
        yield _Stop(C, solved.steps, solved.cut), solution


def _losses(aim: Aim, solution: Float32Array, learning: Learning) -> FloatArray:
    """Of the validation rows, for all scores together (1,) or for each label (k,)."""
    y, outputs = learning.valid_y, aim.predictor(solution).predict(learning.valid)
    if aim.apart:
        return label_losses(y, outputs, learning.valid_weight)
    return np.atleast_1d(np.average(learning.task.row_loss(y, outputs), weights=learning.valid_weight))


def _problem(learning: Learning, design: Design, link: Link) -> Problem:
    task, y, total = learning.task, link.target(learning.y), float(learning.weight.sum())
    given = (design, y, (learning.weight / total).astype(np.float32), total, len(task.labels))
    if isinstance(task, Regression):
        return Numbers(*given, task.loss, task.levels, link)
    return Labels(*given) if task.form is Form.LABELS else Problem(*given)


def _checked(settings: Settings) -> tuple[tuple[float, ...], tuple[int, ...]]:
    path, steps = settings["path"], settings["steps"]
    right = all(isinstance(C, int | float) and 0 < C < float("inf") for C in path)
    if not right or not all(isinstance(count, int) and count >= 0 for count in steps):
        raise _refused(settings)
    if (steps and len(steps) != len(path)) or not all(stop in range(len(path)) for stop in settings["stops"]):
        raise _refused(settings)
    return tuple(map(float, path)), tuple(steps)


def _refused(settings: Settings) -> PlanError:
    told = {key: list(settings[key]) for key in DEFAULTS if settings[key] or key != "stops"}
    return PlanError(
        " with ".join(f"{key} = {value!r}" for key, value in told.items()) + " in a linear candidate",
        expected="path: values of C above zero; steps: none, or a count for each of them; stops: numbers of these",
        fix="correct them in the plan, or leave them out",
    )
