"""The one scorer: clipping, unknown classes, AUC conventions, paired intervals."""

import numpy as np
import pytest
from contest.scores import calibration_error, paired_interval, score
from sklearn.metrics import log_loss, roc_auc_score


def test_matches_sklearn_whatever_the_order_of_classes() -> None:
    generator = np.random.default_rng(0)
    truth = [["a", "b", "c"][at] for at in generator.integers(0, 3, 60)]
    probabilities = generator.dirichlet(np.ones(3), 60)
    sorted_scores = score(truth, ["a", "b", "c"], probabilities, trained=truth)
    assert sorted_scores.log_loss == pytest.approx(log_loss(truth, probabilities))
    expected = roc_auc_score(truth, probabilities, multi_class="ovr")
    assert sorted_scores.roc_auc == pytest.approx(expected)
    shuffled = score(truth, ["c", "a", "b"], probabilities[:, [2, 0, 1]], trained=truth)
    assert shuffled.log_loss == pytest.approx(sorted_scores.log_loss)
    assert shuffled.accuracy == sorted_scores.accuracy
    assert sorted_scores.losses.mean() == pytest.approx(sorted_scores.log_loss)


def test_binary_auc_takes_the_last_class_as_positive() -> None:
    truth = ["no", "yes", "yes", "no"]
    right = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.7, 0.3]])
    assert score(truth, ["no", "yes"], right, trained=truth).roc_auc == 1.0
    assert score(truth, ["no", "yes"], right[:, ::-1], trained=truth).roc_auc == 0.0


def test_a_class_that_the_model_does_not_know_costs_the_floor_and_leaves_auc_out() -> None:
    scores = score(["a", "b", "z"], ["a", "b"], np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]), trained=["a", "b"])
    assert scores.losses[2] == pytest.approx(-np.log(1e-15), rel=1e-6)
    assert scores.roc_auc is None
    assert scores.accuracy == pytest.approx(2 / 3)


def test_a_trained_class_that_a_model_dropped_keeps_auc_defined_for_all_systems() -> None:
    truth = ["a", "b", "c", "a", "b"]
    known = np.array([[0.8, 0.2], [0.1, 0.9], [0.5, 0.5], [0.7, 0.3], [0.2, 0.8]])
    scores = score(truth, ["a", "b"], known, trained=["a", "b", "c"])
    assert scores.roc_auc == pytest.approx((1.0 + 1.0 + 0.5) / 3)


def test_certainty_about_a_wrong_label_is_finite_and_unnormalised_rows_are_repaired() -> None:
    scores = score(["a", "b"], ["a", "b"], np.array([[0.0, 1.0], [2.0, 2.0]]), trained=["a", "b"])
    assert scores.losses[0] == pytest.approx(-np.log(1e-15), rel=1e-6)
    assert scores.losses[1] == pytest.approx(np.log(2))


@pytest.mark.parametrize("bad", [np.full((2, 2), np.nan), np.ones((3, 2)), np.ones((2, 3))])
def test_probabilities_that_do_not_fit_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="2 rows, 2 classes"):
        score(["a", "b"], ["a", "b"], bad, trained=["a", "b"])


def test_paired_interval_sees_a_small_difference_that_rows_share() -> None:
    generator = np.random.default_rng(1)
    theirs = generator.exponential(1.0, 400)
    low, high = paired_interval(theirs + 0.01 + generator.normal(0, 0.01, 400), theirs)
    assert 0 < low < 0.01 < high < 0.02
    low, high = paired_interval(generator.permutation(theirs), theirs)
    assert low < 0 < high


def test_calibration_error_is_the_gap_between_sure_and_right() -> None:
    sure, right = np.full(300, 0.9), np.arange(300) % 5 != 0
    assert calibration_error(sure, right)[0] == pytest.approx(0.1)
    assert calibration_error(np.ones(30), np.ones(30, bool)) == (0.0, 0.0)


def test_a_calibrated_model_shows_what_chance_gives_and_less_on_more_rows() -> None:
    generator = np.random.default_rng(0)
    shown = []
    for rows in (1000, 64_000):
        sure = generator.uniform(0.5, 1.0, (20, rows))
        pairs = [calibration_error(row, generator.random(rows) < row) for row in sure]
        seen, chance = np.mean(pairs, axis=0)
        assert seen == pytest.approx(chance, rel=0.1)
        shown.append(chance)
    assert shown[0] == pytest.approx(8 * shown[1], rel=0.01)


def test_each_system_is_asked_how_sure_it_is_of_what_it_says() -> None:
    scores = score(["a", "b", "b"], ["a", "b"], np.array([[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]), trained=["a", "b"])
    assert scores.ece == pytest.approx((0.2 + 0.4 + 0.7) / 3)
