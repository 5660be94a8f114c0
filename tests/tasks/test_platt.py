"""A line through the log odds of each label."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from assay.tasks._platt import platt, plattened


def test_with_many_rows_it_is_a_logistic_regression_on_log_odds() -> None:
    random = np.random.default_rng(0)
    odds = random.normal(0, 2, 20_000)
    y = (random.random(20_000) < 1 / (1 + np.exp(-(0.6 * odds - 1)))).astype(np.float64)
    outputs = (1 / (1 + np.exp(-odds)))[:, None]
    wanted = LogisticRegression(C=1e9).fit(odds[:, None], y)
    slope, offset = platt(y[:, None], outputs, np.ones(20_000))
    assert (slope, offset) == pytest.approx((wanted.coef_[0, 0], wanted.intercept_[0]), abs=0.01)


@given(seed=st.integers(0, 40))
def test_a_label_that_is_parted_cleanly_stays_finite(seed: int) -> None:
    random = np.random.default_rng(seed)
    y = (random.random((60, 2)) < 0.5).astype(np.float64)
    outputs = np.where(y == 1, 0.999, 0.001)
    found = platt(y, outputs, np.ones(60))
    assert np.isfinite(found).all()
    moved = plattened(outputs, found)
    assert ((moved > 0.5) == (y == 1)).all()


def test_gaps_count_for_nothing() -> None:
    y, outputs = np.array([[1.0], [0.0], [np.nan]] * 30), np.array([[0.6], [0.5], [0.01]] * 30)
    seen = y[:, 0] >= 0
    assert platt(y, outputs, np.ones(90)) == pytest.approx(platt(y[seen], outputs[seen], np.ones(60)))
