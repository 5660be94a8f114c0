"""Every score agrees with scikit-learn's, weighted and unweighted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from assay.tasks import _metrics as m


def _drawn(seed: int, k: int, n: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = np.r_[np.arange(k), random.integers(0, k, n - k)]
    outputs = random.dirichlet(np.ones(k), n).round(2) + 1e-3  # rounded, so that there are ties
    outputs /= outputs.sum(axis=1, keepdims=True)
    return y, outputs, outputs.argmax(axis=1), random.uniform(0.1, 3, n)


@pytest.mark.parametrize("k", [2, 3, 7])
@given(seed=st.integers(0, 10_000))
def test_scores_agree_with_scikit_learn(k: int, seed: int) -> None:
    y, outputs, decided, weight = _drawn(seed, k)
    expected = {
        "accuracy": sk.accuracy_score(y, decided, sample_weight=weight),
        "log_loss": sk.log_loss(y, outputs, sample_weight=weight),
        "macro_f1": sk.f1_score(y, decided, average="macro", sample_weight=weight),
        "balanced_accuracy": sk.balanced_accuracy_score(y, decided, sample_weight=weight),
        "mcc": sk.matthews_corrcoef(y, decided, sample_weight=weight),
    }
    for name, value in expected.items():
        assert getattr(m, name)(y, outputs, decided, weight) == pytest.approx(value), name


@given(seed=st.integers(0, 10_000))
def test_ranking_scores_agree_with_scikit_learn(seed: int) -> None:
    y, outputs, decided, weight = _drawn(seed, 2)
    area = sk.roc_auc_score(y, outputs[:, 1], sample_weight=weight)
    precision = sk.average_precision_score(y, outputs[:, 1], sample_weight=weight)
    assert m.roc_auc(y, outputs, decided, weight) == pytest.approx(area)
    assert m.average_precision(y, outputs, decided, weight) == pytest.approx(precision)
    assert m.f1(y, outputs, decided, weight) == pytest.approx(sk.f1_score(y, decided, sample_weight=weight))


def test_roc_auc_over_three_classes_is_the_mean_of_one_against_the_rest() -> None:
    y, outputs, decided, _ = _drawn(3, 4)
    expected = sk.roc_auc_score(y, outputs, multi_class="ovr", average="macro")
    assert m.roc_auc(y, outputs, decided, np.ones(len(y))) == pytest.approx(expected)


def test_one_class_present_has_no_roc_auc() -> None:
    y, outputs = np.zeros(4, np.int64), np.full((4, 2), 0.5)
    assert np.isnan(m.roc_auc(y, outputs, y, np.ones(4)))
    assert np.isnan(m.average_precision(y, outputs, y, np.ones(4)))


def test_certain_and_wrong_has_a_finite_log_loss() -> None:
    y, outputs = np.array([0]), np.array([[0.0, 1.0]])
    assert m.log_loss(y, outputs, y, np.ones(1)) == pytest.approx(-np.log(1e-15))
