"""XGBoost: stopped by validation rows or the clock, and not there at all."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_wine

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError
from assay.data.schema import Schema
from assay.families import xgboost as module
from assay.families._base import Learning
from assay.families.boosted import BoostedPredictor
from assay.families.xgboost import XGBoost
from assay.features._base import Matrix
from assay.tasks._choose import choose_task
from assay.tasks.binary import Binary

pytest.importorskip("xgboost")


def _learning(x: np.ndarray, y: np.ndarray, **given: object) -> Learning:
    def matrix(rows: np.ndarray) -> Matrix:
        return Matrix(rows.astype(np.float32), np.zeros((len(rows), 0), np.int32), None)

    task, ones = choose_task(pl.Series("label", y.astype(str))), np.ones(len(y))
    parts = (matrix(x[::2]), y[::2], ones[::2], matrix(x[1::2]), y[1::2], ones[1::2])
    return Learning(task, *parts, **given)  # type: ignore[arg-type]


def test_early_stopping_finds_fewer_rounds_than_there_may_be():
    fitted = XGBoost().fit(_learning(*load_breast_cancer(return_X_y=True)), XGBoost.defaults)
    assert fitted.notes["stopped"] == "validation"
    assert 5 < fitted.fixed["rounds"] < 750


def test_the_number_of_threads_changes_nothing():
    given = _learning(*load_wine(return_X_y=True))
    one, two = (XGBoost().fit(replace(given, threads=n), XGBoost.defaults).predictor.state() for n in (1, 2))
    assert np.array_equal(one["trees"][0]["values"], two["trees"][0]["values"])


def test_infinite_numbers_are_very_large_ones():
    x, y = load_breast_cancer(return_X_y=True)
    x[0, 0] = np.inf
    given = _learning(x, y)
    assert np.isfinite(XGBoost().fit(given, XGBoost.defaults).predictor.predict(given.train)).all()


def test_a_saved_model_answers_without_the_package(monkeypatch):
    given = _learning(*load_wine(return_X_y=True))
    state = XGBoost().fit(given, {**XGBoost.defaults, "rounds": 20}).predictor.state()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert BoostedPredictor.from_state(state).predict(given.valid).shape == (89, 3)
    with pytest.raises(PlanError, match=r"the package xgboost is not installed[\s\S]*pip install 'assay\[xgboost\]'"):
        XGBoost().need()
    assert "assay[xgboost]" in (XGBoost().left_out(Schema(()), Binary(("0", "1"), "text"), 100) or "")


def test_without_time_there_is_none():
    with pytest.raises(NotEnoughTime, match="no time for a round"):
        XGBoost().fit(_learning(*load_wine(return_X_y=True), deadline=Deadline.after(0)), XGBoost.defaults)


@pytest.mark.parametrize("settings", [{"rate": 0.0}, {"depth": 17}, {"l2": -1.0}, {"columns": 0.0}, {"patience": 0}])
def test_settings_out_of_range_are_refused(settings):
    (key,) = settings
    with pytest.raises(PlanError, match=f"{key} = .* among the settings of xgboost"):
        XGBoost().check(settings)
