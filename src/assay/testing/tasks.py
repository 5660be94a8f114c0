"""What every task must do, whoever wrote it: each check takes the class and raises `AssertionError` on a breach.

A task is tried on the first of some made-up targets that it accepts: two classes, four numbered ones, lists of labels,
fractions.
"""

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, FloatArray
from assay.core.errors import RunError, UserError
from assay.core.state import read_state, write_state
from assay.tasks._base import Form, Rule, Task

Check = Callable[[type[Task]], None]
_ROWS = 60


def targets() -> list[pl.Series]:
    """Targets of each kind, one in twenty missing."""
    draw, number = np.random.default_rng(0), range(_ROWS)
    values: list[list[object]] = [
        ["yes" if n % 2 else "no" for n in number],
        [int(n % 4) for n in number],
        [["red"] * (n % 2) + ["blue"] * (n % 3 == 0) for n in number],
        draw.normal(50, 9, _ROWS).tolist(),
    ]
    return [pl.Series("target", [None if n % 20 == 7 else value for n, value in enumerate(each)]) for each in values]


def check_target(kind: type[Task]) -> None:
    """What is missing is not labelled, and has no place in the census; the rest has, and comes back as it was."""
    task, target, y = _made(kind)
    known = task.labelled(y)
    _expect(
        np.array_equal(known, target.is_not_null().to_numpy()), "a missing target counts as a label, or the reverse"
    )
    decoded = task.decode(task.as_decided(y)[known])
    _expect(_as_sets(decoded) == _as_sets(target.drop_nulls()), f"{decoded[:3].to_list()} is not what was encoded")
    census = task.census(y)
    _expect(not census or tuple(census) == task.labels, "a census of other labels")
    unknown = task.encode(pl.Series("target", [None, None], dtype=target.dtype), _sequence(2))
    _expect(not task.labelled(unknown).any(), "rows without anything count as labelled")


def check_prior(kind: type[Task]) -> None:
    """The prior is one finite number for each label; probabilities are neither 0 nor 1, those of classes sum to one."""
    task, _, y = _labelled(kind)
    prior = task.prior(y, np.ones(len(y)))
    _expect(prior.shape == (len(task.labels),) and bool(np.isfinite(prior).all()), f"a prior {prior}")
    if task.form is not Form.NUMBERS:
        _expect(bool((prior > 0).all() and (prior < 1).all()), "a prior that is certain")
    if task.form in (Form.CLASSES, Form.TAGS):
        _expect(bool(np.isclose(prior.sum(), 1)), "a prior that does not sum to one")


def check_decisions(kind: type[Task]) -> None:
    """Decisions have the form of the truth, whatever the metric asks of the rule; no rows give none."""
    task, _, y = _labelled(kind)
    outputs, ones, sequence = _outputs(task, y), np.ones(len(y)), task.sequence(y)
    for metric in task.metrics.values():
        rule = task.tune_rule(y, outputs, ones, metric)
        _expect(all(0 < share <= 1 for share in rule.thresholds), f"thresholds {rule.thresholds}")
        decided = task.decide(outputs, rule, sequence)
        _expect(decided.shape == task.as_decided(y).shape, f"decisions of the shape {decided.shape}")
        score = metric.score(y, outputs, decided, ones)
        _expect(bool(np.isfinite(score)), f"{metric.name} is {score}")
        _expect(metric.loss(score) == (-score if metric.greater_is_better else score), "a loss that is not the score")
    none = task.decide(outputs[:0], Rule(), None if sequence is None else sequence[:0])
    _expect(len(none) == 0, "decisions for no rows")


def check_metrics(kind: type[Task]) -> None:
    """The default and the second metric exist; outputs that lean to the truth beat the prior by all of them."""
    task, _, y = _labelled(kind)
    ones, sequence = np.ones(len(y)), task.sequence(y)
    good = _outputs(task, y)
    lazy = np.tile(task.prior(y, ones), (len(y), 1))
    for name in (task.default_metric, task.second_metric):
        metric = task.metric(name)
        better, worse = (
            metric.loss(metric.score(y, outputs, task.decide(outputs, Rule(), sequence), ones))
            for outputs in (good, lazy)
        )
        _expect(better < worse, f"{name} prefers the prior")


