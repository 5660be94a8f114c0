"""Scores of numbers against scikit-learn's, and of intervals against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from assay.tasks import _number_metrics as m


def _case(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = random.normal(50, 10, 40)
    point = y + random.normal(0, 4, 40)
    outputs = np.column_stack([point, point - random.uniform(0, 9, 40), point + random.uniform(0, 9, 40)])
    return y, outputs, random.uniform(0.5, 2, 40)


@given(seed=st.integers(0, 300))
def test_scores_are_scikit_learns(seed: int) -> None:
    y, outputs, weight = _case(seed)
    given = (y, outputs, outputs[:, 0], weight)
    assert m.rmse(*given) ** 2 == pytest.approx(metrics.mean_squared_error(y, outputs[:, 0], sample_weight=weight))
    assert m.mae(*given) == pytest.approx(metrics.mean_absolute_error(y, outputs[:, 0], sample_weight=weight))
    assert m.r2(*given) == pytest.approx(metrics.r2_score(y, outputs[:, 0], sample_weight=weight))
    assert m.pinball(*given) == pytest.approx(
        metrics.mean_pinball_loss(y, outputs[:, 0], alpha=0.5, sample_weight=weight)
    )
    low = np.average(m.row_pinball(y, outputs[:, 1], 0.1), weights=weight)
    assert low == pytest.approx(metrics.mean_pinball_loss(y, outputs[:, 1], alpha=0.1, sample_weight=weight))


@given(seed=st.integers(0, 300))
def test_the_interval_score_is_the_pinball_losses_of_both_ends(seed: int) -> None:
    """Up to a factor: so it is smallest where the ends are the quantiles (Gneiting and Raftery 2007, section 6.2)."""
    y, outputs, weight = _case(seed)
    score = m.interval_score(0.8).score(y, outputs, outputs[:, 0], weight)
    ends = m.row_pinball(y, outputs[:, 1], 0.1) + m.row_pinball(y, outputs[:, 2], 0.9)
    assert score == pytest.approx(np.average(ends, weights=weight) * 10)


def test_ends_count_as_inside() -> None:
    y, ones = np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4)
    outputs = np.array([[1.0, 1.0, 1.0], [2.0, 2.5, 3.0], [3.0, 0.0, 3.0], [4.0, 0.0, 9.0]])
    assert m.interval_coverage(y, outputs, y, ones) == 0.75
    assert m.interval_width(y, outputs, y, ones) == pytest.approx((0 + 0.5 + 3 + 9) / 4)


def test_nothing_to_explain_is_no_number() -> None:
    assert np.isnan(m.r2(np.ones(3), np.ones((3, 1)), np.ones(3), np.ones(3)))
