"""XGBoost's trees as ours: the same scores, for every row of float32 numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.families._links import Softmax
from assay.families._xgboost_trees import read_trees
from assay.families.boosted import BoostedPredictor
from assay.features._base import Matrix

xgboost = pytest.importorskip("xgboost")


def _grown(seed: int, classes: int, depth: int, rounds: int):
    random = np.random.default_rng(seed)
    x = random.normal(size=(120, 3)).astype(np.float32).round(1)  # many rows stand on thresholds
    x[random.uniform(size=x.shape) < 0.1] = np.nan
    y = (np.nan_to_num(x[:, 0]) > 0).astype(int) + (np.arange(120) % classes >= 2)
    y = np.minimum(y, classes - 1)
    goal = {"objective": "binary:logistic"} if classes == 2 else {"objective": "multi:softprob", "num_class": classes}
    booster = xgboost.train({**goal, "max_depth": depth, "nthread": 1}, xgboost.DMatrix(x, y), rounds)
    return x, booster


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000), st.integers(2, 4), st.integers(1, 5), st.integers(1, 6))
def test_they_answer_as_xgboost_does(seed, classes, depth, rounds):
    x, booster = _grown(seed, classes, depth, rounds)
    predictor = BoostedPredictor((read_trees(booster),), classes, Softmax())
    ours = predictor.predict(Matrix(x, np.zeros((len(x), 0), np.int32), None))
    theirs = booster.predict(xgboost.DMatrix(x))
    theirs = np.stack([1 - theirs, theirs], axis=1) if classes == 2 else theirs
    assert np.allclose(ours, theirs, atol=2e-5)
