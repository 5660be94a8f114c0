"""The fit as a whole: honest, punctual, repeatable, and not brought down by one family."""

from dataclasses import replace

import numpy as np
import pytest

from assay.core.clock import Budget
from assay.core.errors import Interrupted, NotEnoughTime, PlanError
from assay.families._base import Learning
from assay.families.linear import Linear
from assay.fitting.assembly import Outcome
from assay.fitting.begin import begin_planned
from assay.fitting.checkpoint import Checkpoint
from assay.fitting.fit import fit_plan
from assay.fitting.plan import Plan
from tests.fitting.conftest import fitted, made_table, made_work


def _files(outcome: Outcome, folder) -> dict[str, bytes]:  # type: ignore[no-untyped-def]
    outcome.model.save(folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_can_be_learned_is_learned(outcome: Outcome) -> None:
    scores = {trial.name: trial.score for trial in outcome.evidence.trials}
    assert outcome.evidence.score < 0.8 * scores["prior"]
    assert outcome.evidence.interval[0] < outcome.evidence.score < outcome.evidence.interval[1]


def test_shuffled_labels_score_at_chance() -> None:
    table = made_table(rows=300)
    shuffled = table.with_columns(table["kind"].shuffle(seed=1))
    work = made_work(shuffled, ("linear", "boosted"), folds=4, metric="accuracy")
    evidence = fitted(work).evidence
    majority = shuffled["kind"].value_counts(sort=True)["count"][0] / 300
    assert evidence.score < majority + 0.06


def test_no_row_is_scored_by_a_fit_that_learned_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    table = made_table(rows=90)
    seen: list[set[float]] = []
    plain = Linear.fit

    def spy(self: Linear, learning: Learning, settings: object) -> object:
        train, valid = set(learning.train.dense[:, 0].tolist()), set(learning.valid.dense[:, 0].tolist())
        assert len(train) + len(valid) == 90  # the first column tells rows apart
        seen.append(train & valid)
        return plain(self, learning, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(Linear, "fit", spy)
    fitted(made_work(table, folds=3))
    assert len(seen) >= 3
    assert not any(seen)


def test_a_saved_plan_gives_the_same_model(outcome: Outcome, tmp_path) -> None:  # type: ignore[no-untyped-def]
    plan = Plan.from_toml(outcome.plan.to_toml())
    assert plan.is_fixed
    again = fitted(begin_planned(made_table(), plan))
    assert _files(again, tmp_path / "again") == _files(outcome, tmp_path / "first")


def test_a_fit_that_the_clock_cut_is_made_again_from_its_plan(tmp_path) -> None:  # type: ignore[no-untyped-def]
    work = made_work(made_table(rows=1500), ("linear", "boosted"), folds=2)
    cut = fitted(work, seconds=1.2)
    again = fitted(begin_planned(made_table(rows=1500), cut.plan))
    assert _files(again, tmp_path / "again") == _files(cut, tmp_path / "cut")


def test_a_family_that_breaks_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Linear, learning: Learning, settings: object) -> None:
        raise ZeroDivisionError("no luck")

    monkeypatch.setattr(Linear, "fit", broken)
    evidence = fitted(made_work(made_table(), ("linear", "boosted"), folds=2)).evidence
    status = {trial.name: trial.status for trial in evidence.trials}
    assert status["linear"] == "failed: ZeroDivisionError: no luck"
    assert status["boosted"] == "fitted"


def test_an_interrupted_fit_goes_on_to_the_same_model(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    work = made_work(made_table(), folds=3)
    undisturbed = fitted(work)
    calls, plain = [], Linear.fit

    def second_time_lucky(self: Linear, learning: Learning, settings: object) -> object:
        calls.append(learning.seed)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return plain(self, learning, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(Linear, "fit", second_time_lucky)
    with pytest.raises(Interrupted, match="what is done so far is kept"):
        fit_plan(work, budget=Budget(), checkpoint=Checkpoint(tmp_path / "checkpoint"))
    resumed = fit_plan(work, budget=Budget(), checkpoint=Checkpoint(tmp_path / "checkpoint"))
    assert len(set(calls)) == len(calls) - 1  # only the unit that was cut off was fitted twice
    assert _files(resumed, tmp_path / "resumed") == _files(undisturbed, tmp_path / "undisturbed")


def test_weights_of_rows_reach_the_fit() -> None:
    work = made_work(made_table(), folds=3)
    heavy = replace(work, weight=np.where(work.y == 1, 10.0, 1.0))
    share = fitted(heavy).model.outputs(work.data)[:, 1].mean()
    assert share > fitted(replace(work, weight=np.ones(240))).model.outputs(work.data)[:, 1].mean() + 0.1


def test_a_plan_of_which_nothing_could_be_fitted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(self: Linear, learning: Learning, settings: object) -> None:
        raise NotEnoughTime("its time is enough for nothing")

    monkeypatch.setattr(Linear, "fit", late)
    work = made_work(made_table(rows=60), folds=2)
    alone = replace(work, plan=replace(work.plan, candidates=work.plan.candidates[1:]))
    with pytest.raises(PlanError, match=r"linear \(its time is enough for nothing\)[\s\S]*--time"):
        fitted(alone)
