"""Two classes: the positive one, and the tuned threshold."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import PlanError
from assay.tasks._base import Asked, Rule
from assay.tasks.binary import Binary


def test_the_positive_class_is_the_last_in_order_or_the_one_that_was_named() -> None:
    target = pl.Series("label", ["spam", "ham", "ham", "spam"])
    assert Binary.from_target(target).labels == ("ham", "spam")
    assert Binary.from_target(target, asked=Asked(positive="ham")).labels == ("spam", "ham")


def test_a_positive_class_that_is_not_there() -> None:
    target = pl.Series("label", ["spam", "ham", "ham", "spam"])
    with pytest.raises(PlanError, match=r"no class 'spma'[\s\S]*one of: ham, spam[\s\S]*did you mean 'spam'"):
        Binary.from_target(target, asked=Asked(positive="spma"))


def test_three_classes_are_not_binary() -> None:
    with pytest.raises(PlanError, match=r"3 classes[\s\S]*--task multiclass"):
        Binary.from_target(pl.Series("label", ["a", "b", "c"]))


def test_decide_by_threshold() -> None:
    task = Binary(("no", "yes"), "text")
    outputs = np.array([[0.8, 0.2], [0.5, 0.5], [0.3, 0.7]])
    assert task.decide(outputs, Rule()).tolist() == [0, 1, 1]
    assert task.decide(outputs, Rule((0.6,))).tolist() == [0, 0, 1]


@pytest.mark.parametrize("name", ["f1", "macro_f1", "balanced_accuracy", "mcc"])
@given(seed=st.integers(0, 5_000))
def test_the_tuned_rule_is_the_best_of_all_thresholds(name: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    y = np.r_[0, 1, (random.uniform(size=40) < 0.2).astype(int)]
    positive = random.uniform(size=42).round(2) * 0.5 + 0.2 * y
    outputs, weight = np.stack([1 - positive, positive], axis=1), random.uniform(0.5, 2, 42)
    task, metric = Binary(("no", "yes"), "text"), Binary.metrics[name]

    def score(rule: Rule) -> float:
        return metric.score(y, outputs, task.decide(outputs, rule), weight)

    best = max(score(Rule((float(cut),))) for cut in [*np.unique(positive), 0.5])
    assert score(task.tune_rule(y, outputs, weight, metric)) == pytest.approx(best)


def test_metrics_that_need_no_threshold_get_the_plain_rule() -> None:
    y, outputs = np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    for name in ("accuracy", "log_loss", "roc_auc", "average_precision"):
        task = Binary(("no", "yes"), "text")
        assert task.tune_rule(y, outputs, np.ones(3), Binary.metrics[name]) == Rule()
