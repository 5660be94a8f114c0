import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import auc, confusion_matrix, precision_recall_fscore_support, roc_auc_score
from sklearn.metrics import precision_recall_curve as sklearn_pr
from sklearn.metrics import roc_curve as sklearn_roc

from assay.report import _numbers as numbers

RANDOM = np.random.default_rng(3)
POSITIVE = RANDOM.uniform(size=2_000) < 0.3
SCORE = np.clip(RANDOM.normal(0.35 + 0.3 * POSITIVE, 0.2), 0, 1).round(3)
WEIGHT = RANDOM.uniform(0.5, 2.0, 2_000)
ONES = np.ones(2_000)


def test_class_scores_are_those_of_sklearn() -> None:
    y, decided = RANDOM.integers(0, 4, 500), RANDOM.integers(0, 3, 500)
    found = numbers.class_scores(confusion_matrix(y, decided).astype(np.float64))
    expected = precision_recall_fscore_support(y, decided, zero_division=0)
    for ours, theirs in zip((found.precision, found.recall, found.f1, found.support), expected, strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_the_roc_curve_is_that_of_sklearn() -> None:
    curve = numbers.roc_curve(POSITIVE, SCORE, WEIGHT)
    false, true, _ = sklearn_roc(POSITIVE, SCORE, sample_weight=WEIGHT, drop_intermediate=False)
    np.testing.assert_allclose(curve.x, false, atol=1e-12)
    np.testing.assert_allclose(curve.y, true, atol=1e-12)


def test_the_precision_recall_curve_is_that_of_sklearn() -> None:
    curve = numbers.precision_recall_curve(POSITIVE, SCORE, WEIGHT)
    precision, recall, _ = sklearn_pr(POSITIVE, SCORE, sample_weight=WEIGHT)
    reached = int(np.flatnonzero(np.isclose(curve.y * 0 + curve.x, 1.0))[0])
    np.testing.assert_allclose(curve.x[1 : reached + 1], recall[:-1][::-1][:reached], atol=1e-9)
    np.testing.assert_allclose(curve.y[1 : reached + 1], precision[:-1][::-1][:reached], atol=1e-9)


def test_a_thinned_curve_keeps_its_ends_and_its_area() -> None:
    curve = numbers.roc_curve(POSITIVE, SCORE, ONES)
    thin = numbers.thinned(curve, 50)
    assert len(thin.x) <= 50 < len(curve.x)
    assert (thin.x[0], thin.y[0], thin.x[-1], thin.y[-1]) == (0, 0, 1, 1)
    assert auc(thin.x, thin.y) == pytest.approx(roc_auc_score(POSITIVE, SCORE), abs=2e-3)


def test_a_short_curve_stays_as_it_is() -> None:
    curve = numbers.Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert numbers.thinned(curve) is curve


def test_the_mean_of_roc_curves_has_the_mean_of_their_areas() -> None:
    curves = [numbers.roc_curve(POSITIVE, SCORE, ONES), numbers.roc_curve(POSITIVE, -SCORE, ONES)]
    mean = numbers.mean_curve(curves)
    assert auc(mean.x, mean.y) == pytest.approx(np.mean([auc(c.x, c.y) for c in curves]), abs=5e-3)


def test_reliability_bins_are_the_quantile_bins_of_sklearn() -> None:
    score = RANDOM.uniform(size=2_000)
    came = RANDOM.uniform(size=2_000) < score
    bins = numbers.reliability(came, score, ONES)
    true, said = calibration_curve(came, score, n_bins=10, strategy="quantile")
    np.testing.assert_allclose([entry.came for entry in bins], true)
    np.testing.assert_allclose([entry.said for entry in bins], said)
    assert sum(entry.rows for entry in bins) == 2_000
    assert all(entry.low <= entry.came <= entry.high for entry in bins)


def test_probabilities_that_are_all_the_same_make_one_bin() -> None:
    bins = numbers.reliability(POSITIVE, np.full(2_000, 0.3), ONES)
    assert len(bins) == 1
    assert bins[0].said == pytest.approx(0.3)
    assert numbers.calibration_error(bins) == pytest.approx(abs(POSITIVE.mean() - 0.3))


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = numbers.wilson(np.array([0.5, 0.0, 1.0]), np.array([100.0, 10.0, 10.0]))
    np.testing.assert_allclose(low, [0.4038, 0.0, 0.7225], atol=1e-4)
    np.testing.assert_allclose(high, [0.5962, 0.2775, 1.0], atol=1e-4)
    assert (low[1], high[2]) == (0.0, 1.0)


def test_the_counts_of_a_threshold_are_the_confusion_matrix() -> None:
    table = numbers.threshold_table(POSITIVE, SCORE, WEIGHT, keep=(0.4242,))
    for place in (0, int(table.at.searchsorted(0.4242)), 100, len(table.at) - 1):
        flagged = SCORE >= table.at[place]
        tn, fp, fn, tp = confusion_matrix(POSITIVE, flagged, sample_weight=WEIGHT).ravel()
        found = [column[place] for column in (table.tn, table.fp, table.fn, table.tp)]
        np.testing.assert_allclose(found, [tn, fp, fn, tp], atol=1e-9)


def test_thresholds_rise_and_hold_those_to_keep_exactly() -> None:
    table = numbers.threshold_table(POSITIVE, SCORE, ONES, keep=(0.123456789, 0.5))
    assert {0.123456789, 0.5} <= set(table.at.tolist())
    assert (np.diff(table.at) > 0).all()
    assert 100 < len(table.at) <= 205


def test_confused_pairs_come_commonest_first_and_without_the_right_ones() -> None:
    counts = np.array([[50.0, 3.0, 0.0], [8.0, 20.0, 12.0], [0.0, 0.0, 9.0]])
    assert numbers.confused_pairs(counts) == [(1, 2, 12.0, 0.3), (1, 0, 8.0, 0.2), (0, 1, 3.0, pytest.approx(3 / 53))]
    assert numbers.confused_pairs(counts, 1) == [(1, 2, 12.0, 0.3)]


def test_the_most_confused_classes_are_in_the_order_of_the_classes() -> None:
    counts = np.diag([9.0, 9.0, 9.0, 9.0])
    counts[3, 1] = 4.0
    assert numbers.most_confused(counts, 2).tolist() == [1, 3]
