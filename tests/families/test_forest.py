"""Forests: what they vote, what stops them, and what they refuse."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError
from assay.core.seeds import derive_seed
from assay.families import forest
from assay.families._base import Learning
from assay.families.forest import Forest
from assay.features._base import Matrix
from assay.tasks.multiclass import Multiclass


def _learning(x: np.ndarray, y: np.ndarray, **given: object) -> Learning:
    x = x.astype(np.float32)
    matrix = Matrix(x, np.zeros((len(x), 0), np.int32), None)
    task = Multiclass.from_target(pl.Series("label", y.astype(str)))
    ones = np.ones(len(y))
    return replace(Learning(task, matrix, y, ones, matrix, y, ones, seed=3), **given)


def _digits(**given: object) -> Learning:
    return _learning(*load_digits(return_X_y=True), **given)


@pytest.mark.parametrize(("extra", "kind"), [(True, ExtraTreesClassifier), (False, RandomForestClassifier)])
def test_it_votes_as_scikit_learns_forest_does(extra, kind):
    given = _digits()
    settings = {**Forest.defaults, "trees": 4, "extra": extra}
    fitted = Forest().fit(given, settings)
    theirs = kind(4, random_state=derive_seed(3, 0), n_jobs=1).fit(given.train.dense, given.y)
    votes = fitted.predictor.grown.votes(given.train.dense)
    assert np.allclose(votes, theirs.predict_proba(given.train.dense), atol=1e-6)


def test_the_prior_has_one_vote():
    given = _digits()
    predictor = Forest().fit(given, {**Forest.defaults, "trees": 20}).predictor
    votes, prior = predictor.grown.votes(given.train.dense), np.bincount(given.y) / len(given.y)
    assert np.allclose(predictor.predict(given.train), (20 * votes + prior) / 21, atol=1e-6)


def test_gaps_go_where_training_sent_them():
    random = np.random.default_rng(0)
    x = random.normal(size=(400, 2))
    y = (random.uniform(size=400) < 0.5).astype(np.int64)
    x[y == 1, 0] = np.nan
    predictor = Forest().fit(_learning(x, y), {**Forest.defaults, "trees": 20}).predictor
    rows = np.array([[np.nan, 0.0], [0.0, 0.0]], np.float32)
    first, second = predictor.predict(Matrix(rows, np.zeros((2, 0), np.int32), None))[:, 1]
    assert first > 0.9 > 0.1 > second


def test_infinite_numbers_are_very_large_ones():
    x, y = load_breast_cancer(return_X_y=True)
    x = x.astype(np.float32)
    x[0, 0] = np.inf
    given = _learning(x, y)
    fitted = Forest().fit(given, {**Forest.defaults, "trees": 20})
    assert np.isfinite(fitted.predictor.predict(given.train)).all()


def test_a_forest_is_no_larger_than_it_may_be(monkeypatch):
    monkeypatch.setattr(forest, "_MOST_NODES", 10_000)
    fitted = Forest().fit(_digits(), Forest.defaults)
    assert fitted.notes["stopped"] == "large enough"
    assert 20 <= fitted.notes["trees"] < 100
    assert fitted.fixed == {"trees": fitted.notes["trees"]}


def test_too_few_trees_are_none():
    with pytest.raises(NotEnoughTime, match="time for 0 trees"):
        Forest().fit(_digits(deadline=Deadline.after(0)), Forest.defaults)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"impurity": "entropie"}, r"impurity = 'entropie' among the settings of forest[\s\S]*mean 'entropy'"),
        ({"columns": 1.5}, "columns as a share from 0 to 1"),
        ({"trees": 4}, "trees as a whole number, 20 or more"),
        ({"min_rows": 0}, "min_rows as a whole number, 1 or more"),
    ],
)
def test_settings_out_of_range_are_refused(settings, says):
    with pytest.raises(PlanError, match=says):
        Forest().check(settings)
