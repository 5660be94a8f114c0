"""The time of a fit: kept, given out, and left for what must follow."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.core.clock import Budget
from assay.core.progress import Silence
from assay.fitting._schedule import Schedule
from assay.fitting._standing import Standing
from assay.fitting.assembly import Outcome
from assay.fitting.checkpoint import Unit
from tests.fitting.conftest import fitted, made_table, made_work


def _files(outcome: Outcome, folder: Path) -> dict[str, bytes]:
    outcome.model.save(folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("seconds", [0.01, 2.0])
def test_the_budget_is_kept_and_something_is_always_fitted(seconds: float) -> None:
    work = made_work(made_table(rows=4000), (), folds=3)
    started = time.monotonic()
    outcome = fitted(work, seconds)
    assert time.monotonic() - started < seconds + 3.0
    assert outcome.model.members


def test_a_single_split_is_made_good_if_time_is_left(tmp_path: Path) -> None:
    work = made_work(made_table(), ("linear",), folds=1, seconds=60)
    outcome = fitted(work, 60.0)
    assert outcome.plan.refit == "always"
    apart = fitted(replace(work, plan=replace(work.plan, refit="never")))
    assert _files(outcome, tmp_path / "all") != _files(apart, tmp_path / "apart")
    assert _files(outcome, tmp_path / "one") == _files(fitted(replace(work, plan=outcome.plan)), tmp_path / "two")


def test_a_single_split_stays_as_it_is_if_no_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    work = made_work(made_table(), ("linear",), folds=1, seconds=60)
    monkeypatch.setattr(Schedule, "_seconds_on_all", lambda self, numbers: 61.0)
    assert fitted(work, 60.0).plan.refit == "never"


def test_more_than_a_baseline_is_tried_whatever_the_time() -> None:
    outcome = fitted(made_work(made_table(), ("linear", "boosted"), folds=2, seconds=0.01), 0.01)
    told = {trial.name: trial.status for trial in outcome.evidence.trials}
    assert told["linear"] == "fitted"
    assert told["boosted"] == "no time was left"


def _unit(work, certainty: float, seconds: float, fold: int) -> Unit:
    """What a fold would give of a candidate that gives the true class this probability."""
    y = work.y[work.folds[fold].valid]
    outputs = np.full((len(y), len(work.task.labels)), (1 - certainty) / (len(work.task.labels) - 1), np.float32)
    outputs[np.arange(len(y)), y] = certainty
    return Unit(None, {}, {}, outputs, outputs, seconds)


def _schedule(seconds: float = 60.0) -> Schedule:
    work = made_work(made_table(rows=90), ("linear", "boosted"), folds=3, seconds=seconds)
    schedule = Schedule(Standing(work, Budget(seconds), Silence(), None))
    schedule.standing.units[1] = [_unit(work, 0.8, 0.1, fold) for fold in range(3)]
    schedule.finished(1)
    return schedule


@pytest.mark.parametrize(
    ("certainty", "seconds", "aside"),
    [(0.5, 10.0, True), (0.9, 10.0, False), (0.5, 0.1, False), (0.805, 0.1, False)],
    ids=["long and of no use", "long and of use", "short", "short and of little use"],
)
def test_what_is_long_and_adds_nothing_waits_after_its_first_fold(certainty, seconds, aside):
    schedule = _schedule()
    schedule.standing.units[2] = [_unit(schedule.standing.work, certainty, seconds, 0)]
    assert schedule.sets_aside(2) is aside


def test_those_that_wait_come_again_by_what_they_promise_for_their_time():
    schedule, work = _schedule(), _schedule().standing.work
    for number, certainty, seconds in ((2, 0.801, 12.0), (3, 0.801, 6.0), (4, 0.2, 6.0)):
        schedule.standing.units[number] = [_unit(work, certainty, seconds, 0)]
        assert schedule.sets_aside(number)
    order, turns = schedule.order(), []
    first = [next(order) for _ in work.plan.candidates]
    for number in order:
        turns.append(number)
        schedule.standing.units[number] *= 3
    assert (first, turns) == ([*range(len(work.plan.candidates))], [3, 2])
    assert schedule.standing.given_up[4] == (
        "set aside: on its first fold it took 0.00% at best off the loss of the others, and 12 s were to follow"
    )


def test_nothing_waits_where_there_is_no_hurry():
    schedule = _schedule(seconds=np.inf)
    schedule.standing.units[2] = [_unit(schedule.standing.work, 0.5, 10.0, 0)]
    assert not schedule.sets_aside(2)
