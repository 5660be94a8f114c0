"""One candidate on its folds."""

import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.core.clock import Budget, Deadline
from assay.families._base import Learning, Surroundings
from assay.families.linear import Linear
from assay.fitting._candidate import Candidature
from assay.fitting._work import Encodings
from assay.fitting.checkpoint import Checkpoint
from tests.fitting.conftest import made_table, made_work


def _linear(rows: int = 240) -> Candidature:
    work = made_work(made_table(rows=rows), folds=3)
    return Candidature(work, 1, work.plan.candidates[1], Encodings(work), None, Budget())


def test_settings_are_the_defaults_under_those_of_the_plan() -> None:
    assert set(_linear().settings) >= set(Linear.defaults)


def test_a_unit_has_outputs_for_the_rows_of_its_fold() -> None:
    candidature = _linear()
    unit = candidature.unit(0, Deadline())
    assert unit.valid.shape == (len(candidature.work.folds[0].valid), 2)
    assert unit.train.shape == (len(candidature.asked(0)), 2)


def test_many_rows_are_sampled_for_the_train_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.fitting._candidate._TRAIN_SIDE_ROWS", 20)
    asked = _linear().asked(0)
    assert len(asked) == 20
    assert np.array_equal(asked, np.unique(asked))
    assert np.array_equal(asked, _linear().asked(0))


def test_of_many_labels_fewer_rows_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.fitting._candidate._TRAIN_SIDE_NUMBERS", 30)
    assert len(_linear().asked(0)) == 30 // 2


def test_each_fold_is_left_its_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    plain = Linear.fit

    def spy(self: Linear, learning: Learning, settings: object) -> object:
        seen.append(learning.deadline.moment - time.monotonic())
        return plain(self, learning, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(Linear, "fit", spy)
    candidature, deadline = _linear(), Deadline.after(30.0)
    for number in range(3):
        candidature.unit(number, deadline)
    assert seen[0] == pytest.approx(10.0, abs=1.0)
    assert seen[2] == pytest.approx(30.0, abs=6.0)


def test_without_a_budget_there_is_no_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    assert math.isinf(Deadline().share(0.1).moment)


def test_a_fit_is_told_its_name_and_where_it_may_leave_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Surroundings] = []
    plain = Linear.fit

    def spy(self: Linear, learning: Learning, settings: object) -> object:
        seen.append(learning.surroundings)
        return plain(self, learning, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(Linear, "fit", spy)
    given = replace(_linear(), checkpoint=Checkpoint(tmp_path / "checkpoint"), events=tmp_path / "training")
    for number in range(2):
        given.unit(number, Deadline())
    assert [around.name for around in seen] == ["linear, fold 1 of 3", "linear, fold 2 of 3"]
    assert [around.in_full for around in seen] == [True, False]
    assert seen[1].events == tmp_path / "training" / "linear" / "fold-2"
    assert seen[1].scratch == tmp_path / "checkpoint" / "training-linear-1"


def test_without_a_run_folder_a_fit_leaves_nothing() -> None:
    around = _linear()._surroundings(0)
    assert (around.events, around.scratch) == (None, None)
