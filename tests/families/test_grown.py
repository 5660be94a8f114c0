"""Trees as arrays: they vote as scikit-learn's do, through files too, and forged ones are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier

from assay.core.errors import RunError
from assay.families._grown import Grown


def _grown(seed: int = 0, *, rows: int = 60, classes: int = 3, columns: int = 3, gaps: float = 0.0, trees: int = 4):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, columns)).astype(np.float32)
    x[random.uniform(size=x.shape) < gaps] = np.nan
    y = np.arange(rows) % classes
    model = ExtraTreesClassifier(trees, random_state=seed).fit(x, y)
    seen = [tree.tree_ for tree in model.estimators_]
    return x, model, Grown.of(seen, columns, np.arange(classes), classes)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 80), st.integers(2, 5), st.integers(1, 4), st.sampled_from([0.0, 0.3]))
def test_they_vote_as_scikit_learns_trees_and_so_do_those_that_were_read(seed, rows, classes, columns, gaps):
    x, model, grown = _grown(seed, rows=max(rows, classes), classes=classes, columns=columns, gaps=gaps)
    assert np.allclose(grown.votes(x), model.predict_proba(x), atol=1e-6)
    assert np.array_equal(Grown.from_state(grown.state()).votes(x), grown.votes(x))


def test_a_threshold_parts_every_number_as_before():
    _, model, grown = _grown()
    for tree in model.estimators_:
        exact = tree.tree_.threshold[tree.tree_.feature >= 0]
        near = np.concatenate([np.nextafter(exact.astype(np.float32), np.float32(side)) for side in (-9, 9)])
        rows = np.column_stack([near, near, near]).astype(np.float32)
        assert np.allclose(grown.votes(rows), model.predict_proba(rows), atol=1e-6)


def test_classes_that_no_row_had_get_no_vote():
    x, model, _ = _grown(classes=2)
    grown = Grown.of([tree.tree_ for tree in model.estimators_], 3, np.array([0, 2]), 4)
    assert (grown.votes(x)[:, [1, 3]] == 0).all()
    assert np.allclose(grown.votes(x)[:, [0, 2]], model.predict_proba(x), atol=1e-6)


def test_joined_trees_vote_together():
    x, _, one = _grown(0)
    _, _, two = _grown(1, trees=8)
    assert np.allclose(Grown.joined([one, two]).votes(x), (4 * one.votes(x) + 8 * two.votes(x)) / 12)


@pytest.mark.parametrize(
    ("key", "forged", "why"),
    [
        ("right", lambda right: right * 0 + 100, "a child out of place"),
        ("right", lambda right: right * 0 + 1, "a child out of place"),
        ("right", lambda right: -right, "a child out of place"),
        ("feature", lambda feature: np.where(feature >= 0, 3, -1).astype(np.int8), "a column that is not there"),
        ("feature", lambda feature: feature * 0 - 1, "splits are missing"),
        ("feature", lambda feature: feature[:-1], "nodes are missing"),
        ("sizes", lambda sizes: sizes * 0, "nodes are missing"),
        ("sizes", lambda sizes: sizes.astype(np.float32), "not whole numbers"),
        ("threshold", lambda threshold: threshold * np.float32(np.nan), "a threshold that is no number"),
        ("gaps_left", lambda gaps: gaps[:-1], "splits are missing"),
    ],
)
def test_forged_trees_are_refused(key, forged, why):
    state = _grown()[2].state()
    with pytest.raises(RunError, match=why):
        Grown.from_state({**state, key: forged(state[key])})


@pytest.mark.parametrize(
    ("key", "forged", "why"),
    [
        ("class", lambda numbers: numbers + 3, "a class that is not there"),
        ("share", lambda share: share * 2, "a share that is none"),
        ("counts", lambda counts: counts[:-1], "shares are missing"),
    ],
)
def test_forged_shares_are_refused(key, forged, why):
    state = _grown()[2].state()
    shares = {**state["shares"], key: forged(state["shares"][key])}
    with pytest.raises(RunError, match=why):
        Grown.from_state({**state, "shares": shares})
