"""Results on disk, and what counts as finished."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contest.results import Result, Results, budget
from contest.sets import DataSet
from contest.systems import SYSTEMS, System

DATA = DataSet("titanic", "tabular", Path("unused"))
DONE = Result(set="titanic", kind="tabular", system="assay", measured="2026-01-01", seconds=60.0, log_loss=0.5)


def named(name: str) -> System:
    return next(system for system in SYSTEMS if system.name == name)


def test_a_result_comes_back_with_its_losses(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.keep(DONE, np.array([0.25, 0.75]))
    assert results.find("titanic", "assay") == DONE
    assert results.all() == [DONE]
    assert results.losses(DONE).tolist() == [0.25, 0.75]


def test_finished_means_numbers_under_the_same_budget(tmp_path: Path) -> None:
    results = Results(tmp_path)
    assert not results.finished(DATA, named("assay"), 60)
    results.keep(DONE, np.array([0.5]))
    assert results.finished(DATA, named("assay"), 60)
    assert not results.finished(DATA, named("assay"), 10)
    results.forget(DATA, named("assay"))
    assert results.all() == []


def test_a_peer_without_budget_is_finished_whatever_the_budget(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.keep(replace(DONE, system="logistic", seconds=budget(named("logistic"), 60)), np.array([0.5]))
    assert results.finished(DATA, named("logistic"), 10)


def test_failures_are_tried_again(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.keep(replace(DONE, failure="exit code 1"))
    assert not results.finished(DATA, named("assay"), 60)


def test_a_write_that_is_cut_off_leaves_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", cut)
    with pytest.raises(KeyboardInterrupt):
        Results(tmp_path).keep(DONE, np.array([0.5]))
    assert Results(tmp_path).all() == []
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_half_and_five_times_the_seconds() -> None:
    assert (budget(named("assay-30"), 60), budget(named("autogluon-best"), 60)) == (30.0, 300.0)
