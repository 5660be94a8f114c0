"""Cross-fitting: what is chosen on rows is not scored on them."""

import numpy as np
import pytest

from assay.fitting._combine import Combiner
from assay.tasks.binary import Binary

TASK = Binary(("no", "yes"), "text")


def _combiner(blocks: list[np.ndarray], y: np.ndarray, metric: str) -> Combiner:
    fold = np.arange(len(y)) % 4
    return Combiner(TASK, Binary.metrics[metric], 25, blocks, y, np.ones(len(y)), fold)


def test_noise_looks_good_only_to_those_who_score_what_they_chose() -> None:
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 200)
    blocks = [np.stack([1 - p, p], axis=1) for p in random.uniform(0.3, 0.7, (60, 200))]
    combiner, metric, ones = _combiner(blocks, y, "accuracy"), Binary.metrics["accuracy"], np.ones(200)
    chosen = combiner.choose(calibrate=False).outputs(TASK, blocks)
    outputs, decided = combiner.cross_fitted(calibrate=False)
    naive = metric.score(y, chosen, chosen.argmax(axis=1), ones)
    honest = metric.score(y, outputs, decided, ones)
    assert naive > 0.6
    assert honest < naive - 0.05


def test_calibration_is_kept_where_outputs_are_too_sure() -> None:
    random = np.random.default_rng(1)
    honest = random.uniform(0.2, 0.8, 1000)
    y = (random.uniform(size=1000) < honest).astype(np.int64)
    sure = TASK.calibrated(np.stack([1 - honest, honest], axis=1), (0.3,))
    found, _, _ = _combiner([sure], y, "log_loss").best(try_calibration=True)
    assert found.calibration == pytest.approx((1 / 0.3,), rel=0.25)


def test_calibration_is_dropped_where_it_does_not_help() -> None:
    random = np.random.default_rng(4)
    honest = random.uniform(0.05, 0.95, 60)
    y = (random.uniform(size=60) < honest).astype(np.int64)
    combiner = _combiner([np.stack([1 - honest, honest], axis=1)], y, "log_loss")
    plain, warm = combiner.cross_fitted(calibrate=False)[0], combiner.cross_fitted(calibrate=True)[0]
    metric, ones = Binary.metrics["log_loss"], np.ones(60)
    helps = metric.score(y, warm, y, ones) < metric.score(y, plain, y, ones)
    found, outputs, _ = combiner.best(try_calibration=True)
    assert bool(found.calibration) == helps
    assert np.array_equal(outputs, warm if helps else plain)


def test_the_threshold_of_a_fold_comes_from_the_other_folds() -> None:
    y = np.array([0, 1] * 50)
    fold = np.repeat([0, 1], 50)
    shift = np.where(fold == 0, 0.0, 0.4)  # the best threshold differs between the folds
    positive = 0.1 + 0.3 * y + shift
    outputs = np.stack([1 - positive, positive], axis=1)
    combiner = Combiner(TASK, Binary.metrics["balanced_accuracy"], 1, [outputs], y, np.ones(100), fold)
    _, decided = combiner.cross_fitted(calibrate=False)
    score = Binary.metrics["balanced_accuracy"].score(y, outputs, decided, np.ones(100))
    assert score == pytest.approx(0.5)