def check_calibration(kind: type[Task]) -> None:
    """An empty calibration changes nothing; a found one is finite, and does not make the second metric much worse."""
    task, _, y = _labelled(kind)
    outputs, ones = _outputs(task, y), np.ones(len(y))
    _expect(np.array_equal(task.calibrated(outputs, ()), outputs), "no calibration changes outputs")
    found = task.calibration(y, outputs, ones)
    _expect(all(map(np.isfinite, found)), f"a calibration {found}")
    moved = task.calibrated(outputs, found)
    _expect(moved.shape == outputs.shape and bool(np.isfinite(moved).all()), "calibrated outputs of another shape")


def check_rows(kind: type[Task]) -> None:
    """Losses of rows are finite and smallest where outputs are right; what is shown has a value for each row."""
    task, _, y = _labelled(kind)
    good, lazy = _outputs(task, y), np.tile(task.prior(y, np.ones(len(y))), (len(y), 1))
    losses = task.row_loss(y, good)
    _expect(losses.shape == (len(y),) and bool(np.isfinite(losses).all()), "losses of rows that are not finite")
    _expect(losses.mean() < task.row_loss(y, lazy).mean(), "the prior has smaller losses")
    _expect(all(len(column) == len(y) for column in task.shown(good).values()), "a shown column of another length")
    json.dumps(task.details(y, good, task.decide(good, Rule(), task.sequence(y)), np.ones(len(y))), allow_nan=False)


def check_state(kind: type[Task]) -> None:
    """Through files and back it is the same task; a state with something missing is refused."""
    task, _, y = _labelled(kind)
    with tempfile.TemporaryDirectory() as folder:
        write_state(Path(folder), task.state())
        state = read_state(Path(folder))
    again = kind.from_state(state)
    _expect(again.state() == task.state() and again.labels == task.labels, "the task that was read is another one")
    outputs = _outputs(task, y)
    one, two = (each.decide(outputs, Rule(), each.sequence(y)) for each in (task, again))
    _expect(np.array_equal(one, two), "the task that was read decides otherwise")
    for key in state:
        if state[key] is None:
            continue
        try:
            kind.from_state({other: value for other, value in state.items() if other != key})
        except RunError:
            continue
        raise AssertionError(f"a state without {key!r} is accepted")


CHECKS: tuple[Check, ...] = (
    check_target,
    check_prior,
    check_decisions,
    check_metrics,
    check_calibration,
    check_rows,
    check_state,
)


@cache
def _made(kind: type[Task]) -> tuple[Task, pl.Series, AnyArray]:
    for target in targets():
        try:
            task = kind.from_target(target)
        except UserError:
            continue
        return task, target, task.encode(target, _sequence(len(target)))
    raise AssertionError("it accepts none of the targets")


def _labelled(kind: type[Task]) -> tuple[Task, pl.Series, AnyArray]:
    """The same without rows that have no label."""
    task, target, y = _made(kind)
    known = task.labelled(y)
    return task, target.filter(pl.Series(known)), y[known]


def _sequence(rows: int) -> AnyArray:
    return np.arange(rows) // 3


def _outputs(task: Task, y: AnyArray) -> FloatArray:
    """Outputs that lean to the truth."""
    draw = np.random.default_rng(1)
    truth = task.as_decided(y)
    if task.form is Form.NUMBERS:
        near = truth[:, None] + draw.normal(0, 1, (len(y), 1))
        return np.hstack([near, near - 2, near + 2][: len(task.labels)])
    there = truth == 1 if truth.ndim == 2 else truth[:, None] == np.arange(len(task.labels))
    lean = np.where(there, 0.8, 0.2) + draw.uniform(-0.1, 0.1, there.shape)
    outputs: FloatArray = lean if task.form is Form.LABELS else lean / lean.sum(axis=1, keepdims=True)
    return outputs


def _as_sets(values: pl.Series) -> list[object]:
    """Lists of labels without their order; all else as it is."""
    return [frozenset(value) if isinstance(value, list) else value for value in values.to_list()]


def _expect(right: bool, otherwise: str) -> None:
    if not right:
        raise AssertionError(otherwise)
