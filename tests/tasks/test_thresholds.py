"""Thresholds of labels: the common one and those of each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.tasks._label_metrics import micro_f1
from assay.tasks._thresholds import tuned_thresholds


@given(seed=st.integers(0, 40))
def test_the_common_threshold_is_the_best_of_many(seed: int) -> None:
    random = np.random.default_rng(seed)
    y = (random.random((200, 3)) < 0.3).astype(np.float64)
    outputs = np.clip(0.3 * y + 0.6 * random.random((200, 3)), 0.01, 0.99)
    weight = random.uniform(0.5, 2, 200)

    def score(threshold: float) -> float:
        return micro_f1(y, outputs, outputs >= threshold, weight)

    (found, *others) = tuned_thresholds(y, outputs, weight, each=False)
    assert set(others) == {found}
    assert score(found) >= max(map(score, np.linspace(0.02, 0.98, 97))) - 0.02


def test_each_label_has_its_own_where_it_is_common() -> None:
    y = np.tile([[1.0, 0.0], [0.0, 1.0]], (500, 1))
    outputs = np.where(y == 1, [[0.9, 0.3]], [[0.7, 0.1]])
    high, low = tuned_thresholds(y, outputs, np.ones(1000), each=True)
    assert 0.7 < high <= 0.9
    assert 0.1 < low <= 0.3


def test_what_is_not_known_moves_nothing() -> None:
    y, outputs = np.array([[1.0], [0.0], [np.nan]] * 50), np.array([[0.8], [0.3], [0.99]] * 50)
    seen = y[:, 0] >= 0
    assert tuned_thresholds(y, outputs, np.ones(150), each=True) == pytest.approx(
        tuned_thresholds(y[seen], outputs[seen], np.ones(100), each=True)
    )
