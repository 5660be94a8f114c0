"""The numbers behind the pictures agree with scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics as sk

from assay.report import _numbers as n


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, scores with ties, and weights."""
    random = np.random.default_rng(0)
    positive = random.uniform(size=300) < 0.3
    score = (random.uniform(size=300) * 0.6 + 0.3 * positive).round(2)
    return positive, score, random.uniform(0.5, 2, 300)


def test_scores_of_classes() -> None:
    random = np.random.default_rng(1)
    y, decided = random.integers(0, 4, 200), random.integers(0, 4, 200)
    found = n.class_scores(sk.confusion_matrix(y, decided).astype(float))
    for mine, theirs in zip(
        (found.precision, found.recall, found.f1, found.support),
        sk.precision_recall_fscore_support(y, decided),
        strict=True,
    ):
        assert mine == pytest.approx(theirs)


def test_the_areas_under_the_curves(rows: tuple[np.ndarray, ...]) -> None:
    positive, score, weight = rows
    roc = n.roc_curve(positive, score, weight)
    assert np.trapezoid(roc.y, roc.x) == pytest.approx(sk.roc_auc_score(positive, score, sample_weight=weight))
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    pr = n.precision_recall_curve(positive, score, weight)
    area = np.sum(np.diff(pr.x) * pr.y[1:])
    assert area == pytest.approx(sk.average_precision_score(positive, score, sample_weight=weight))


def test_a_thin_curve_keeps_its_ends_and_its_area(rows: tuple[np.ndarray, ...]) -> None:
    random = np.random.default_rng(3)
    y = random.uniform(size=5000) < 0.4
    whole = n.roc_curve(y, random.normal(size=5000) + y, np.ones(5000))
    thin = n.thinned(whole)
    assert len(thin.x) <= 200
    assert (thin.x[0], thin.x[-1]) == (whole.x[0], whole.x[-1])
    assert np.trapezoid(thin.y, thin.x) == pytest.approx(np.trapezoid(whole.y, whole.x), abs=0.002)


def test_the_mean_of_curves() -> None:
    low, high = (
        n.Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0])),
        n.Curve(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1, 1])),
    )
    mean = n.mean_curve([low, high])
    assert np.trapezoid(mean.y, mean.x) == pytest.approx(0.75, abs=0.01)
    assert mean.y[0] == 0.0


def test_wilson_holds_the_share() -> None:
    low, high = n.wilson(np.array([0.0, 0.5, 1.0]), np.array([10.0, 100.0, 10.0]))
    assert low == pytest.approx([0.0, 0.404, 0.722], abs=0.001)
    assert high == pytest.approx([0.278, 0.596, 1.0], abs=0.001)


def test_reliability_of_honest_and_of_boastful_probabilities() -> None:
    random = np.random.default_rng(2)
    said = random.uniform(size=20_000)
    came = random.uniform(size=20_000) < said
    honest = n.reliability(came, said, np.ones(20_000))
    assert len(honest) == 10
    assert sum(entry.rows for entry in honest) == 20_000
    assert n.calibration_error(honest) < 0.02
    boastful = n.reliability(came, np.where(said > 0.5, 0.99, 0.01), np.ones(20_000))
    assert n.calibration_error(boastful) == pytest.approx(0.24, abs=0.02)


def test_counts_at_thresholds(rows: tuple[np.ndarray, ...]) -> None:
    positive, score, weight = rows
    table = n.threshold_table(positive, score, weight, keep=[0.4321])
    place = int(np.flatnonzero(table.at == 0.4321)[0])
    for number in (0, place, len(table.at) // 2, len(table.at) - 1):
        flagged = score >= table.at[number]
        expected = [weight[positive & flagged], weight[~positive & flagged], weight[positive & ~flagged]]
        found = (table.tp[number], table.fp[number], table.fn[number])
        assert found == pytest.approx([part.sum() for part in expected])
    total = table.tp + table.fp + table.fn + table.tn
    assert total == pytest.approx(np.full(len(total), weight.sum()))


def test_the_commonest_mistakes() -> None:
    counts = np.array([[50.0, 3, 0], [1, 40, 9], [0, 0, 30]])
    assert n.confused_pairs(counts, 2) == [(1, 2, 9.0, 0.18), (0, 1, 3.0, pytest.approx(3 / 53))]
    assert n.most_confused(counts, 2).tolist() == [1, 2]
    assert n.confused_pairs(np.eye(3) * 5) == []
