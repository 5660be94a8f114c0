"""Scores of several labels, against scikit-learn's; what is not known counts for nothing."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from assay.tasks import _label_metrics as m


def _case(seed: int, *, ties: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = (random.random((40, 5)) < [0.5, 0.1, 0.7, 0.3, 0.2]).astype(np.float64)
    outputs = np.clip(0.4 * y + 0.6 * random.random((40, 5)), 0.01, 0.99)
    outputs = outputs.round(1).clip(0.05, 0.95) if ties else outputs
    return y, outputs, (outputs >= 0.5).astype(np.int64), random.uniform(0.5, 2, 40)


@given(seed=st.integers(0, 200))
def test_decisions_are_scored_as_scikit_learn_does(seed: int) -> None:
    y, outputs, decided, weight = _case(seed)
    given, kept = (y, outputs, decided, weight), {"sample_weight": weight, "zero_division": 0}
    for name, score in (("micro", m.micro_f1), ("macro", m.macro_f1), ("samples", m.samples_f1)):
        assert score(*given) == pytest.approx(metrics.f1_score(y, decided, average=name, **kept))
    assert m.hamming_loss(*given) == pytest.approx(metrics.hamming_loss(y, decided, sample_weight=weight))
    assert m.subset_accuracy(*given) == pytest.approx(metrics.accuracy_score(y, decided, sample_weight=weight))


@given(seed=st.integers(0, 200), ties=st.booleans())
def test_rankings_are_scored_as_scikit_learn_does(seed: int, ties: bool) -> None:
    y, outputs, decided, weight = _case(seed, ties=ties)
    given = (y, outputs, decided, weight)
    for score, theirs in (
        (m.ranking_loss, metrics.label_ranking_loss),
        (m.lrap, metrics.label_ranking_average_precision_score),
        (m.coverage_error, metrics.coverage_error),
    ):
        assert score(*given) == pytest.approx(theirs(y, outputs, sample_weight=weight))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        area = metrics.roc_auc_score(y, outputs, sample_weight=weight)
        precision = metrics.average_precision_score(y, outputs, sample_weight=weight)
    assert np.isnan(area) or m.roc_auc(*given) == pytest.approx(area)
    assert m.average_precision(*given) == pytest.approx(precision) or (y.sum(axis=0) == 0).any()


@pytest.mark.parametrize("name", [name for name in vars(m) if name.isupper() and isinstance(vars(m)[name], m.Metric)])
def test_what_is_not_known_counts_for_nothing(name: str) -> None:
    """Whatever is decided or said there."""
    y, outputs, decided, weight = _case(7)
    random = np.random.default_rng(8)
    gaps = random.random(y.shape) < 0.2
    y = np.where(gaps, np.nan, y)
    other = np.where(gaps, random.uniform(0.01, 0.99, y.shape), outputs)
    said = np.where(gaps, 1 - decided, decided)
    score = vars(m)[name].score
    assert score(y, outputs, decided, weight) == pytest.approx(score(y, other, said, weight))


def test_a_row_of_which_nothing_is_known_has_no_loss() -> None:
    assert m.row_log_loss(np.full((1, 3), np.nan), np.full((1, 3), 0.1)).tolist() == [0.0]
