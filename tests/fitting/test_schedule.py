"""The time of a fit: kept, given out, and left for what must follow."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from assay.fitting._schedule import Schedule
from assay.fitting.assembly import Outcome
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
