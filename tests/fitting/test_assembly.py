"""What comes of a fit: weights, models of folds or of all rows, and rows that stay outside."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer

from assay.data.prepare import Wishes
from assay.fitting.assembly import Outcome
from assay.fitting.begin import begin_asked
from assay.fitting.planning import Request
from tests.fitting.conftest import fitted, made_table, made_work


def _files(outcome: Outcome, folder: Path) -> dict[str, bytes]:
    outcome.model.save(folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_weights_of_the_members_sum_to_one(outcome: Outcome) -> None:
    assert sum(entry.weight for entry in outcome.model.members) == pytest.approx(1.0)
    assert sum(trial.weight for trial in outcome.evidence.trials) == pytest.approx(1.0)


def _in_time(rows: int = 270) -> pl.DataFrame:
    """Rows of which the last ones, that every fold but the last one's test rows lacks, are told by another word."""
    draw = np.random.default_rng(0)
    late = np.arange(rows) >= rows * 8 // 9
    y = draw.integers(0, 2, rows)
    words = np.where(late, np.where(y == 1, "new", "newer"), np.where(y == 1, "good", "bad"))
    return pl.DataFrame({"moment": np.arange(rows), "word": words, "noise": draw.normal(size=rows), "kind": y})


def test_a_model_of_rows_in_time_has_learned_from_the_last_ones_too() -> None:
    request = Request(wishes=Wishes(target="kind", time="moment"), families=("linear",), folds=8, seconds=0)
    work = begin_asked(_in_time(), request)
    outcome = fitted(work)
    assert all(len(entry.parts) == 1 for entry in outcome.model.members)
    late = work.data.rows(np.arange(240, 270))
    assert (outcome.model.outputs(late).argmax(axis=1) == work.y[240:]).all()
    plain = fitted(replace(work, plan=replace(work.plan, refit="never")))
    assert (plain.model.outputs(late).argmax(axis=1) == work.y[240:]).mean() < 0.8
    assert outcome.evidence.score == plain.evidence.score  # what is tested is the same


def test_a_model_of_rows_in_time_is_made_again_by_its_plan(tmp_path: Path) -> None:
    request = Request(wishes=Wishes(target="kind", time="moment"), families=("linear", "boosted"), folds=3, seconds=0)
    work = begin_asked(_in_time(), request)
    first = fitted(work)
    again = fitted(replace(work, plan=first.plan))
    assert _files(first, tmp_path / "first") == _files(again, tmp_path / "again")


def test_rows_without_a_label_are_set_aside() -> None:
    table = made_table().with_columns(
        kind=pl.when(pl.int_range(pl.len()) % 10 == 0).then(None).otherwise(pl.col("kind"))
    )
    evidence = fitted(made_work(table, folds=3)).evidence
    unlabelled = np.arange(240) % 10 == 0
    assert (evidence.y[unlabelled] == -1).all()
    assert np.isnan(evidence.outputs[unlabelled]).all()
    assert np.isfinite(evidence.outputs[~unlabelled]).all()


@pytest.mark.parametrize(("family", "parts"), [("forest", 1), ("boosted", 3)])
def test_a_forest_of_all_rows_takes_the_place_of_those_of_folds(family, parts):
    model = fitted(made_work(made_table(), (family,), folds=3)).model
    (first, *_) = [entry for entry in model.members if entry.family == family]
    assert len(first.parts) == parts


def test_a_fast_model_has_few_members_and_each_is_fitted_once():
    x, y = load_breast_cancer(return_X_y=True)
    table = pl.DataFrame(x[:, :8]).with_columns(kind=pl.Series(y))
    families = ("linear", "boosted", "forest")
    fast, best = (fitted(made_work(table, families, folds=3, prefer=wish)) for wish in ("fast", "best"))
    assert len(fast.model.members) < len(best.model.members)
    assert all(len(entry.parts) == 1 for entry in fast.model.members)
    assert (fast.plan.prefer, fast.plan.refit) == ("fast", "always")
