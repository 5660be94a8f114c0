"""CatBoost's trees: answers as its own, with the package and without."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_wine

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError, RunError
from assay.data.schema import Schema
from assay.families import catboost as module
from assay.families._base import Learning
from assay.families.catboost import CatBoost, CatBoostPredictor
from assay.features._base import Matrix
from assay.tasks._choose import choose_task
from assay.tasks.binary import Binary


def _learning(x: np.ndarray, y: np.ndarray, **given: object) -> Learning:
    def matrix(rows: np.ndarray) -> Matrix:
        return Matrix(rows.astype(np.float32), np.zeros((len(rows), 0), np.int32), None)

    task = choose_task(pl.Series("label", y.astype(str)))
    train, valid = matrix(x[::2]), matrix(x[1::2])
    ones = np.ones(len(y))
    return Learning(task, train, y[::2], ones[::2], valid, y[1::2], ones[1::2], **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("load", [load_breast_cancer, load_wine])
def test_it_answers_as_catboost_does(load):
    pytest.importorskip("catboost")
    x, y = load(return_X_y=True)
    x[::7, 0] = np.nan
    given = _learning(x, y)
    settings = {**CatBoost.defaults, "rounds": 40}
    fitted = CatBoost().fit(given, settings)
    theirs = module._Pools.of(given, settings).trained(0.06, 40)
    assert np.allclose(fitted.predictor.predict(given.valid), theirs.predict_proba(given.valid.dense), atol=2e-6)


def test_the_number_of_threads_changes_nothing():
    pytest.importorskip("catboost")
    given = _learning(*load_wine(return_X_y=True))
    one, two = (CatBoost().fit(replace(given, threads=n), CatBoost.defaults).predictor.state() for n in (1, 2))
    assert all(np.array_equal(one["trees"][key], two["trees"][key]) for key in one["trees"])


def test_early_stopping_finds_fewer_rounds_than_there_may_be():
    pytest.importorskip("catboost")
    fitted = CatBoost().fit(_learning(*load_breast_cancer(return_X_y=True)), CatBoost.defaults)
    assert fitted.notes["stopped"] == "validation"
    assert 5 < fitted.fixed["rounds"] < 1_000


def test_a_saved_model_answers_without_the_package(monkeypatch):
    pytest.importorskip("catboost")
    given = _learning(*load_wine(return_X_y=True))
    state = CatBoost().fit(given, {**CatBoost.defaults, "rounds": 20}).predictor.state()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert CatBoostPredictor.from_state(state).predict(given.valid).shape == (89, 3)
    with pytest.raises(PlanError, match=r"the package catboost is not installed[\s\S]*pip install 'assay\[catboost\]'"):
        CatBoost().need()
    assert "assay[catboost]" in (CatBoost().left_out(Schema(()), Binary(("0", "1"), "text"), 100) or "")


def test_without_time_there_is_none():
    pytest.importorskip("catboost")
    with pytest.raises(NotEnoughTime, match="no time for a round"):
        CatBoost().fit(_learning(*load_wine(return_X_y=True), deadline=Deadline.after(0)), CatBoost.defaults)


def test_one_class_alone_is_nothing_to_learn():
    pytest.importorskip("catboost")
    given = _learning(*load_wine(return_X_y=True))
    with pytest.raises(NotEnoughTime, match="all training rows are of one class"):
        CatBoost().fit(replace(given, y=np.zeros_like(given.y)), CatBoost.defaults)


@pytest.mark.parametrize("settings", [{"rate": 0.0}, {"depth": 17}, {"l2": -1.0}, {"patience": 0}])
def test_settings_out_of_range_are_refused(settings):
    pytest.importorskip("catboost")
    (key,) = settings
    with pytest.raises(PlanError, match=f"{key} = .* among the settings of catboost"):
        CatBoost().check(settings)


@pytest.mark.parametrize(
    ("key", "forged"), [("classes", np.array([0, 1])), ("classes", np.array([0, 1, 3])), ("n_outputs", 2)]
)
def test_forged_states_are_refused(key, forged):
    pytest.importorskip("catboost")
    given = _learning(*load_wine(return_X_y=True))
    state = CatBoost().fit(given, {**CatBoost.defaults, "rounds": 5}).predictor.state()
    with pytest.raises(RunError, match="a score for each class"):
        CatBoostPredictor.from_state({**state, key: forged})
