import time

import numpy as np
import pytest

from assay.core.errors import PlanError, RunError
from assay.families._base import Learning
from assay.families._design import make_design
from assay.families._labels import label_losses
from assay.families._path import DEFAULTS, LinearPredictor, walk
from assay.families.linear import Linear
from assay.features._base import Matrix
from assay.tasks.multilabel import Multilabel
from tests.families.linear_cases import learning, matrix, rows, words

FAMILY = Linear()


def fit(asked, **settings):
    return FAMILY.fit(asked, {**FAMILY.defaults, **settings})


def halves(k=3, seed=0):
    X, y = words(n=600, k=k, seed=seed)
    return learning(matrix(sparse=X[:300]), y[:300], k, valid=matrix(sparse=X[300:]), valid_y=y[300:])


@pytest.mark.parametrize("k", [2, 3])
def test_fixed_makes_the_same_fit_without_validation_rows(k):
    asked = halves(k)
    found = fit(asked)
    blind = learning(asked.train, asked.y, k, valid=asked.valid, valid_y=np.zeros_like(asked.valid_y), seconds=0)
    again = fit(blind, **found.fixed)
    np.testing.assert_array_equal(again.predictor.weights.columns, found.predictor.weights.columns)
    np.testing.assert_array_equal(again.predictor.weights.intercept, found.predictor.weights.intercept)
    assert again.fixed == found.fixed
    assert again.notes["C"] == found.notes["C"]


def test_the_stop_with_the_best_validation_loss_is_chosen():
    asked = halves()
    outputs = {
        C: fit(asked, path=[C]).predictor.predict(asked.valid) for C in (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
    }
    losses = {C: -np.log(found[np.arange(300), asked.valid_y]).mean() for C, found in outputs.items()}
    best = fit(asked)
    loss = -np.log(best.predictor.predict(asked.valid)[np.arange(300), asked.valid_y]).mean()
    assert loss <= min(losses.values()) * 1.01
    assert best.notes["stopped"] == "validation"


def test_a_passed_deadline_gives_the_prior_and_repeats():
    X, y = rows()
    asked = learning(matrix(dense=X), y, 3, seconds=0)
    found = fit(asked)
    assert found.notes["stopped"] == "clock"
    prior = asked.task.prior(y, np.ones(len(y)))
    np.testing.assert_allclose(found.predictor.predict(asked.train), np.tile(prior, (len(y), 1)), rtol=1e-4)
    again = fit(learning(matrix(dense=X), y, 3), **found.fixed)
    np.testing.assert_array_equal(again.predictor.weights.intercept, found.predictor.weights.intercept)


def test_the_deadline_is_kept_and_what_it_stopped_is_repeated():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(20_000, 200)).astype(np.float32), random.integers(0, 20, 20_000)
    began = time.monotonic()
    found = fit(learning(matrix(dense=X), y, 20, seconds=0.4))
    assert time.monotonic() - began < 1.0
    again = fit(learning(matrix(dense=X), y, 20), **found.fixed)
    np.testing.assert_array_equal(again.predictor.weights.columns, found.predictor.weights.columns)


def test_threads_do_not_change_the_fit():
    X, y = words(n=600, s=20_000)
    one, two = (fit(learning(matrix(sparse=X), y, 3, threads=threads), path=[1.0]) for threads in (1, 2))
    np.testing.assert_array_equal(one.predictor.weights.columns, two.predictor.weights.columns)


@pytest.mark.parametrize("k", [2, 5])
def test_a_class_that_is_missing_gets_a_small_probability(k):
    X, y = rows(k=k)
    y = np.where(y == k - 1, 0, y)
    outputs = fit(learning(matrix(dense=X), y, k)).predictor.predict(matrix(dense=X))
    assert outputs.shape == (len(y), k)
    np.testing.assert_allclose(outputs.sum(axis=1), 1)
    assert 0 < outputs[:, k - 1].min() and outputs[:, k - 1].max() < 0.05


def test_huge_features_give_probabilities():
    X, y = rows()
    predictor = fit(learning(matrix(dense=X), y, 3)).predictor
    outputs = predictor.predict(matrix(dense=X * 1e12))
    np.testing.assert_allclose(outputs.sum(axis=1), 1)
    assert outputs.min() >= 1e-6 * 0.999


