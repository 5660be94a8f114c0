"""The bootstrap interval holds what it says."""

import numpy as np
import pytest

from assay.fitting.interval import bootstrap_interval
from assay.tasks.binary import Binary


def test_the_interval_of_an_accuracy_is_near_the_normal_one() -> None:
    random = np.random.default_rng(0)
    y = np.zeros(1000, np.int64)
    decided = (random.uniform(size=1000) < 0.1).astype(np.int64)
    outputs = np.eye(2)[decided]
    low, high = bootstrap_interval(Binary.metrics["accuracy"], y, outputs, decided, np.ones(1000))
    share = (decided == 0).mean()
    spread = 1.96 * np.sqrt(share * (1 - share) / 1000)
    assert low == pytest.approx(share - spread, abs=0.005)
    assert high == pytest.approx(share + spread, abs=0.005)


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    random, hits = np.random.default_rng(1), 0
    for trial in range(100):
        decided = (random.uniform(size=200) < 0.2).astype(np.int64)
        low, high = bootstrap_interval(
            Binary.metrics["accuracy"], np.zeros(200, np.int64), np.eye(2)[decided], decided, np.ones(200), seed=trial
        )
        hits += low <= 0.8 <= high
    assert 87 <= hits <= 100


def test_the_same_seed_gives_the_same_interval() -> None:
    y, outputs = np.array([0, 1] * 20), np.tile([[0.7, 0.3], [0.6, 0.4]], (20, 1))
    given = (Binary.metrics["roc_auc"], y, outputs, y, np.ones(40))
    assert bootstrap_interval(*given, seed=3) == bootstrap_interval(*given, seed=3)


def test_a_score_that_is_never_defined_has_no_interval() -> None:
    y, outputs = np.zeros(5, np.int64), np.full((5, 2), 0.5)
    assert np.isnan(bootstrap_interval(Binary.metrics["roc_auc"], y, outputs, y, np.ones(5))).all()
