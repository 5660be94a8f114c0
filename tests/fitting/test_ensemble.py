"""Greedy selection: weights, ties, and what it may never do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.fitting.ensemble import Looks, mix, seconds_of_look, select
from assay.tasks._base import Metric, Task
from assay.tasks.binary import Binary
from assay.tasks.multiclass import Multiclass

TASK = Binary(("no", "yes"), "text")


def _looks(outputs: list[np.ndarray], y: np.ndarray, task: Task, metric: Metric) -> Looks:
    return Looks.of(outputs, y, np.ones(len(y)), np.arange(len(y)) % 5, task=task, metric=metric)


def _candidates(seed: int, n: int = 300, k: int = 2, m: int = 4) -> tuple[list[np.ndarray], np.ndarray]:
    random = np.random.default_rng(seed)
    y = random.integers(0, k, n)
    logits = [random.normal(size=(n, k)) + random.uniform(0, 3) * np.eye(k)[y] for _ in range(m)]
    return [np.exp(block) / np.exp(block).sum(axis=1, keepdims=True) for block in logits], y


@given(seed=st.integers(0, 500))
def test_the_mix_is_never_worse_than_the_best_candidate(seed: int) -> None:
    outputs, y = _candidates(seed)
    metric = Binary.metrics["log_loss"]
    weights = select(_looks(outputs, y, TASK, metric), 25)
    alone = [metric.score(y, block, y, np.ones(len(y))) for block in outputs]
    assert metric.score(y, mix(outputs, weights), y, np.ones(len(y))) <= min(alone) + 1e-12
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()


def test_weights_are_counts_of_at_most_the_rounds() -> None:
    outputs, y = _candidates(1)
    weights = select(_looks(outputs, y, TASK, Binary.metrics["log_loss"]), 3)
    lengths = [length for length in (1, 2, 3) if np.allclose(weights * length, np.round(weights * length))]
    assert lengths


def test_a_useless_candidate_gets_no_weight() -> None:
    outputs, y = _candidates(2, m=2)
    wrong = 1.0 - np.eye(2)[y] * 0.98 - 0.01
    weights = select(_looks([*outputs, wrong], y, TASK, Binary.metrics["log_loss"]), 25)
    assert weights[2] == 0.0


def test_equal_accuracy_is_settled_by_log_loss() -> None:
    y = np.array([0, 1, 0, 1])
    shy, sure = np.where(np.eye(2)[y] == 1, 0.6, 0.4), np.where(np.eye(2)[y] == 1, 0.9, 0.1)
    weights = select(_looks([shy, sure], y, TASK, Binary.metrics["accuracy"]), 1)
    assert weights.tolist() == [0.0, 1.0]


def test_many_classes_are_selected_as_by_the_whole_log_loss() -> None:
    outputs, y = _candidates(5, k=6)
    task = Multiclass(tuple("abcdef"), "text")
    weights = select(_looks(outputs, y, task, Multiclass.metrics["log_loss"]), 1)
    losses = [Multiclass.metrics["log_loss"].score(y, block, y, np.ones(len(y))) for block in outputs]
    assert weights.argmax() == int(np.argmin(losses))


def test_a_metric_with_a_threshold_is_judged_at_its_best_threshold() -> None:
    random = np.random.default_rng(0)
    y = (random.uniform(size=400) < 0.1).astype(int)
    low = np.clip(0.05 + 0.3 * y + random.normal(0, 0.02, 400), 0.01, 0.45)  # perfect, but never above one half
    half = np.where(random.uniform(size=400) < 0.8, y, 1 - y) * 0.4 + 0.3
    outputs = [np.stack([1 - p, p], axis=1) for p in (low, half)]
    weights = select(_looks(outputs, y, TASK, Binary.metrics["f1"]), 1)
    assert weights.tolist() == [1.0, 0.0]


def test_what_a_look_takes_grows_with_the_rows() -> None:
    def took(n: int) -> float:
        (outputs, *_), y = _candidates(0, n=n)
        looks = _looks([outputs], y, TASK, Binary.metrics["roc_auc"])
        return min(seconds_of_look(looks) for _ in range(5))

    assert 0 < took(200) < took(40_000)


def test_only_those_that_are_asked_for_are_selected() -> None:
    outputs, y = _candidates(1, m=5)
    looks = _looks(outputs, y, TASK, Binary.metrics["log_loss"])
    weights = select(looks, 25, [1, 3])
    assert set(np.flatnonzero(weights)) <= {1, 3}
    assert looks.loss(weights) == min(looks.loss(weights), looks.loss(np.eye(5)[1]), looks.loss(np.eye(5)[3]))