def test_one_feature_and_none():
    X, y = rows(k=2)
    one = fit(learning(matrix(dense=X[:, :1]), y, 2)).predictor.predict(matrix(dense=X[:, :1]))
    none = fit(learning(matrix(dense=X[:, :0]), y, 2)).predictor.predict(matrix(dense=X[:, :0]))
    assert one.shape == (len(y), 2)
    np.testing.assert_allclose(none[:, 1], y.mean(), atol=2e-3)


def test_state_round_trip_and_one_row():
    asked = halves()
    predictor = fit(asked).predictor
    again = LinearPredictor.from_state(predictor.state())
    many = predictor.predict(asked.valid)
    np.testing.assert_array_equal(again.predict(asked.valid), many)
    np.testing.assert_allclose(again.predict(matrix(sparse=asked.valid.sparse[[5]])), many[[5]], rtol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"classes": 7},
        {"classes": True},
        {"columns": [1, 2]},
        {"columns": np.zeros((2, 3))},
        {"intercept": np.zeros(2, np.float32)},
        {"intercept": None},
    ],
)
def test_a_damaged_state_is_refused(change):
    state = {"classes": 3, "columns": np.zeros((2, 3), np.float32), "intercept": np.zeros(3, np.float32)}
    with pytest.raises(RunError, match=r"fit again"):
        LinearPredictor.from_state({**state, **change})


@pytest.mark.parametrize(
    "settings",
    [
        {"path": [0.0]},
        {"path": ["1"]},
        {"path": [1.0], "steps": [1, 2]},
        {"path": [1.0], "steps": [-1]},
        {"steps": [3]},
    ],
)
def test_a_wrong_path_is_refused(settings):
    X, y = rows()
    with pytest.raises(PlanError, match=r"values of C above zero"):
        fit(learning(matrix(dense=X), y, 3), **{**DEFAULTS, **settings})


def three_labels() -> Learning:
    """Texts and numbers with three labels, the last of which nothing tells."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(400, 30)).astype(np.float32)
    y = np.stack([x[:, 0] > 0, x[:, :8].sum(axis=1) > 0, draw.random(400) < 0.3], axis=1).astype(float)
    y[draw.random(y.shape) < 0.1] = np.nan
    parts = [Matrix(x[rows], np.zeros((len(x[rows]), 0), np.int32), None) for rows in (np.s_[:300], np.s_[300:])]
    return Learning(Multilabel(("a", "b", "c")), parts[0], y[:300], np.ones(300), parts[1], y[300:], np.ones(100))


def test_each_label_is_taken_from_the_stop_that_is_best_for_it():
    given = three_labels()
    design = make_design(given.train, given.weight)
    fit = walk(given, design, DEFAULTS)
    stops = fit.fixed["stops"]
    assert len(stops) == 3
    assert max(stops) == len(fit.fixed["path"]) - 1
    assert stops[2] < stops[0]  # what nothing tells wants the strongest penalty
    outputs = fit.predictor.predict(given.valid)
    for number in range(max(stops) + 1):
        short = {"path": fit.fixed["path"][: number + 1], "steps": fit.fixed["steps"][: number + 1], "stops": ()}
        there = walk(given, design, {**DEFAULTS, **short}).predictor.predict(given.valid)
        for label in np.flatnonzero(np.array(stops) == number):
            np.testing.assert_array_equal(there[:, label], outputs[:, label])


def test_a_label_fares_no_worse_than_alone_on_its_best_stop():
    given = three_labels()
    design = make_design(given.train, given.weight)
    fit = walk(given, design, DEFAULTS)
    best = label_losses(given.valid_y, fit.predictor.predict(given.valid), given.valid_weight)
    for C in fit.fixed["path"]:
        one = walk(given, design, {**DEFAULTS, "path": (C,)})
        loss = label_losses(given.valid_y, one.predictor.predict(given.valid), given.valid_weight)
        assert (best <= loss + 2e-3).all()


@pytest.mark.parametrize("stops", [[0, 1], [0, 0, 5], ["a", 0, 0]])
def test_stops_that_are_none(stops):
    given = three_labels()
    told = {"path": (0.1, 1.0), "steps": (3, 3), "stops": stops}
    with pytest.raises(PlanError, match=r"stops = \[.*\] in a linear candidate[\s\S]*stops: numbers of these"):
        walk(given, make_design(given.train, given.weight), told)
