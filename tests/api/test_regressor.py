"""The scikit-learn regressor: scikit-learn's own checks, intervals, frames, refusals."""

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from assay import AssayRegressor
from assay.core.errors import PlanError


def quick(**settings: Any) -> AssayRegressor:
    return AssayRegressor(**{"families": ("linear",), "folds": 3, "threads": 1, **settings})


@parametrize_with_checks([AssayRegressor(families=("linear",), threads=1)])
def test_scikit_learn_checks_pass(estimator: AssayRegressor, check: Any) -> None:
    check(estimator)


def test_its_score_is_r2_and_is_known_without_a_test_set() -> None:
    X, y = load_diabetes(return_X_y=True)
    model = quick(metric="r2").fit(X[:300], y[:300])
    assert model.predict(X[300:]).shape == (142,)
    assert model.score(X[300:], y[300:]) == pytest.approx(r2_score(y[300:], model.predict(X[300:])))
    assert model.score(X[300:], y[300:]) > 0.4
    assert 0.35 < model.evidence_.score < 0.6


def test_intervals_hold_the_share_that_was_asked_for() -> None:
    X, y = load_diabetes(return_X_y=True)
    model = quick(interval=0.9).fit(X[:300], y[:300])
    low, high = model.predict_interval(X[300:]).T
    assert 0.82 < np.mean((low <= y[300:]) & (y[300:] <= high)) < 0.98
    assert (low <= high).all()


def test_without_intervals_it_says_how_to_have_them() -> None:
    X, y = load_diabetes(return_X_y=True)
    with pytest.raises(PlanError, match=r"fitted without intervals[\s\S]*interval=0\.9"):
        quick().fit(X, y).predict_interval(X)


def test_the_loss_is_what_predictions_make_small() -> None:
    draw = np.random.default_rng(0)
    X, y = draw.normal(size=(400, 1)), draw.exponential(size=400)
    squared, absolute = (quick(loss=loss).fit(X, y).predict(X).mean() for loss in (None, "mae"))
    assert squared == pytest.approx(y.mean(), abs=0.05)
    assert absolute == pytest.approx(np.median(y), abs=0.1)


def test_frames_may_hold_categories_weights_and_groups() -> None:
    colours = np.array(["red", "green", "blue"])[np.arange(90) % 3]
    columns = {"colour": colours, "worth": np.where(colours == "red", 2.0, 1.0), "person": np.arange(90) // 5}
    y = pd.Series(np.arange(90) % 3 * 10)
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        model = quick(weight="worth", group="person").fit(frame, y)
        assert model.model_.schema.features() == ("colour",)
        np.testing.assert_allclose(model.predict(frame), y, atol=1)


def test_few_whole_numbers_are_numbers_and_not_classes() -> None:
    X = np.linspace(-1, 1, 80)[:, None]
    found = quick().fit(X, (X[:, 0] > 0).astype(int)).predict(X)
    assert len(np.unique(found)) == 80


def test_it_can_be_cloned_pickled_and_cross_validated() -> None:
    X, y = load_diabetes(return_X_y=True)
    model = quick(interval=0.8).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_interval(X), model.predict_interval(X))
    assert clone(model).get_params() == model.get_params()
    assert cross_val_score(quick(), X, y, cv=3).mean() > 0.4


@pytest.mark.parametrize("y", [["a", "b"] * 10, [1.0, np.nan] * 10, [1.0, np.inf] * 10, [None, 1] * 10], ids=str)
def test_truths_that_are_no_numbers_are_refused(y: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"Unknown label type|NaN|infinity"):
        quick().fit(pd.DataFrame({"x": np.arange(20.0)}), y)


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"loss": "msee"}, "msee"), ({"interval": 2.0}, "--interval 2"), ({"metric": "accuracy"}, "accuracy")],
)
def test_a_setting_that_does_not_exist_is_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        quick(**settings).fit(np.arange(40.0)[:, None], np.arange(40.0))


def test_before_it_is_fitted_it_says_so() -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        quick().predict(np.ones((2, 2)))
